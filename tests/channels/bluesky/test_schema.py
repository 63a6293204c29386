"""The sandbox, what is sent to it, and the saved pages, held to Bluesky's own lexicons."""

import json

import pytest

from tests.channels.conftest import PAGES
from tests.channels.exchanges import recorded
from tests.channels.schemas import faults

DOCUMENT = "bluesky/bluesky.schema.json"


def faults_of(method: str, form: str, said: object) -> list[str]:
    return faults(DOCUMENT, f"{method}%23main.{form}", said)


@pytest.mark.parametrize(
    "url", ["https://bsky.app/search?q=zarya", "https://bsky.app/profile/zarya.bsky.social"]
)
def test_all_that_is_said_is_in_the_lexicons(url: str) -> None:
    with recorded("bluesky") as (source, exchanges):
        source.place = type(source.place)(url, source.sandbox.settings, source.sandbox.secrets, account_id=1)
        post = next(one for one in source.read().sightings if "Zarya! Zarya!" in one.text)
        receipt = source.send(post, "@anna.example https://zarya.example #заря")
        source.look(post, "Спасибо!", receipt)
        source.delete(post, receipt)
        checked = 0
        for one in exchanges:
            method = one.path.rpartition("/")[2]
            if one.status < 300:
                assert faults_of(method, "output", one.said) == [], method
                assert one.asked is None or faults_of(method, "input", one.asked) == [], method
                checked += 1
        assert checked >= 8
        sent = next(one.asked for one in exchanges if one.path.endswith("createRecord"))
        assert faults(DOCUMENT, "app.bsky.feed.post%23main", sent["record"]) == []
        assert faults(DOCUMENT, "app.bsky.feed.post%23main", sent["record"] | {"reply": {}}) != []


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("search.json", "app.bsky.feed.searchPosts"),
        ("notifications.json", "app.bsky.notification.listNotifications"),
    ],
)
def test_a_saved_page_is_in_the_lexicons(name: str, method: str) -> None:
    said = json.loads((PAGES / "bluesky" / name).read_text())
    assert faults_of(method, "output", said) == []
    next(iter(one for one in said.values() if isinstance(one, list)))[0]["uri"] = 7
    assert faults_of(method, "output", said) != []
