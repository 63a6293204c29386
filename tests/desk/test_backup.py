"""What was saved comes back; what is no backup changes nothing."""

import errno
import io
import os
import sqlite3
import stat
import tarfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk.base import db, settings, vault
from desk.base.errors import DeskError, Invalid
from desk.brands import brands
from desk.operations import backup, schema
from desk.sources import sources
from tests.world.desk import listen


def _listen(now: datetime, name: str = "Zarya") -> None:
    url = f"https://{name.lower()}.example/"
    listen(url, "wordpress", brand=name, title=name, now=now, secrets={"password": "s3cret"})


def _names() -> list[str]:
    with db.snapshot() as session:
        return [brand.name for brand in brands.all_brands(session)]


def _archive(path: Path, **parts: bytes) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            info = tarfile.TarInfo(name.replace("__", "."))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.usefixtures("database")
def test_everything_comes_back_with_its_key(now: datetime, tmp_path: Path) -> None:
    _listen(now)
    saved = tmp_path / "saved.tar.gz"
    backup.write(saved)
    _listen(now, "Later")
    (settings.current().home / "vault.key").write_text("another key")

    backup.restore(saved)

    assert _names() == ["Zarya"]
    assert schema.check() == []
    with db.snapshot() as session:
        assert vault.unlock(sources.load(session, 1).secrets) == {"password": "s3cret"}


@pytest.mark.usefixtures("database")
def test_only_its_owner_may_read_it(now: datetime, tmp_path: Path) -> None:
    _listen(now)
    saved = tmp_path / "saved.tar.gz"
    saved.write_bytes(b"an older one that everybody may read")
    saved.chmod(0o644)

    backup.write(saved)

    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("saved*")] == ["saved.tar.gz"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    "parts",
    [
        {"notes__txt": b"hello"},
        {"otklik__sqlite3": b"", "../outside": b"x"},
        {"otklik__sqlite3": b"", "otklik__dump": b"", "cron__d": b"x"},
    ],
)
def test_what_is_no_backup_changes_nothing(now: datetime, tmp_path: Path, parts: dict[str, bytes]) -> None:
    _listen(now)
    with pytest.raises(Invalid, match="Nothing was changed"):
        backup.restore(_archive(tmp_path / "strange.tar.gz", **parts))
    assert _names() == ["Zarya"]
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("kept", [0, 12, 0.5, 0.95])
def test_a_broken_file_changes_nothing(now: datetime, tmp_path: Path, kept: float) -> None:
    _listen(now)
    broken = tmp_path / "broken.tar.gz"
    backup.write(broken)
    whole = broken.read_bytes()
    broken.write_bytes(whole[: int(len(whole) * kept if kept < 1 else kept)])
    with pytest.raises(Invalid, match="cannot be read as a backup"):
        backup.restore(broken)
    assert _names() == ["Zarya"]


@pytest.mark.usefixtures("database")
def test_a_backup_of_the_other_kind_of_database_is_refused(now: datetime, tmp_path: Path) -> None:
    _listen(now)
    is_sqlite = settings.current().database_address.startswith("sqlite")
    other = {"otklik__dump": b"x"} if is_sqlite else {"otklik__sqlite3": b"x"}
    with pytest.raises(Invalid, match="other kind of database"):
        backup.restore(_archive(tmp_path / "other.tar.gz", **other))
    assert _names() == ["Zarya"]


@pytest.mark.usefixtures("home")
def test_there_is_nothing_to_save_before_the_first_start(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="no database yet"):
        backup.write(tmp_path / "saved.tar.gz")
    assert list(tmp_path.glob("saved*")) == []


def _sqlite_only() -> None:
    if not settings.current().database_address.startswith("sqlite"):
        pytest.skip("about the file of SQLite")


def _at(path: Path, kind: str) -> None:
    target = path.with_name("target")
    make = {
        "link": lambda: (target.write_text("kept"), path.symlink_to(target)),
        "dangling link": lambda: path.symlink_to(target),
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
    }
    make[kind]()


