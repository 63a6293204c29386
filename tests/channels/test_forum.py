"""Forums: the form is filled in as a browser would, once, and the answer is found where it stands."""

import pytest

from channels import errors
from channels.contract import Place, Target
from channels.forum.form import find_form
from channels.reading import urls, visible_text
from tests.channels.conftest import parse, saved, sightings
from tests.channels.sites import ForumSite
from tests.channels.speaking import check, look, send


def form_of(markup: str, selector: str = "", url: str = "https://forum.example/t/1") -> object:
    return find_form(urls.parse_html(f"<html><body>{markup}</body></html>"), url, "utf-8", selector)


def test_reads_the_feed() -> None:
    question, answer = sightings(parse("forum", saved("forum", "feed-ru.atom")))
    assert answer.parent == question.external_id
    assert answer.thread == question.thread == "https://kuhnya.example/t/10"


def test_form_is_sent_with_its_hidden_fields_and_its_button() -> None:
    with ForumSite() as site:
        receipt = send("forum", site.place, site.target, "We are on it.")
        assert site.taken == [{"csrf": "t0ken", "name": "Заря", "message": "We are on it.", "go": "1"}]
        assert receipt.external_id == "urn:post:3"
        assert receipt.url == f"{site.url}/t/1#post-3"


def test_forum_in_windows_1251() -> None:
    with ForumSite(encoding="windows-1251") as site:
        receipt = send("forum", site.place, site.target, "Здравствуйте, ёлки!")
        assert site.taken[0]["message"] == "Здравствуйте, ёлки!"
        assert receipt.url == f"{site.url}/t/1#post-3"


def test_parent_field_names_the_post_that_is_answered() -> None:
    with ForumSite(form_extra="<input type=hidden name=reply_to>") as site:
        send("forum", site.place, Target("urn:post:2", f"{site.url}/t/1#post-2", f"{site.url}/t/1"), "Hello")
        assert site.taken[0]["reply_to"] == "2"


def test_multipart_form() -> None:
    with ForumSite() as site:
        original = site._html
        site._html = lambda head, body, status=200: original(
            head, body.replace("method=post", "method=post enctype=multipart/form-data"), status
        )  # type: ignore[method-assign]
        send("forum", site.place, site.target, "Ответ & «кавычки»")
        assert site.taken[0]["message"] == "Ответ & «кавычки»"


def test_answer_longer_than_the_form_takes_is_not_sent() -> None:
    with ForumSite() as site:
        with pytest.raises(errors.Refused, match="at most 500 characters; the answer has 501"):
            send("forum", site.place, site.target, "x" * 501)
        assert site.posted == 0


def test_captcha_is_for_a_person() -> None:
    with ForumSite(form_extra="<div class=g-recaptcha></div>") as site:
        with pytest.raises(errors.Blocked, match="captcha"):
            send("forum", site.place, site.target, "Hello")
        assert site.posted == 0


def test_topic_that_is_gone_takes_no_answer() -> None:
    with ForumSite() as site:
        with pytest.raises(errors.NotFound):
            send("forum", site.place, Target("x", f"{site.url}/t/404"), "Hello")
        assert look("forum", site.place, Target("x", f"{site.url}/t/404"), "Hello", None).outcome == "missing"


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<p>closed</p>", "no reply form"),
        ("<form><textarea name=q></textarea></form>", "no reply form"),
        ("<form method=post><textarea></textarea></form>", "no reply form"),
    ],
)
def test_page_without_a_usable_form(markup: str, said: str) -> None:
    with pytest.raises(errors.Unreadable, match=said):
        form_of(markup)


def test_form_that_sends_elsewhere_is_refused() -> None:
    form = form_of("<form method=post action='https://evil.example/'><textarea name=t></textarea></form>")
    with pytest.raises(errors.Refused, match="another site"):
        form.fill("Hello", {}, "")  # type: ignore[attr-defined]


