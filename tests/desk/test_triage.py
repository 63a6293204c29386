"""Verdicts, routing into cases, corrections."""

from datetime import timedelta

import pytest

from desk.base import db
from desk.base.errors import NotAllowed
from desk.base.words import CaseStage, CaseStatus, CloseReason, Intent, MentionState, Sentiment, Urgency
from desk.pipeline import triage
from desk.verdicts import tags
from desk.verdicts.star_ratings import Judgement, weigh
from tests.world.desk import World, ours, said


def test_a_complaint_opens_a_case_for_service_with_its_rule_shown(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    world.judge()
    case = world.case()
    assert (case.team.key, case.status, case.intent) == ("service", CaseStatus.OPEN, Intent.COMPLAINT)
    assert "Complaint" in case.rule_en
    assert "Жалоба" in case.rule_ru
    assert case.due_at > world.now
    assert world.events() == ["opened"]


def test_a_question_goes_to_marketing_and_praise_to_nobody(world: World) -> None:
    world.crawl(said("m1", "Open on Sunday?", world.now))
    world.judge(Intent.QUESTION)
    world.crawl(said("m2", "Lovely!", world.now, author="Bo"))
    world.judge(Intent.PRAISE)
    assert [case.intent for case in world.cases()] == [Intent.QUESTION]
    assert world.case().team.key == "marketing"


def test_one_persons_messages_in_one_thread_are_one_case(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    world.judge()
    world.later(minutes=5)
    world.crawl(said("m2", "Hello??", world.now), said("b1", "Mine too", world.now, author="Bo"))
    world.judge()
    first, second = world.cases()
    assert (first.message_count, second.message_count) == (2, 1)
    assert world.mention("m2").case_id == first.id


def test_judging_twice_is_judging_once(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    mention_id = world.mention("m1").id
    judgement = Judgement(
        "en", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.NORMAL, backend="t", model_revision="1"
    )
    for _ in range(2):
        with db.transaction() as session:
            triage.judge(session, mention_id, judgement, world.now)
    assert len(world.cases()) == 1
    with db.snapshot() as session:
        assert len(session.scalars(triage.sa.select(triage.Verdict)).all()) == 1


def test_a_claim_is_a_lease_that_runs_out(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    with db.transaction() as session:
        assert len(triage.claim(session, world.now, 10, lease_seconds=60)) == 1
    with db.transaction() as session:
        assert triage.claim(session, world.now, 10) == []
    with db.transaction() as session:
        assert len(triage.claim(session, world.later(seconds=61), 10)) == 1


def test_what_was_edited_while_the_model_read_it_stays_new(world: World) -> None:
    world.crawl(said("m1", "It broke", world.now))
    judgement = Judgement(
        "en", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.NORMAL, backend="t", model_revision="1"
    )
    with db.transaction() as session:
        [read] = triage.claim(session, world.now, 10)
    world.crawl(said("m1", "Thanks, all is well", world.now))
    with db.transaction() as session:
        triage.judge(session, read.mention_id, judgement, world.now, wording=read.wording)
    assert (world.mention("m1").state, world.cases()) == (MentionState.NEW, [])
    assert world.judge(Intent.PRAISE) == 1, "nobody waits for the lease of what is gone"
    assert (world.mention("m1").intent, world.cases()) == (Intent.PRAISE, [])


def test_a_persons_word_wins_over_a_later_judgement(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    world.judge(Intent.OTHER)
    with db.transaction() as session:
        triage.correct(
            session, world.mention("m1").id, world.user(session, "igor"), world.now, intent=Intent.COMPLAINT
        )
    assert world.case().intent is Intent.COMPLAINT
    world.crawl(said("m1", "It broke!!", world.now))
    world.judge(Intent.PRAISE)
    mention = world.mention("m1")
    assert (mention.intent, mention.state) == (Intent.COMPLAINT, MentionState.JUDGED)


def test_a_correction_to_praise_closes_the_untouched_case(world: World) -> None:
    world.crawl(said("m1", "Not bad at all!", world.now))
    world.judge()
    with db.transaction() as session:
        triage.correct(
            session, world.mention("m1").id, world.user(session, "igor"), world.now,
            intent=Intent.PRAISE, sentiment=Sentiment.POSITIVE,
        )  # fmt: skip
    case = world.case()
    assert (case.status, case.close_reason) == (CaseStatus.CLOSED, CloseReason.NO_ANSWER_NEEDED)


def test_an_analyst_cannot_correct(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    with pytest.raises(NotAllowed), db.transaction() as session:
        triage.correct(
            session, world.mention("m1").id, world.user(session, "boris"), world.now, intent=Intent.PRAISE
        )


def test_thanks_after_the_answer_do_not_reopen_but_a_new_complaint_does(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now))
    world.judge()
    world.crawl(ours("a1", "Fixed.", world.later(hours=1), parent="m1"))
    world.crawl(said("m2", "Thanks!", world.later(hours=1)))
    world.judge(Intent.PRAISE)
    assert world.case().status is CaseStatus.ANSWERED
    world.crawl(said("m3", "Broke again.", world.later(hours=1)))
    world.judge()
    case = world.case()
    assert (case.status, case.stage, case.waits_since) == (
        CaseStatus.REOPENED,
        CaseStage.UNANSWERED,
        world.now,
    )
    assert case.due_at > world.now


def test_the_target_for_what_was_said_before_we_listened_runs_from_collection(world: World) -> None:
    world.crawl(said("m1", "It broke.", world.now - timedelta(days=300)))
    world.judge()
    assert world.case().waits_since == world.now


@pytest.mark.parametrize(
    ("rating", "intent", "wanted"),
    [(1, Intent.OTHER, Intent.COMPLAINT), (2, Intent.QUESTION, Intent.QUESTION), (3, Intent.OTHER, Intent.OTHER),
     (5, Intent.COMPLAINT, Intent.PRAISE), (None, Intent.OTHER, Intent.OTHER)],
)  # fmt: skip
def test_stars_are_evidence(rating: float | None, intent: Intent, wanted: Intent) -> None:
    judgement = Judgement("en", Sentiment.NEUTRAL, intent, Urgency.LOW, intent_probability=0.5)
    weighed = weigh(judgement, rating)
    assert weighed.intent is wanted
    if rating == 1:
        assert weighed.sentiment is Sentiment.NEGATIVE
    if rating == 5:
        assert weighed.sentiment is Sentiment.POSITIVE


def test_five_stars_do_not_overrule_a_sure_complaint() -> None:
    judgement = Judgement("en", Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.HIGH, intent_probability=0.95)
    assert weigh(judgement, 5).intent is Intent.COMPLAINT


def test_a_weightier_message_takes_the_case_along_until_somebody_has_it(world: World) -> None:
    world.crawl(said("m1", "Hello?", world.now))
    world.judge(Intent.QUESTION)
    assert world.case().team.key == "marketing"
    world.crawl(said("m2", "You charged me twice!", world.now))
    world.judge(Intent.COMPLAINT, Urgency.HIGH)
    case = world.case()
    assert (case.team.key, case.intent, case.priority) == ("service", Intent.COMPLAINT, Urgency.HIGH)
    assert (case.message_count, case.mention_id) == (2, world.mention("m2").id)
    assert "Urgent complaint" in case.rule_en


def test_a_correction_does_not_lower_a_case_that_a_weightier_message_still_waits_in(world: World) -> None:
    world.crawl(said("m1", "You charged me twice!", world.now))
    world.judge(Intent.COMPLAINT, Urgency.HIGH)
    world.crawl(said("m2", "It smells of gas!", world.now))
    world.judge(Intent.COMPLAINT, Urgency.CRITICAL)
    assert world.case().mention_id == world.mention("m2").id
    for intent in (Intent.QUESTION, Intent.PRAISE):
        with db.transaction() as session:
            igor = world.user(session, "igor")
            urgency = Urgency.NORMAL
            triage.correct(session, world.mention("m2").id, igor, world.now, intent=intent, urgency=urgency)
        case = world.case()
        assert (case.team.key, case.priority, case.status) == ("service", Urgency.HIGH, CaseStatus.OPEN)
        assert case.policy.startswith("Today")
        assert "Urgent complaint" in case.rule_en
        assert case.intent is intent, "the tags that are shown are those of the message that was corrected"


@pytest.mark.parametrize(
    ("rating", "kept"),
    [(1, {"urgency": 0.9}), (5, {"sentiment": 0.9, "intent": 0.9, "urgency": 0.9}),
     (3, {"sentiment": 0.9, "intent": 0.9, "urgency": 0.9}), (None, {"sentiment": 0.9, "intent": 0.9, "urgency": 0.9})],
)  # fmt: skip
def test_a_tag_of_the_stars_has_no_probability(rating: float | None, kept: dict[str, float]) -> None:
    judgement = Judgement("en", Sentiment.POSITIVE, Intent.PRAISE, Urgency.NORMAL, 0.9, 0.9, 0.9, 0.9)
    weighed = tags.with_star_rating(judgement, rating)
    found = {head: getattr(weighed, f"{head}_probability") for head in tags.HEADS}
    assert {head: share for head, share in found.items() if share is not None} == kept
    assert weighed.language_probability == 0.9


def test_the_title_of_a_reply_is_not_its_authors_words(world: World) -> None:
    world.crawl(
        said("m1", "It broke.", world.now, title="Kettle"),
        said("m2", "Mine too.", world.now, title="Re: Kettle", parent="m1"),
    )
    with db.transaction() as session:
        texts = {waiting.text for waiting in triage.claim(session, world.now, 10)}
    assert texts == {"Kettle\nIt broke.", "Mine too."}
