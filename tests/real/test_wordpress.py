"""The whole loop against a real WordPress: comments are collected, answered in public, seen there, and counted."""

import html
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from desk.replies import approvals, looks
from tests.processes import free_port
from tests.real import wordpress

pytestmark = [
    pytest.mark.real, pytest.mark.processes, pytest.mark.xdist_group("wordpress"), pytest.mark.timeout(600)
]  # fmt: skip

BROKEN = "Лампа сломалась через неделю, магазин не отвечает. Верните деньги!"
LATE = "My order is three weeks late and nobody answers my letters. This is terrible service."
ANSWER = (
    "Анна, нам очень жаль. Напишите номер заказа на care@lumen.example: вернём деньги <сегодня> & извинимся."
)


def _connect(otklik, site, staff, password=None):
    return otklik.listen(
        site.address, "--set", f"username={staff.login}", "--secret", f"application_password={password or staff.password}"
    )  # fmt: skip


def _comments(site, **query):
    """As anybody may ask, without a name."""
    return httpx.get(
        f"{site.address}/wp-json/wp/v2/comments", params={"per_page": 100, **query}, timeout=30
    ).json()


def test_from_a_guests_comment_to_an_answer_that_strangers_read(site, bare):
    otklik, care = bare, site.hire("care", "Lumen Care")
    lamp, order = site.write("Lamp L1"), site.write("Delivery")
    broken = site.comment(lamp, "Анна К.", BROKEN)
    late = site.comment(order, "John", "<b>My order</b> is three weeks late &amp; nobody answers my letters.")
    thanks = site.comment(
        order, "Mary", "Mine came in two days, thank you so much, I love it!", comment_parent=late
    )
    hostile = site.comment_unclean(
        lamp, "Eve", 'It stinks of plastic<script>alert("x")</script> <img src=x onerror=alert(1)>'
    )
    held = site.comment_held(lamp, "Zoe", "The switch is loose and it does not work.")

    otklik.run("db", "upgrade")
    otklik.run("brand", "add", "Lumen", "--own-name", "Lumen Care", "--time-zone", "Europe/Moscow")
    source = _connect(otklik, site, care)
    assert "The site accepts the credentials." in otklik.run("source", "check", str(source))
    crawled = otklik.crawl(source)
    assert (crawled["outcome"], crawled["new"], crawled["remarks"]) == ("ok", 4, 0)
    otklik.work()

    mentions = otklik.mentions()
    assert set(mentions) == {str(number) for number in (broken, late, thanks, hostile)}
    assert str(held) not in mentions
    said = mentions[str(broken)]
    assert (said["text"], said["author"], said["language"], said["intent"]) == (
        BROKEN,
        "Анна К.",
        "ru",
        "complaint",
    )
    assert said["published_at"] == "2026-11-19T08:00:00+00:00"
    assert site.visit(said["url"].removeprefix(site.address)).status_code == 200
    assert mentions[str(late)]["text"] == "My order is three weeks late & nobody answers my letters."
    assert "<" not in mentions[str(hostile)]["text"] and "alert" not in mentions[str(hostile)]["text"]
    assert mentions[str(thanks)]["intent"] == "praise"

    (case,) = [row for row in otklik.rows("case", "list") if row["mention_id"] == said["id"]]
    assert (case["team"], case["status"]) == ("service", "open")
    reply = otklik.answer(broken, ANSWER)
    otklik.work()

    sent = otklik.reply(reply)
    assert (sent.state, sent.error) == ("verified", None)
    (public,) = [one for one in _comments(site) if one["parent"] == broken]
    assert (str(public["id"]), public["author"], public["author_name"]) == (
        sent.external_id,
        care.id,
        "Lumen Care",
    )
    assert sent.url == public["link"]
    assert "вернём деньги &lt;сегодня&gt; &amp; извинимся" in site.page(lamp)
    assert otklik.case(reply).status == "answered"

    again = otklik.crawl(source)
    assert (again["new"], again["edited"]) == (1, 0), "our own answer is met, and nothing twice"
    after = otklik.mentions()
    assert after.keys() == mentions.keys()
    assert after[str(broken)]["answered"] is True
    assert list(otklik.mentions("--own")) == [sent.external_id]
    assert site.comments_saying("нам очень жаль") == 1


