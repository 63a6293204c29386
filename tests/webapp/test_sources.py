"""Listening: an address becomes a source in one box, its health is told in words, and its credentials never come back."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug import Request, Response

from desk.base import db, settings, vault
from desk.base.sentences import Sentence
from desk.base.words import CrawlOutcome, SourceState
from desk.models import Source
from desk.pipeline import brand_setup
from desk.sources import crawls
from tests.crawler.site import Site, serve
from tests.world import desk as world
from tests.world import rows

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Чайники</title><link>http://x.example/</link><description>d</description>
{items}</channel></rss>"""
ITEM = (
    "<item><title>Отзыв {n}</title><guid isPermaLink='false'>g{n}</guid><link>http://x.example/{n}</link>"
    "<description>&lt;script&gt;alert({n})&lt;/script&gt;текст номер {n}</description>"
    "<pubDate>Tue, {n:02d} Nov 2026 10:00:00 GMT</pubDate></item>"
)


@pytest.fixture
def site(home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "true")
    settings.current.cache_clear()
    with serve({"/feed": FEED.format(items="".join(ITEM.format(n=n) for n in range(1, 8)))}) as running:
        yield running


@pytest.fixture
def brand(people: object, now) -> int:
    with db.transaction() as session:
        return brand_setup.create(session, "Заря", time_zone="Europe/Moscow", now=now).id


@pytest.fixture
def lead(sign_in: Callable[..., FlaskClient], brand: int) -> FlaskClient:
    return sign_in("lead")


@pytest.fixture
def listen(brand: int, now) -> Callable[..., int]:
    def add(url: str = "https://shop.example/p", kind: str = "schema_org", **facts: object) -> int:
        return world.listen(url, kind, title="Shop", now=now, **facts)

    return add


def stored(source_id: int) -> Source:
    with db.snapshot() as session:
        source = session.get_one(Source, source_id)
        session.expunge_all()
        return source


def report(source_id: int, now, **facts: object) -> None:
    with db.transaction() as session:
        crawl = crawls.start_crawl(session, source_id, now)
        crawls.finish_crawl(session, crawl.id, crawls.CrawlReport(**facts), now)


def test_an_address_is_recognised_previewed_and_only_then_saved(
    lead: FlaskClient, site: Site, brand: int
) -> None:
    page = lead.post("/sources/new", data={"url": site.url("/feed"), "brand": brand}).text
    assert "Feed (RSS, Atom)" in page
    assert page.count('data-test="said"') == 5
    assert page.index("текст номер 7") < page.index("текст номер 3")
    assert "<script>alert" not in page
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Source)) == 0
    answer = lead.post(
        "/sources",
        data={
            "url": site.url("/feed"),
            "kind": "rss",
            "brand": brand,
            "title": "Чайники",
            "interval": "900",
            "accepts_replies": "1",
        },
    )
    source = stored(int(answer.location.rsplit("/", 1)[1]))
    assert (source.kind, source.title, source.interval_seconds) == ("rss", "Чайники", 900)


def test_saving_the_same_address_twice_leads_to_the_first(lead: FlaskClient, site: Site, brand: int) -> None:
    form = {"url": site.url("/feed"), "kind": "rss", "brand": brand, "title": "Once"}
    assert lead.post("/sources", data=form).location == lead.post("/sources", data=form).location


def test_where_nothing_can_be_heard_the_page_says_why(lead: FlaskClient, site: Site, brand: int) -> None:
    page = lead.post("/sources/new", data={"url": site.url("/nowhere"), "brand": brand}).text
    assert 'data-test="cannot-listen"' in page
    assert "Not found" in page
    assert 'data-test="save"' not in page


@pytest.mark.parametrize("kind", ["", "rss"])
def test_what_robots_txt_forbids_is_said_before_anything_is_read(
    lead: FlaskClient, site: Site, brand: int, kind: str
) -> None:
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /feed\n"
    page = lead.post("/sources/new", data={"url": site.url("/feed"), "brand": brand, "kind": kind}).text
    assert 'data-test="cannot-listen"' in page
    assert "line 2: Disallow: /feed" in page
    assert "import the reviews from a file" in page
    assert 'data-test="save"' not in page
    assert [path for path, _ in site.asked] == ["/robots.txt"], "one reading, and nothing but it"


def test_robots_txt_is_read_once_for_a_look_and_its_preview(
    lead: FlaskClient, site: Site, brand: int
) -> None:
    site.pages["/robots.txt"] = "User-agent: *\nDisallow: /cart\n"
    page = lead.post("/sources/new", data={"url": site.url("/feed"), "brand": brand}).text
    assert page.count('data-test="said"') == 5
    assert [path for path, _ in site.asked].count("/robots.txt") == 1


def test_a_private_address_is_neither_looked_at_nor_saved(lead: FlaskClient, brand: int) -> None:
    with serve({"/feed": FEED.format(items="")}) as inside:
        page = lead.post("/sources/new", data={"url": inside.url("/feed"), "brand": brand}).text
        saved = lead.post("/sources", data={"url": inside.url("/feed"), "kind": "rss", "brand": brand})
        assert inside.asked == []
    assert "Access forbidden" in page
    assert saved.status_code == 422


