"""What only Stack Exchange does: packed answers, `backoff` in the body, a quota, and errors with numbers of their own."""

import pytest

from channels import channel, errors
from channels.contract import Place
from demo.sandboxes.base import Trouble
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import connected

TAG = Place("https://stackoverflow.com/questions/tagged/zarya", own_ids=("11",))


def test_questions_are_read_whole() -> None:
    parts = read(channel("stack_exchange"), saved("stack_exchange", "questions.json"), TAG)
    first, gone, bare = seen(parts)
    assert (first.title, first.text) == ('Zarya SDK: "token expired"', "Since 3.2 it asks again & again.")
    assert first.author and (first.author.name, first.author.external_id) == ("anna & co", "11")
    assert (first.is_by_brand, gone.is_by_brand, bare.author) == (True, None, None)
    assert first.edited_at and first.published_at and first.edited_at > first.published_at
    assert (gone.text, gone.url) == ("Чайник Заря теряет Wi-Fi", "https://stackoverflow.com/q/79000102")
    assert gone.reach and gone.reach.likes is None
    assert bare.published_at is None
    assert remarks(parts) == ["A post without an id was left out."]


def test_questions_come_with_their_answers_each_once() -> None:
    with connected("stack_exchange") as source:
        found = source.read()
        assert len(found.sightings) == len(found.ids) == 4
        (answer,) = [one for one in found.sightings if one.kind == "comment"]
        assert (answer.parent, answer.thread) == ("stackoverflow:79000001",) * 2
        assert answer.url == "https://stackoverflow.com/a/79000004"


def test_an_edit_and_a_late_answer_come_up_again() -> None:
    with connected("stack_exchange") as source:
        source.read()
        source.sandbox.change("stackoverflow:79000002", "Помогло обновление")
        late = source.sandbox.reply(79_000_003, "<p>There is one.</p>")  # type: ignore[attr-defined]
        again = source.read()
        assert late in again.ids
        assert "Помогло обновление" in {one.text for one in again.sightings}


def test_a_site_that_asks_for_a_pause_is_read_on_later_from_there() -> None:
    with connected("stack_exchange") as source:
        for number in range(6):
            source.sandbox.say(f"Zarya {number}")
        source.sandbox.backoff = 10  # type: ignore[attr-defined]
        first = source.read()
        assert [page.role for page in first.pages] == ["questions"] and first.place.cursor["activity"]
        assert len(first.ids | source.read().ids) == 10


def test_a_spent_quota_says_how_long_to_wait() -> None:
    with connected("stack_exchange") as source:
        source.sandbox.quota = 0  # type: ignore[attr-defined]
        with pytest.raises(errors.RateLimited) as caught:
            source.read()
        assert caught.value.retry_after_seconds == 8_220


def test_it_is_read_without_a_key_as_well() -> None:
    with connected("stack_exchange") as source:
        source.place = Place(source.place.url)
        assert source.read().ids
        assert "key" not in source.sandbox.asked[-1].query


@pytest.mark.parametrize(
    ("typed", "site"),
    [
        ("https://stackoverflow.com/questions/tagged/zarya", "stackoverflow"),
        ("ru.stackoverflow.com/search?q=чайник", "ru.stackoverflow"),
        ("https://cooking.stackexchange.com/search?q=zarya", "cooking"),
        ("https://mathoverflow.net/questions/tagged/tea", "mathoverflow.net"),
        ("https://stackoverflow.com/questions/1/x", None),
        ("https://notstackoverflow.com/questions/tagged/zarya", None),
    ],
)
def test_a_tag_or_search_is_known_by_its_address(typed: str, site: str | None) -> None:
    found = channel("stack_exchange").recognise_address(typed)  # type: ignore[attr-defined]
    assert (found and found.title.partition(":")[0]) == site


def test_questions_whose_answers_cannot_be_had_are_asked_for_again() -> None:
    with connected("stack_exchange") as source:
        source.sandbox.troubles = [Trouble(path="/answers", status=503, body=b"")]
        with pytest.raises(errors.Unreachable):
            source.read()
        assert source.sandbox.asked[-1].path.endswith("/answers"), "nothing is read beyond them"
        assert source.place.cursor == {}
