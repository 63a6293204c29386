"""A customer who writes again is heard, whatever state his case is in; and strangers under the brand's name as well."""

from datetime import timedelta

import pytest

from channels.contract import AuthorSeen, Sighting
from desk.base import db
from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, Urgency
from desk.brands import brands
from desk.cases import assignment, handling, holding, news, queue
from tests.world.desk import World, act, ours, said


@pytest.fixture
def world(world: World) -> World:
    world.complain("m1", "It does not work.")
    return world


def write(
    world: World,
    text: str = "It is on fire!",
    intent: Intent = Intent.COMPLAINT,
    urgency: Urgency = Urgency.CRITICAL,
) -> None:
    world.later(hours=1)
    world.crawl(said(f"m{world.now.timestamp():.0f}", text, world.now))
    world.judge(intent, urgency)


def tab(world: World, name: str, who: str = "maria") -> list[int]:
    with db.snapshot() as session:
        rows = queue.page(session, queue.Filters(tab=name), world.people[who], world.now).rows
        return [row.id for row in rows]


def test_a_snoozed_case_wakes_when_its_customer_writes(world: World) -> None:
    act(world, assignment.take, "igor")
    act(world, holding.snooze, "igor", world.now + timedelta(days=3))
    assert tab(world, "team:service") == []
    write(world)
    case = world.case()
    assert (case.status, case.snoozed_until, case.priority) == (CaseStatus.TAKEN, None, Urgency.CRITICAL)
    assert tab(world, "team:service") == tab(world, "mine", "igor") == [case.id]
    assert world.events().count("woken") == 1


def test_thanks_leave_it_asleep(world: World) -> None:
    act(world, assignment.take, "igor")
    act(world, holding.snooze, "igor", world.now + timedelta(days=3))
    write(world, "Thank you, no hurry.", Intent.PRAISE, Urgency.LOW)
    case = world.case()
    assert (case.status, case.message_count, case.news_at) == (CaseStatus.ON_HOLD, 2, None)


def test_an_edit_wakes_it_as_well(world: World) -> None:
    act(world, assignment.take, "igor")
    act(world, holding.snooze, "igor", world.now + timedelta(days=3))
    world.later(hours=1)
    world.crawl(said("m1", "It does not work, and it smells of gas.", world.mention("m1").published_at))
    world.judge(urgency=Urgency.CRITICAL)
    assert (world.case().status, world.case().priority) == (CaseStatus.TAKEN, Urgency.CRITICAL)


def test_a_snoozed_case_of_somebody_gone_wakes_for_its_team(world: World) -> None:
    act(world, assignment.take, "igor")
    act(world, holding.snooze, "igor", world.now + timedelta(days=3))
    with db.transaction() as session:
        world.user(session, "igor").active = False  # as an older version left it
    write(world)
    assert (world.case().status, world.case().assignee_id) == (CaseStatus.OPEN, None)


def test_a_taken_case_rises_and_its_owner_is_told_until_he_has_opened_it(world: World) -> None:
    act(world, assignment.take)
    before = world.case()
    seen_version = before.version
    write(world)
    case = world.case()
    assert (case.status, case.assignee_id) == (CaseStatus.TAKEN, world.people["igor"])
    assert (case.priority, case.news_at) == (Urgency.CRITICAL, world.now)
    assert world.now < case.due_at < before.due_at, "due by the target for what he says now, from now on"
    assert "raised" in world.events()
    with db.snapshot() as session:
        assert queue.row(session, case.id).news_at == world.now
        assert not news.has_news_for(session, case.id, world.people["maria"], case.version)
        assert not news.has_news_for(session, case.id, world.people["igor"], seen_version), (
            "a page from before"
        )
        assert news.has_news_for(session, case.id, world.people["igor"], case.version)
    with db.transaction() as session:
        news.seen(session, case.id, world.people["maria"], case.version)
    assert world.case().news_at == world.now
    with db.transaction() as session:
        news.seen(session, case.id, world.people["igor"], case.version)
    assert (world.case().news_at, world.case().version) == (None, case.version)


