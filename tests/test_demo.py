"""The sample brand's little web: our own channels read it and answer on it, and hostile visitors break nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from lxml import html

import channels
from channels import detect
from channels.contract import Fetch, Page, Place, Remark, Replies, Sighting, Target, Verifies
from channels.wire import guard
from channels.wire.client import GuardedWire, Terms
from demo.site import create_site
from demo.stage import SHOP_NAME, Stage
from tests import servers
from webapp import bootstrap

HOSTILE = (
    "Still here. </script><script>alert(1)</script> <img src=x onerror=alert(2)> \"'&amp;<!-- ]]> {{ 7 * 7 }}"
)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "demo" / "state.json"


@contextmanager
def open_shop(state: Path) -> Iterator[str]:
    """The address of the little web on a free port."""
    with servers.serving(create_site(state)) as address:
        yield address


@pytest.fixture
def shop(state: Path) -> Iterator[str]:
    with open_shop(state) as address:
        yield address


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with guard.guarded_client(allow_private=True, user_agent="test") as client:
        yield client


@pytest.fixture
def wire() -> Iterator[GuardedWire]:
    with GuardedWire(Terms("test", allow_private=True), datetime.now(UTC), Place("")) as lent:
        yield lent


def read(kind: str, url: str, http: httpx.Client) -> tuple[list[Sighting], list[Remark]]:
    """All that the channel reads there, page after page, as the crawl would."""
    reader, place = channels.channel(kind), Place(url)
    waiting, said, remarks = list(reader.start(place)), [], []  # type: ignore[attr-defined]
    while waiting:
        fetch = waiting.pop(0)
        answer = http.get(fetch.url)
        page = Page(
            str(answer.url), answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content,
            fetch.role, fetch.context, datetime.now(UTC),
        )  # fmt: skip
        for part in reader.parse(place, page):  # type: ignore[attr-defined]
            waiting += [part] if isinstance(part, Fetch) else []
            said += [part] if isinstance(part, Sighting) else []
            remarks += [part] if isinstance(part, Remark) else []
    return said, remarks


def feed(shop: str) -> str:
    return f"{shop}/forum/feed.atom"


def test_the_forum_is_read_by_the_rss_channel(shop: str, state: Path, http: httpx.Client) -> None:
    posts = sum(len(topic["posts"]) for topic in json.loads(state.read_text())["topics"])
    said, remarks = read("rss", feed(shop), http)
    assert remarks == []
    assert len(said) == len({one.external_id for one in said}) == posts > 10
    assert {one.language for one in said} == {"ru", "en"}
    assert all(one.published_at and one.published_at <= datetime.now(UTC) for one in said)
    answer = next(one for one in said if one.parent and one.author and one.author.name == "mrak63")
    asked = next(one for one in said if one.external_id == answer.parent)
    assert asked.thread == answer.thread
    assert "Самару" in asked.text


@pytest.mark.parametrize("slug", [slug for slug, _, _ in bootstrap.PRODUCTS])
def test_every_product_page_is_read_by_the_schema_org_channel(
    slug: str, shop: str, state: Path, http: httpx.Client
) -> None:
    told = next(p for p in json.loads(state.read_text())["products"] if p["slug"] == slug)
    said, remarks = read("schema_org", f"{shop}/shop/{slug}", http)
    assert remarks == []
    reviews = {one.external_id: one for one in said if one.kind == "review"}
    # More than one page is read: the longest list has nine reviews, a page shows five.
    assert sorted(one.rating for one in reviews.values()) == sorted(
        review["rating"] for review in told["reviews"]
    )
    answers = [one for one in said if one.is_by_brand]
    assert len(answers) == sum("answer" in review for review in told["reviews"])
    assert all(one.parent in reviews for one in answers)


def test_ids_do_not_depend_on_the_port(state: Path, http: httpx.Client) -> None:
    seen = []
    for _ in range(2):
        with open_shop(state) as address:
            forum, _remarks = read("rss", feed(address), http)
            reviews, _remarks = read("schema_org", f"{address}/shop/zarya-grinder", http)
            seen.append({one.external_id for one in [*forum, *reviews]})
    assert seen[0] == seen[1]


def test_addresses_are_recognised_for_what_they_are(shop: str, wire: GuardedWire) -> None:
    assert {found.kind for found in detect.detect(f"{shop}/forum/", wire).findings} >= {"rss", "forum"}
    assert detect.detect(f"{shop}/shop/zarya-grinder", wire).findings[0].kind == "schema_org"
    assert detect.detect(f"{shop}/", wire).findings == []


def test_an_answer_by_the_reply_form_stands_in_public(
    shop: str, http: httpx.Client, wire: GuardedWire
) -> None:
    forum = channels.channel("forum")
    assert isinstance(forum, Replies)
    assert isinstance(forum, Verifies)
    place = Place(feed(shop), settings={"name": SHOP_NAME}, own_names=(SHOP_NAME,))
    forum.check(place, wire)
    asked = next(one for one in read("rss", feed(shop), http)[0] if "Opening hours" in one.title)
    target = Target(asked.external_id, asked.url, asked.thread)
    assert forum.look(place, target, "Yes, from ten to six.", None, wire).outcome == "missing"

    receipt = forum.send(place, target, "Yes, from ten to six.", wire)

    assert receipt.state == "public"
    assert forum.look(place, target, "Yes, from ten to six.", receipt, wire).outcome == "visible"
    own = next(one for one in read("rss", feed(shop), http)[0] if one.text == "Yes, from ten to six.")
    assert (own.external_id, own.parent) == (receipt.external_id, asked.external_id)
    assert own.author is not None
    assert own.author.name == SHOP_NAME


@pytest.mark.parametrize(
    ("change", "status"),
    [({"token": "0" * 32}, 403), ({"token": ""}, 403), ({"name": " "}, 422), ({"text": ""}, 422), ({}, 303)],
)
def test_the_reply_form_refuses_what_is_incomplete(
    shop: str, http: httpx.Client, change: dict[str, str], status: int
) -> None:
    page = html.fromstring(http.get(f"{shop}/forum/t/11").text)
    filled = {
        "token": page.xpath("//input[@name='token']/@value")[0],
        "name": "Заря",
        "text": "Везём!",
    } | change
    answer = http.post(f"{shop}/forum/t/11/reply", data=filled, follow_redirects=False)
    assert answer.status_code == status
    assert ("Везём!" in http.get(f"{shop}/forum/t/11").text) is (status == 303)


def test_a_token_of_one_topic_does_not_open_another(shop: str, http: httpx.Client) -> None:
    token = html.fromstring(http.get(f"{shop}/forum/t/11").text).xpath("//input[@name='token']/@value")[0]
    filled = {"token": token, "name": "Заря", "text": "not here"}
    assert http.post(f"{shop}/forum/t/12/reply", data=filled, follow_redirects=False).status_code == 403


def test_an_answer_under_a_review_is_read_as_the_owners(shop: str, http: httpx.Client) -> None:
    filled = {"review": "r303", "text": "It does, with the adapter in the box."}
    answer = http.post(f"{shop}/shop/zarya-grinder/answers", data=filled)
    assert answer.status_code == 200
    said, _remarks = read("schema_org", f"{shop}/shop/zarya-grinder", http)
    own = next(one for one in said if one.text == filled["text"])
    asked = next(one for one in said if one.external_id == own.parent)
    assert own.is_by_brand
    assert "110 volts" in asked.text


@pytest.mark.parametrize("filled", [{"review": "r999", "text": "x"}, {"review": "r303", "text": "  "}, {}])
def test_an_answer_to_nothing_is_refused(shop: str, http: httpx.Client, filled: dict[str, str]) -> None:
    assert http.post(f"{shop}/shop/zarya-grinder/answers", data=filled).status_code == 400


def test_hostile_words_stay_words(shop: str, http: httpx.Client) -> None:
    token = html.fromstring(http.get(f"{shop}/forum/t/12").text).xpath("//input[@name='token']/@value")[0]
    http.post(f"{shop}/forum/t/12/reply", data={"token": token, "name": HOSTILE[:60], "text": HOSTILE})
    http.post(f"{shop}/shop/zarya-app/answers", data={"review": "r401", "text": HOSTILE})

    for page in (f"{shop}/forum/t/12", f"{shop}/forum/", f"{shop}/shop/zarya-app"):
        tree = html.fromstring(http.get(page).text)
        assert [
            script for script in tree.xpath("//script") if script.get("type") != "application/ld+json"
        ] == []
        assert tree.xpath("//img | //*[@onerror]") == []
    shown = (
        html.fromstring(http.get(f"{shop}/forum/t/12").text).xpath("//article[last()]/p")[0].text_content()
    )
    assert shown == HOSTILE
    # And what the channels read there is the text again.
    said, remarks = read("rss", feed(shop), http)
    assert remarks == []
    assert any(one.text.startswith("Still here.") for one in said)
    reviews, remarks = read("schema_org", f"{shop}/shop/zarya-app", http)
    assert remarks == []
    assert any(one.is_by_brand and one.text.startswith("Still here.") for one in reviews)


def test_an_unchanged_page_costs_nothing(shop: str, http: httpx.Client) -> None:
    first = http.get(f"{shop}/shop/chaynik-luch")
    again = http.get(f"{shop}/shop/chaynik-luch", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/shop/nothing", "/forum/t/999", "/forum/t/x", "/admin"])
def test_what_is_not_there_is_not_found(shop: str, http: httpx.Client, path: str) -> None:
    assert http.get(f"{shop}{path}").status_code == 404


def test_robots_are_told_what_they_may(shop: str, http: httpx.Client) -> None:
    assert "Disallow: /checkout/" in http.get(f"{shop}/robots.txt").text


def test_what_was_posted_survives_a_restart(state: Path, http: httpx.Client) -> None:
    with open_shop(state) as first:
        token = html.fromstring(http.get(f"{first}/forum/t/22").text).xpath("//input[@name='token']/@value")[
            0
        ]
        http.post(f"{first}/forum/t/22/reply", data={"token": token, "name": "Заря", "text": "Ten to six."})
        http.post(f"{first}/shop/zarya-app/answers", data={"review": "r403", "text": "Fixed this morning."})
    with open_shop(state) as second:
        assert "Ten to six." in http.get(f"{second}/forum/t/22").text
        assert "Fixed this morning." in http.get(f"{second}/shop/zarya-app").text


def test_a_few_people_speak_up_later_and_only_once(state: Path) -> None:
    stage = Stage.open(state)

    def waiting() -> int:
        return sum("topic" in said for said in stage.state["later"])

    at_first = waiting()
    assert at_first >= 3
    stage.state["begun_at"] = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    before = sum(len(topic["posts"]) for topic in stage.state["topics"])

    for _ in range(2):
        posts = sum(len(topic["posts"]) for topic in stage.topics())
        assert 0 < posts - before == at_first - waiting() < at_first

    assert sum(len(topic["posts"]) for topic in Stage.open(state).state["topics"]) == posts


def test_one_rewrites_his_review_after_the_answer(shop: str, state: Path, http: httpx.Client) -> None:
    def review() -> tuple[Sighting, Sighting]:
        said, _remarks = read("schema_org", f"{shop}/shop/chaynik-luch", http)
        [found] = [one for one in said if one.external_id.endswith("r204")]
        [answer] = [one for one in said if one.parent == found.external_id]
        return found, answer

    before, _answer = review()
    assert "UPD" not in before.text

    told = json.loads(state.read_text())
    told["begun_at"] = (datetime.now(UTC) - timedelta(minutes=4)).isoformat()
    state.write_text(json.dumps(told))
    with open_shop(state) as shop:
        after, answer = review()
    assert (after.external_id, after.rating, answer.is_by_brand) == (before.external_id, before.rating, True)
    assert "UPD" in after.text
    assert after.edited_at is not None
    assert answer.published_at is not None
    assert after.edited_at > answer.published_at
