"""[pure] Stars are evidence beside the words, by the one rule that is written down here (docs/design.md gives the reason).

1 or 2 stars: the author is dissatisfied, so the sentiment is negative; praise or "other" becomes a complaint.
5 stars: a sentiment that is not positive becomes positive, and a complaint of which the model itself is not sure
(under 0.6) becomes praise. 3 and 4 stars say too little, and change nothing.
"""

from dataclasses import dataclass, replace

from desk.base.words import Intent, Sentiment, Urgency

SURE = 0.6


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict as the desk needs it; probabilities are None for a person's."""

    language: str
    sentiment: Sentiment
    intent: Intent
    urgency: Urgency
    language_probability: float | None = None
    sentiment_probability: float | None = None
    intent_probability: float | None = None
    urgency_probability: float | None = None
    is_uncertain: bool = False
    backend: str = ""
    model_revision: str = ""
    is_abusive: bool | None = None
    abuse_probability: float | None = None


def weigh(judgement: Judgement, rating: float | None) -> Judgement:
    if rating is None:
        return judgement
    if rating <= 2:
        intent: Intent = (
            Intent.COMPLAINT if judgement.intent in (Intent.PRAISE, Intent.OTHER) else judgement.intent
        )
        urgency = Urgency.NORMAL if judgement.urgency is Urgency.LOW else judgement.urgency
        return replace(
            judgement, sentiment=Sentiment.NEGATIVE, intent=intent, urgency=urgency, is_uncertain=False
        )
    if rating == 5:
        is_doubtful = judgement.intent is Intent.COMPLAINT and (judgement.intent_probability or 0) < SURE
        settled = Intent.PRAISE if is_doubtful else judgement.intent
        return replace(judgement, sentiment=Sentiment.POSITIVE, intent=settled)
    return judgement
