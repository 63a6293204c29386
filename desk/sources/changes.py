"""What a lead changes about a source after it was added: its name, settings, credentials and pace."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from desk import journal
from desk.base import bounds, vault
from desk.base.damage import is_damaged
from desk.base.errors import Invalid
from desk.base.sentences import Sentence
from desk.base.words import Arrival, SourceState
from desk.models import Source
from desk.sources import crawls, sources
from desk.sources import own_ids as ids

LONGEST_ADDRESS, LONGEST_VALUE = 2_000, 8_000
NOT_FOLLOWED = Sentence(
    "The site says that this source has moved to where it cannot be followed: to an address at which the brand listens"
    " already, to one that is too long, or, with credentials, to another host. It stays where it was: change it by hand.",
    "По словам площадки, источник переехал туда, куда за ним нельзя последовать: на адрес, за которым бренд уже следит, на"
    " слишком длинный или, при сохранённых данных для входа, на другой сайт. Источник остался прежним: измените его вручную.",
)


def change(
    session: Session,
    source_id: int,
    *,
    title: str,
    settings_values: Mapping[str, str],
    interval_seconds: int,
    accepts_replies: bool,
    is_filtered: bool,
    language: str | None,
    own_ids: Sequence[str],
) -> Source:
    """Raises NotFound, Invalid (its `field` names the argument)."""
    source = sources.load(session, source_id)
    if not title.strip():
        raise Invalid("The name is empty.", "title")
    # What a crawl remembered and nobody can read any more is learned again.
    if is_damaged(source.cursor):
        source.cursor = {}
    source.title, source.interval_seconds = title.strip()[:200], bounds.interval(interval_seconds)
    source.settings = {name: value for name, value in settings_values.items() if value}
    source.is_filtered = is_filtered
    source.accepts_replies, source.language = accepts_replies, sources.read_language(language)
    source.own_ids = ids.read(own_ids)
    session.flush()
    return source


def change_own_ids(session: Session, source_id: int, own_ids: Sequence[str]) -> Source:
    """They take the place of those before, damaged ones too, and count from the next reading on. Raises NotFound, Invalid."""
    source = sources.load(session, source_id)
    source.own_ids = ids.read(own_ids)
    session.flush()
    return source


def change_settings(session: Session, source_id: int, fresh: Mapping[str, str]) -> Source:
    """An empty value deletes the setting; those that are not named stay. Raises NotFound, and Damaged where what is
    stored cannot be read."""
    source = sources.load(session, source_id)
    if fresh:
        sources.demand_whole(source)
        source.settings = {name: value for name, value in {**source.settings, **fresh}.items() if value}
        session.flush()
    return source


def change_secrets(
    session: Session, source_id: int, fresh: Mapping[str, str], forget: Iterable[str] = ()
) -> Source:
    """An empty value keeps the old one. Secrets that can no longer be decrypted are replaced."""
    source = sources.load(session, source_id)
    try:
        kept = vault.unlock(source.secrets)
    except Invalid:
        kept = {}
    forgotten = set(forget)
    merged = {**kept, **{name: value for name, value in fresh.items() if value}}
    source.secrets = vault.lock({name: value for name, value in merged.items() if name not in forgotten})
    session.flush()
    return source


def follow(
    session: Session, source: Source, url: str | None, settings_values: Mapping[str, str], now: datetime
) -> bool:
    """The site says that the source has another address or other settings from now on; whether that can be. Not what
    is too long to be kept; no address at which the brand listens already, as two sources would say everything twice; and no
    other host where there are credentials: a site does not decide who else sees them."""
    address = (url or "").strip() or source.url
    told = {str(name): str(value) for name, value in settings_values.items()}
    if address == source.url and all(source.settings.get(name) == value for name, value in told.items()):
        return True
    if len(address) > LONGEST_ADDRESS or any(len(value) > LONGEST_VALUE for value in told.values()):
        return False
    has_credentials = source.secrets is not None or source.account_id is not None
    if has_credentials and urlsplit(address)[:2] != urlsplit(source.url)[:2]:
        return False
    is_taken = sa.select(Source.id).where(
        Source.brand_id == source.brand_id, Source.kind == source.kind, Source.url == address
    )
    if address != source.url and session.scalar(is_taken) is not None:
        return False
    sources.demand_whole(source)
    source.url, source.settings = address, {**source.settings, **told}
    journal.write(session, "source_moved", now, brand_id=source.brand_id, source=source.id)
    return True


def crawl_now(session: Session, source_id: int, now: datetime) -> Source:
    """Raises Invalid for a source that is not crawled, and for one that has to be resumed first."""
    source = sources.load(session, source_id)
    if source.arrives is not Arrival.CRAWL:
        raise Invalid("Nothing is crawled at this source: what is said there is sent or imported.", "arrives")
    if source.state is not SourceState.ACTIVE:
        raise Invalid("A paused source is not crawled; resume it first.", "state")
    crawls.crawl_soon(session, source, now)
    return source
