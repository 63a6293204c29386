"""Mentions through the model: leased in one transaction, classified outside any, judged in another."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sentiment
from desk.base import db, logs, settings
from desk.base.words import Intent, Sentiment, Urgency
from desk.pipeline import reclassification, triage
from desk.pipeline.triage import Judgement, Unjudged
from sentiment import Backend, Verdict
from workers import judge

LEASE_SECONDS = 60

log = logs.logger()


def backend() -> Backend:
    """The judge in force; its weights are loaded once a process. Raises sentiment.ModelMissing."""
    return judge.current()


def claim() -> list[Unjudged]:
    now = datetime.now(UTC)
    with db.transaction() as session:
        judge.keep_up(session, now)
        return triage.claim(session, now, settings.current().tag_batch, LEASE_SECONDS)


def record(claimed: Sequence[Unjudged], judgements: Sequence[Judgement]) -> int:
    """Records all of them at once, or, if that fails, those that can be recorded; returns how many."""
    pairs = list(zip(claimed, judgements, strict=True))
    try:
        _record(pairs)
    except Exception:  # the job border: one mention that cannot be judged must not keep the others waiting
        log.exception("batch_not_judged")
        return sum(_record_alone(pair) for pair in pairs)
    return len(pairs)


def _record(pairs: Sequence[tuple[Unjudged, Judgement]]) -> None:
    with db.transaction() as session:
        for one, judgement in pairs:
            now = datetime.now(UTC)
            triage.judge(session, one.mention_id, judgement, now, wording=one.wording)


def _record_alone(pair: tuple[Unjudged, Judgement]) -> bool:
    try:
        _record([pair])
    except Exception:  # the job border, as above; its lease runs out and it is tried again
        log.exception("mention_not_judged", mention=pair[0].mention_id)
        return False
    return True


def classify(claimed: Sequence[Unjudged]) -> list[Judgement]:
    texts = [one.text for one in claimed]
    try:
        return [_judgement(verdict) for verdict in backend().classify(texts)]
    except sentiment.ModelMissing:
        raise
    except Exception:  # the job border: one text breaks the model, the others go on
        log.exception("batch_not_classified")
        return [_classify_alone(text) for text in texts]


def _classify_alone(text: str) -> Judgement:
    try:
        return _judgement(backend().classify([text])[0])
    except Exception:  # the job border, as above
        log.exception("text_not_classified", length=len(text))
        return Judgement(
            language="und",
            sentiment=Sentiment.NEUTRAL,
            intent=Intent.OTHER,
            urgency=Urgency.NORMAL,
            is_uncertain=True,
            backend=reclassification.NOBODY,
        )


def _judgement(verdict: Verdict) -> Judgement:
    return Judgement(
        language=verdict.language.value,
        sentiment=Sentiment(verdict.sentiment.value),
        intent=Intent(verdict.kind.value),
        urgency=Urgency(verdict.urgency.value),
        language_probability=verdict.language.probability,
        sentiment_probability=verdict.sentiment.probability,
        intent_probability=verdict.kind.probability,
        urgency_probability=verdict.urgency.probability,
        is_uncertain=verdict.needs_look,
        backend=verdict.backend,
        model_revision=verdict.revision,
        is_abusive=verdict.abuse.value == "abusive",
        abuse_probability=verdict.abuse.probability,
    )
