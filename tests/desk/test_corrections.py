"""What people's corrections teach: their own words, and what they let stand of the model's, but not what stars decided."""

from desk.base import db
from desk.base.words import Intent, Sentiment, Urgency
from desk.pipeline import reclassification, triage
from desk.verdicts import corrections
from desk.verdicts.star_ratings import Judgement
from tests.world.desk import World, said

THANKS = (Sentiment.POSITIVE, Intent.PRAISE, Urgency.LOW)
BROKE = (Sentiment.NEGATIVE, Intent.COMPLAINT, Urgency.NORMAL)


def judged(world: World, words: tuple[Sentiment, Intent, Urgency], rating: float | None) -> int:
    """A text of which the model says that; its id."""
    world.crawl(said("m1", "Thanks a lot!", world.now, rating=rating))
    with db.transaction() as session:
        [waiting] = triage.claim(session, world.now, 10)
        triage.judge(session, waiting.mention_id, judgement(words), world.now, wording=waiting.wording)
    return waiting.mention_id


def judgement(words: tuple[Sentiment, Intent, Urgency], revision: str = "1", sure: float = 0.9) -> Judgement:
    return Judgement("en", *words, sure, sure, sure, sure, backend="test", model_revision=revision)


def correct(world: World, mention_id: int, who: str = "igor", **tags: object) -> None:
    with db.transaction() as session:
        triage.correct(session, mention_id, world.user(session, who), world.now, **tags)


def taught() -> dict[str, str]:
    with db.snapshot() as session:
        [found] = corrections.newest(session, 10)
        return found.labels


def test_what_stars_decided_teaches_nothing_about_the_words(world: World) -> None:
    mention_id = judged(world, THANKS, 1)
    correct(world, mention_id, intent=Intent.QUESTION)
    assert taught() == {"intent": "question"}


def test_what_words_and_stars_agree_on_is_taught(world: World) -> None:
    mention_id = judged(world, BROKE, 1)
    correct(world, mention_id, urgency=Urgency.HIGH)
    assert taught() == {"sentiment": "negative", "intent": "complaint", "urgency": "high"}


def test_without_stars_everything_that_was_let_stand_is_taught(world: World) -> None:
    mention_id = judged(world, THANKS, None)
    correct(world, mention_id, intent=Intent.QUESTION)
    assert taught() == {"sentiment": "positive", "intent": "question", "urgency": "low"}


def test_a_persons_own_word_counts_whoever_tags_after_him(world: World) -> None:
    mention_id = judged(world, THANKS, 1)
    correct(world, mention_id, sentiment=Sentiment.NEUTRAL)
    correct(world, mention_id, who="maria", intent=Intent.QUESTION)
    assert taught() == {"sentiment": "neutral", "intent": "question"}
    correct(world, mention_id, sentiment=Sentiment.NEGATIVE)
    assert taught() == {"sentiment": "negative", "intent": "question"}, "he says what the stars said"


def test_a_later_models_word_does_not_tell_what_the_person_saw(world: World) -> None:
    mention_id = judged(world, THANKS, 1)
    correct(world, mention_id, intent=Intent.QUESTION)
    with db.transaction() as session:
        waiting = triage.Unjudged(mention_id, "Thanks a lot!", 1, "en")
        reclassification.apply_second_verdicts(session, [(waiting, judgement(BROKE, "2"))], world.now)
    assert taught() == {"intent": "question"}


def test_five_stars_make_a_doubtful_complaint_praise_and_teach_nothing(world: World) -> None:
    mention_id = judged(world, BROKE, 5)
    assert world.mention("m1").intent is Intent.COMPLAINT, "of which the model was sure"
    correct(world, mention_id, urgency=Urgency.LOW)
    assert taught() == {"intent": "complaint", "urgency": "low"}


def test_a_correction_of_which_nothing_is_left_is_none(world: World) -> None:
    mention_id = judged(world, THANKS, 1)
    correct(world, mention_id)
    with db.snapshot() as session:
        assert corrections.newest(session, 10) == []
        assert corrections.count(session) == 1
