"""What only Avito does: a token got by keys, a list without dates, one answer with a state and reasons."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from channels import channel, errors
from channels.contract import AnswerSeen, Receipt, Sighting
from demo.sandboxes.base import Trouble
from tests.channels.conftest import parse, remarks, saved, sightings
from tests.channels.sandboxes import Connected, connected

TEXT = "Здравствуйте! Разберёмся."
DAY = 86_400


def site(source: Connected) -> Any:
    return source.sandbox


def open_review(source: Connected) -> Sighting:
    return next(one for one in source.read().sightings if one.can_be_answered)


def test_a_review_is_told_with_its_deal_and_largest_picture() -> None:
    first, stars, answered, rejected, closed = sightings(parse("avito", saved("avito", "reviews.json")))
    assert dict(first.facts) == {
        "item": "Чайник Заря К-2", "item number": "1234567", "deal": "fell through", "vin": "4Y1SL65848Z411439",
    }  # fmt: skip
    assert [one.url for one in first.attachments] == ["https://10.img.avito.st/image/1/l.jpg"]
    assert (stars.text, stars.rating, stars.author) == ("", 4, None)
    assert first.published_at == datetime.fromtimestamp(1_794_999_999, UTC)
    # An answered one takes no other, and still counts as one that could be answered.
    assert [one.can_be_answered for one in (first, answered, rejected, closed)] == [True, None, None, False]


def test_what_became_of_each_answer_is_told() -> None:
    parts = parse("avito", saved("avito", "reviews.json"))
    assert [(one.external_id, one.state, one.reason) for one in parts if isinstance(one, AnswerSeen)] == [
        ("71", "public", ""),
        ("72", "rejected", "Контакты в тексте; Реклама"),
    ]


def test_one_bad_entry_costs_one_remark() -> None:
    parts = parse("avito", saved("avito", "reviews-odd.json"))
    assert [one.external_id for one in sightings(parts)] == ["odd1", "9"]
    assert not [one for one in parts if isinstance(one, AnswerSeen)]
    assert len(remarks(parts)) == 3


def test_a_token_is_got_once_and_again_when_it_has_run_out() -> None:
    with connected("avito") as source:
        source.read()
        source.read()
        assert site(source).tokens == 1
        asked = next(one for one in source.sandbox.asked if one.path == "/token")
        assert parse_qs(asked.body.decode())["grant_type"] == ["client_credentials"]
        assert source.place.expires_at is not None
        source.now = source.place.expires_at
        source.read()
        assert site(source).tokens == 2


def test_a_token_taken_back_early_is_told_as_one_that_can_be_renewed() -> None:
    with connected("avito") as source:
        source.read()
        site(source).expire()
        with pytest.raises(errors.Expired):
            source.read()
        secrets = {"client_secret": source.place.secrets["client_secret"]}
        source.place = replace(source.place, secrets=secrets)
        assert source.read().ids


def test_wrong_keys_need_a_person() -> None:
    with connected("avito") as source:
        source.place = replace(source.place, secrets={"client_secret": "wrong"})
        with pytest.raises(errors.Unauthorized, match="Client is not known") as caught:
            source.read()
        assert not isinstance(caught.value, errors.Expired)
        source.place = replace(source.place, secrets={})
        with pytest.raises(errors.Unauthorized, match="missing"):
            source.read()


def test_pages_by_offset_lose_nothing_when_some_are_deleted_meanwhile() -> None:
    with connected("avito") as source:
        ids = {source.sandbox.say(f"Отзыв {number}", rating=4) for number in range(120)}
        respond, newest = source.sandbox.respond, sorted(ids)[-4:]

        def deleted_meanwhile(request: Any) -> Any:
            said = respond(request)
            if request.path.endswith("/reviews") and newest:
                source.sandbox.withdraw(newest.pop())
            return said

        source.sandbox.respond = deleted_meanwhile  # type: ignore[method-assign]
        assert ids <= source.read().ids


def test_only_the_last_thirty_days_are_read_again() -> None:
    with connected("avito") as source:
        for number in range(200):
            own_id = int(source.sandbox.say(f"Отзыв {number}", rating=4))
            site(source).reviews[own_id]["createdAt"] -= number * DAY
        source.read()
        begin = len(source.sandbox.asked)
        assert len(source.read().ids) < 60
        assert len(source.sandbox.asked) - begin == 1


def test_a_list_that_is_not_sorted_is_read_to_its_end() -> None:
    with connected("avito") as source:
        for number in range(120):
            own_id = int(source.sandbox.say(f"Отзыв {number}", rating=4))
            site(source).reviews[own_id]["createdAt"] -= number * DAY
        respond = source.sandbox.respond

        def shuffled(request: Any) -> Any:
            said = respond(request)
            if request.path.endswith("/reviews"):
                whole = said.get_json()
                whole["reviews"].reverse()
                said.set_data(json.dumps(whole))
            return said

        source.sandbox.respond = shuffled  # type: ignore[method-assign]
        source.read()
        assert len(source.read().ids) == 125


def test_a_rejected_answer_comes_with_its_reasons() -> None:
    with connected("avito") as source:
        review = open_review(source)
        source.sandbox.state_of_new = "held"
        receipt = source.send(review, TEXT)
        assert (receipt.state, source.look(review, TEXT, receipt).outcome) == ("accepted", "held")
        source.sandbox.decide(str(receipt.external_id), "rejected")
        seen = source.look(review, TEXT, receipt)
        assert (seen.outcome, seen.reason) == ("rejected", "Контакты в тексте")


def test_one_answer_is_taken_and_a_second_one_is_refused_in_the_sites_words() -> None:
    with connected("avito") as source:
        review = open_review(source)
        source.send(review, TEXT)
        with pytest.raises(errors.Refused, match="can not be answered"):
            source.send(review, "Ещё раз.")
        assert source.look(review, "Ещё раз.").outcome == "missing"


def test_a_review_that_is_gone_takes_no_answer() -> None:
    with connected("avito") as source:
        review = open_review(source)
        source.sandbox.withdraw(review.external_id)
        with pytest.raises(errors.NotFound, match="review is not found"):
            source.send(review, TEXT)
        assert source.look(review, TEXT).outcome == "missing"


def test_an_old_review_is_found_page_by_page_and_no_further_than_it_can_be() -> None:
    with connected("avito") as source:
        review = open_review(source)
        for number in range(150):
            source.sandbox.say(f"Отзыв {number}", rating=4)
        receipt = source.send(review, TEXT)
        assert source.look(review, TEXT, receipt).outcome == "visible"
        newest = source.read().sightings[0]
        source.sandbox.withdraw(newest.external_id)
        begin = len(source.sandbox.asked)
        assert source.look(newest, TEXT).outcome == "missing"
        assert len(source.sandbox.asked) - begin == 1


def test_what_is_not_said_to_be_taken_or_deleted_is_unknown() -> None:
    with connected("avito") as source:
        review = open_review(source)
        source.sandbox.troubles = [Trouble(path="answers", changes=lambda _said: {})]
        with pytest.raises(errors.Unknown):
            source.send(review, TEXT)
        assert source.look(review, TEXT).outcome == "visible"
        receipt = Receipt(source.sandbox.answers()[0].external_id)
        source.sandbox.troubles = [Trouble(path="answers", changes=lambda _said: {})]
        with pytest.raises(errors.Unknown):
            source.delete(review, receipt)


def test_check_says_as_whom_and_does_without_the_name() -> None:
    with connected("avito") as source:
        assert source.check().signs_as == "Заря"
        source.sandbox.troubles = [Trouble(path="accounts/self", status=403, body=b"{}")]
        assert source.check().signs_as == ""


def test_its_own_site_leads_to_the_api() -> None:
    found = channel("avito").recognise_address("https://www.avito.ru/user/7d04cdc3/profile")  # type: ignore[attr-defined]
    assert (found.kind, found.url) == ("avito", "avito:avito")