def test_no_transaction_is_open_while_the_site_answers(lead: FlaskClient, site: Site, brand: int) -> None:
    held: list[bool] = []

    def answer(_request: Request) -> Response:
        with (
            db.transaction() as session
        ):  # would wait for thirty seconds and fail, were the request holding the lock
            session.execute(sa.text("UPDATE brands SET name = name"))
            held.append(False)
        return Response(FEED.format(items=ITEM.format(n=1)), content_type="application/rss+xml")

    site.pages["/feed"] = answer
    assert "текст номер 1" in lead.post("/sources/new", data={"url": site.url("/feed"), "brand": brand}).text
    assert held


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("blocked", "blocked by the site"),
        ("not_found", "not found"),
        ("markup_changed", "page layout has changed"),
        ("something_new", "an error in Otklik"),
    ],
)
def test_health_is_told_in_words_with_what_to_do(
    lead: FlaskClient, listen, now, kind: str, words: str
) -> None:
    source_id = listen()
    report(source_id, now, outcome=CrawlOutcome.FAILED, error_kind=kind, error="Their <b>own</b> words.")
    listed, page = lead.get("/sources").text, lead.get(f"/sources/{source_id}").text
    assert words in listed
    assert words in page
    assert "Their &lt;b&gt;own&lt;/b&gt; words." in page


def test_every_error_of_the_channels_has_words() -> None:
    from channels import errors
    from webapp.wording.sources import TROUBLES

    # Only the family itself: whoever has imported the crawler knows one more, for its own faults.
    found = [*errors.ChannelError.__subclasses__()]
    family = [
        one
        for one in [*found, *(deeper for one in found for deeper in one.__subclasses__())]
        if one.__module__ == errors.__name__
    ]
    assert {one.kind for one in family} - {"refused", "unknown", "too_long", "already_answered"} == set(
        TROUBLES
    )


def test_a_failure_that_left_something_read_is_told_apart(lead: FlaskClient, listen, now) -> None:
    report(
        listen(), now, outcome=CrawlOutcome.PARTIAL, error_kind="unreadable", error="Page 2 is cut.", items=3
    )
    assert "partly read: cannot be read" in lead.get("/sources").text


def test_new_mentions_are_counted_by_the_readers_day(lead: FlaskClient, listen, now) -> None:
    source_id = listen()
    with db.transaction() as session:
        of = session.get_one(Source, source_id)
        for hours in (1, 2, 30):
            rows.mention(session, of, collected_at=now - timedelta(hours=hours), published_at=now)
    assert "3 new in 14 days, 2 of them today" in lead.get("/sources").text


def test_pausing_resuming_and_reading_now(lead: FlaskClient, listen, now) -> None:
    source_id = listen()
    lead.post(f"/sources/{source_id}/pause")
    assert stored(source_id).state is SourceState.PAUSED
    assert lead.post(f"/sources/{source_id}/crawl").status_code == 422
    lead.post(f"/sources/{source_id}/resume")
    report(source_id, now, outcome=CrawlOutcome.OK)
    assert stored(source_id).next_crawl_at > now
    assert lead.post(f"/sources/{source_id}/crawl", data={"back": "page"}).location == f"/sources/{source_id}"
    assert stored(source_id).next_crawl_at == now + timedelta(minutes=1), "not twice within a minute"


@pytest.mark.parametrize("who", ["agent", "analyst"])
def test_who_may_not_change_sources_reads_them(sign_in, listen, brand: int, who: str) -> None:
    source_id, browser = listen(), sign_in(who)
    assert 'data-test="source-settings"' not in browser.get(f"/sources/{source_id}").text
    assert browser.get("/sources").status_code == 200
    assert browser.get("/sources/new").status_code == 403
    for path in ("/sources", "/sources/new", f"/sources/{source_id}/pause", f"/sources/{source_id}/settings"):
        assert browser.post(path, data={"title": "mine", "url": "x"}).status_code == 403
    assert stored(source_id).state is SourceState.ACTIVE


def test_credentials_are_kept_sealed_and_never_shown(lead: FlaskClient, listen) -> None:
    source_id = listen("https://blog.example/", "wordpress")
    form = {
        "title": "Blog",
        "interval": "900",
        "field-username": "otklik",
        "field-application_password": "abcd efgh ",
    }
    lead.post(f"/sources/{source_id}/settings", data=form)
    assert vault.unlock(stored(source_id).secrets) == {"application_password": "abcd efgh "}
    page = lead.get(f"/sources/{source_id}").text
    assert "abcd" not in page
    assert "Stored. Leave it empty to keep it." in page
    lead.post(f"/sources/{source_id}/settings", data={**form, "field-application_password": ""})
    assert vault.unlock(stored(source_id).secrets) == {"application_password": "abcd efgh "}
    lead.post(
        f"/sources/{source_id}/settings",
        data={**form, "field-application_password": "", "forget": "application_password"},
    )
    assert stored(source_id).secrets is None


