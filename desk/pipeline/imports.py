"""A table that a person brings: its source, which is made when the first one of its name is read, and what came of it. By a command
(webapp/cli/importing.py), or out of the watched folder (workers/importing.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from desk.base import damage, settings
from desk.base.errors import Conflict, Invalid
from desk.base.sentences import Sentence
from desk.base.words import Arrival, CrawlOutcome
from desk.brands import brands
from desk.models import Brand, Source
from desk.pipeline import brand_setup
from desk.pipeline.arrivals import Recorded
from desk.sources import crawls, source_list, sources

KIND = "file"
DAMAGED = (
    "What the database keeps of this file's columns is damaged. Nothing was stored; what was imported before is safe."
    " Import the file under another name (--source NAME), with --column and --best-rating where they are needed."
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What reading one table came to. `fault` ended it before its end: what was read until then is kept."""

    items: int = 0
    recorded: Recorded = field(default_factory=Recorded)
    remarks: Sequence[Sentence] = ()
    fault_kind: str | None = None
    fault: Sentence | None = None


def address_of(name: str) -> str:
    """What stands for the address of a table: a table of the same name is of the same source."""
    return f"{KIND}:{name}"


def known(session: Session, name: str, brand_name: str | None) -> Source | None:
    """The source of the tables with this name. Raises Damaged."""
    for source in source_list.all_sources(session):
        if source.url == address_of(name) and brand_name in (None, source.brand.name):
            damage.demand_whole(source.settings, KIND, DAMAGED)
            return source
    return None


def begin(
    session: Session, name: str, brand_name: str | None, told: Mapping[str, str], now: datetime
) -> tuple[int, int]:
    """The ids of the source and of the crawl that begins. `told`: settings that hold from now on. Raises Invalid, NotFound."""
    brand = _brand(session, brand_name, now)
    try:
        source = sources.add(
            session, brand, KIND, address_of(name), title=name, arrives=Arrival.IMPORT, now=now
        )
    except Conflict as error:
        source = sources.load(session, int(str(error.facts["id"])))
    source.settings = {**source.settings, **told}
    return source.id, crawls.start_crawl(session, source.id, now).id


def finish(session: Session, crawl_id: int, tally: Tally, now: datetime) -> None:
    report = crawls.CrawlReport(
        CrawlOutcome.PARTIAL if tally.fault else CrawlOutcome.OK,
        items=tally.items, new=tally.recorded.new, edited=tally.recorded.edited, remarks=tuple(tally.remarks),
        error_kind=tally.fault_kind, error=tally.fault,
    )  # fmt: skip
    crawls.finish_crawl(session, crawl_id, report, now)


def _brand(session: Session, name: str | None, now: datetime) -> Brand:
    if name is not None:
        return brands.named(session, name)
    every = brands.all_brands(session)
    if not every:
        zone = settings.current().time_zone
        return brand_setup.create(session, "My brand", words=[], own_names=[], time_zone=zone, now=now)
    if len(every) > 1:
        raise Invalid("There are several brands: name one with --brand NAME.", "brand")
    return every[0]
