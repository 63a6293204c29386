"""What was saved comes back; what is no backup changes nothing."""

import io
import stat
import tarfile
from datetime import datetime
from pathlib import Path

import pytest

from desk import backup, brands, db, schema, settings, sources, vault
from desk.errors import DeskError, Invalid


def _listen(now: datetime, name: str = "Zarya") -> None:
    with db.transaction() as session:
        brand = brands.create(session, name, time_zone="Europe/Moscow", now=now)
        url = f"https://{name.lower()}.example/"
        sources.add(session, brand, "wordpress", url, title=name, now=now, secrets={"password": "s3cret"})


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
