"""Tables out of the watched folder: each is stored batch by batch, and moved aside once all of it is stored."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Final

import channels
from channels import errors
from channels.contract import Page, Parsed, Place, Reads, Remark, Sighting
from channels.csv_file import tables
from desk.base import db, logs
from desk.base.errors import DeskError, Invalid
from desk.base.sentences import Sentence
from desk.brands import brands
from desk.pipeline import arrivals, imports
from desk.pipeline.arrivals import Recorded
from desk.sources import import_folder, places, sources
from desk.sources.import_folder import Dropped

BATCH: Final = 500
log = logs.logger()


def import_next() -> bool:
    """Whether a file had its turn. One that cannot be read is moved aside too and says why; the others go on."""
    with import_folder.held() as is_held:
        found = import_folder.files(datetime.now(UTC)) if is_held else []
        if not found:
            return False
        tally = _tally(found[0])
        try:
            import_folder.put_aside(
                found[0], datetime.now(UTC), _report(tally), is_imported=tally.fault is None
            )
        except OSError as error:
            # It stays, and adds nothing twice; whoever looks after the folder has to allow it.
            log.warning("import_not_moved", file=str(found[0].place), error=logs.words(error))
            return False
        return True


def _tally(one: Dropped) -> imports.Tally:
    try:
        return _read(one)
    except db.Busy as error:
        log.warning("import_waits", file=str(one.place), error=logs.words(error))
        raise
    except errors.ChannelError as error:
        return imports.Tally(fault=Sentence.of(error.text))
    except DeskError as error:
        return imports.Tally(fault=Sentence.alike(error.said))
    except OSError as error:
        why = error.strerror or type(error).__name__
        return imports.Tally(
            fault=Sentence(f"The file cannot be opened ({why}).", f"Файл не открывается ({why}).")
        )
    except Exception as error:  # the job border: one file must not hold up the others
        log.exception("import_failed", file=str(one.place))
        name = type(error).__name__
        return imports.Tally(
            fault=Sentence(f"An error of Otklik itself ({name}).", f"Ошибка самого Отклика ({name}).")
        )


def _read(one: Dropped) -> imports.Tally:
    """Raises ChannelError, DeskError where nothing was stored."""
    address = imports.address_of(one.source_name)
    with db.snapshot() as session:
        _demand_brand([brand.name for brand in brands.all_brands(session)], one)
        source = imports.known(session, one.source_name, one.brand_name)
        place = Place.of(places.place_of(session, source)) if source is not None else Place(address)
    with one.path.open("rb") as opened:
        body = opened.read(tables.MAX_FILE + 1)
    channel = channels.channel(imports.KIND)
    assert isinstance(channel, Reads)
    parts = iter(channel.parse(place, Page(address, 200, {}, body, fetched_at=datetime.now(UTC))))
    first = list(islice(parts, BATCH))  # a file that is no table leaves nothing behind
    with db.transaction() as session:
        source_id, crawl_id = imports.begin(session, one.source_name, one.brand_name, {}, datetime.now(UTC))
    tally = _store(source_id, first, parts)
    with db.transaction() as session:
        imports.finish(session, crawl_id, tally, datetime.now(UTC))
    return tally


def _demand_brand(names: list[str], one: Dropped) -> None:
    if one.brand_name is None and len(names) > 1:
        raise Invalid(
            Sentence(
                "There are several brands: put the file into folders named after its brand and its source, BRAND/SOURCE/FILE.",
                "Брендов несколько: положите файл в папки с названием бренда и источника, БРЕНД/ИСТОЧНИК/ФАЙЛ.",
            ),
            "brand",
        )
    if one.brand_name is not None and one.brand_name not in names:
        raise Invalid(
            Sentence(
                f"There is no brand called “{one.brand_name}”; the outer folder names the brand.",
                f"Нет бренда «{one.brand_name}»: внешняя папка называет бренд.",
            ),
            "brand",
        )


def _store(source_id: int, batch: list[Parsed], parts: Iterator[Parsed]) -> imports.Tally:
    total, items, remarks = Recorded(), 0, list[Sentence]()
    try:
        while batch:
            seen = [part for part in batch if isinstance(part, Sighting)]
            remarks += [Sentence.of(part.text) for part in batch if isinstance(part, Remark)]
            items += len(seen)
            with db.transaction() as session:
                now = datetime.now(UTC)
                total += arrivals.record(session, sources.load(session, source_id), seen, now)
            batch = list(islice(parts, BATCH))
    except errors.ChannelError as error:
        return imports.Tally(items, total, remarks, error.kind, Sentence.of(error.text))
    return imports.Tally(items, total, remarks)


def _report(tally: imports.Tally) -> str:
    """What lies beside the file, in both languages: who put it there is not known."""
    counts, fault = tally.recorded, [tally.fault] if tally.fault else []
    if tally.fault is not None and not tally.items:
        head = Sentence("Nothing was stored.", "Ничего не сохранено.")
    else:
        head = Sentence(
            f"{counts.new} new, {counts.edited} edited, {counts.known} known already, {len(tally.remarks)} remarks.",
            f"Новых: {counts.new}, изменённых: {counts.edited}, уже известных: {counts.known}, замечаний: {len(tally.remarks)}.",
        )
    if tally.fault is not None and tally.items:
        rest = Sentence(
            "The rest was not read; what was read is kept.", "Остальное не прочитано; прочитанное сохранено."
        )
        fault.append(rest)
    said = [head, *fault, *tally.remarks]
    return "\n".join([*said, "", *(one.ru for one in said), ""])
