"""WordPress: reading page after page down to what is known, and answering once."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from channels import channel, errors
from channels.contract import Call, Fetch, Page, Parsed, Place, Receipt, Remember, Sighting, Target
from channels.wordpress import api
from tests.channels.conftest import NOW, page_of, parse, remarks, saved, sightings
from tests.channels.sites import WordPressSite
from tests.channels.speaking import check, look, send, wire_for

ROOT = "https://blog.example/wp-json/"
PASSWORD = {"application_password": "abcd efgh"}


def comments(
    *ids: int, page: int = 1, total: int = 1, newest: int = 0, place: Place | None = None
) -> list[Parsed]:
    body = [
        {
            "id": n,
            "post": 1,
            "parent": 0,
            "author": 0,
            "author_name": "A",
            "content": {"rendered": f"c{n}"},
            "link": "",
        }
        for n in ids
    ]
    headers = {"content-type": "application/json", "x-wp-totalpages": str(total)}
    context = {"root": ROOT, "page": page, "newest": newest}
    answer = Page(f"{ROOT}wp/v2/comments", 200, headers, json.dumps(body).encode(), "comments", context, NOW)
    return parse("wordpress", answer, place or Place(ROOT))


def remembered(parts: list[Parsed]) -> dict[str, Any]:
    return {
        name: value for part in parts if isinstance(part, Remember) for name, value in part.values.items()
    }


def fetches(parts: list[Parsed]) -> list[Fetch]:
    return [part for part in parts if isinstance(part, Fetch)]


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://blog.example/wp-json/", "https://blog.example/wp-json/"),
        ("https://blog.example/sub/wp-json/wp/v2/comments?page=2", "https://blog.example/sub/wp-json/"),
        ("https://blog.example/?rest_route=/wp/v2/posts", "https://blog.example/?rest_route=/"),
        ("https://blog.example/sub/?rest_route=/", "https://blog.example/sub/?rest_route=/"),
        ("https://blog.example/wp-json-notes/", None),
        ("https://blog.example/", None),
    ],
)
def test_root_out_of_an_address(url: str, root: str | None) -> None:
    assert api.api_part(url) == root


def test_routes_under_both_kinds_of_root() -> None:
    assert (
        api.endpoint(ROOT, "/wp/v2/comments", page=2) == "https://blog.example/wp-json/wp/v2/comments?page=2"
    )
    plain = api.endpoint("https://blog.example/?rest_route=/", "/wp/v2/comments", page=2)
    assert parse_qs(urlsplit(plain).query) == {"rest_route": ["/wp/v2/comments"], "page": ["2"]}


def test_thread_leads_back_to_the_article() -> None:
    for root in (ROOT, "https://blog.example/sub/?rest_route=/"):
        assert api.post_of(api.thread_of(root, 77)) == 77
    assert api.thread_of(ROOT, 77) == "https://blog.example/?p=77"
    assert api.post_of("https://blog.example/?p=x") is None


def test_reads_comments_as_a_thread() -> None:
    answer, ours, question, old = sightings(
        parse("wordpress", saved("wordpress", "comments.json"), Place(ROOT, {"own_user_ids": "3, 9"}))
    )
    assert (question.external_id, question.parent, question.text) == ("12", None, "Does not work")
    assert (ours.parent, ours.is_by_brand, question.is_by_brand) == ("12", True, False)
    assert answer.text == "Thanks, that “helped” … partly.\nAnna"
    assert question.thread == answer.thread == "https://blog.example/?p=1" != old.thread
    assert answer.thread_title == "Hello & welcome"
    assert question.published_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (old.url, old.published_at, old.thread_title) == ("https://blog.example/?p=2#comment-11", None, "")
    assert old.author and (old.author.name, old.author.url) == ("Bad Bob", None)


def test_start_knows_the_root_or_asks_the_front_page() -> None:
    wordpress = channel("wordpress")
    assert [fetch.role for fetch in wordpress.start(Place(ROOT))] == ["comments"]
    assert [fetch.role for fetch in wordpress.start(Place("https://blog.example/"))] == ["home"]
    known = Place("https://blog.example/", cursor={"api_root": ROOT})
    assert [fetch.role for fetch in wordpress.start(known)] == ["comments"]
    elsewhere = Place("https://blog.example/", cursor={"api_root": "https://evil.example/wp-json/"})
    assert [fetch.role for fetch in wordpress.start(elsewhere)] == ["home"]


@pytest.mark.parametrize("where", ["header", "head"])
def test_front_page_names_the_root(where: str) -> None:
    link = f'<link rel="https://api.w.org/" href="{ROOT}">' if where == "head" else ""
    page = replace(
        page_of(f"<html><head>{link}</head><body>x</body></html>", "https://blog.example/"), role="home"
    )
    if where == "header":
        page = replace(
            page,
            headers={
                **page.headers,
                "link": f'<https://blog.example/x>; rel="next", <{ROOT}>; rel="https://api.w.org/"',
            },
        )
    parts = parse("wordpress", page, Place(page.url))
    assert remembered(parts) == {"api_root": ROOT}
    assert fetches(parts)[0].url.startswith(f"{ROOT}wp/v2/comments?")


def test_front_page_that_is_not_wordpress_or_leads_elsewhere() -> None:
    for body in (
        "<html><body>x</body></html>",
        '<link rel="https://api.w.org/" href="https://evil.example/wp-json/">',
    ):
        with pytest.raises(errors.Unreadable, match="WordPress"):
            parse("wordpress", replace(page_of(body, "https://blog.example/"), role="home"))


def test_first_crawl_reads_all_pages_and_remembers_at_the_end() -> None:
    first = comments(*range(300, 200, -1), page=1, total=3)
    assert fetches(first)[0].context["page"] == 2
    assert fetches(first)[0].context["newest"] == 300
    assert remembered(first) == {}
    last = comments(*range(100, 0, -1), page=3, total=3, newest=300)
    assert fetches(last) == []
    assert remembered(last) == {"last_id": 300}


def test_next_crawl_reads_one_page_again_for_edits() -> None:
    parts = comments(*range(305, 205, -1), page=1, total=4, place=Place(ROOT, cursor={"last_id": 300}))
    assert len(sightings(parts)) == 100
    assert fetches(parts) == []
    assert remembered(parts) == {"last_id": 305}


def test_many_new_comments_are_read_down_to_the_known_one() -> None:
    place = Place(ROOT, cursor={"last_id": 150})
    assert fetches(comments(*range(400, 300, -1), page=1, total=4, place=place))
    assert fetches(comments(*range(300, 200, -1), page=2, total=4, newest=400, place=place))
    third = comments(*range(200, 100, -1), page=3, total=4, newest=400, place=place)
    assert fetches(third) == []
    assert remembered(third) == {"last_id": 400}


def test_limit_of_pages_leaves_a_remark_and_still_goes_forward() -> None:
    parts = comments(
        *range(200, 100, -1), page=2, total=50, newest=300, place=Place(ROOT, {"max_pages": "2"})
    )
    assert fetches(parts) == []
    assert "more than 200 comments" in remarks(parts)[0]
    assert remembered(parts) == {"last_id": 300}


def test_empty_site_and_page_beyond_the_end() -> None:
    assert comments() == []
    body = json.dumps(
        {"code": "rest_post_invalid_page_number", "message": "Too far.", "data": {"status": 400}}
    )
    page = replace(
        page_of(body, content_type="application/json"),
        status=400,
        role="comments",
        context={"root": ROOT, "page": 9, "newest": 7},
    )
    assert remembered(parse("wordpress", page)) == {"last_id": 7}


def test_who_we_are_is_asked_first_and_a_wrong_password_stops_no_listening() -> None:
    wordpress = channel("wordpress")
    place = Place(ROOT, {"username": "agent"}, PASSWORD)
    (me,) = wordpress.start(place)
    assert (me.role, me.access, me.url) == ("me", "account", f"{ROOT}wp/v2/users/me")
    page = replace(page_of('{"id": 3}', me.url, "application/json"), role="me", context=me.context)
    good = parse("wordpress", page, place)
    assert remembered(good) == {"own_user_ids": [3], "own_user": "agent"}
    assert fetches(good)[0].context["own"] == [3]
    bad = parse(
        "wordpress", replace(page, status=401, body=b'{"code":"rest_not_logged_in","message":"no"}'), place
    )
    assert "does not accept" in remarks(bad)[0]
    assert fetches(bad)[0].role == "comments"
    known = replace(place, cursor=remembered(good))
    assert [fetch.role for fetch in wordpress.start(known)] == ["comments"]
    successor = replace(known, settings={"username": "successor"})
    assert [fetch.role for fetch in wordpress.start(successor)] == ["me"]
    assert remembered(parse("wordpress", replace(page, body=b'{"id": 8}'), successor))["own_user_ids"] == [
        3,
        8,
    ]


def test_password_goes_into_a_header_and_nowhere_else() -> None:
    place = Place(ROOT, {"username": "agent"}, PASSWORD)
    proven = channel("wordpress").authorize(place, Call(ROOT), NOW)
    assert proven.headers == {"authorization": "Basic YWdlbnQ6YWJjZCBlZmdo"}
    assert "abcd" not in repr(place)
    with pytest.raises(errors.Unauthorized, match="application password"):
        channel("wordpress").authorize(Place(ROOT), Call(ROOT), NOW)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, "rest_no_route", errors.NotFound),
        (401, "rest_cannot_access", errors.Unauthorized),
        (403, "rest_forbidden", errors.Unauthorized),
    ],
)
def test_closed_api_is_told_in_the_sites_words(status: int, code: str, expected: type[Exception]) -> None:
    body = json.dumps({"code": code, "message": "REST is <b>off</b> here", "data": {"status": status}})
    with pytest.raises(expected, match="REST is off here"):
        parse(
            "wordpress",
            replace(page_of(body, content_type="application/json"), status=status, role="comments"),
        )


def test_warnings_of_php_before_the_json_are_forgiven() -> None:
    body = b"\xef\xbb\xbf<br />\n<b>Warning</b>: something\n" + saved("wordpress", "comments-ru.json").body
    assert len(sightings(parse("wordpress", saved("wordpress", "comments-ru.json", body=body)))) == 2


def test_recognises_a_site_by_its_page_and_by_its_index() -> None:
    wordpress = channel("wordpress")
    page = page_of(
        f'<html><head><title>My blog</title><link rel="https://api.w.org/" href="{ROOT}"></head><body></body></html>',
        "https://blog.example/about",
    )
    assert (wordpress.recognise(page).url, wordpress.recognise(page).title) == (ROOT, "My blog")
    index = page_of('{"name": "My &amp; blog", "namespaces": ["wp/v2"]}', ROOT, "application/json")
    assert (wordpress.recognise(index).url, wordpress.recognise(index).title) == (ROOT, "My & blog")
    feed = page_of("<rss version='2.0'><channel/></rss>", "https://blog.example/feed/", "application/rss+xml")
    linked = replace(feed, headers={**feed.headers, "link": f'<{ROOT}>; rel="https://api.w.org/"'})
    assert wordpress.recognise(linked).confidence < 0.9 < wordpress.recognise(page).confidence
    assert wordpress.recognise(page_of("<html></html>")) is None


# Answers, against a local site that behaves as WordPress 6.5 was seen to.


def test_all_comments_are_met_once_over_http() -> None:
    with WordPressSite() as site:
        site.comments = [{**site.comments[0], "id": n} for n in range(1, 251)]
        seen = _crawl(site)
        assert sorted(int(each.external_id) for each in seen) == list(range(1, 251))


def _crawl(site: WordPressSite) -> list[Sighting]:
    found: list[Sighting] = []
    waiting = [*channel("wordpress").start(Place(f"{site.url}/"))]
    while waiting:
        fetch = waiting.pop()
        with wire_for(Place("")) as wire:
            answer = wire.ask(Call(fetch.url))
        page = Page(answer.url, answer.status, answer.headers, answer.body, fetch.role, fetch.context, NOW)
        parts = parse("wordpress", page, Place(f"{site.url}/"))
        found += sightings(parts)
        waiting += fetches(parts)
    return found


def test_plain_permalinks_and_an_address_that_is_only_the_site() -> None:
    with WordPressSite(is_plain=True) as site:
        place = replace(site.place, url=f"{site.url}/")
        receipt = send("wordpress", place, site.target, "We are on it.")
        assert receipt.external_id == "101"
        assert site.taken == [{"post": 1, "parent": 12, "content": "We are on it."}]


def test_article_is_looked_up_when_the_thread_does_not_name_it() -> None:
    with WordPressSite() as site:
        send("wordpress", site.place, Target("13", site.url), "Hello")
        assert site.taken[0] == {"post": 1, "parent": 13, "content": "Hello"}
        with pytest.raises(errors.NotFound, match="nothing was sent"):
            send("wordpress", site.place, Target("999", site.url), "Hello")
        with pytest.raises(errors.Refused, match="not the number"):
            send("wordpress", site.place, Target("../users", site.url), "Hello")


def test_text_is_sent_as_text() -> None:
    with WordPressSite() as site:
        send("wordpress", site.place, site.target, "1 < 2 & <b>so</b>")
        assert site.taken[0]["content"] == "1 &lt; 2 &amp; &lt;b&gt;so&lt;/b&gt;"


def test_duplicate_of_a_held_answer_is_pending() -> None:
    with WordPressSite(mode="hold") as site:
        send("wordpress", site.place, site.target, "We are on it.")
        again = send("wordpress", site.place, site.target, "We are on it.")
        assert again == Receipt(None, site.target.url, "held")


def test_redirect_is_never_followed_with_an_answer() -> None:
    with WordPressSite() as target, WordPressSite() as site:
        site.page = lambda request: _moved(f"{target.url}{request.full_path}")  # type: ignore[method-assign]
        with pytest.raises(errors.Refused, match="redirects"):
            send("wordpress", site.place, site.target, "We are on it.")
        with pytest.raises(errors.ChannelError):
            check("wordpress", site.place)
        assert target.requests == []


def _moved(url: str) -> Any:
    from werkzeug.utils import redirect

    return redirect(url, 307)


def test_answer_edited_on_the_site_is_still_visible() -> None:
    with WordPressSite() as site:
        receipt = send("wordpress", site.place, site.target, "We are on it.")
        site.comments[-1]["content"] = {"rendered": "<p>We were on it.</p>"}
        seen = look("wordpress", site.place, site.target, "We are on it.", receipt)
        assert (seen.outcome, str(seen.reason)) == ("visible", "The text was changed there.")


def test_api_closed_to_strangers_and_caches_leave_it_open() -> None:
    with WordPressSite() as site:
        receipt = send("wordpress", site.place, site.target, "We are on it.")
        site.is_closed_to_strangers = True
        seen = look("wordpress", site.place, site.target, "We are on it.", receipt)
        assert seen.outcome == "cannot_tell"
        assert "Only authenticated users" in str(seen.reason)
    with WordPressSite() as cached:
        cached.page = lambda _request: _empty_from_cache()  # type: ignore[method-assign]
        seen = look("wordpress", cached.place, cached.target, "We are on it.", None)
        assert (seen.outcome, "cache" in str(seen.reason)) == ("cannot_tell", True)


def _empty_from_cache() -> Any:
    from werkzeug import Response

    return Response("[]", headers={"Age": "300"}, mimetype="application/json")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, "slow down", errors.RateLimited),
        (400, '{"code":"comment_flood","message":"You are posting too quickly."}', errors.RateLimited),
        (403, "<html><title>Attention required</title>captcha</html>", errors.Blocked),
        (403, '{"code":"rest_comment_trash_post","message":"Trash"}', errors.Refused),
        (404, '{"code":"rest_no_route","message":"No route"}', errors.NotFound),
        (400, '{"code":"rest_comment_content_invalid","message":"Empty"}', errors.Refused),
        (500, "<h1>Critical error</h1>", errors.Unknown),
        (502, '{"code":"internal_server_error","message":"Critical"}', errors.Unknown),
        (200, "<html>Welcome</html>", errors.Unknown),
        (201, "[]", errors.Unknown),
    ],
)
def test_what_an_answer_of_the_site_means(status: int, body: str, expected: type[Exception]) -> None:
    from werkzeug import Response

    with WordPressSite() as site:
        site.page = lambda _request: Response(body, status, mimetype="text/html")  # type: ignore[method-assign]
        with pytest.raises(expected):
            send("wordpress", site.place, site.target, "We are on it.")
        assert site.posted == 1


@pytest.mark.parametrize(
    ("user", "ids", "wanted"),
    [
        (3, "3, 9", True),
        (4, "3, 9", False),
        (0, "3, 9", False),
        (0, "", False),
        (4, "", None),
        ("3", "3", True),  # a site that writes numbers as text
    ],
)
def test_a_name_is_no_proof_of_whose_comment_it_is(user: object, ids: str, wanted: bool | None) -> None:
    """A number of ours is; a guest has none; of a user while we know no number, the desk compares the names."""
    comment = {
        "id": 1, "post": 1, "author": user, "author_name": "Acme team", "date_gmt": "2026-11-20T08:00:00",
        "content": {"rendered": "<p>Hi</p>"}, "link": "https://blog.example/#comment-1", "status": "approved",
    }  # fmt: skip
    page = replace(saved("wordpress", "comments.json"), body=json.dumps([comment]).encode())
    [seen] = sightings(parse("wordpress", page, Place(ROOT, {"own_user_ids": ids}, own_names=("Acme team",))))
    assert seen.is_by_brand is wanted
