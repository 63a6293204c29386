"""A sandbox in place of the official server: the crawler asks it, and nothing that is kept shows it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from demo.sandboxes import sandbox
from demo.sandboxes.base import Sandbox, Trouble
from desk.base import db
from desk.models import Mention, PageSeen
from tests.servers import serving

Listen, Crawl = Callable[..., int], Callable[..., dict[int, dict[str, Any]]]


@pytest.fixture
def steam() -> Iterator[Sandbox]:
    served = sandbox("steam")
    with serving(served) as url:
        served.url = url
        yield served


def instead(served: Sandbox) -> dict[str, str]:
    return {"OTKLIK_API_URLS": json.dumps({"steam": served.url})}


def kept() -> list[str]:
    with db.snapshot() as session:
        seen = [*session.scalars(sa.select(PageSeen.url)), *session.scalars(sa.select(Mention.url))]
        return [str(url) for url in seen if url]


def test_it_is_crawled_and_leaves_no_address(steam: Sandbox, listen: Listen, crawl: Crawl) -> None:
    number = listen(steam.address, "steam")
    said = crawl(number, **instead(steam))[number]
    assert (said["outcome"], said["new"]) == ("ok", 4), said
    assert {one.path for one in steam.asked} == {"/robots.txt", "/appreviews/570440"}
    assert kept() and not [url for url in kept() if "127.0.0.1" in url]


def test_the_address_guard_holds_for_it(steam: Sandbox, listen: Listen, crawl: Crawl) -> None:
    number = listen(steam.address, "steam")
    said = crawl(number, **instead(steam), OTKLIK_ALLOW_PRIVATE_ADDRESSES="false")[number]
    assert (said["outcome"], said["error_kind"], steam.asked) == ("failed", "forbidden", []), said
    assert "127.0.0.1" in said["error"], "whoever set it is told which address is meant"


def test_where_it_leads_comes_back_as_the_official_address(
    steam: Sandbox, listen: Listen, crawl: Crawl
) -> None:
    leads_to = {"Location": f"{steam.url}/appreviews/570440?json=1&cursor=*"}
    steam.troubles = [Trouble(path="/appreviews", status=302, headers=leads_to, body=b"")]
    number = listen(steam.address, "steam")
    said = crawl(number, **instead(steam))[number]
    assert (said["outcome"], said["new"]) == ("ok", 4), said
    asked = [one.path for one in steam.asked]
    assert asked.count("/robots.txt") == 1, "to the crawler it is one site, the official one"
