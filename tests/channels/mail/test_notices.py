"""Letters by which review sites tell of a review."""

import pytest

from channels.contract import Remark, Sighting
from channels.mail import notices
from tests.channels.mail.letter import letter, parts, read

TEXT = "Чайник сломался через неделю, менять отказались."


@pytest.mark.parametrize(
    ("sender", "subject", "body", "expected"),
    [
        (
            "noreply@account.2gis.com",
            "Новый отзыв о компании",
            f"Автор: Ольга П.\nОценка: 2 из 5\n\nОтзыв: {TEXT}\n\nОтветить: https://2gis.ru/firm/7000/tab/reviews.",
            ("2GIS", "Ольга П.", 2.0, TEXT, "https://2gis.ru/firm/7000/tab/reviews"),
        ),
        (
            "noreply@business.yandex.ru",
            "Новый отзыв об организации «Заря»",
            f"Пользователь Ольга П. оставил отзыв\n★★☆☆☆\n«{TEXT}»\nhttps://yandex.ru/sprav/123/edit/reviews",
            ("Yandex Business", "Ольга П.", 2.0, TEXT, "https://yandex.ru/sprav/123/edit/reviews"),
        ),
        (
            "robot@otzovik.com",
            "Новый отзыв о Чайник Заря К2",
            f"Автор: olga\nОценка: 2\nТекст отзыва: {TEXT}\n\nhttps://otzovik.com/review_16271959.html",
            ("Otzovik", "olga", 2.0, TEXT, "https://otzovik.com/review_16271959.html"),
        ),
        (
            "noreply@trustpilotmail.com",
            "You have a new review",
            "Ben left a review\nRating: 4 out of 5\n“Good kettle, slow delivery.”\nhttps://www.trustpilot.com/reviews/64f0",
            (
                "Trustpilot",
                "Ben",
                4.0,
                "Good kettle, slow delivery.",
                "https://www.trustpilot.com/reviews/64f0",
            ),
        ),
        (
            "businessprofile-noreply@google.com",
            "Ben left a review for Zarya",
            "Ben left a review\n5 stars\n\nhttps://www.google.com/maps/reviews/x",
            ("Google", "Ben", 5.0, "", "https://www.google.com/maps/reviews/x"),
        ),
    ],
)
def test_a_notice_becomes_a_review(
    sender: str, subject: str, body: str, expected: tuple[str, str, float, str, str]
) -> None:
    found = read(letter(body, From=f"Site <{sender}>", Subject=subject))
    author = found.author.name if found.author else ""
    assert (found.facts["site"], author, found.rating, found.text, found.url) == expected
    assert (found.kind, found.is_machine, found.can_be_answered, found.is_by_brand) == (
        "review",
        False,
        False,
        False,
    )


def test_an_unknown_notice_is_shown_as_it_is_with_a_remark() -> None:
    body = "Somebody has said something in a review. Sign in to see it: https://otzovik.com/review_1.html"
    remark, found = parts(letter(body, From="robot@otzovik.com", Subject="A new review"))
    assert isinstance(remark, Remark)
    assert "Otzovik" in remark.text.en
    assert isinstance(found, Sighting)
    assert (found.text, found.rating, found.url) == (body, None, "https://otzovik.com/review_1.html")
    assert not found.is_machine


@pytest.mark.parametrize(
    ("sender", "subject"),
    [("anna@yandex.ru", "Отзыв о чайнике"), ("noreply@2gis.ru", "Ваш счёт"), ("a@not2gis.ru", "Новый отзыв")],
)
def test_other_letters_are_no_notices(sender: str, subject: str) -> None:
    assert read(letter("Здравствуйте", From=sender, Subject=subject)).kind == "message"


@pytest.mark.parametrize(
    "said", ["15 звёзд из 5000", "Оценка: 45", "4.75 km away, rating unknown", "7 из 50"]
)
def test_no_stars_are_read_out_of_other_numbers(said: str) -> None:
    found = read(letter(f"Отзыв: {TEXT}\n\n{said}", From="robot@otzovik.com", Subject="Новый отзыв"))
    assert (found.text, found.rating) == (TEXT, None)


def test_a_link_to_elsewhere_is_not_taken_for_the_review() -> None:
    body = f"Отзыв: {TEXT}\n\nhttps://evil.example/https://otzovik.com/review_1.html javascript:alert(1)"
    assert read(letter(body, From="robot@otzovik.com", Subject="Новый отзыв")).url is None


def test_every_preset_has_what_is_read_by_it() -> None:
    sites = notices._sites()
    assert len({one.name for one in sites}) == len(sites) >= 8
    for site in sites:
        assert site.senders
        assert all(pattern.groups == 1 for group in site.patterns.values() for pattern in group)
