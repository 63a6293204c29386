"""A sighting becomes a mention once, an edit is kept, an own message an answer."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from channels.contract import AuthorSeen, Sighting
from desk.base import db
from desk.base.words import CaseStatus, Intent, MentionState, ReplyOrigin, ReplyState
from desk.mentions import intake
from desk.models import Author, EarlierWording, Mention
from desk.pipeline import arrivals
from tests.world.desk import World, ours, said


def test_the_same_batch_again_changes_nothing(world: World) -> None:
    batch = [said("m1", "It broke.", world.now), said("m2", "Me too.", world.now, author="Bo")]
    assert world.crawl(*batch) == arrivals.Recorded(new=2)
    assert world.crawl(*batch) == arrivals.Recorded(known=2)
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count(Mention.id))) == 2
        assert session.scalar(sa.select(sa.func.count(Author.id))) == 2


def test_one_id_twice_in_a_batch_is_one_mention_with_the_last_wording(world: World) -> None:
    assert world.crawl(said("m1", "It broke", world.now), said("m1", "It broke!", world.now)).new == 1
    assert world.mention("m1").text == "It broke!"


def test_an_edit_is_kept_as_a_revision_and_judged_again(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    world.judge()
    world.later(hours=1)
    assert world.crawl(said("m1", "It broke and burnt.", world.now)).edited == 1
    mention = world.mention("m1")
    assert (mention.text, mention.edit_count, mention.state) == (
        "It broke and burnt.",
        1,
        MentionState.NEW,
    )
    with db.snapshot() as session:
        assert session.scalars(sa.select(EarlierWording.text)).all() == ["It broke."]
    world.judge()
    assert len(world.cases()) == 1


def test_a_date_that_the_site_does_not_give_is_marked_as_unknown(world: World) -> None:
    world.crawl(Sighting("m1", "https://shop.example/1", "Hm.", author=None))
    mention = world.mention("m1")
    assert (mention.published_at, mention.is_date_known, mention.author_id) == (world.now, False, None)


def test_nothing_was_said_in_the_future(world: World) -> None:
    world.crawl(said("m1", "Soon.", world.now + timedelta(hours=5)))
    assert world.mention("m1").published_at == world.now


@pytest.mark.parametrize("text", ["a\0b", "half \ud83d pair", "x" * 1_000_000, "", "\u202eevil"])
def test_hostile_texts_are_stored_without_harm(world: World, text: str) -> None:
    assert world.crawl(said("m1", text, world.now, author="n" * 5000, thread="t" * 3000)).new == 1
    mention = world.mention("m1")
    assert "\0" not in mention.text
    assert len(mention.text) <= intake.LONGEST_TEXT
    assert len(mention.thread or "") <= intake.LONGEST_KEY


def test_long_ids_that_differ_only_at_their_end_stay_apart(world: World) -> None:
    assert world.crawl(said("x" * 300 + "1", "a", world.now), said("x" * 300 + "2", "b", world.now)).new == 2


def test_an_answer_on_the_site_closes_the_clock_with_the_sites_own_time(world: World) -> None:
    asked = world.now
    world.crawl(said("m1", "Where is my order?", asked))
    world.judge()
    at = world.later(hours=2)
    world.later(hours=3)
    world.crawl(ours("a1", "On its way, it arrives tomorrow.", at, parent="m1"))
    case, mention = world.case(), world.mention("m1")
    assert case.status is CaseStatus.ANSWERED
    assert (case.first_answer_at, case.is_met) == (at, True)
    assert (mention.answered_at, mention.answer_wall_seconds) == (at, 7200)
    assert mention.answer_business_seconds == 7200
    reply = world.reply()
    assert (reply.origin, reply.state) == (ReplyOrigin.SITE, ReplyState.VERIFIED)


def test_an_answer_seen_together_with_the_complaint_opens_no_case(world: World) -> None:
    world.crawl(
        ours("a1", "Sorry, fixed.", world.now, parent="m1"),
        said("m1", "Broken.", world.now - timedelta(hours=1)),
    )
    world.judge()
    assert world.cases() == []
    assert world.mention("m1").answer_wall_seconds == 3600


def test_an_answer_that_arrives_before_its_question_is_matched_later(world: World) -> None:
    at = world.now
    world.crawl(ours("a1", "Sorry, fixed.", at, parent="m1"))
    world.later(minutes=20)
    world.crawl(said("m1", "Broken.", at - timedelta(hours=1)))
    assert world.mention("m1").answered_at == at


def test_an_answer_covers_its_author_and_nobody_else_in_the_thread(world: World) -> None:
    start = world.now - timedelta(hours=3)
    world.crawl(
        said("m1", "Broken.", start),
        said("m2", "Hello?", start + timedelta(hours=1)),
        said("b1", "Mine too.", start, author="Bo"),
        ours("a1", "Fixed.", start + timedelta(hours=2), parent="m2"),
    )
    assert world.mention("m1").answered_at is not None
    assert world.mention("m2").answered_at is not None
    assert world.mention("b1").answered_at is None


def test_own_messages_are_never_judged_and_open_nothing(world: World) -> None:
    world.crawl(ours("a1", "We have a new shop!", world.now))
    assert world.judge() == 0
    assert world.cases() == []


def test_own_names_are_compared_without_regard_to_case(world: World) -> None:
    world.crawl(said("a1", "Hello", world.now, author="ACME CARE"))
    assert world.mention("a1").is_own


def test_two_sources_of_one_site_share_their_authors(world: World) -> None:
    world.crawl(said("m1", "One.", world.now), said("m2", "Two.", world.now, thread="t2"))
    with db.snapshot() as session:
        assert session.scalar(sa.select(sa.func.count(Author.id))) == 1


def test_an_author_without_an_id_is_known_by_his_name(world: World) -> None:
    seen = Sighting(
        "m1", "https://shop.example/1", "Hi", author=AuthorSeen("Bo", "u7"), published_at=world.now
    )
    world.crawl(seen)
    with db.snapshot() as session:
        assert session.scalars(sa.select(Author.external_id)).all() == ["u7"]


def test_a_lost_wake_up_loses_no_mention(world: World) -> None:
    world.crawl(said("m1", "It broke.", datetime(2026, 11, 1, tzinfo=UTC)))
    assert world.judge(intent=Intent.COMPLAINT) == 1
