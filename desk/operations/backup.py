"""The database as one file, and back: SQLite's own copy or PostgreSQL's own dump, with the keys that open it.

What is there stays as it is until everything new is ready beside it, and only regular files are ever replaced."""

import os
import shutil
import sqlite3
import stat
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from desk.base import db, settings
from desk.base.errors import DeskError, Invalid
from desk.operations import schema

SQLITE_NAME, DUMP_NAME = "otklik.sqlite3", "otklik.dump"
# The keys open the stored credentials and the sign-ins: without them a restored database is half a database.
KEPT_BESIDE = ("vault.key", "web.key")
SAFE = "Nothing was changed."
OTHER_KIND = f"The backup is of the other kind of database (SQLite, PostgreSQL). {SAFE}"
NEWER = f"The backup was made by a newer Otklik. Upgrade this one first. {SAFE}"


def write(path: Path) -> None:
    """Readable by its owner alone, because it holds secrets. Raises DeskError when it cannot be written, or when there
    is nothing to back up; whatever stood at `path` before then still stands there."""
    chosen = settings.current()
    demand_regular(path)
    with _clear_words(f"{path} cannot be written"), _folder(path.parent) as content:
        _dump(chosen, content)
        for name in KEPT_BESIDE:
            if (chosen.home / name).exists():
                shutil.copyfile(chosen.home / name, content / name)
        fresh = content.with_name(content.name + ".part")
        try:
            _pack(content, fresh)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def restore(path: Path) -> None:
    """Replaces the database and the keys by those of a backup, brought up to date. Nothing may run meanwhile. Raises
    Invalid for a file that is no backup that can be used here, DeskError where the place cannot be written."""
    chosen = settings.current()
    with _clear_words(f"{path} cannot be restored"):
        if not path.is_file():
            raise Invalid(f"{path} is not a file. {SAFE}")
        chosen.home.mkdir(parents=True, exist_ok=True)
    for name in KEPT_BESIDE:
        demand_regular(chosen.home / name)
    with _clear_words(f"{path} cannot be restored"), _folder(chosen.home) as content:
        _unpack(path, content)
        if sa.make_url(chosen.database_address).get_backend_name() == "sqlite":
            _replace_sqlite(chosen, content)
        else:
            _replace_postgresql(chosen, content)
    db.forget()


def demand_regular(path: Path) -> None:
    """Raises DeskError for whatever must not be replaced by a file: a folder, a link, a device, a pipe."""
    mode = _mode(path)
    if mode and not stat.S_ISREG(mode):
        kind = next((name for name, is_it in KINDS.items() if is_it(mode)), "no file")
        raise DeskError(f"{path} is {kind} and is not replaced. Choose another name. {SAFE}")
    if not path.parent.is_dir():
        raise DeskError(f"There is no folder {path.parent}. {SAFE}")


KINDS = {
    "a link": stat.S_ISLNK,
    "a folder": stat.S_ISDIR,
    "a device": lambda mode: stat.S_ISCHR(mode) or stat.S_ISBLK(mode),
    "a pipe": stat.S_ISFIFO,
    "a socket": stat.S_ISSOCK,
}