def test_a_further_message_that_is_no_more_urgent_is_a_sign_but_changes_no_time(world: World) -> None:
    act(world, assignment.take)
    before = world.case()
    write(world, "Are you there?", Intent.QUESTION, Urgency.NORMAL)
    case = world.case()
    assert (case.priority, case.due_at, case.news_at) == (before.priority, before.due_at, world.now)
    assert "raised" not in world.events()


@pytest.mark.parametrize("step", ["snooze", "hand_over", "release", "close", "answer"])
def test_the_sign_ends_with_what_it_was_for(world: World, step: str) -> None:
    act(world, assignment.take)
    write(world)
    match step:
        case "snooze":
            act(world, holding.snooze, "igor", world.now + timedelta(hours=1))
        case "hand_over":
            act(world, assignment.hand_over, "igor", "marketing", "")
        case "release":
            act(world, assignment.release)
        case "close":
            act(world, handling.close, "igor", CloseReason.DUPLICATE)
        case _:
            world.answer()
    assert world.case().news_at is None


def test_a_case_that_opens_again_stays_with_its_agent_and_tells_him(world: World) -> None:
    world.answer()
    write(world, "Again.", Intent.COMPLAINT, Urgency.NORMAL)
    case = world.case()
    assert (case.status, case.assignee_id, case.news_at) == (
        CaseStatus.REOPENED,
        world.people["igor"],
        world.now,
    )
    assert tab(world, "mine", "igor") == [case.id]


@pytest.mark.parametrize(
    "reason", [one for one in CloseReason if one not in (CloseReason.ANSWERED, CloseReason.WITHDRAWN)]
)
def test_a_message_to_a_closed_case_opens_it_whatever_it_was_closed_for(
    world: World, reason: CloseReason
) -> None:
    act(world, handling.close, "anna", reason)
    write(world)
    assert (world.case().status, world.case().close_reason) == (CaseStatus.REOPENED, None)


def test_a_duplicate_misses_no_target(world: World) -> None:
    act(world, handling.close, "anna", CloseReason.DUPLICATE)
    world.later(days=5)
    with db.transaction() as session:
        assert handling.mark_breaches(session, world.now) == 0
    assert world.case().is_met is None


def test_thanks_after_publish_and_close_leave_it_closed_with_its_target_met(world: World) -> None:
    reply_id = world.draft()
    world.approve(reply_id, closes_case=True)
    world.begin(reply_id)
    world.published(reply_id)
    closed_at = world.now
    write(world, "Thank you, all is well!", Intent.PRAISE, Urgency.LOW)
    world.later(days=3)
    with db.transaction() as session:
        handling.mark_breaches(session, world.now)
    case = world.case()
    assert (case.status, case.is_met, case.closed_at) == (CaseStatus.CLOSED, True, closed_at)
    assert tab(world, "closed") == [case.id]


def test_the_same_words_twice_are_two_messages_of_one_case(world: World) -> None:
    world.crawl(said("m2", "It does not work.", world.now))
    world.judge()
    assert world.case().message_count == 2


def test_a_second_wait_that_is_too_long_is_overdue(world: World) -> None:
    world.answer()
    write(world, "Broken again.", Intent.COMPLAINT, Urgency.NORMAL)
    world.later(days=10)
    with db.transaction() as session:
        handling.mark_breaches(session, world.now)
    with db.snapshot() as session:
        assert queue.row(session, world.case().id).is_overdue(world.now)
    assert world.case().is_met is True, "the first target was met"


def stranger(text: str, is_by_brand: bool | None, **more: object) -> Sighting:
    facts = {"thread": "t9", "kind": "comment", "is_by_brand": is_by_brand} | more
    author = AuthorSeen("Acme  CARE", "user:77")
    return Sighting("s1", "https://shop.example/s1", text, author=author, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("is_by_brand", "is_own"), [(True, True), (False, False), (None, True)])
def test_only_where_the_channel_cannot_tell_a_name_is_compared(
    world: World, is_by_brand: bool | None, is_own: bool
) -> None:
    world.crawl(stranger("They cheat!", is_by_brand))
    mention = world.mention("s1")
    assert mention.is_own is is_own
    with db.snapshot() as session:
        found = session.merge(mention)
        assert found.uses_own_name is not is_own