def test_a_wrong_setting_is_said_beside_its_field(lead: FlaskClient, listen) -> None:
    source_id = listen()
    answer = lead.post(f"/sources/{source_id}/settings", data={"title": " ", "interval": "900"})
    assert answer.status_code == 422
    assert "Enter a name." in answer.text
    assert stored(source_id).title == "Shop"


def test_checking_asks_the_site_with_what_is_stored(lead: FlaskClient, listen, site: Site) -> None:
    def me(request: Request) -> Response:
        is_right = request.authorization is not None and request.authorization.password == "right"
        if is_right:
            return Response(
                '{"id": 7, "name": "otklik", "capabilities": {"moderate_comments": true}}',
                content_type="application/json",
            )
        return Response(
            '{"code": "incorrect_password", "message": "Nope"}', 401, content_type="application/json"
        )

    root = '{"name": "Blog", "namespaces": ["wp/v2"], "routes": {}}'
    site.pages["/wp-json/"] = Response(root, content_type="application/json")
    for path in ("/wp-json/wp/v2/users/me", "/wp-json/wp/v2/users/me?context=edit"):
        site.pages[path] = me
    source_id = listen(
        site.url("/wp-json/"),
        "wordpress",
        settings_values={"username": "otklik"},
        secrets={"application_password": "wrong"},
    )
    refused = lead.post(f"/sources/{source_id}/check").text
    assert "Credentials rejected" in refused
    assert "wrong" not in refused.split('data-test="check-result"')[1][:600]
    with db.transaction() as session:
        session.get_one(Source, source_id).secrets = vault.lock({"application_password": "right"})
    assert "accepts these credentials" in lead.post(f"/sources/{source_id}/check").text


@pytest.mark.parametrize("column", ["settings", "cursor"])
@pytest.mark.parametrize("stored", ["{not json", "", "[]", "\x00"])
def test_a_row_damaged_by_hand_says_so_and_stops_no_other(
    lead: FlaskClient, listen: Callable[..., int], column: str, stored: str
) -> None:
    broken, whole = listen("https://shop.example/a"), listen("https://shop.example/b")
    with db.transaction() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL takes no JSON that is none")
        session.execute(
            sa.text(f"UPDATE sources SET {column} = :s WHERE id = :i"), {"s": stored, "i": broken}
        )
    page = lead.get("/sources").text
    rows_of = {
        one: page.partition(f'data-test="source-{one}"')[2].partition("</tr>")[0] for one in (broken, whole)
    }
    assert "settings damaged" in rows_of[broken]
    assert "settings damaged" not in rows_of[whole]
    assert "not crawled yet" in rows_of[whole]


def test_an_empty_list_says_what_to_do(lead: FlaskClient, sign_in) -> None:
    assert "No sources yet" in lead.get("/sources").text
    assert "Источников пока нет" in sign_in("analyst", "ru").get("/sources").text


def test_readings_are_listed_with_their_remarks_in_pages(lead: FlaskClient, listen, now) -> None:
    source_id = listen()
    for number in range(35):
        report(
            source_id,
            now + timedelta(minutes=number),
            outcome=CrawlOutcome.OK,
            items=number,
            remarks=["A <i>line</i>."],
        )
    page = lead.get(f"/sources/{source_id}").text
    assert page.count("A &lt;i&gt;line&lt;/i&gt;.") == 30
    older = page.split('class="pager"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert lead.get(older).text.count("A &lt;i&gt;line&lt;/i&gt;.") == 5


def test_a_reader_of_russian_is_told_in_russian(lead: FlaskClient, listen, now) -> None:
    source_id = listen()
    error = Sentence("The site has no such page (404).", "На сайте нет такой страницы (404).")
    remark = Sentence("Entry 5 was cut.", "Запись 5 обрезана.")
    facts = {"error_kind": "not_found", "error": error, "remarks": (remark, "An old remark.")}
    report(source_id, now, outcome=CrawlOutcome.FAILED, **facts)
    english = lead.get(f"/sources/{source_id}").text
    assert "The site has no such page (404)." in english and "Entry 5 was cut." in english
    lead.set_cookie("locale", "ru")
    russian = lead.get(f"/sources/{source_id}").text
    assert '<q lang="ru" data-test="source-error">На сайте нет такой страницы (404).</q>' in russian
    assert (
        '<li lang="ru">Запись 5 обрезана.</li>' in russian and '<li lang="en">An old remark.</li>' in russian
    )
    assert "no such page" not in russian


def test_what_cannot_be_read_is_said_in_the_language_of_the_page(
    lead: FlaskClient, site: Site, brand: int
) -> None:
    lead.set_cookie("locale", "ru")
    page = lead.post("/sources/new", data={"url": site.url("/nothing"), "brand": brand}).text
    assert "На сайте нет такой страницы (404)." in page
