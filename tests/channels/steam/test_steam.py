"""What only Steam does: thumbs, its own markup, a cursor that holds + and =, and the developer's answer in the same list."""

import json

import pytest

from channels import channel, errors
from channels.contract import Place
from demo.sandboxes.base import Trouble
from tests.channels.conformance.rules import read, seen
from tests.channels.conftest import remarks, saved
from tests.channels.sandboxes import connected
from tests.channels.schemas import faults

APP = Place("https://store.steampowered.com/app/570440/")


def test_a_review_is_read_whole() -> None:
    parts = read(channel("steam"), saved("steam", "reviews.json"), APP)
    first, thanks, thumb, bare = seen(parts)
    assert first.text.split("\n") == ["Хорошая игра", "Но вылетает на втором уровне, третий день жду ответа."]
    assert (first.rating, first.language, first.facts["recommended"], first.facts["hours played"]) == (
        1.0,
        "ru",
        "no",
        "10.2",
    )
    assert first.url == "https://steamcommunity.com/profiles/76561198000000001/recommended/570440/"
    assert first.edited_at and first.published_at and first.edited_at > first.published_at
    assert (thanks.rating, thanks.edited_at, thumb.text, thumb.rating) == (5.0, None, "", 5.0)
    assert (bare.author, bare.published_at, bare.rating) == (None, None, None)
    assert remarks(parts) == ["A review without an id was left out."]


def test_all_pages_are_read_and_the_answer_of_the_developer_is_seen() -> None:
    with connected("steam") as source:
        found = source.read()
        assert len(found.ids) == len(found.sightings) == 4
        assert len(found.pages) == 3
        assert [(one.parent, one.state, one.text) for one in found.answers] == [
            ("190000002", "public", "We are on it: please update.")
        ]
        assert source.place.cursor == {"updated_at": source.sandbox.moment}  # type: ignore[attr-defined]


def test_an_edited_review_comes_up_again_and_old_pages_do_not() -> None:
    with connected("steam") as source:
        for one in source.sandbox.reviews[:3]:  # type: ignore[attr-defined]
            one |= {"timestamp_created": 1_790_000_000, "timestamp_updated": 1_790_000_000}
        source.read()
        source.sandbox.change("190000001", "Починили. Спасибо!")
        again = source.read()
        (edited,) = [one for one in again.sightings if one.external_id == "190000001"]
        assert edited.text == "Починили. Спасибо!"
        assert edited.edited_at is not None
        assert len(again.pages) == 1


def test_a_list_that_names_its_cursor_again_ends() -> None:
    with connected("steam") as source:
        source.sandbox.troubles = [Trouble(changes=lambda said: {**said, "cursor": "*"}, times=99)]
        assert len(source.read().pages) == 1


def test_success_of_another_number_is_no_empty_list() -> None:
    with connected("steam") as source:
        source.sandbox.troubles = [Trouble(body=b'{"success": 2}', status=200)]
        with pytest.raises(errors.Unreadable):
            source.read()


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("https://store.steampowered.com/app/570/Dota_2/", "https://store.steampowered.com/app/570/"),
        ("store.steampowered.com/app/570", "https://store.steampowered.com/app/570/"),
        ("https://steamcommunity.com/app/570/reviews/", "https://store.steampowered.com/app/570/"),
        ("https://store.steampowered.com/news/", None),
        ("https://evil.example/app/570", None),
    ],
)
def test_an_app_is_known_by_its_address(typed: str, known: str | None) -> None:
    found = channel("steam").recognise_address(typed)  # type: ignore[attr-defined]
    assert (found and found.url) == known


def test_sandbox_and_saved_answers_keep_to_the_schema() -> None:
    with connected("steam") as source:
        for page in source.read().pages:
            assert faults("hand/steam.schema.json", "AppReviewsAnswer", json.loads(page.body)) == []
    whole = json.loads(saved("steam", "reviews.json").body)
    right = {**whole, "reviews": whole["reviews"][:3]}
    assert faults("hand/steam.schema.json", "AppReviewsAnswer", right) == []
    assert faults("hand/steam.schema.json", "AppReviewsAnswer", whole) != []
