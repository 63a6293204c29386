"""Answers on their way to a real site: sent once, recorded, looked for; and what happens when it goes wrong."""

from datetime import UTC, datetime, timedelta

from werkzeug import Response

from desk.base import db, wakeups
from desk.models import Reply, Source
from desk.replies import sending
from desk.sources import sources
from tests.workers.conftest import ANSWER
from workers import jobs, speaking, turns


def test_an_answer_is_posted_once_and_seen(reply, board, state):
    assert jobs.run("publish") == 1
    assert state(reply).state == "published"
    assert board.posted == [("Lumen Care", ANSWER)]
    assert jobs.run("publish") == 0, "a job that runs twice sends nothing twice"
    _make_due(reply)
    assert jobs.run("verify") == 1
    assert state(reply).state == "verified"
    assert board.count(ANSWER) == 1


def test_a_refusal_keeps_the_words_of_the_site(reply, board, state):
    board.refusal = Response("<p class='error'>Links are not allowed.</p>", 400, content_type="text/html")
    jobs.run("publish")
    failed = state(reply)
    assert (failed.state, failed.error_kind) == ("failed", "refused")
    assert "Links are not allowed" in failed.error


def test_a_site_that_fails_after_the_post_is_looked_up_and_not_posted_to_again(reply, board, state):
    board.refusal = Response("oops", 502)
    jobs.run("publish")
    assert state(reply).state == "unknown"
    board.refusal = None
    jobs.run("publish")
    assert board.posted == []
    _make_due(reply)
    jobs.run("verify")
    assert state(reply).state == "unknown", "one look that does not see it proves nothing"


def test_a_site_that_cannot_be_reached_fails_clearly(reply, board, state, monkeypatch):
    board.site.pages["/topic/1"] = Response("down", 503)
    jobs.run("publish")
    failed = state(reply)
    assert (failed.state, failed.error_kind) == ("failed", "unreachable")
    assert board.posted == []


def test_an_answer_that_is_not_shown_is_not_called_seen(reply, board, state):
    jobs.run("publish")
    board.shown = False
    _make_due(reply)
    jobs.run("verify")
    assert state(reply).state == "published"
    assert jobs.run("verify") == 0, "the next look is later"


def test_private_addresses_are_not_posted_to(reply, board, state, monkeypatch):
    from desk.base import settings

    monkeypatch.setenv("OTKLIK_ALLOW_PRIVATE_ADDRESSES", "false")
    settings.current.cache_clear()
    jobs.run("publish")
    failed = state(reply)
    assert (failed.state, failed.error_kind) == ("failed", "forbidden")
    assert board.site.asked == []


def test_a_publisher_killed_after_the_site_took_the_answer_never_posts_it_again(reply, board, state, start):
    board.hold = True
    process = start("-c", "from workers import jobs; jobs.run('publish')")
    assert board.taken.wait(60)
    process.kill()
    process.wait(10)
    board.release.set()
    board.hold = False
    assert state(reply).state == "sending"
    assert jobs.run("publish") == 0, "what another process may be sending is not ours to send"
    with db.transaction() as session:
        assert sending.recover(session, datetime.now(UTC) + timedelta(seconds=sending.STALE_SECONDS + 5)) == 1
    assert state(reply).state == "unknown"
    _make_due(reply)
    jobs.run("publish")
    jobs.run("verify")
    assert state(reply).state == "verified"
    assert board.count(ANSWER) == 1


def test_two_publishers_at_once_post_once(reply, board, state, start):
    both = [start("-c", "from workers import jobs; jobs.run('publish')") for _ in range(2)]
    for process in both:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert state(reply).state == "published"
    assert board.count(ANSWER) == 1


def test_an_answer_that_the_site_holds_is_looked_for_until_a_moderator_decides(reply, board, state):
    board.word, board.shown = "Your post is awaiting moderation.", False
    jobs.run("publish")
    held = state(reply)
    assert (held.state, held.published_at, held.url) == ("pending", None, board.site.url("/held"))
    _make_due(reply)
    jobs.run("verify")
    assert state(reply).state == "pending"
    board.word = "A moderator rejected your post: links are not welcome."
    _make_due(reply)
    jobs.run("verify")
    rejected = state(reply)
    assert (rejected.state, rejected.error) == ("rejected", board.word)
    assert board.count(ANSWER) == 1


def test_a_held_answer_that_becomes_public_is_seen(reply, board, state):
    board.word, board.shown = "Your post is awaiting moderation.", False
    jobs.run("publish")
    board.shown = True
    _make_due(reply)
    jobs.run("verify")
    assert state(reply).state == "verified"


def test_what_the_sites_form_does_not_take_is_a_draft_again_and_is_remembered(reply, board, state, source):
    board.longest = 40
    jobs.run("publish")
    stopped = state(reply)
    assert (stopped.state, stopped.error_kind) == ("draft", "too_long")
    assert stopped.error == f"The site accepts at most 40 characters; the answer has {len(ANSWER)}."
    assert board.posted == []
    with db.snapshot() as session:
        assert session.get_one(Source, source).cursor["answer_limit"] == {"length": 40, "unit": "utf16"}


def test_what_is_known_to_be_too_long_is_not_even_begun(reply, board, state, source):
    with db.transaction() as session:
        sources.remember(session, source, {"answer_limit": {"length": 40, "unit": "graphemes"}})
    assert jobs.run("publish") == 0
    assert (state(reply).state, state(reply).error_kind) == ("draft", "too_long")
    assert board.site.asked == []


def test_a_limit_that_only_a_refusal_names_is_learned_as_well(reply, board, state, source):
    board.refusal = Response(
        "<p class='error'>At most 50 characters, please.</p>", 422, content_type="text/html"
    )
    jobs.run("publish")
    assert (state(reply).state, state(reply).error_kind) == ("draft", "too_long")
    assert "At most 50 characters" in state(reply).error
    with db.snapshot() as session:
        assert session.get_one(Source, source).cursor["answer_limit"]["length"] == 50


def _make_due(reply_id: int) -> None:
    with db.transaction() as session:
        session.get_one(Reply, reply_id).next_look_at = datetime.now(UTC) - timedelta(seconds=1)


def test_a_turn_that_is_over_queues_the_rest(reply, board, state, monkeypatch):
    woken: list[str] = []
    monkeypatch.setattr(wakeups, "send_now", lambda name: woken.append(name) or True)
    monkeypatch.setattr(turns, "TURN_SECONDS", -1)
    assert jobs.run("publish") == 0
    assert (state(reply).state, woken) == ("approved", ["publish"])
    monkeypatch.setattr(turns, "TURN_SECONDS", 60)
    assert jobs.run("publish") == 1
    _make_due(reply)
    monkeypatch.setattr(turns, "TURN_SECONDS", -1)
    assert jobs.run("verify") == 0
    assert woken == ["publish", "verify"]


def test_a_site_that_has_used_up_its_time_before_the_post_is_not_posted_to(reply, board, state, monkeypatch):
    monkeypatch.setattr(speaking, "LONGEST_SECONDS", -1)
    jobs.run("publish")
    assert (state(reply).state, board.posted) == ("failed", [])
