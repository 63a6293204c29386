"""The database as one file, and back: SQLite's own copy or PostgreSQL's own dump, with the keys that open it."""

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from desk import db, schema, settings
from desk.errors import DeskError, Invalid

SQLITE_NAME, DUMP_NAME = "otklik.sqlite3", "otklik.dump"
# The keys open the stored credentials and the sign-ins: without them a restored database is half a database.
KEPT_BESIDE = ("vault.key", "web.key")


def write(path: Path) -> None:
    """Readable by its owner alone, because it holds secrets. Raises DeskError when there is nothing to back up."""
    chosen = settings.current()
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder)
        _dump(chosen, content)
        for name in KEPT_BESIDE:
            if (chosen.home / name).exists():
                shutil.copy2(chosen.home / name, content / name)
        fresh = path.with_name(path.name + ".part")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz") as archive:
                for part in sorted(content.iterdir()):
                    archive.add(part, arcname=part.name)
        fresh.replace(path)


def restore(path: Path) -> None:
    """Replaces the database and the keys, then migrates. Nothing may run meanwhile. Raises Invalid, DeskError."""
    chosen = settings.current()
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder)
        _unpack(path, content)
        _load(chosen, content)
        for name in KEPT_BESIDE:
            if (content / name).exists():
                chosen.home.mkdir(parents=True, exist_ok=True)
                shutil.copy2(content / name, chosen.home / name)
    db.forget()
    schema.upgrade()


def _dump(chosen: settings.Settings, folder: Path) -> None:
    url = sa.make_url(chosen.database_address)
    if url.get_backend_name() == "sqlite":
        if not Path(str(url.database)).exists():
            raise DeskError("There is no database yet: nothing to back up.")
        with (
            closing(sqlite3.connect(str(url.database))) as live,
            closing(sqlite3.connect(folder / SQLITE_NAME)) as copy,
        ):
            live.backup(copy)
        return
    _postgresql("pg_dump", "--format=custom", "--no-owner", f"--file={folder / DUMP_NAME}", url=url)


def _load(chosen: settings.Settings, folder: Path) -> None:
    url = sa.make_url(chosen.database_address)
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite != (folder / SQLITE_NAME).exists():
        raise Invalid(
            "The backup is of the other kind of database (SQLite, PostgreSQL). Nothing was changed."
        )
    if not is_sqlite:
        _postgresql("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
                    str(folder / DUMP_NAME), url=url)  # fmt: skip
        return
    live = Path(str(url.database))
    live.parent.mkdir(parents=True, exist_ok=True)
    # Copied through SQLite itself, so that a reader never sees half a file and the write-ahead log fits.
    with closing(sqlite3.connect(folder / SQLITE_NAME)) as saved, closing(sqlite3.connect(live)) as target:
        saved.backup(target)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path) as archive:
            names = set(archive.getnames())
            if not names & {SQLITE_NAME, DUMP_NAME} or names - {SQLITE_NAME, DUMP_NAME, *KEPT_BESIDE}:
                raise Invalid(f"{path} is not a backup made by `otklik db backup`. Nothing was changed.")
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise Invalid(f"{path} cannot be read as a backup ({error}). Nothing was changed.") from None


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
        raise DeskError(f"{program} failed: {done.stderr.strip()}")
