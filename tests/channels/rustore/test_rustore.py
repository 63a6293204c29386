"""What only RuStore does: a signature for a token, dates without a zone, envelopes, answers that get another number when they change."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from channels import channel, errors
from channels.contract import Place
from channels.rustore.channel import RuStore
from demo.sandboxes.base import Sandbox, Trouble
from demo.sandboxes.rustore import PACKAGE, Site
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import PAGES, remarks, saved
from tests.channels.exchanges import Exchange, recorded
from tests.channels.sandboxes import Connected, connected
from tests.channels.schemas import faults

APP = Place(f"https://www.rustore.ru/catalog/app/{PACKAGE}")
TEXT = "Здравствуйте! Уже исправляем, спасибо за терпение."
SCHEMA = "hand/rustore.schema.json"


def unanswered(source: Connected) -> object:
    return next(one for one in source.read().sightings if one.text.startswith("Приложение"))


def test_reviews_are_read_and_a_date_without_a_zone_is_unknown() -> None:
    parts = read(channel("rustore"), saved("rustore", "reviews.json"), APP)
    first, second, silent, odd = seen(parts)
    assert (first.external_id, first.rating, first.text) == ("743101", 1.0, "Не видит чайник, ответьте!")
    assert first.published_at and first.published_at.isoformat() == "2026-11-19T15:10:43+00:00"
    assert first.edited_at and first.edited_at.isoformat() == "2026-11-20T06:00:00+00:00"
    assert (first.facts, first.reach and first.reach.likes) == ({"version": "3.2.0"}, 3)
    assert (second.published_at, second.facts) == (None, {"status": "MODERATION"})
    assert (silent.rating, silent.text, silent.author) == (4.0, "", None)
    assert (odd.rating, odd.reach and odd.reach.likes) == (None, None)
    assert remarks(parts) == [
        "The stars of 743104 cannot be read: 9",
        "An entry without an id was left out.",
        "An entry without text and stars was left out.",
    ]


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://www.rustore.ru/catalog/app/ru.zarya.kettle", APP.url),
        ("rustore.ru/en/catalog/app/ru.zarya.kettle/", APP.url),
        ("https://www.rustore.ru/catalog/app/kettle", None),
        ("https://www.rustore.ru/catalog/developer/1", None),
        ("https://rustore.example/catalog/app/ru.zarya.kettle", None),
        (f"https://www.rustore.ru/catalog/app/ru.{'a' * 60}", None),
    ],
)
def test_an_app_is_known_by_its_address(typed: str, url: str | None) -> None:
    found = RuStore().recognise_address(typed)
    assert (found.url if found else None) == url


def test_a_token_is_had_once_and_renewed_when_it_runs_out() -> None:
    with connected("rustore") as source:
        served = source.sandbox
        assert isinstance(served, Site)
        source.read()
        source.read()
        assert served.tokens == 1
        served.token = "another"
        with pytest.raises(errors.Expired):
            source.read()
        assert source.place.expires_at is not None
        source.now = source.place.expires_at
        assert source.read().ids
        assert served.tokens == 2


def as_pem(secret: str) -> str:
    import base64

    key = load_der_private_key(base64.b64decode(secret), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("form", [as_pem, lambda one: f" {one[:60]}\n{one[60:]}\n"])
def test_the_key_is_taken_as_people_keep_it(form: Callable[[str], str]) -> None:
    with connected("rustore") as source:
        source.place = replace(
            source.place, secrets={"private_key": form(source.place.secrets["private_key"])}
        )
        assert source.check().answers


@pytest.mark.parametrize(
    "key", ["canary-no-key", "-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----", "ec"]
)
def test_what_is_no_key_is_said_without_it(key: str) -> None:
    if key == "ec":
        made = ec.generate_private_key(ec.SECP256R1())
        key = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with connected("rustore") as source:
        source.place = replace(source.place, secrets={"private_key": key})
        with pytest.raises(errors.Unauthorized, match="no private key") as caught:
            source.read()
        assert "canary" not in f"{caught.value!r} {caught.value.text}"


def test_a_wrong_clock_is_said() -> None:
    with connected("rustore", lambda site: setattr(site, "skew_seconds", 61)) as source:
        with pytest.raises(errors.Unauthorized, match=r"clock of this machine.*Range timestamp not valid"):
            source.read()


def test_an_envelope_that_says_error_is_one_whatever_the_status() -> None:
    body = json.dumps({"code": "error", "message": "Метод не разрешён ключу", "body": None}).encode()
    with connected("rustore") as source:
        asked = unanswered(source)
        source.sandbox.troubles = [Trouble(path="/comment", status=200, body=body)]
        with pytest.raises(errors.Refused, match="Метод не разрешён"):
            source.read()
        source.sandbox.troubles = [Trouble(path="/feedback", method="POST", status=200, body=body)]
        with pytest.raises(errors.Refused, match="Метод не разрешён"):
            source.send(asked, TEXT)  # type: ignore[arg-type]


def test_a_corrected_answer_has_another_number_and_the_old_one_is_gone() -> None:
    with connected("rustore") as source:
        asked = unanswered(source)
        first = source.send(asked, TEXT)  # type: ignore[arg-type]
        second = source.edit(asked, first, f"{TEXT} Точнее!")  # type: ignore[arg-type]
        assert first.external_id != second.external_id
        assert source.look(asked, TEXT, first).outcome == "missing"  # type: ignore[arg-type]
        assert source.look(asked, f"{TEXT} Точнее!", second).outcome == "visible"  # type: ignore[arg-type]


def test_a_second_answer_and_one_too_long_are_refused_in_the_stores_words() -> None:
    with connected("rustore") as source:
        asked = unanswered(source)
        with pytest.raises(errors.TooLong, match="500"):
            source.send(asked, "я" * 501)  # type: ignore[arg-type]
        source.send(asked, TEXT)  # type: ignore[arg-type]
        with pytest.raises(errors.Refused, match="already has an answer"):
            source.send(asked, f"{TEXT} Ещё раз.")  # type: ignore[arg-type]


def test_all_reviews_are_read_page_by_page() -> None:
    def fill(site: Sandbox) -> None:
        for number in range(210):
            site.say(f"Отзыв номер {number}")

    with connected("rustore", fill) as source:
        assert len(source.read().ids) == 214


def test_what_is_said_is_as_described() -> None:
    with recorded("rustore") as (source, said):
        asked = unanswered(source)
        receipt = source.send(asked, TEXT)  # type: ignore[arg-type]
        source.look(asked, TEXT, receipt)  # type: ignore[arg-type]
        assert {fault for one in said for fault in faults_in(one)} == set()
    assert (
        faults(SCHEMA, "CommentListAnswer", json.loads((PAGES / "rustore" / "reviews.json").read_text()))[:1]
        != []
    )


def faults_in(one: Exchange) -> list[str]:
    if one.path == "/public/auth/":
        return faults(SCHEMA, "TokenRequest", one.asked) + faults(SCHEMA, "TokenAnswer", one.said)
    if one.method == "POST":
        return faults(SCHEMA, "FeedbackRequest", one.asked) + faults(SCHEMA, "FeedbackCreated", one.said)
    name = "CommentListAnswer" if one.path.endswith("/comment") else "FeedbackListAnswer"
    return faults(SCHEMA, name, one.said)