def _mode(path: Path) -> int:
    """0 where there is nothing. Of a link its own."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (OSError, ValueError) as error:
        raise DeskError(f"{path} cannot be read ({_reason(error)}). {SAFE}") from None


@contextmanager
def _folder(beside: Path) -> Iterator[Path]:
    """A folder of our own on the same disk, so that what is ready there can be put into its place in one step."""
    with tempfile.TemporaryDirectory(prefix=".otklik-", dir=beside) as folder:
        yield Path(folder)


@contextmanager
def _clear_words(what: str, what_is_safe: str = SAFE) -> Iterator[None]:
    """No rights, a full disk, a damaged database: one sentence instead of a traceback."""
    try:
        yield
    except (OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise DeskError(f"{what}: {_reason(error)}. {what_is_safe}".rstrip()) from None


def _reason(error: Exception) -> str:
    words = getattr(error, "strerror", None) or str(getattr(error, "orig", None) or error)
    return next(iter(words.splitlines()), type(error).__name__)[:300].rstrip(".")


def _pack(content: Path, fresh: Path) -> None:
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            for part in sorted(content.iterdir()):
                archive.add(part, arcname=part.name)
        file.flush()
        os.fsync(file.fileno())


def _dump(chosen: settings.Settings, folder: Path) -> None:
    url = sa.make_url(chosen.database_address)
    if url.get_backend_name() != "sqlite":
        _postgresql("pg_dump", "--format=custom", "--no-owner", f"--file={folder / DUMP_NAME}", url=url)
        return
    if not Path(str(url.database)).exists():
        raise DeskError("There is no database yet: nothing to back up.")
    with (
        closing(sqlite3.connect(str(url.database))) as live,
        closing(sqlite3.connect(folder / SQLITE_NAME)) as copy,
    ):
        live.backup(copy)


def _replace_sqlite(chosen: settings.Settings, content: Path) -> None:
    """The copy is checked and migrated where it lies; then it takes the place of the old one in one step."""
    saved = content / SQLITE_NAME
    if not saved.exists():
        raise Invalid(OTHER_KIND)
    _demand_sound(saved)
    schema.upgrade(f"sqlite:///{saved}")
    with closing(sqlite3.connect(saved)) as ready:
        ready.execute("PRAGMA journal_mode=DELETE")
    # Where the database itself lies elsewhere and a link leads to it, the link stays.
    live = Path(str(sa.make_url(chosen.database_address).database)).resolve()
    live.parent.mkdir(parents=True, exist_ok=True)
    demand_regular(live)
    db.forget()
    _close_journal(live)
    # On another disk than the home folder it has to be copied first, and then replaced.
    beside = live.with_name(live.name + ".restored")
    beside.unlink(missing_ok=True)
    shutil.move(saved, beside)
    beside.chmod(0o600)
    beside.replace(live)
    _put_keys(chosen.home, content)


def _demand_sound(saved: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{saved}?mode=ro", uri=True)) as database:
            wrong = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        wrong = str(error)
    if wrong != "ok":
        raise Invalid(f"The database in the backup is damaged ({wrong}). {SAFE}")
    revision = schema.revision(f"sqlite:///{saved}")
    if revision is None:
        raise Invalid(f"There is no database of Otklik in the backup. {SAFE}")
    if not schema.knows(revision):
        raise Invalid(NEWER)


def _close_journal(live: Path) -> None:
    """What the old database has not written back would be written into the new one. Raises DeskError while somebody has it
    open; one that is damaged beyond opening has nothing to close."""
    if live.exists():
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(live, timeout=2)) as old:
            try:
                old.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as error:
                raise DeskError(f"The database is in use ({error}). Stop Otklik first. {SAFE}") from None
    for rest in ("-wal", "-shm", "-journal"):
        live.with_name(live.name + rest).unlink(missing_ok=True)


def _replace_postgresql(chosen: settings.Settings, content: Path) -> None:
    dump = content / DUMP_NAME
    if not dump.exists():
        raise Invalid(OTHER_KIND)
    url = sa.make_url(chosen.database_address)
    revision = _revision_in(dump)
    if revision is not None and not schema.knows(revision):
        raise Invalid(NEWER)
    _postgresql(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(dump), url=url
    )
    db.forget()
    with _clear_words("The database is restored, but not up to date: run `otklik db upgrade`", ""):
        schema.upgrade()
    _put_keys(chosen.home, content)


def _revision_in(dump: Path) -> str | None:
    """Which version of the tables a dump holds; None where it does not say, as one of an empty database."""
    if shutil.which("pg_restore") is None:
        return None
    command = ["pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(dump)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("COPY ")]
    return lines[heads[0] + 1].strip() if heads and len(lines) > heads[0] + 1 else None


def _put_keys(home: Path, content: Path) -> None:
    with _clear_words(
        "The database is restored, but its keys are not: take them out of the backup by hand", ""
    ):
        for name in KEPT_BESIDE:
            if (content / name).exists():
                (content / name).chmod(0o600)
                (content / name).replace(home / name)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path) as archive:
            members = archive.getmembers()
            names = {member.name for member in members if member.isreg()}
            if len(members) != len(names) or not _is_backup(names):
                raise Invalid(f"{path} is not a backup made by `otklik db backup`. {SAFE}")
            archive.extractall(folder, filter="data")
    except OSError as error:
        if error.errno is not None:
            raise  # the disk is full, or somebody may not read it
        raise Invalid(f"{path} cannot be read as a backup ({error}). {SAFE}") from None
    except (tarfile.TarError, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise Invalid(f"{path} cannot be read as a backup ({error}). {SAFE}") from None


def _is_backup(names: set[str]) -> bool:
    return bool(names & {SQLITE_NAME, DUMP_NAME}) and not names - {SQLITE_NAME, DUMP_NAME, *KEPT_BESIDE}


def _postgresql(program: str, *arguments: str, url: sa.URL) -> None:
    if shutil.which(program) is None:
        raise DeskError(f"{program} is not on this machine. Install PostgreSQL's client programs.")
    # The password goes by the environment: command lines can be read by everybody on the machine.
    environment = {**os.environ, "PGPASSWORD": url.password or ""}
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    done = subprocess.run(
        [program, *arguments, f"--dbname={address}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DeskError(f"{program} failed: {done.stderr.strip()[:1000]}")