def test_a_strangers_complaint_under_the_brands_name_opens_a_case_and_answers_nobody(world: World) -> None:
    world.crawl(stranger("They cheat!", False, thread="t1", parent="m1", published_at=world.now))
    world.judge()
    assert len(world.cases()) == 2
    assert world.mention("m1").answered_at is None
    with db.snapshot() as session:
        assert [queue.row(session, case.id).uses_own_name for case in world.cases()] == [False, True]


def test_the_brand_under_another_name_is_known_by_its_id(world: World) -> None:
    answer = ours("a1", "Sorry, fixed.", world.later(hours=1), parent="m1", is_by_brand=True)
    world.crawl(
        Sighting(
            **{name: getattr(answer, name) for name in answer.__slots__} | {"author": AuthorSeen("Olga")}
        )
    )
    assert world.case().stage is CaseStage.ANSWERED


def seen_by(author: AuthorSeen, **more: object) -> Sighting:
    facts = {"thread": "t9", "kind": "comment"} | more
    return Sighting("s1", "https://shop.example/s1", "They cheat!", author=author, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("author", "is_own"),
    [
        (AuthorSeen("Olga", "https://shop.example/u/acme/"), True),
        (AuthorSeen("Olga", "7", "http://SHOP.example/u/acme"), True),
        (AuthorSeen("Acme Care", "https://shop.example/u/acme-care"), False),
        (AuthorSeen("Acme Care"), True),
        (AuthorSeen("Acme Care", "http://[broken"), True),
        (AuthorSeen("Olga", "https://shop.example/u/olga"), False),
    ],
)
def test_a_profile_that_the_brand_has_told_counts_more_than_a_name(
    world: World, author: AuthorSeen, is_own: bool
) -> None:
    with db.transaction() as session:
        brand = brands.named(session, "Acme")
        brand.own_names = ["Acme Care", "https://shop.example/u/acme", "https://elsewhere.example/u/x"]
    world.crawl(seen_by(author))
    assert world.mention("s1").is_own is is_own


def test_a_stranger_who_was_taken_for_the_brand_is_heard_when_the_site_tells(world: World) -> None:
    fake = said("f1", "They cheat, do not buy!", world.later(hours=1), author="Acme Care", parent="m1")
    world.crawl(fake)
    assert world.case().stage is CaseStage.ANSWERED, "by the name it was ours"
    world.later(hours=1)
    told = Sighting(**{name: getattr(fake, name) for name in fake.__slots__} | {"is_by_brand": False})
    world.crawl(told)
    first = world.case()
    assert (first.status, first.stage) == (CaseStatus.REOPENED, CaseStage.UNANSWERED)
    assert (first.first_answer_at, first.is_met) == (None, None)
    assert world.mention("m1").answered_at is None
    assert world.judge() == 1
    assert len(world.cases()) == 2
    world.crawl(told)
    assert world.judge() == 0


def test_what_seemed_answered_before_it_had_a_case_opens_one_then(world: World) -> None:
    at = world.later(hours=1)
    fake = said("f1", "Ours.", at, author="Acme Care", parent="q1", thread="t2")
    world.crawl(said("q1", "Broken!", at - timedelta(minutes=5), author="Bo", thread="t2"), fake)
    world.judge()
    assert len(world.cases()) == 1
    world.crawl(Sighting(**{name: getattr(fake, name) for name in fake.__slots__} | {"is_by_brand": False}))
    world.judge()
    assert world.mention("q1").case_id is not None


def test_an_answer_of_ours_that_was_taken_for_a_strangers_answers_when_the_site_tells(world: World) -> None:
    answer = said("a1", "Sorry, fixed.", world.later(hours=1), author="Olga", parent="m1")
    world.crawl(answer)
    world.judge()
    assert len(world.cases()) == 2
    world.crawl(
        Sighting(**{name: getattr(answer, name) for name in answer.__slots__} | {"is_by_brand": True})
    )
    first, second = world.cases()
    assert (first.stage, second.close_reason) == (CaseStage.ANSWERED, CloseReason.NO_ANSWER_NEEDED)
    assert world.mention("m1").answer_wall_seconds == 3600
