"""The sandbox and the saved pages, held to the description of Mastodon 4.7."""

import json

import pytest

from tests.channels.conftest import PAGES
from tests.channels.exchanges import faults_of, recorded
from tests.channels.schemas import faults

DOCUMENT = "mastodon/mastodon.openapi.json"


@pytest.mark.parametrize("path", ["/tags/zarya", "/search?q=zarya", "/@zarya"])
def test_all_that_the_sandbox_says_is_described(path: str) -> None:
    with recorded("mastodon") as (source, exchanges):
        source.place = type(source.place)(f"{source.sandbox.url}{path}", secrets=source.sandbox.secrets)
        post = next(one for one in source.read().sightings if "week" in one.text)
        receipt = source.send(post, "Спасибо!")
        receipt = source.edit(post, receipt, "Спасибо, Анна!")
        source.look(post, "Спасибо, Анна!")
        source.delete(post, receipt)
        source.look(post, "Спасибо, Анна!", receipt)
        assert len(exchanges) > 6
        # Of the server's description of itself the sandbox gives what is read, and no more.
        whole = [one for one in exchanges if one.path != "/api/v2/instance"]
        assert [fault for one in whole for fault in faults_of([DOCUMENT], one)] == []


@pytest.mark.parametrize(("name", "schema"), [("tag.json", "Status"), ("mentions.json", "Notification")])
def test_a_saved_page_is_described(name: str, schema: str) -> None:
    for said in json.loads((PAGES / "mastodon" / name).read_text()):
        assert faults(DOCUMENT, schema, said) == []
        assert faults(DOCUMENT, schema, {**said, "id": None}) != []
