"""What somebody said in public: the mention, its author, its earlier wordings and its verdicts."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.base.stored import StoredObject, StoredObjects
from desk.base.wordings import is_name_of
from desk.base.words import FiledBy, Folder, Intent, MentionState, Sentiment, Urgency
from desk.models.base import Address, Base, Id, Key, Name, Text, code, partial
from desk.models.brand import Brand
from desk.models.source import Source

# Spelled out, not bound: a database uses a partial index only for a condition that it can compare with the index's own.
HUMAN = "\"by\" = 'human'"
WAS_ANSWERED = "answered_at IS NOT NULL"
FILED_BY_PERSON = "filed_by = 'person'"
LISTED_BY = {
    "source": "source_id",
    "brand": "brand_id",
    "language": "language",
    "intent": "intent",
    "sentiment": "sentiment",
}


class Author(Base):
    """One person at one site: `site` is the host, so that two sources on one site share their authors."""

    __tablename__ = "authors"
    __table_args__ = (sa.UniqueConstraint("site", "external_id"),)

    id: Mapped[Id]
    site: Mapped[Key]
    external_id: Mapped[Key]
    name: Mapped[Name]
    url: Mapped[Address | None]


class Mention(Base):
    """Unique per source and external id. The verdict in force is copied here, because every list filters by it.

    `is_own` marks what the brand itself wrote. `answered_at` is the site's time of the first public human answer
    that covers this mention and `answer_seen_at` when that answer was first seen in public; both are None for an
    unanswered one. `answer_sent_at` is when an answer was handed over that is still awaited in public.
    `answer_proof` is "account" or "receipt" where no stranger's look is the evidence (AnswerProof). The two `_seconds`
    columns are written once, when the answer becomes known: wall clock from `published_at`, and open hours of the
    calendar in force then. After an edit that says something new all of them are about the new words, and the answer to
    the earlier ones is kept with them (EarlierWording).

    `url` is empty where it has no address that others could open. `handle` is the channel's own, and nobody else reads it;
    `facts` (name -> value), `attachments` (kind, url, name, size_bytes) and `reach` are as the site shows them. `is_machine`
    opens no case. `can_be_answered` None: the site does not say. `withdrawn_at`: its author took it back.
    `folder` None: it belongs to the brand; `filed_by` is kept then too where a person said so.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "external_id"),
        sa.Index("ix_mentions_state", "state", "id"),
        sa.Index("ix_mentions_thread", "source_id", "thread", "published_at"),
        sa.Index("ix_mentions_parent", "source_id", "parent"),
        sa.Index("ix_mentions_published", "published_at", "id"),
        # One for each filter that may find few or none: without it the list would be walked to its end.
        *(
            sa.Index(f"ix_mentions_{name}", column, "published_at", "id")
            for name, column in LISTED_BY.items()
        ),
        partial("ix_mentions_uncertain", "is_uncertain", "published_at", "id"),
        partial("ix_mentions_filed", "folder IS NOT NULL", "published_at", "id"),
        partial("ix_mentions_filed_by_person", FILED_BY_PERSON, "brand_id", "id"),
        sa.Index("ix_mentions_author", "author_id", "published_at"),
        sa.Index("ix_mentions_case", "case_id"),
        partial("ix_mentions_abusive", "is_abusive", "published_at", "id"),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("sources.id"))
    brand_id: Mapped[int] = mapped_column(sa.ForeignKey("brands.id"))
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("authors.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("cases.id", use_alter=True))
    external_id: Mapped[Key]
    url: Mapped[Address]
    kind: Mapped[str] = mapped_column(sa.String(16))  # review, comment, post, message or question
    title: Mapped[Text] = mapped_column(default="")
    text: Mapped[Text]
    rating: Mapped[float | None]
    language: Mapped[str | None] = mapped_column(sa.String(16))
    thread: Mapped[Key | None]
    thread_title: Mapped[Text] = mapped_column(default="")
    parent: Mapped[Key | None]
    published_at: Mapped[datetime]
    is_date_known: Mapped[bool] = mapped_column(default=True)
    collected_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    # The column keeps its first name: people's own reports read this table.
    edit_count: Mapped[int] = mapped_column("revision_count", key="edit_count", default=0)
    is_own: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MentionState] = mapped_column(code(MentionState, "state"), default=MentionState.NEW)
    claimed_until: Mapped[datetime | None]
    sentiment: Mapped[Sentiment | None] = mapped_column(code(Sentiment, "sentiment"))
    intent: Mapped[Intent | None] = mapped_column(code(Intent, "intent"))
    urgency: Mapped[Urgency | None] = mapped_column(code(Urgency, "urgency"))
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    is_abusive: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answer_seen_at: Mapped[datetime | None]
    answer_sent_at: Mapped[datetime | None]
    answer_proof: Mapped[str | None] = mapped_column(sa.String(16))
    answer_wall_seconds: Mapped[int | None]
    answer_business_seconds: Mapped[int | None]
    handle: Mapped[dict[str, Any] | None] = mapped_column(StoredObject(is_optional=True))
    facts: Mapped[dict[str, Any] | None] = mapped_column(StoredObject(is_optional=True))
    attachments: Mapped[list[dict[str, Any]] | None] = mapped_column(StoredObjects())
    reach: Mapped[dict[str, Any] | None] = mapped_column(StoredObject(is_optional=True))
    is_machine: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    can_be_answered: Mapped[bool | None]
    withdrawn_at: Mapped[datetime | None]
    folder: Mapped[Folder | None] = mapped_column(code(Folder, "folder"))
    filed_by: Mapped[FiledBy | None] = mapped_column(code(FiledBy, "filed_by"))

    source: Mapped[Source] = relationship()
    brand: Mapped[Brand] = relationship()
    author: Mapped[Author | None] = relationship(lazy="joined")

    @property
    def is_answerable(self) -> bool:
        """Counts in the response rate (docs/metrics.md), provided its source accepts replies."""
        return not self.is_own and (
            self.intent in (Intent.COMPLAINT, Intent.QUESTION) or self.rating is not None
        )

    @property
    def uses_own_name(self) -> bool:
        """Its author calls himself what the brand is called, and by what the site tells he is not the brand."""
        name = self.author.name if self.author else None
        return not self.is_own and is_name_of(name, self.brand.own_names)


