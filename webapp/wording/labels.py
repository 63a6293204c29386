"""The closed sets of words as people read them, in the reader's language. A word without a label is a test failure."""

from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from flask import Flask
from flask_babel import lazy_pgettext as _p

from desk.base.words import CaseStatus as C
from desk.base.words import (
    CloseReason,
    CrawlOutcome,
    FiledBy,
    Folder,
    Intent,
    MentionState,
    RoleName,
    Sentiment,
    SourceState,
    Urgency,
)
from desk.base.words import ReplyState as R
from webapp.request import languages

W = TypeVar("W", bound=StrEnum)

# Members of different StrEnums with one value ("answered") are equal, so a plain dict would mix them up.
LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (Sentiment.NEGATIVE, _p("sentiment", "negative")),
    (Sentiment.NEUTRAL, _p("sentiment", "neutral")),
    (Sentiment.POSITIVE, _p("sentiment", "positive")),
    (Intent.COMPLAINT, _p("intent", "complaint")),
    (Intent.QUESTION, _p("intent", "question")),
    (Intent.PRAISE, _p("intent", "praise")),
    (Intent.SUGGESTION, _p("intent", "suggestion")),
    (Intent.OTHER, _p("intent", "other")),
    (Urgency.CRITICAL, _p("urgency", "critical")),
    (Urgency.HIGH, _p("urgency", "high")),
    (Urgency.NORMAL, _p("urgency", "normal")),
    (Urgency.LOW, _p("urgency", "low")),
    (C.OPEN, _p("case status", "open")),
    (C.TAKEN, _p("case status", "taken")),
    (C.ON_HOLD, _p("case status", "on hold")),
    (C.ANSWERED, _p("case status", "answered")),
    (C.REOPENED, _p("case status", "reopened")),
    (C.CLOSED, _p("case status", "closed")),
    (CloseReason.ANSWERED, _p("close reason", "answered")),
    (CloseReason.NO_ANSWER_NEEDED, _p("close reason", "needs no answer")),
    (CloseReason.NOT_FOR_US, _p("close reason", "not for us")),
    (CloseReason.ABUSE, _p("close reason", "abuse or spam")),
    (CloseReason.DUPLICATE, _p("close reason", "duplicate")),
    (CloseReason.WITHDRAWN, _p("close reason", "withdrawn by its author")),
    (R.DRAFT, _p("reply state", "draft")),
    (R.APPROVED, _p("reply state", "waiting to be sent")),
    (R.SENDING, _p("reply state", "being sent")),
    (R.PENDING, _p("reply state", "accepted by the site, held for moderation")),
    (R.PUBLISHED, _p("reply state", "published, not seen in public yet")),
    (R.ACCEPTED, _p("reply state", "accepted, nobody can check")),
    (R.VERIFIED, _p("reply state", "seen in public")),
    (R.REJECTED, _p("reply state", "rejected by a moderator")),
    (R.BOUNCED, _p("reply state", "returned as undeliverable")),
    (R.REPLACED, _p("reply state", "replaced by a later answer")),
    (R.WITHDRAWN, _p("reply state", "withdrawn")),
    (R.VANISHED, _p("reply state", "gone from the site")),
    (R.CANNOT_TELL, _p("reply state", "not confirmed in public")),
    (R.FAILED, _p("reply state", "refused by the site")),
    (R.UNKNOWN, _p("reply state", "sending was interrupted")),
    (R.DISCARDED, _p("reply state", "discarded")),
    (RoleName.AGENT, _p("role", "agent")),
    (RoleName.LEAD, _p("role", "lead")),
    (RoleName.ANALYST, _p("role", "analyst")),
    (RoleName.ADMIN, _p("role", "administrator")),
    (SourceState.ACTIVE, _p("source state", "active")),
    (SourceState.PAUSED, _p("source state", "paused")),
    (SourceState.GONE, _p("source state", "removed")),
    (MentionState.NEW, _p("mention state", "not tagged yet")),
    (MentionState.JUDGED, _p("mention state", "tagged")),
    (Folder.OFF_TOPIC, _p("folder", "off-topic")),
    (Folder.SPAM, _p("folder", "spam")),
    (Folder.ADVERTISEMENT, _p("folder", "advertisement")),
    (Folder.COMPETITOR, _p("folder", "written by a competitor")),
    (FiledBy.QUERY, _p("filed by", "by the brand's query")),
    (FiledBy.RULE, _p("filed by", "by a rule")),
    (FiledBy.LEARNED, _p("filed by", "learned from corrections")),
    (FiledBy.PERSON, _p("filed by", "by a person")),
    (CrawlOutcome.RUNNING, _p("crawl outcome", "running")),
    (CrawlOutcome.OK, _p("crawl outcome", "completed")),
    (CrawlOutcome.UNCHANGED, _p("crawl outcome", "unchanged")),
    (CrawlOutcome.PARTIAL, _p("crawl outcome", "partly completed")),
    (CrawlOutcome.FAILED, _p("crawl outcome", "failed")),
    (CrawlOutcome.INTERRUPTED, _p("crawl outcome", "interrupted")),
)
_BY_WORD = {(type(word), word.value): label for word, label in LABELS}


def label(word: StrEnum | None) -> str:
    return "—" if word is None else _in_language(languages.language(), type(word), word.value)


@cache
def _in_language(_language: str, kind: type[StrEnum], value: str) -> str:
    # A page full of rows asks for the same few words a hundred times.
    return str(_BY_WORD[kind, value])


def word(kind: type[W], value: str | None) -> W | None:
    """The word of that closed set, or None for anything else."""
    return kind(value) if value in set(kind) else None


def role_label(name: str) -> str:
    """A role's name is a plain string in its row; one that a later version added is shown as it is."""
    return label(RoleName(name)) if name in set(RoleName) else name


def labelled(kind: type[StrEnum], *without: StrEnum) -> list[tuple[str, str]]:
    """The words of a closed set with their labels, as a list of choices shows them."""
    return [(word.value, label(word)) for word in kind if word not in without]


def close_reasons(*without: CloseReason) -> list[tuple[str, str]]:
    """Those that a person may choose from: only the site knows what its author took back."""
    return labelled(CloseReason, CloseReason.WITHDRAWN, *without)


def install(app: Flask) -> None:
    app.add_template_filter(label)
    app.add_template_filter(role_label)
    app.add_template_global(labelled)
    app.add_template_global(close_reasons)
    app.jinja_env.globals["words"] = {
        kind.__name__: kind
        for kind in (C, R, CloseReason, Folder, Intent, RoleName, Sentiment, SourceState, Urgency)
    }