def test_selector_chooses_among_forms() -> None:
    two = "<form method=post action=/a><textarea name=a></textarea></form><form id=r method=post action=/b><textarea name=b></textarea></form>"
    assert form_of(two).fill("x", {}, "").content == b"a=x"  # type: ignore[attr-defined]
    assert form_of(two, "#r").fill("x", {}, "").content == b"b=x"  # type: ignore[attr-defined]
    with pytest.raises(errors.Unreadable, match="CSS selector"):
        form_of(two, "##")


def test_fields_by_their_names_in_the_settings() -> None:
    form = form_of(
        "<form method=post><input name=who><input name=name><textarea name=a></textarea><textarea name=b></textarea></form>"
    )
    filled = form.fill("x", {"text_field": "b", "name_field": "who", "name": "Z"}, "")  # type: ignore[attr-defined]
    assert filled.content == b"name=&a=&b=x&who=Z"
    with pytest.raises(errors.Unreadable, match="nope"):
        form.fill("x", {"text_field": "nope"}, "")  # type: ignore[attr-defined]


def stands(markup: str, text: str, name: str = "") -> bool:
    return visible_text.find(urls.parse_html(f"<html><body>{markup}</body></html>"), text, name) is not None


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<div id=p1><b>Zarya</b><p>We are “on it” — really…</p></div>", True),
        ("<div id=p1><b>Zarya</b><p>We are</p><p>&quot;on it&quot; - really</p></div>", True),
        (
            "<div id=p1><b>Ann</b><p>We are on it, really</p></div><div id=p2><b>Zarya</b><p>Bye</p></div>",
            False,
        ),
        ("<div id=p1><b>Zarya</b><blockquote>We are on it, really</blockquote><p>no</p></div>", False),
        ("<form><b>Zarya</b><textarea>We are on it, really</textarea></form>", False),
        ("<div hidden>Zarya <p>We are on it, really</p></div>", False),
        ("<div style='display: none'>Zarya <p>We are on it, really</p></div>", False),
        ("<script>Zarya: We are on it, really</script>", False),
        ("<table><tr id=p9><td>Zarya</td><td>We are on it, really</td></tr></table>", True),
    ],
)
def test_text_stands_only_where_a_stranger_reads_it(markup: str, expected: bool) -> None:
    assert stands(markup, 'We are "on it" -- really...', "Zarya") is expected


def test_page_made_to_waste_time_is_given_up() -> None:
    with pytest.raises(errors.Unreadable, match="too long to be searched"):
        stands("<div>" + "<p>da</p>" * 20_000 + "</div>", "da", "Zarya")


def test_text_is_found_on_a_later_page_of_the_topic() -> None:
    from werkzeug import Response

    pages = {
        "/t/1": "<p>one</p><a rel=next href='/t/1?page=2'>2</a>",
        "/t/1?page=2": "<div id=p7>Заря: <p>Done at last.</p></div>",
    }
    with ForumSite() as site:
        site.page = lambda request: Response(
            pages[request.full_path.rstrip("?")],
            mimetype="text/html",
            content_type="text/html; charset=utf-8",
        )  # type: ignore[method-assign]
        seen = look("forum", site.place, site.target, "Done at last.", None)
        assert (seen.outcome, seen.url) == ("visible", f"{site.url}/t/1?page=2#p7")


def test_check_needs_a_name_and_a_topic() -> None:
    with ForumSite() as site:
        site.posts = []
        with pytest.raises(errors.Unreadable, match="no topics yet"):
            check("forum", site.place)
    with pytest.raises(errors.Unauthorized, match="name to sign with"):
        check("forum", Place("http://127.0.0.1:9/feed"))


def test_robot_check_in_place_of_the_topic_leaves_it_open() -> None:
    from werkzeug import Response

    with ForumSite() as site:
        site.page = lambda _request: Response(
            "<title>x</title>Please complete the captcha", mimetype="text/html"
        )  # type: ignore[method-assign]
        assert look("forum", site.place, site.target, "Hello there", None).outcome == "cannot_tell"
