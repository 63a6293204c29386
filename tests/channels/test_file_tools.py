"""The head lines of review tools, one by one: which columns of ours each gives."""

import tomllib

import pytest

from channels.csv_file import columns as file_columns

# A head line as the tool writes it, and which columns of ours it gives, in order.
HEADS = {
    "Yotpo": (
        ("appKey,Review ID,Review Creation Date,Review Type,Review Status,Review Score,Review Title,Review Content,Comment Date,"
        "Comment Content,Reviewer Display Name,Reviewer Email,Product ID,Product Title"),
        "external_id published_at rating title text answered_at answer author product",
    ),
    "Yotpo, for import": (
        "Review Title,Review Content,Review Score,Date,Product ID,Product Title,Product URL,Display Name,Email,Verified Purchase",
        "title text rating published_at product author",
    ),
    "Kudobuzz": (
        "Reviewer Name,Reviewer Email,Review Title,Reviewer Image,Review Message,Product ID,Review Score,Verified,Published,Created_at",
        "author title text rating published_at",
    ),
    "Judge.me": (
        ("title,body,rating,review_date,source,curated,reviewer_name,reviewer_email,product_id,product_handle,reply,reply_date,"
        "picture_urls,ip_address,location"),
        "title text rating published_at author answer answered_at",
    ),
    "Loox": (
        "id,status,rating,email,nickname,full_name,review,date,productId,handle,img,variant,verified_purchase",
        "external_id rating author text published_at",
    ),
    "Loox, for import": (
        "product_handle,product_Id,rating,author,email,body,created_at,photo_url,reply,replied_at,verified_purchase,incentivized",
        "rating author text published_at answer answered_at",
    ),
    "Opinew": (
        "body,rating,review_date,state,reviewer_name,reviewer_email,product_id,product_handle,reply,reply_date,picture_urls,SKU,barcode,region",
        "text rating published_at author answer answered_at",
    ),
    "Okendo": (
        ("name,body,handle,productId,rating,sku,dateCreated,countryCode,email,imageUrls,isApproved,isIncentivized,isRecommended,"
        "rejectedImageUrls,reply,replyDateCreated,replyIsPublic,title,videoUrls,isVerifiedBuyer,variantId,status"),
        "author text rating published_at answer answered_at title",
    ),
    "Ryviu": (
        "product_handle,rating,author,title,body_text,email,photo_urls,created_at,status,featured",
        "rating author title text published_at",
    ),
    "Shopify": (
        "product_handle,state,rating,title,author,email,location,body,reply,created_at,replied_at",
        "rating title author text answer published_at answered_at",
    ),
    "Stamped": (
        "productId,productUrl,productImageUrl,productTitle,rating,title,author,email,body,created_at,photos,location,reply,replied_at",
        "product rating title author text published_at answer answered_at",
    ),
    "Trustpilot": (
        "Review Id;Review Date;Reviewer Name;Review Stars;Review Title;Review Content;Reviewer Country;Language;Review Link",
        "external_id published_at author rating title text language url",
    ),
    "Trustpilot, in UTC": (
        ("Review Created (UTC),Review Username,Review Stars,Review Title,Review Content,Review Language,Domain URL,Reference Id,"
        "Company Reply,Company Reply Date (UTC)"),
        "published_at author rating title text language answer answered_at",
    ),
    "Google Play Console": (
        ("Package Name,App Version Code,App Version Name,Reviewer Language,Device,Review Submit Date and Time,"
        "Review Submit Millis Since Epoch,Review Last Update Date and Time,Review Last Update Millis Since Epoch,Star Rating,"
        "Review Title,Review Text,Developer Reply Date and Time,Developer Reply Millis Since Epoch,Developer Reply Text,Review Link"),
        "language published_at edited_at rating title text answered_at answer url",
    ),
    "App Store": (
        "Review ID,Date,Nickname,Rating,Title,Review,Territory,App Version,Developer Response,Developer Response Date",
        "external_id published_at author rating title text answer answered_at",
    ),
    "Google takeout": (
        "reviewId,reviewer.displayName,starRating,comment,createTime,updateTime,reviewReply.comment,reviewReply.updateTime",
        "external_id author rating comment published_at edited_at answer answered_at",
    ),
    "Google Business": (
        "Review ID,Reviewer Name,Reviewer Photo,Star Rating,Review Text,Review Date,Review URL,Location Name",
        "external_id author rating text published_at url",
    ),
    "Podium": ("Review Id,Site,Customer Name,Stars,Comment,Date Posted,Link,Location Name",
               "external_id author rating comment published_at url"),
    "Yandex Market": (
        "ID отзыва;Дата и время создания;Ваш SKU;Название товара;Номер заказа;Имя;Оценка;Достоинства;Недостатки;Комментарий;Фото;Ответ магазина",
        "external_id published_at product author rating pros cons comment answer",
    ),
    "Wildberries": (
        ("ID отзыва;Дата;Артикул продавца;Артикул WB;Бренд;Предмет;Размер;Цвет;Имя;Количество звёзд;Достоинства;Недостатки;Текст отзыва;"
        "Ответ продавца;Дата ответа"),
        "external_id published_at author rating pros cons text answer answered_at",
    ),
    "Ozon": (
        "SKU;Артикул;Наименование товара;Дата публикации;Оценка;Достоинства;Недостатки;Комментарий;Количество фото;Номер заказа;Статус;Ответ",
        "product published_at rating pros cons comment answer",
    ),
    "Avito": ("Дата;Автор;Оценка;Объявление;Текст отзыва;Ответ;Дата ответа",
              "published_at author rating product text answer answered_at"),
    "2GIS": ("Филиал;Дата отзыва;Автор;Оценка;Текст отзыва;Официальный ответ;Дата ответа;Ссылка",
             "published_at author rating text answer answered_at url"),
}  # fmt: skip


@pytest.mark.parametrize("tool", HEADS)
def test_heads_of_tools(tool: str) -> None:
    line, wanted = HEADS[tool]
    found = file_columns.read_heads(line.split(";" if ";" in line else ","), {})
    assert found is not None
    assert [name for name in found.names if name] == wanted.split()
    assert found.unknown == ()


def test_every_head_stands_in_one_list_in_the_form_in_which_it_is_looked_up() -> None:
    lists = tomllib.loads(file_columns.TABLE.read_text(encoding="utf-8"))
    heads = [head for column in (*lists["columns"].values(), lists["unused"]["heads"]) for head in column]
    assert [head for head in heads if file_columns.key(head) not in (head, "")] == []
    assert len(heads) == len(set(heads))
    assert all(set(tool) - {"name", "known_by"} <= set(lists["columns"]) for tool in lists["tools"])
