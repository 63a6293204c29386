"""What only WooCommerce does: reviews by keys, answers under them by WordPress, each shown its own secret."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from channels import channel, errors
from channels.contract import Call, Page, Place, Remark, Sighting
from demo.sandboxes.base import Sandbox, Trouble
from tests.channels.conftest import NOW, page_of, parse, saved, sightings
from tests.channels.sandboxes import Connected, connected

ROOT = "https://shop.example/wp-json/"
SECRETS = {"consumer_key": "ck_1", "consumer_secret": "cs_2", "application_password": "pass"}
PLACE = Place(ROOT, {"username": "care"}, SECRETS, {"own_user_ids": [3], "own_user": "care"})


def by_id(source: Connected) -> dict[str, Sighting]:
    return {one.external_id: one for one in source.read().sightings}


def test_a_review_has_stars_product_and_whether_it_was_bought() -> None:
    with connected("woocommerce") as source:
        found = by_id(source)
    first, stars = found["21"], found["23"]
    assert (first.kind, first.rating, first.thread_title) == ("review", 1.0, "Чайник «Заря К2»")
    assert first.facts == {"product": "Чайник «Заря К2»", "verified buyer": "yes"}
    assert first.url is not None and first.url.endswith("/product/7/#comment-21")
    assert first.published_at is not None and first.published_at.isoformat() == "2026-11-18T08:21:00+00:00"
    assert (stars.text, stars.rating, stars.facts["verified buyer"]) == ("", 5.0, "no")
    assert found["24"].text == "Arrived late & scratched."


def test_a_conversation_under_a_review_is_read_to_its_end() -> None:
    with connected("woocommerce") as source:
        found = by_id(source)
    ours, thanks = found["25"], found["26"]
    assert (ours.is_by_brand, ours.parent, thanks.is_by_brand, thanks.parent) == (True, "24", False, "25")
    assert ours.thread == thanks.thread == found["24"].thread


def test_reviews_without_stars_and_from_users_are_told_rightly() -> None:
    first, _second, third = sightings(parse("woocommerce", saved("woocommerce", "reviews.json"), PLACE))
    assert first.author is not None and first.author.external_id == "user:12"
    assert (third.author, third.rating) == (None, 5.0)
    bare = b'[{"id": 5, "product_id": 7, "review": "x", "rating": 0, "reviewer": "A", "verified": "yes"}]'
    page = saved("woocommerce", "reviews.json", body=bare)
    (found,) = sightings(parse("woocommerce", page, PLACE))
    assert (found.rating, found.facts, found.published_at) == (None, {}, None)


def test_our_own_review_is_known_by_the_number_and_never_by_the_name() -> None:
    links = '"_links": {"reviewer": [{"href": "https://shop.example/wp-json/wp/v2/users/3"}]}'
    for more, is_ours in ((links, True), ('"_links": {}', False), ('"_links": {"reviewer": "x"}', False)):
        body = (
            f'[{{"id": 5, "product_id": 7, "review": "x", "rating": 5, "reviewer": "Заря", {more}}}]'.encode()
        )
        (found,) = sightings(parse("woocommerce", saved("woocommerce", "reviews.json", body=body), PLACE))
        assert found.is_by_brand is is_ours


@pytest.mark.parametrize(
    "field", ["id", "product_id", "review", "rating", "reviewer", "verified", "date_created_gmt", "_links"]
)
@pytest.mark.parametrize("value", ["null", "[]", "{}", '"x"', "-1", "1e400", "true"])
def test_a_changed_field_costs_one_review_at_most(field: str, value: str) -> None:
    bad = f'{{"id": 6, "product_id": 7, "review": "bad", "rating": 2, "reviewer": "B", "{field}": {value}}}'
    body = f'[{bad}, {{"id": 5, "product_id": 7, "review": "good", "rating": 5, "reviewer": "A"}}]'.encode()
    parts = parse("woocommerce", saved("woocommerce", "reviews.json", body=body), PLACE)
    assert "good" in {one.text for one in sightings(parts)}


def test_paging_that_shifts_while_it_is_read_loses_nothing() -> None:
    def many(site: Sandbox) -> None:
        for number in range(150):
            site.say(f"Отзыв {number}")

    with connected("woocommerce", many) as source:
        respond, said = source.sandbox.respond, []

        def shifting(request: Any) -> Any:
            response = respond(request)
            if request.path.endswith("/reviews") and request.args.get("page") == "1" and not said:
                said.extend(source.sandbox.say(f"Новый {number}") for number in range(3))
            return response

        source.sandbox.respond = shifting  # type: ignore[method-assign]
        first = source.read().ids
        assert len(first) == 4 + 2 + 150
        assert set(said) <= source.read().ids


def test_each_secret_goes_to_its_own_part_of_the_site() -> None:
    woo = channel("woocommerce")
    for root, plain in ((ROOT, False), ("https://shop.example/?rest_route=/", True)):
        shop = f"{root}wc/v3/products/reviews" + ("&page=1" if plain else "?page=1")
        sent = woo.authorize(PLACE, Call(shop), NOW)  # type: ignore[attr-defined]
        assert base64.b64decode(sent.headers["authorization"].split()[1]) == b"ck_1:cs_2"
        other = woo.authorize(PLACE, Call(f"{root}wp/v2/comments"), NOW)  # type: ignore[attr-defined]
        assert base64.b64decode(other.headers["authorization"].split()[1]) == b"care:pass"
    with pytest.raises(errors.Unauthorized, match="consumer key"):
        woo.authorize(replace(PLACE, secrets={"consumer_key": "ck_1"}), Call(f"{ROOT}wc/v3/x"), NOW)  # type: ignore[attr-defined]


def test_without_an_application_password_reviews_and_answers_are_read() -> None:
    with connected("woocommerce") as source:
        keys = {name: value for name, value in source.place.secrets.items() if name.startswith("consumer")}
        source.place = replace(source.place, secrets=keys)
        assert {"21", "24", "25"} <= source.read().ids
        rights = source.check()
        assert (rights.listens, rights.answers) == (True, False)
        with pytest.raises(errors.Unauthorized, match="application password"):
            source.send(by_id(source)["21"], "Hello")


def test_answers_that_strangers_may_not_see_are_a_remark() -> None:
    body = b'{"code": "rest_cannot_access", "message": "Only authenticated users."}'
    with connected("woocommerce") as source:
        source.sandbox.troubles = [Trouble(path="/wp/v2/comments", status=401, body=body, times=9)]
        found = source.read()
        assert {"21", "22", "23", "24"} == found.ids
        assert any("Answers under reviews are not seen" in one.text.en for one in found.remarks)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (
            401,
            b'{"code": "woocommerce_rest_cannot_view", "message": "Sorry, you cannot list resources."}',
            "unauthorized",
        ),
        (
            401,
            b'{"code": "woocommerce_rest_authentication_error", "message": "Consumer key is invalid."}',
            "unauthorized",
        ),
        (404, b'{"code": "rest_no_route", "message": "No route was found."}', "not_found"),
        (200, b'[{"id": 1', "unreadable"),
        (200, b"null", "unreadable"),
        (200, b"<html>Maintenance</html>", "unreadable"),
        (429, b"", "rate_limited"),
        (502, b"", "unreachable"),
    ],
)
def test_what_the_shop_refuses_is_told_by_its_name(status: int, body: bytes, kind: str) -> None:
    with connected("woocommerce") as source:
        source.sandbox.troubles = [Trouble(path="/wc/v3/", status=status, body=body, times=9)]
        with pytest.raises(errors.ChannelError) as caught:
            source.read()
        assert (caught.value.kind, source.place.cursor) == (kind, {})


def test_an_edited_review_keeps_its_number() -> None:
    with connected("woocommerce") as source:
        source.read()
        source.sandbox.change("21", "Заменили чайник, спасибо!")
        assert by_id(source)["21"].text == "Заменили чайник, спасибо!"


def test_closed_reviews_and_a_review_that_is_gone_are_told_in_the_sites_words() -> None:
    with connected("woocommerce") as source:
        sighting = by_id(source)["21"]
        for code, said, kind in (
            ("rest_comment_closed", "Sorry, comments are closed for this item.", "refused"),
            ("comment_content_column_length", "Your comment is too long.", "refused"),
            ("rest_comment_invalid_post_id", "Sorry, you are not allowed.", "not_found"),
        ):
            body = f'{{"code": "{code}", "message": "{said}"}}'.encode()
            source.sandbox.troubles = [Trouble(method="POST", status=403, body=body)]
            with pytest.raises(errors.ChannelError, match=said) as caught:
                source.send(sighting, "Hello")
            assert caught.value.kind == kind


def test_the_customers_own_words_are_never_changed() -> None:
    with connected("woocommerce") as source:
        sighting = by_id(source)["21"]
        receipt = source.send(sighting, "Hello")
        asked = len(source.sandbox.asked)
        with pytest.raises(errors.Refused):
            source.edit(sighting, replace(receipt, external_id="21"), "Ours now")
        assert not [one for one in source.sandbox.asked[asked:] if one.method != "GET"]


def test_a_shop_is_recognised_beside_its_blog() -> None:
    woo, wordpress = channel("woocommerce"), channel("wordpress")
    index = page_of('{"name": "Shop", "namespaces": ["wp/v2", "wc/v3"]}', ROOT, "application/json")
    plain = page_of('{"name": "Blog", "namespaces": ["wp/v2"]}', ROOT, "application/json")
    html = '<link rel="https://api.w.org/" href="/wp-json/"><script src="/wp-content/plugins/woocommerce/a.js"></script>'
    front = page_of(f"<html><head><title>Shop</title>{html}</head></html>", "https://shop.example/")
    for page, is_shop in ((index, True), (front, True), (plain, False)):
        finding = woo.recognise(page)  # type: ignore[attr-defined]
        assert (finding is not None) is is_shop
        assert wordpress.recognise(page).kind == "wordpress"  # type: ignore[attr-defined]
        if finding is not None:
            assert (finding.kind, finding.url) == ("woocommerce", ROOT)


def test_a_client_that_others_wrote_reads_the_sandbox() -> None:
    woocommerce = pytest.importorskip("woocommerce", reason="pip install -r requirements-clients.txt")
    with connected("woocommerce") as source:
        secrets = source.place.secrets
        told = (secrets["consumer_key"], secrets["consumer_secret"])
        api = woocommerce.API(source.sandbox.url, *told, version="wc/v3", timeout=5)
        answer = api.get("products/reviews", params={"per_page": 2})
        assert (answer.status_code, answer.headers["X-WP-TotalPages"]) == (200, "2")
        assert [one["rating"] for one in answer.json()] == [2, 5]
        wrong = woocommerce.API(source.sandbox.url, told[0], "cs_wrong", version="wc/v3", timeout=5)
        assert wrong.get("products/reviews").json()["code"] == "woocommerce_rest_cannot_view"


def test_remarks_are_remarks() -> None:
    """A page of another kind under the answers' role is never taken for an empty conversation."""
    page = Page(
        f"{ROOT}wp/v2/comments",
        200,
        {},
        b"<html>Hello</html>",
        "answers",
        {"root": ROOT, "parents": [1]},
        NOW,
    )
    with pytest.raises(errors.Unreadable):
        parse("woocommerce", page, PLACE)
    shut = replace(page, status=404, body=b'{"code": "rest_no_route", "message": "No route."}')
    assert [type(one) for one in parse("woocommerce", shut, PLACE)] == [Remark]
