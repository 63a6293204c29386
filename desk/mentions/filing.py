"""What does not belong to the brand is kept in a folder, where people see it and put right what is wrong. The word of a person stays in
force. docs/queries.md says what is filed, and what never is."""

from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk.base.damage import is_damaged
from desk.base.words import FiledBy, Folder
from desk.brands import brands
from desk.mentions import authorship, corrected_folders, folders
from desk.mentions.learned_folders import signs_of
from desk.mentions.lexicon import LEXICON
from desk.models import Author, Brand, Mention, Source
from desk.queries import grammar
from desk.queries.faults import QueryFault
from desk.queries.matching import Matcher, Outcome, Said


def proposal(session: Session, mention: Mention, source: Source) -> tuple[Folder, FiledBy] | None:
    """Where it belongs by what is known of it; None: among the mentions."""
    if mention.is_own:
        return None
    if _is_by_competitor(session, mention, source):
        return Folder.COMPETITOR, FiledBy.RULE
    if folders.is_advertisement(mention.kind, f"{mention.title}\n{mention.text}"):
        return Folder.ADVERTISEMENT, FiledBy.RULE
    is_beside = source.is_filtered and _is_beside(mention, source.brand)
    like = None if is_beside else _learned_folder(session, mention)
    if (is_beside or like) and _answers_brand(session, mention):
        return None
    return (Folder.OFF_TOPIC, FiledBy.QUERY) if is_beside else (like, FiledBy.LEARNED) if like else None


def put(mention: Mention, where: tuple[Folder, FiledBy] | None) -> None:
    """Where a person has put it, it stays."""
    if mention.filed_by is FiledBy.PERSON:
        return
    mention.folder, mention.filed_by = where if where is not None else (None, None)


def put_by_person(mention: Mention, folder: Folder | None) -> None:
    mention.folder, mention.filed_by = folder, FiledBy.PERSON


def _is_by_competitor(session: Session, mention: Mention, source: Source) -> bool:
    if mention.author_id is None:
        return False
    author = session.get_one(Author, mention.author_id)
    others = sa.select(Brand).where(Brand.is_competitor, Brand.id != source.brand_id)
    return any(
        authorship.is_own(None, author, other.own_names, author.site)
        for other in session.scalars(others)
        if not is_damaged(other.own_names)
    )


def outcome(mention: Mention) -> Outcome | None:
    """What the query in force makes of it, and why; None where that query cannot be read."""
    if (matcher := _matcher(brands.query_of(mention.brand))) is None:
        return None
    return matcher.read(_said(mention)).outcome(0)


def _said(mention: Mention) -> Said:
    return Said(mention.text, mention.title, mention.thread_title, mention.language)


def _is_beside(mention: Mention, brand: Brand) -> bool:
    """Whether the brand's query says so. A query that cannot be read says nothing."""
    matcher = _matcher(brands.query_of(brand))
    return matcher is not None and not matcher.read(_said(mention)).matches(0)


def _learned_folder(session: Session, mention: Mention) -> Folder | None:
    """By what people have corrected. A review with stars is theirs to file, never ours to guess at."""
    if mention.rating is not None or (known := corrected_folders.learned(session, mention.brand_id)) is None:
        return None
    author = mention.author.name if mention.author else None
    return known.folder_of(signs_of(mention.title, mention.text, author))


def _answers_brand(session: Session, mention: Mention) -> bool:
    """What is said to the brand's own words is meant for it, whatever it says."""
    if mention.parent is None:
        return False
    parent = sa.select(Mention.id).where(
        Mention.source_id == mention.source_id, Mention.external_id == mention.parent, Mention.is_own
    )
    return session.scalar(parent) is not None


@lru_cache(maxsize=100)
def _matcher(query: str) -> Matcher | None:
    try:
        return Matcher([(query, grammar.parse(query))], LEXICON)
    except QueryFault:
        return None
