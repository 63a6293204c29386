"""One's own API, read with one's own key: queries by POST, secrets that go to its hosts alone, quotas, lanes, renewal."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug import Request, Response

from desk.base import db, vault
from desk.models import Account, Brand, Journal, Pace, PageSeen, QuotaSpent, Source
from desk.sources import accounts
from tests.crawler.site import Site, serve

MADE_UP = "tests.crawler.made_up"
TOKEN = "4242:canary-of-the-bot"
KEY = "canary-of-the-shop"


@pytest.fixture
def other() -> Iterator[Site]:
    with serve() as running:
        yield running


def review(number: int, **more: object) -> dict[str, object]:
    return {
        "id": f"r{number}", "text": f"The kettle leaks, {number}.", "rating": 2, "author": f"Buyer {number}",
        "at": "2026-11-18T08:00:00+00:00", "product": "Kettle", "sku": "k2",
    } | more  # fmt: skip


def shop(
    site: Site, *pages: list[dict[str, object]], answers: dict[str, list[dict[str, object]]] | None = None
):
    """The lists of a marketplace, page after page; what it was asked goes into the list that is returned."""
    asked: list[tuple[str, dict[str, str]]] = []

    def reviews(request: Request) -> Response:
        query = request.get_json()
        asked.append((request.path, query))
        number = int(query["after"] or 0)
        following = str(number + 1) if number + 1 < len(pages) else ""
        return Response(
            json.dumps({"reviews": pages[number], "next": following}), headers={"ETag": f'"{number}"'}
        )

    def answer(request: Request) -> Response:
        query = request.get_json()
        asked.append((request.path, query))
        return Response(json.dumps({"answers": (answers or {}).get(query["review"], [])}))

    site.pages |= {"/v2/reviews": reviews, "/v1/answers": answer}
    return asked


def listen_to(listen, site: Site, path: str = "", client: str = "7") -> int:
    settings = {"client_id": client}
    return listen(site.url(path), "marketplace", settings_values=settings, secrets={"api_key": KEY})


def test_two_queries_to_one_address_are_two_pages(site, listen, crawl, mentions):
    asked = shop(site, [review(1)], [review(2)], [review(3)])
    number = listen_to(listen, site)
    said = crawl(number, module=MADE_UP)[number]
    assert (said["outcome"], said["new"], said["requests"]) == ("ok", 3, 3), said
    assert [query["after"] for _, query in asked] == ["", "1", "2"]
    assert site.headers_of("/v2/reviews")["api-key"] == KEY
    with db.snapshot() as session:
        kept = {etag: url for url, etag in session.execute(sa.select(PageSeen.url, PageSeen.etag))}
    assert set(kept) == {'"0"', '"1"', '"2"'}
    assert len(set(kept.values())) == 3
    assert "/robots.txt" not in [path for path, _ in site.asked]


def test_the_days_quota_holds_for_all_sources_of_the_account_and_after_a_restart(site, listen, crawl, source):
    shop(site, *[[review(n)] for n in range(10)])
    first, second = listen_to(listen, site), listen_to(listen, site, "/")
    said = crawl(first, module=MADE_UP)[first]
    assert (said["outcome"], said["error_kind"], said["new"]) == ("partial", "quota_spent", 6)
    assert crawl(second, module=MADE_UP)[second]["error_kind"] == "quota_spent"
    assert site.counts()["/v2/reviews"] == 6
    row = source(second)
    assert row.error_kind == "quota_spent"
    assert row.next_crawl_at.date() > row.last_crawl_at.date()
    with db.transaction() as session:
        spent = session.scalars(sa.select(QuotaSpent)).one()
        assert (spent.spent, "7" in spent.budget) == (6, True)
        spent.day = spent.day.replace(year=spent.day.year - 1)
    assert (
        crawl(second, module=MADE_UP)[second]["error_kind"] == "quota_spent"
    )  # the same budget, on a day of its own
    assert site.counts()["/v2/reviews"] == 12


def test_sources_of_one_account_are_read_one_after_the_other_wherever_they_stand(site, other, listen, crawl):
    order: list[str] = []
    for name, place in (("one", site), ("two", other)):
        shop(place, [review(1)], [review(2)])
        inner = place.pages["/v2/reviews"]
        place.pages["/v2/reviews"] = lambda request, name=name, inner=inner: (
            order.append(name) or inner(request)
        )
    said = crawl(listen_to(listen, site), listen_to(listen, other), module=MADE_UP)
    assert [line["new"] for line in said.values()] == [2, 2]
    assert order in (["one", "one", "two", "two"], ["two", "two", "one", "one"])


def message(number: int, text: str = "Where is my parcel?") -> dict[str, object]:
    return {
        "update_id": number,
        "message": {
            "message_id": number, "chat": {"id": 5}, "date": 1_795_000_000, "text": text,
            "from": {"id": 11, "name": "Anna K."},
        },
    }  # fmt: skip


def bot_listens(listen, site: Site) -> int:
    return listen(site.address, "messenger_bot", secrets={"token": TOKEN})


def updates(*messages: dict[str, object]) -> Response:
    return Response(json.dumps({"result": list(messages)}), content_type="application/json")


ASKED = f"/bot{TOKEN}/updates?offset=1&timeout=25"


def test_a_token_in_the_address_is_seen_by_the_site_and_by_nobody_else(site, listen, start, source, mentions):
    site.pages[ASKED] = updates(message(1), message(2))
    number = bot_listens(listen, site)
    out, err = start(number, module=MADE_UP, OTKLIK_LOG_LEVEL="DEBUG").communicate(timeout=120)
    assert '"new": 2' in out, err
    assert "/updates?offset=1" in err
    assert TOKEN not in out + err
    assert mentions(number)["5/1"].url == ""
    assert source(number).cursor == {"update": 2}


@pytest.mark.parametrize(
    "answer",
    [
        Response("no such bot", 401),
        Response(status=302, headers={"Location": f"/bot{TOKEN}/elsewhere"}),
        Response(f"<html>/bot{TOKEN}/updates is broken</html>", 500),
        Response("{", headers={"Content-Length": "4096"}),
        Response(b"x" * 6_000_000),
    ],
    ids=["refused", "redirected", "broken", "cut off", "too large"],
)
def test_whatever_goes_wrong_no_secret_is_told(site, listen, start, source, answer):
    site.pages[ASKED] = answer
    number = bot_listens(listen, site)
    process = start(number, module=MADE_UP, OTKLIK_LOG_LEVEL="DEBUG", OTKLIK_CRAWL_MAX_BYTES="5000000")
    out, err = process.communicate(timeout=120)
    row = source(number)
    assert row.error, out
    assert TOKEN not in out + err + row.error
    assert not [path for path, _ in site.asked if "elsewhere" in path]


def test_a_secret_is_not_taken_along_to_another_host(site, other, listen, crawl):
    site.pages["/v2/reviews"] = Response(status=307, headers={"Location": other.url("/v2/reviews")})
    other.pages["/robots.txt"] = "User-agent: *\nAllow: /"
    shop(other, [review(1)])
    crawl(listen_to(listen, site), module=MADE_UP)
    assert site.headers_of("/v2/reviews")["api-key"] == KEY
    assert "/v2/reviews" in other.counts()
    assert all(KEY not in str(headers) for _, headers in other.asked)


@pytest.fixture
def account(brand, site, now) -> int:
    """Of a bot whose token has run out; its site hands out another one."""
    site.pages["/token"] = lambda request: Response("77:fresh" if request.data == TOKEN.encode() else "", 200)
    with db.transaction() as session:
        return accounts.add(
            session, session.get_one(Brand, brand), "messenger_bot", title="Bot", now=now,
            settings_values={"home": site.address}, secrets={"token": TOKEN}, expires_at=now - timedelta(days=1),
        ).id  # fmt: skip


def of_account(listen, account: int, url: str) -> int:
    number = listen(url, "messenger_bot")
    with db.transaction() as session:
        session.get_one(Source, number).account_id = account
    return number


def test_secrets_that_ran_out_are_renewed_once_and_kept_before_they_are_used(site, listen, account, start):
    site.pages["/bot77:fresh/updates?offset=1&timeout=25"] = updates(message(1))
    first, second = (of_account(listen, account, site.url(path)) for path in ("", "/other"))
    site.pages["/bot77:fresh/other/updates?offset=1&timeout=25"] = updates(message(2))
    out, err = start(first, second, module=MADE_UP, OTKLIK_LOG_LEVEL="DEBUG").communicate(timeout=120)
    assert out.count('"new": 1') == 2, out + err
    assert site.counts()["/token"] == 1
    assert not [path for path, _ in site.asked if TOKEN in path]
    assert TOKEN not in out + err
    assert "77:fresh" not in out + err
    with db.snapshot() as session:
        kept = session.get_one(Account, account)
        assert vault.unlock(kept.secrets) == {"token": "77:fresh"}


def test_what_cannot_be_renewed_asks_nobody_else_and_says_so(site, listen, account, crawl):
    site.pages["/token"] = Response("no", 401)
    number = of_account(listen, account, site.address)
    assert crawl(number, module=MADE_UP)[number]["error_kind"] == "unauthorized"
    assert list(site.counts()) == ["/token"]


def test_a_chat_that_moved_is_followed(site, listen, crawl, source):
    move = {"update_id": 1, "message": {"migrate_to_chat_id": -100}}
    site.pages[ASKED] = updates(move, message(2))
    number = bot_listens(listen, site)
    assert crawl(number, module=MADE_UP)[number]["new"] == 1
    assert source(number).settings == {"chat": "-100"}
    with db.snapshot() as session:
        moved = session.scalars(sa.select(Journal).where(Journal.event == "source_moved")).one()
        assert moved.facts == {"source": number}


def test_what_a_marketplace_tells_beside_the_words_is_stored(site, listen, crawl, mentions):
    shop(
        site,
        [review(1, photos=["https://cdn.example/1.jpg"], likes=4, can_answer=False), review(2, answers=1)],
        answers={"r2": [{"id": "a1", "state": "public", "text": "We are sorry."}]},
    )
    number = listen_to(listen, site)
    crawl(number, module=MADE_UP)
    first, second = (mentions(number)[one] for one in ("r1", "r2"))
    assert (first.facts, first.reach) == ({"product": "Kettle", "sku": "k2"}, {"likes": 4})
    assert first.attachments == [
        {"kind": "image", "url": "https://cdn.example/1.jpg", "name": "", "size_bytes": None}
    ]
    assert (first.can_be_answered, first.handle) == (False, {"review": "r1", "shop": "k2"})
    assert (first.answered_at is None, second.answered_at is None) == (True, False)
    shop(site, [review(1, is_deleted=True)])
    crawl(number, module=MADE_UP)
    assert mentions(number)["r1"].withdrawn_at is not None


def test_a_pace_that_another_process_has_used_up_keeps_the_crawl_from_the_api(site, listen, crawl, source):
    shop(site, [review(1)])
    number = listen_to(listen, site)
    assert crawl(number, module=MADE_UP)[number]["outcome"] == "ok"
    with db.transaction() as session:
        turn = session.scalars(sa.select(Pace)).one()
        assert turn.lane == session.scalars(sa.select(QuotaSpent.budget)).one()
        turn.next_at += timedelta(minutes=30)
    said = crawl(number, module=MADE_UP)[number]
    assert (said["error_kind"], site.counts()["/v2/reviews"]) == ("rate_limited", 1)
    row = source(number)
    assert row.next_crawl_at - row.last_crawl_at > timedelta(minutes=25), "it comes back when there is a turn"
