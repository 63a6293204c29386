"""The watched folder: tables that a person or another program puts there are imported and then moved aside. The file is its own
queue: it lies there until all of it is stored, and a table that is read twice adds nothing twice.

    FILE               a source of that file's name
    SOURCE/FILE        the source SOURCE, whatever the file is called
    BRAND/SOURCE/FILE  the same, of that brand
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from desk.base import settings
from desk.base.work import Pending

IMPORTED, REFUSED = "imported", "not imported"
"""Where they are moved to, inside the folder."""
STEADY: Final = timedelta(seconds=10)
"""A file that was written to more recently may not be whole."""
DEEPEST: Final = 3
MOST_FILES: Final = 1_000
_UNFINISHED: Final = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp")


@dataclass(frozen=True, slots=True)
class Dropped:
    """`place` is the path within the folder."""

    path: Path
    place: Path

    @property
    def brand_name(self) -> str | None:
        return self.place.parts[0] if len(self.place.parts) == DEEPEST else None

    @property
    def source_name(self) -> str:
        return self.place.name if len(self.place.parts) == 1 else self.place.parts[-2]


def waiting(session: Session, now: datetime) -> Pending:
    """Whether a whole file lies in the folder."""
    del session  # the folder is the queue
    return Pending(is_free=next(iter(files(now)), None) is not None, is_held=False)


def files(now: datetime) -> list[Dropped]:
    """The whole ones, oldest first. Links, hidden files and what a program is still writing are left alone. Without the
    setting, or where the folder is not there (a disk that is not mounted), there are none."""
    folder = settings.current().import_folder
    if folder is None:
        return []
    found = [one for _, one in zip(range(MOST_FILES), _within(folder, folder), strict=False)]
    whole = [(at, one) for one in found if (at := _written_at(one.path)) <= (now - STEADY).timestamp()]
    return [one for _, one in sorted(whole, key=lambda pair: (pair[0], str(pair[1].place)))]


@contextmanager
def held() -> Iterator[bool]:
    """Whether this process alone works on the folder until the end of the block; the system frees it when a process dies."""
    folder = settings.current().import_folder
    try:
        opened = os.open(folder or "", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        yield False
    else:
        yield True
    finally:
        os.close(opened)


def put_aside(one: Dropped, now: datetime, report: str, *, is_imported: bool) -> Path:
    """Moves a file out of the queue and writes beside it what was read of it. Returns where it lies. Raises OSError."""
    folder = one.path.parents[len(one.place.parts) - 1]
    target = folder / (IMPORTED if is_imported else REFUSED) / one.place
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        target = target.with_name(f"{now:%Y-%m-%d %H.%M.%S} {one.place.name}")
    target.with_name(f"{target.name}.report.txt").write_text(report, "utf-8")
    shutil.move(one.path, target)
    return target


def _within(folder: Path, top: Path) -> Iterator[Dropped]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path, place = Path(entry.path), Path(entry.path).relative_to(top)
        if entry.name.startswith((".", "~$")) or (folder == top and entry.name in (IMPORTED, REFUSED)):
            continue
        if entry.is_dir(follow_symlinks=False) and len(place.parts) < DEEPEST:
            yield from _within(path, top)
        elif entry.is_file(follow_symlinks=False) and path.suffix.lower() not in _UNFINISHED:
            yield Dropped(path, place)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")  # somebody took it away