def test_a_second_crawl_reads_what_is_new_and_what_was_changed(site, otklik):
    post = site.write("Lamp L1")
    first = site.comment(post, "Anna", BROKEN)
    site.fill(post, 203)
    held = site.comment_held(post, "Zoe", "The switch is loose.", "2026-11-19 08:30:00")
    source = otklik.listen(site.address)
    assert otklik.crawl(source)["new"] == 204
    assert otklik.crawl(source) | {"requests": 2} == {
        "source": source, "title": "Lumen", "outcome": "ok", "items": 100, "new": 0, "edited": 0, "requests": 2,
        "error": None, "remarks": 0,
    }  # fmt: skip

    late = site.comment(post, "Ivan", "И у меня перегорела.", comment_parent=first)
    site.one("wp_set_comment_status", held, "approve")
    changed = int(site.one("get_comments", {"number": 1, "search": "number 203"})[0]["comment_ID"])
    site.one("wp_update_comment", {"comment_ID": changed, "comment_content": "I was wrong, it works."})
    row = otklik.crawl(source)
    assert (row["new"], row["edited"], row["items"]) == (2, 1, 100)
    assert otklik.wordings(changed) == ["Comment number 203.", "I was wrong, it works."]
    assert otklik.mention(held).published_at.isoformat() == "2026-11-19T08:30:00+00:00"
    assert (otklik.mention(late).parent, otklik.mention(late).thread) == (
        str(first),
        otklik.mention(first).thread,
    )


def _post_of(otklik, comment):
    return int(otklik.mention(comment).thread.rpartition("=")[2])


def _answered(otklik, site, staff, text=ANSWER, **more):
    """A complaint that was answered; the numbers of the comment and of the answer in Otklik."""
    post = site.write("Lamp L1")
    asked = site.comment(post, "Анна К.", BROKEN)
    source = _connect(otklik, site, staff, **more)
    otklik.crawl(source)
    otklik.work_here()
    reply = otklik.answer(asked, text)
    return source, asked, reply


def test_an_answer_that_was_trashed_there_is_missed_and_may_come_back(site, otklik):
    _, _, reply = _answered(otklik, site, site.hire("care", "Lumen Care"))
    otklik.work_here()
    public = int(otklik.reply(reply).external_id)
    assert otklik.reply(reply).state == "verified"

    site.one("wp_trash_comment", public)
    otklik.click(looks.again, reply)
    otklik.work_here()
    assert otklik.reply(reply).state == "vanished"
    assert otklik.reply(reply).error
    assert otklik.case(reply).status == "reopened"

    site.one("wp_untrash_comment", public)
    otklik.click(looks.again, reply)
    otklik.work_here()
    assert otklik.reply(reply).state == "verified"
    assert otklik.case(reply).status == "answered"

    site.one("wp_delete_comment", public, True)
    otklik.click(looks.again, reply)
    otklik.work_here()
    assert otklik.reply(reply).state == "vanished"


def test_a_wrong_password_is_told_in_wordpress_own_words_and_the_right_one_sends(site, otklik):
    care = site.hire("care", "Lumen Care")
    source, _, reply = _answered(otklik, site, care, password="abcd EFGH 1234 ijkl MNOP 5678")
    said = "The provided password is an invalid application password."
    assert said in otklik.run("source", "check", str(source), expect=1)
    assert otklik.crawl(source)["remarks"] == 1, "listening goes on"
    otklik.work_here()
    failed = otklik.reply(reply)
    assert (failed.state, failed.error_kind) == ("failed", "unauthorized")
    assert said in failed.error
    assert site.comments_saying("нам очень жаль") == 0

    otklik.give_password(source, care.password)
    otklik.click(approvals.retry, reply)
    otklik.work_here()
    assert otklik.reply(reply).state == "verified"
    assert site.comments_saying("нам очень жаль") == 1


# WordPress shows all of this, and almost none of it as it was typed.
HARD = """Анна, "как новая" -- 100%... :) :D 8-) :oops: и 5 < 7 && 3 > 2 &amp;

1) вернём <b>деньги</b> 'сегодня' (c), лампа 10x20, 12"
https://lumen.example/?a=1&b=2 www.lumen.example care@lumen.example [caption] 🙂"""


def test_text_that_wordpress_already_has_from_us_is_not_posted_twice(site, otklik):
    care = site.hire("care", "Lumen Care")
    _, asked, reply = _answered(otklik, site, care, text=HARD)
    first = httpx.post(
        f"{site.address}/wp-json/wp/v2/comments", auth=(care.login, care.password), timeout=30,
        json={"post": _post_of(otklik, asked), "parent": asked, "content": html.escape(HARD, quote=False)},
    )  # fmt: skip
    otklik.work_here()
    assert (otklik.reply(reply).state, otklik.reply(reply).error) == ("verified", None)
    assert otklik.reply(reply).external_id == str(first.json()["id"])
    assert len(_comments(site, parent=asked)) == 1


@pytest.mark.parametrize("is_met_by_the_crawl", [False, True])
def test_a_worker_killed_after_the_site_took_the_answer_finds_it_there(site, otklik, is_met_by_the_crawl):
    # WordPress' own defence against doubles overlooks texts with a backslash: nothing but looking helps.
    source, asked, reply = _answered(otklik, site, site.hire("care", "Lumen Care"), text=rf"{HARD} C:\temp")
    otklik.send_and_die(reply)
    assert otklik.reply(reply).state == "sending"
    if is_met_by_the_crawl:
        otklik.give_up_on_the_cut_off()
        assert otklik.reply(reply).state == "unknown"
        otklik.crawl(source)
    otklik.work_here()
    assert otklik.reply(reply).state == "verified"
    (public,) = _comments(site, parent=asked)
    assert otklik.reply(reply).external_id == str(public["id"])
    assert otklik.answers_to(asked) == [reply]


