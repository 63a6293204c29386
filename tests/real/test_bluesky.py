"""Bluesky's own server (npm: @atproto/dev-env): signing in, answers under our keys, refusals, deletions. It has no search and no
public view, which the sandbox speaks."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from channels import errors
from channels.bluesky import records
from channels.contract import Call, Fetch, Page, Receipt, Sighting, Target
from tests.channels.sandboxes import REFERENCE, Connected
from tests.channels.speaking import NOW

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
MODULES = os.environ.get("ATPROTO_FOLDER", "")
HINT = "in a folder of your own: npm i @atproto/dev-env@0.3.215; then ATPROTO_FOLDER=that folder (Node 20)"
OTHER = "0193f0de-7c1a-7b3a-9a51-0c6de1f0a002"


@dataclass
class Server:
    """What a sandbox tells of itself."""

    url: str
    own_ids: tuple[str, ...]
    post: dict[str, str]
    reply: dict[str, str]
    address: str = "https://bsky.app/profile/brand.test"
    secrets: dict[str, str] = field(default_factory=lambda: {"app_password": "only-for-brand"})

    @property
    def settings(self) -> dict[str, str]:
        return {"handle": "brand.test", "url": self.url}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    if not shutil.which("node") or not (Path(MODULES or "/-") / "node_modules/@atproto/dev-env").is_dir():
        pytest.skip(HINT)
    script = str(Path(__file__).with_name("atproto.mjs"))
    with subprocess.Popen(
        ["node", script, MODULES], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline() or "{}")
        yield Server(told["url"], (told["did"],), told["post"], told["reply"])
        process.terminate()


@pytest.fixture
def source(server: Server) -> Connected:
    return Connected("bluesky", server)  # type: ignore[arg-type]


def to_reply(server: Server) -> Sighting:
    handle = {**server.reply, "root_uri": server.post["uri"], "root_cid": server.post["cid"]}
    return Sighting(server.reply["uri"], None, "И шумит", handle=handle)


def ours(source: Connected) -> list[Sighting]:
    """What the account's own list says, as a crawl reads it."""
    channel: Any = source.channel
    (first,) = channel.start(source.place)
    answer = _asked(source, first)
    (asked,) = [
        one for one in channel.parse(source.place, answer) if isinstance(one, Fetch) and one.role == "ours"
    ]
    found = channel.parse(source.place, _asked(source, asked))
    return [one for one in found if isinstance(one, Sighting)]


def _asked(source: Connected, fetch: Fetch) -> Page:
    with source.wire() as wire:
        answer = wire.ask(Call(fetch.url))
    return Page(answer.url, answer.status, answer.headers, answer.body, fetch.role, fetch.context, NOW)


def test_an_answer_stands_once_and_goes(server: Server, source: Connected) -> None:
    assert source.check().signs_as == "brand.test"
    target, text = to_reply(server), "Анна, пришлём новый. @anna.test https://zarya.example/чай #заря 👨‍👩‍👧"
    first = source.send(target, text)
    assert source.send(target, text).external_id == first.external_id
    (read,) = [one for one in ours(source) if one.external_id == first.external_id]
    assert (read.text, read.parent, read.thread) == (text, server.reply["uri"], server.post["uri"])
    assert read.is_by_brand
    source.delete(target, first)
    with pytest.raises(errors.Gone):
        source.delete(target, first)
    assert not ours(source)


def test_a_second_record_under_one_key_is_no_second_post(server: Server, source: Connected) -> None:
    """What the server itself says to the key that it has: the reason why it is asked before."""
    source.check()
    receipt = source.send(to_reply(server), "Раз")
    key = records.key_of(REFERENCE)
    record = {"$type": "app.bsky.feed.post", "text": "Два", "createdAt": "2026-11-20T08:00:00Z"}
    asked = {"repo": server.own_ids[0], "collection": "app.bsky.feed.post", "rkey": key, "record": record}
    with source.wire() as wire:
        headers = {"content-type": "application/json"}
        answer = wire.act(
            Call(
                f"{server.url}/xrpc/com.atproto.repo.createRecord",
                "POST",
                json.dumps(asked).encode(),
                headers,
            )
        )
    assert answer.status >= 400
    assert [one.text for one in ours(source)] == ["Раз"]
    source.delete(to_reply(server), receipt)


def test_too_long_an_answer_is_refused_in_the_servers_words(server: Server, source: Connected) -> None:
    source.check()
    with pytest.raises(errors.TooLong, match="maximum 300, got 301") as caught:
        source.send(to_reply(server), "я" * 301, OTHER)
    assert (caught.value.limits.length, caught.value.limits.unit) == (300, "graphemes")
    receipt = source.send(to_reply(server), "👨‍👩‍👧" * 100, OTHER)
    source.delete(to_reply(server), receipt)


def test_the_session_is_renewed_and_a_wrong_password_told(server: Server, source: Connected) -> None:
    source.check()
    before = dict(source.place.secrets)
    source.place = replace(source.place, secrets={**before, "access_jwt": ""})
    source.check()
    assert source.place.secrets["refresh_jwt"] not in ("", before["refresh_jwt"])
    assert source.place.expires_at is not None
    source.place = replace(source.place, secrets={**source.place.secrets, "access_jwt": "a.b.c"})
    with pytest.raises(errors.Expired):
        source.check()
    source.place = replace(source.place, secrets={"app_password": "wrong"})
    with pytest.raises(errors.Unauthorized, match="Invalid identifier or password"):
        source.check()


def test_what_is_not_there_is_told(server: Server, source: Connected) -> None:
    source.check()
    nowhere = Receipt(f"at://{server.own_ids[0]}/app.bsky.feed.post/3lbaaaaaaaa2a")
    with pytest.raises(errors.Gone):
        source.delete(to_reply(server), nowhere)
    with source.wire() as wire:
        assert source.channel.look(source.place, Target(""), "x", nowhere, wire).outcome == "cannot_tell"  # type: ignore[attr-defined]
