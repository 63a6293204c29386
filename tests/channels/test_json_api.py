"""What the channels of marketplaces do alike: errors with the site's own words, values of any type, texts of several parts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from channels import errors
from channels.contract import Sighting
from channels.reading import json_values
from demo.sandboxes.base import Trouble
from tests.channels.sandboxes import Connected, connected

KINDS = (
    "wildberries",
    "ozon",
    "yandex_market",
    "avito",
    "google_play",
    "app_store_connect",
    "google_business",
)
TEXT = "Здравствуйте! Заменим чайник."


def words(kind: str, said: str) -> bytes:
    """An error of that kind, as its API writes one."""
    forms: dict[str, Any] = {
        "wildberries": {"title": "bad request", "detail": said},
        "ozon": {"code": 3, "message": said, "details": []},
        "yandex_market": {"status": "ERROR", "errors": [{"code": "BAD_REQUEST", "message": said}]},
        "avito": {"error": {"code": "validation", "message": said}},
        "google_play": {"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}},
        "app_store_connect": {"errors": [{"status": "400", "code": "X", "title": "Error", "detail": said}]},
        "google_business": {"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}},
    }
    return json.dumps(forms[kind], ensure_ascii=False).encode()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(kind: str) -> Iterator[Connected]:
    with connected(kind) as found:
        yield found


def open_review(source: Connected) -> Sighting:
    answered = {one.parent for one in source.sandbox.answers()}
    return next(
        one
        for one in source.read().sightings
        if one.kind == "review" and one.external_id not in answered and one.can_be_answered is not False
    )


def fails(source: Connected, **trouble: Any) -> None:
    """The next request that publishes fails like that."""
    paths = {"ozon": "create", "yandex_market": "update"}
    method = "PUT" if source.kind == "google_business" else "POST"
    source.sandbox.troubles = [Trouble(path=paths.get(source.kind, ""), method=method, **trouble)]


def test_a_limit_that_the_site_names_is_believed(kind: str, source: Connected) -> None:
    review = open_review(source)
    fails(source, status=400, body=words(kind, "Ответ должен быть не длиннее 100 символов"))
    with pytest.raises(errors.TooLong, match="не длиннее 100") as caught:
        source.send(review, "Спасибо! " * 30)
    assert caught.value.limits.length == 100
    fails(source, status=400, body=words(kind, "Ответ должен быть не длиннее 100 символов"))
    with pytest.raises(errors.Refused) as other:
        source.send(review, TEXT)
    assert not isinstance(other.value, errors.TooLong), "this answer is shorter: another number is meant"


@pytest.mark.parametrize(
    ("status", "expected"), [(409, "refused"), (402, "refused"), (404, "not_found"), (500, "unknown")]
)
def test_what_the_site_says_to_an_answer_is_shown(
    kind: str, source: Connected, status: int, expected: str
) -> None:
    review = open_review(source)
    fails(source, status=status, body=words(kind, "Магазин временно закрыт"))
    with pytest.raises(errors.ChannelError) as caught:
        source.send(review, TEXT)
    assert caught.value.kind == expected
    assert expected == "unknown" or "Магазин временно закрыт" in str(caught.value)


@pytest.mark.parametrize("status", [402, 409, 422])
def test_what_the_site_says_to_a_question_is_shown(kind: str, source: Connected, status: int) -> None:
    source.read()
    source.place = replace(source.place, cursor={})
    source.sandbox.troubles = [Trouble(status=status, body=words(kind, "Не оплачено"), times=99)]
    with pytest.raises(errors.Unreadable, match="Не оплачено"):
        source.read()


def test_a_check_for_robots_is_no_wrong_key(source: Connected) -> None:
    source.read()
    body = "<h1>Подтвердите, что вы не робот</h1>".encode()
    source.sandbox.troubles = [Trouble(status=403, body=body, times=99)]
    with pytest.raises(errors.Blocked):
        source.read()


def test_an_answer_without_the_expected_words_is_unknown(source: Connected) -> None:
    review = open_review(source)
    fails(source, status=200, body=b"<html>Hello</html>")
    with pytest.raises(errors.Unknown):
        source.send(review, TEXT)


def test_a_look_that_fails_proves_nothing(source: Connected) -> None:
    review = open_review(source)
    receipt = source.send(review, TEXT)
    source.sandbox.troubles = [Trouble(status=500, body=b"oops", times=9)]
    assert source.look(review, TEXT, receipt).outcome == "cannot_tell"


def test_without_its_key_nothing_is_asked(source: Connected) -> None:
    source.place = replace(source.place, secrets={})
    with pytest.raises(errors.Unauthorized, match="missing"):
        source.read()
    assert source.sandbox.asked == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a1", "a1"), (7, "7"), (True, ""), (None, ""), (1.5, ""), ([], ""), (10**40, ""), ("\ud800x", "x")],
)
def test_an_id_is_text_or_a_number(value: object, expected: str) -> None:
    assert json_values.identifier(value) == expected


def test_a_text_is_made_of_the_parts_that_say_something() -> None:
    said = json_values.prose(
        ("", "Течёт &amp; шумит"), ("Достоинства", ""), ("Недостатки", None), ("+", ["x"])
    )
    assert said == "Течёт & шумит"
    assert len(json_values.prose(("", "x" * 30_000))) == 20_000


@pytest.mark.parametrize(
    "value", [1_795_000_000, "1795000000", "2026-11-18T11:06:40Z", "2026-11-18T14:06:40+03:00"]
)
def test_a_moment_comes_as_text_or_as_seconds(value: object) -> None:
    found = json_values.moment_at(value, None)
    assert found is not None and json_values.stamp(found) == 1_795_000_000


@pytest.mark.parametrize("value", [True, None, "", 5, [1], "скоро"])
def test_what_names_no_moment_is_none(value: object) -> None:
    assert json_values.moment_at(value, None) is None