ODD = ["link", "dangling link", "folder", "pipe"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("kind", ODD)
def test_only_a_file_is_replaced_by_a_backup(now: datetime, tmp_path: Path, kind: str) -> None:
    _listen(now)
    path = tmp_path / "place" / "saved.tar.gz"
    path.parent.mkdir()
    _at(path, kind)
    before = sorted((each.name, each.lstat().st_mode) for each in path.parent.iterdir())
    with pytest.raises(DeskError, match=r"is not replaced.*Nothing was changed"):
        backup.write(path)
    assert sorted((each.name, each.lstat().st_mode) for each in path.parent.iterdir()) == before


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("path", ["/dev/null", "/dev/full", "/proc/self/mem", "/nowhere/saved.tar.gz", "/"])
def test_places_where_nothing_can_be_written_are_said(now: datetime, path: str) -> None:
    _listen(now)
    with pytest.raises(DeskError, match="Nothing was changed"):
        backup.write(Path(path))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("kind", ODD)
def test_only_a_file_is_restored(now: datetime, tmp_path: Path, kind: str) -> None:
    _listen(now)
    path = tmp_path / "place" / "saved.tar.gz"
    path.parent.mkdir()
    _at(path, kind)
    with pytest.raises(DeskError, match="Nothing was changed"):
        backup.restore(path)
    assert _names() == ["Zarya"]


@pytest.mark.usefixtures("database")
def test_a_key_that_is_a_link_is_not_written_through(now: datetime, tmp_path: Path) -> None:
    _listen(now)
    saved = tmp_path / "saved.tar.gz"
    backup.write(saved)
    key = settings.current().home / "vault.key"
    (tmp_path / "elsewhere").write_text("not ours")
    key.unlink()
    key.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DeskError, match="is a link and is not replaced"):
        backup.restore(saved)
    assert (tmp_path / "elsewhere").read_text() == "not ours"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_database_that_is_none_replaces_nothing(now: datetime, tmp_path: Path, content: bytes) -> None:
    _sqlite_only()
    _listen(now)
    with pytest.raises(Invalid, match="Nothing was changed"):
        backup.restore(_archive(tmp_path / "strange.tar.gz", otklik__sqlite3=content))
    assert _names() == ["Zarya"]


@pytest.mark.usefixtures("database")
def test_a_backup_of_a_newer_version_replaces_nothing(now: datetime, tmp_path: Path) -> None:
    _listen(now)
    with db.transaction() as session:
        current = session.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    backup.write(tmp_path / "newer.tar.gz")
    with db.transaction() as session:
        session.execute(sa.text(f"UPDATE alembic_version SET version_num = '{current}'"))
    with pytest.raises(Invalid, match=r"newer Otklik.*Nothing was changed"):
        backup.restore(tmp_path / "newer.tar.gz")
    assert _names() == ["Zarya"]


@pytest.mark.usefixtures("database")
def test_a_database_that_somebody_has_open_is_not_replaced(now: datetime, tmp_path: Path) -> None:
    _sqlite_only()
    _listen(now)
    backup.write(tmp_path / "saved.tar.gz")
    with closing(sqlite3.connect(settings.current().home / "otklik.sqlite3")) as other:
        other.execute("SELECT count(*) FROM brands").fetchone()
        with pytest.raises(DeskError, match="in use"):
            backup.restore(tmp_path / "saved.tar.gz")
    backup.restore(tmp_path / "saved.tar.gz")
    assert _names() == ["Zarya"]


@pytest.mark.usefixtures("database")
def test_a_damaged_database_is_replaced_and_is_for_its_owner_alone(now: datetime, tmp_path: Path) -> None:
    _sqlite_only()
    _listen(now)
    backup.write(tmp_path / "saved.tar.gz")
    db.forget()
    live = settings.current().home / "otklik.sqlite3"
    live.write_bytes(b"garbage" * 1000)
    backup.restore(tmp_path / "saved.tar.gz")
    assert _names() == ["Zarya"]
    assert stat.S_IMODE(live.stat().st_mode) == 0o600
    assert list(settings.current().home.glob(".otklik-*")) == []


@pytest.mark.usefixtures("database")
def test_a_full_disk_is_said_and_leaves_the_older_backup(
    now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _listen(now)
    saved = tmp_path / "saved.tar.gz"
    backup.write(saved)
    older = saved.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DeskError, match=r"No space left on device. Nothing was changed"):
        backup.write(saved)
    assert saved.read_bytes() == older
    assert [each.name for each in tmp_path.iterdir() if each.name != "var"] == ["saved.tar.gz"]