class EarlierWording(Base):
    """How a mention read before it was edited.

    `said_at` is when its author wrote what stands there since, by the site's time or else when it was noticed; None
    where he said nothing new (desk/base/wordings.py). The `answer` columns are those of the mention as they were: an
    answer that was given to this wording stays with it, and the new words wait for one of their own.
    """

    __tablename__ = "earlier_wordings"
    __table_args__ = (
        # The numbers ask for these few with every page.
        sa.Index(
            "ix_earlier_wordings_answered",
            "mention_id",
            "id",
            sqlite_where=sa.text(WAS_ANSWERED),
            postgresql_where=sa.text(WAS_ANSWERED),
        ),
    )

    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(sa.ForeignKey("mentions.id", ondelete="CASCADE"), index=True)
    replaced_at: Mapped[datetime]
    title: Mapped[Text]
    text: Mapped[Text]
    rating: Mapped[float | None]
    said_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_seen_at: Mapped[datetime | None]
    answer_proof: Mapped[str | None] = mapped_column(sa.String(16))
    answer_wall_seconds: Mapped[int | None]
    answer_business_seconds: Mapped[int | None]


class Verdict(Base):
    """`by` is "model" or "human"; the newest human one wins. Probabilities are None for a person's verdict.

    `is_abusive`: it insults people; None where nobody was asked. `abuse_probability` is that of what was said.
    `wording` counts the edits before the words it is about; None, of an older version, is the first wording.
    """

    __tablename__ = "verdicts"
    __table_args__ = (
        sa.Index("ix_verdicts_mention", "mention_id", "id"),
        # People's words are few among millions of a model's, and the judge learns from them alone.
        sa.Index(
            "ix_verdicts_human",
            "mention_id",
            "id",
            sqlite_where=sa.text(HUMAN),
            postgresql_where=sa.text(HUMAN),
        ),
    )

    id: Mapped[Id]
    mention_id: Mapped[int] = mapped_column(sa.ForeignKey("mentions.id", ondelete="CASCADE"))
    by: Mapped[str] = mapped_column(sa.String(8))
    backend: Mapped[str] = mapped_column(sa.String(80))
    model_revision: Mapped[str] = mapped_column(sa.String(80))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("users.id"))
    made_at: Mapped[datetime]
    language: Mapped[str] = mapped_column(sa.String(16))
    language_probability: Mapped[float | None]
    sentiment: Mapped[Sentiment] = mapped_column(code(Sentiment, "sentiment"))
    sentiment_probability: Mapped[float | None]
    intent: Mapped[Intent] = mapped_column(code(Intent, "intent"))
    intent_probability: Mapped[float | None]
    urgency: Mapped[Urgency] = mapped_column(code(Urgency, "urgency"))
    urgency_probability: Mapped[float | None]
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    is_abusive: Mapped[bool | None]
    abuse_probability: Mapped[float | None]
    wording: Mapped[int | None]