def test_an_answer_held_for_moderation_is_pending_until_it_is_approved(site, otklik):
    site.one("update_option", "comment_moderation", 1)
    _, asked, reply = _answered(otklik, site, site.hire("igor", "Igor of Lumen", "author"))
    otklik.work_here()
    held = otklik.reply(reply)
    assert (held.state, held.verified_at) == ("pending", None)
    assert _comments(site, parent=asked) == []
    assert "нам очень жаль" not in site.visit("/").text

    site.one("wp_set_comment_status", int(held.external_id), "approve")
    otklik.click(looks.again, reply)
    otklik.work_here()
    assert otklik.reply(reply).state == "verified"
    assert [str(one["id"]) for one in _comments(site, parent=asked)] == [held.external_id]


def test_a_refusal_is_told_in_wordpress_own_words(site, otklik):
    _, asked, reply = _answered(otklik, site, site.hire("care", "Lumen Care"))
    post = _post_of(otklik, asked)
    site.one("wp_update_post", {"ID": post, "comment_status": "closed"})
    otklik.work_here()
    assert (otklik.reply(reply).state, otklik.reply(reply).error_kind) == ("failed", "refused")
    assert "Sorry, comments are closed for this item." in otklik.reply(reply).error

    site.one("wp_trash_post", post)
    otklik.click(approvals.retry, reply)
    otklik.work_here()
    assert otklik.reply(reply).state == "failed"
    assert site.comments_saying("нам очень жаль") == 0


def test_a_site_that_asks_to_slow_down_is_heard(site, otklik):
    """WordPress lets authors, unlike editors, comment once in fifteen seconds."""
    site.one("update_option", "comment_previously_approved", 0)
    source, _, first = _answered(otklik, site, site.hire("igor", "Igor of Lumen", "author"))
    other = site.comment(site.write("Lamp L2"), "Пётр", BROKEN)
    otklik.crawl(source)
    otklik.work_here()
    second = otklik.answer(other, "Пётр, простите нас, пожалуйста.")
    otklik.work_here()
    assert otklik.reply(first).state == "verified"
    assert (otklik.reply(second).state, otklik.reply(second).error_kind) == ("failed", "rate_limited")
    assert "You are posting comments too quickly. Slow down." in otklik.reply(second).error


def test_answers_of_whoever_writes_now_are_known_as_ours(site, otklik):
    """The user whose password we have may change; what the one before him wrote stays the brand's."""
    former = site.hire("former", "Olga")
    source, asked, _ = _answered(otklik, site, former)
    otklik.work_here()
    site.one("wp_insert_comment", {
        "comment_post_ID": _post_of(otklik, asked), "comment_content": "Olga here: the money is sent.",
        "comment_author": "Olga", "user_id": former.id, "comment_parent": asked, "comment_approved": 1,
    })  # fmt: skip
    now = site.hire("now", "Pavel")
    otklik.sign_in(source, now.login, now.password)
    own = site.one("wp_insert_comment", {
        "comment_post_ID": _post_of(otklik, asked), "comment_content": "Pavel here: it has arrived, hasn't it?",
        "comment_author": "Pavel", "user_id": now.id, "comment_parent": asked, "comment_approved": 1,
    })  # fmt: skip
    otklik.crawl(source)
    assert otklik.mention(own).is_own
    assert list(otklik.mentions()) == [str(asked)]


def test_a_site_that_hides_its_api_from_visitors_is_told_apart(site, otklik):
    source, _, reply = _answered(otklik, site, site.hire("care", "Lumen Care"))
    site.one("update_option", "test_closed_api", 1)
    row = otklik.crawl(source, expect=1)
    assert row["outcome"] == "failed"
    assert "Only signed-in users may use the REST API." in row["error"]
    otklik.work_here()
    assert otklik.reply(reply).state == "published", "it was sent, and nobody can tell whether it is public"
    assert "Only signed-in users" in otklik.reply(reply).error


@pytest.mark.parametrize("where", ["plain", "folder"])
def test_other_forms_of_address(site, otklik, where):
    with _elsewhere(site, where) as moved:
        source, asked, reply = _answered(otklik, moved, moved.hire("care", "Lumen Care"))
        otklik.work_here()
        assert (otklik.reply(reply).state, otklik.reply(reply).error) == ("verified", None)
        assert otklik.crawl(source)["new"] == 1
        assert moved.visit(otklik.mention(asked).url.removeprefix(moved.address)).status_code == 200
        assert moved.comments_saying("нам очень жаль") == 1


@contextmanager
def _elsewhere(site, where):
    if where == "plain":
        site.link_by("")
        yield site
    else:
        with wordpress.serve(replace(site, address=f"http://127.0.0.1:{free_port()}/blog")) as moved:
            yield moved
