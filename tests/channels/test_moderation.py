"""What a site tells of an answer that it held for moderation: to our account, or on a page of its own."""

from collections.abc import Callable

import pytest
from werkzeug import Request, Response

from channels.contract import Receipt
from tests.channels.sites import ForumSite, WordPressSite
from tests.channels.speaking import ask, look, send


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("hold", "held"),
        ("approved", "visible"),
        ("spam", "rejected"),
        ("trash", "rejected"),
        (None, "cannot_tell"),
    ],
)
def test_wordpress_tells_the_author_what_became_of_a_held_answer(status: str | None, outcome: str) -> None:
    with WordPressSite(mode="hold") as site:
        receipt = send("wordpress", site.place, site.target, "We are on it.")
        assert receipt.state == "held"
        site.comments[-1]["status"] = status
        asked = ask("wordpress", site.place, site.target, "We are on it.", receipt)
        assert asked.outcome == outcome


def test_a_held_answer_that_was_deleted_is_rejected() -> None:
    with WordPressSite(mode="hold") as site:
        receipt = send("wordpress", site.place, site.target, "We are on it.")
        site.comments.pop()
        asked = ask("wordpress", site.place, site.target, "We are on it.", receipt)
        assert (asked.outcome, str(asked.reason)) == ("rejected", "The comment was deleted there.")


@pytest.mark.parametrize(
    ("shown", "outcome", "reason"),
    [
        ("<p role=status>Your post is awaiting moderation.</p>", "held", "not decided yet"),
        ("<p role=status>A moderator rejected your post: no links.</p>", "rejected", "no links"),
        ("<p role=status>Сообщение отклонено модератором.</p>", "rejected", "отклонено"),
        ("<p>A customer writes: my parcel was rejected.</p>", "missing", ""),
        ("<p role=status>Your post is public.</p>", "missing", ""),
    ],
)
def test_the_page_that_a_forum_shows_for_a_held_answer_is_asked_what_became_of_it(
    shown: str, outcome: str, reason: str
) -> None:
    with ForumSite() as site:
        site.page = _with_page(site, "/held/1", shown)  # type: ignore[method-assign]
        receipt = Receipt(None, f"{site.url}/held/1", "held")
        seen = look("forum", site.place, site.target, "Hello there", receipt)
        assert seen.outcome == outcome
        assert reason in str(seen.reason)


def _with_page(site: ForumSite, path: str, body: str) -> Callable[[Request], Response]:
    routes = site.page
    return lambda request: (
        Response(f"<body>{body}</body>", mimetype="text/html") if request.path == path else routes(request)
    )
