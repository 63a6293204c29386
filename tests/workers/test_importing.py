"""Tables that lie in the watched folder are imported once and moved aside with a report; nothing that goes wrong stops the others."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk.base import db, settings
from desk.base.words import CrawlOutcome
from desk.models import Crawl, Mention, Source
from desk.operations import pending_work
from desk.sources import import_folder
from tests.world import rows
from workers import importing, jobs

pytestmark = pytest.mark.usefixtures("database")
TABLE = "id,text,rating,published_at\n1,Чайник течёт,2,2026-11-16\n2,Thanks,5,2026-11-17\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = tmp_path / "import"
    made.mkdir()
    monkeypatch.setenv("OTKLIK_IMPORT_FOLDER", str(made))
    settings.current.cache_clear()
    yield made
    settings.current.cache_clear()


def put(path: Path, text: str = TABLE, age_seconds: float = 60) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age_seconds,) * 2)
    return path


def brand(*names: str) -> None:
    with db.transaction() as session:
        for name in names:
            rows.brand(session, name)


def kept() -> dict[str, list[str]]:
    """The ids of the mentions by the name of their source."""
    with db.snapshot() as session:
        of_source = sa.select(Source.title, Mention.external_id).join(Mention, Mention.source_id == Source.id)
        found = session.execute(of_source.order_by(Mention.id))
        kept: dict[str, list[str]] = {}
        for title, external_id in found:
            kept.setdefault(title, []).append(external_id)
        return kept


def lies_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def is_waiting() -> bool:
    with db.snapshot() as session:
        return "import_files" in pending_work.names(session, datetime.now(UTC))


def test_a_table_is_imported_once_and_moved_aside(folder: Path) -> None:
    brand("Заря")
    put(folder / "reviews.csv")
    assert is_waiting()
    assert (jobs.run("import_files"), jobs.run("import_files"), is_waiting()) == (1, 0, False)
    assert kept() == {"reviews.csv": ["1", "2"]}
    assert lies_in(folder) == ["imported/reviews.csv", "imported/reviews.csv.report.txt"]
    report = (folder / "imported" / "reviews.csv.report.txt").read_text("utf-8")
    assert "2 new, 0 edited, 0 known already, 0 remarks." in report
    assert "Новых: 2, изменённых: 0, уже известных: 0, замечаний: 0." in report


def test_the_next_export_belongs_to_the_source_of_its_folder(folder: Path) -> None:
    brand("Заря")
    put(folder / "ozon" / "2026-10.csv")
    put(folder / "ozon" / "2026-11.csv", TABLE + "3,Где заказ?,1,2026-11-18\n", age_seconds=30)
    assert jobs.run("import_files") == 2
    assert kept() == {"ozon": ["1", "2", "3"]}
    assert "1 new" in (folder / "imported" / "ozon" / "2026-11.csv.report.txt").read_text("utf-8")


def test_of_several_brands_the_outer_folder_names_one(folder: Path) -> None:
    brand("Заря", "Rowan")
    put(folder / "Rowan" / "ozon" / "a.csv")
    put(folder / "ozon" / "b.csv")
    put(folder / "Nobody" / "ozon" / "c.csv")
    assert jobs.run("import_files") == 3
    with db.snapshot() as session:
        (source,) = session.scalars(sa.select(Source))
        assert (source.title, source.brand.name) == ("ozon", "Rowan")
    refused = folder / "not imported"
    assert "several brands" in (refused / "ozon" / "b.csv.report.txt").read_text("utf-8")
    assert "Нет бренда «Nobody»" in (refused / "Nobody" / "ozon" / "c.csv.report.txt").read_text("utf-8")


def test_what_is_no_table_is_put_aside_and_says_why(folder: Path) -> None:
    brand("Заря")
    put(folder / "a.csv", "just words\n")
    put(folder / "empty.csv", "")
    put(folder / "good.csv", age_seconds=30)
    assert jobs.run("import_files") == 3
    assert kept() == {"good.csv": ["1", "2"]}
    report = (folder / "not imported" / "a.csv.report.txt").read_text("utf-8")
    assert report.startswith("Nothing was stored.\nOne of the first 30 lines must name the columns")
    assert "Ничего не сохранено." in report
    assert "The file is empty." in (folder / "not imported" / "empty.csv.report.txt").read_text("utf-8")
    with db.snapshot() as session:
        assert [one.title for one in session.scalars(sa.select(Source))] == ["good.csv"]


def test_every_remark_stands_in_the_report_and_with_the_source(folder: Path) -> None:
    brand("Заря")
    put(folder / "reviews.csv", TABLE + "3,Bad stars,9 of 4,2026-11-18\n")
    jobs.run("import_files")
    report = (folder / "imported" / "reviews.csv.report.txt").read_text("utf-8")
    assert "row 4, column rating: “9 of 4” is not a rating" in report
    assert "строка 4, столбец rating: «9 of 4»" in report
    with db.snapshot() as session:
        crawl = session.scalars(sa.select(Crawl)).one()
        assert (crawl.outcome, crawl.new, len(crawl.remarks)) == (CrawlOutcome.OK, 3, 1)


def test_files_that_are_not_whole_or_not_ours_are_left_alone(folder: Path, tmp_path: Path) -> None:
    brand("Заря")
    outside = put(tmp_path / "outside.csv")
    (folder / "link.csv").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path, target_is_directory=True)
    for name in (".hidden.csv", "half.csv.part", "~$open.xlsx", "a/b/c/too-deep.csv"):
        put(folder / name)
    put(folder / "fresh.csv", age_seconds=0)
    assert (is_waiting(), jobs.run("import_files")) == (False, 0)
    assert (folder / "fresh.csv").exists() and outside.exists()
    with db.snapshot() as session:
        later = datetime.now(UTC) + import_folder.STEADY + timedelta(seconds=1)
        assert "import_files" in pending_work.names(session, later)


def test_the_same_name_again_takes_no_file_away(folder: Path) -> None:
    brand("Заря")
    for text in (TABLE, TABLE.replace("течёт", "сломан")):
        put(folder / "reviews.csv", text)
        jobs.run("import_files")
    tables = [one for one in lies_in(folder) if not one.endswith(".txt")]
    assert len(tables) == 2 and "imported/reviews.csv" in tables
    assert len(kept()["reviews.csv"]) == 2


def test_a_worker_that_died_before_the_move_adds_nothing_twice(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand("Заря")
    path = put(folder / "reviews.csv")

    def die(*_values: object, **_more: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(import_folder, "put_aside", die)
        jobs.run("import_files")
    assert path.exists() and kept() == {"reviews.csv": ["1", "2"]}
    assert jobs.run("import_files") == 1
    assert kept() == {"reviews.csv": ["1", "2"]}
    assert "0 new, 0 edited, 2 known already" in (folder / "imported" / "reviews.csv.report.txt").read_text(
        "utf-8"
    )


def test_a_file_that_cannot_be_moved_stays_and_the_job_ends(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand("Заря")
    path = put(folder / "reviews.csv")

    def refuse(*_values: object, **_more: object) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(import_folder, "put_aside", refuse)
    assert jobs.run("import_files") == 0
    assert path.exists() and kept() == {"reviews.csv": ["1", "2"]}


def test_one_process_at_a_time_works_on_the_folder(folder: Path) -> None:
    put(folder / "reviews.csv")
    with import_folder.held() as is_held:
        assert is_held
        assert importing.import_next() is False
    with import_folder.held() as is_held:
        assert is_held


def test_without_the_setting_or_the_folder_nothing_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (is_waiting(), jobs.run("import_files")) == (False, 0)
    monkeypatch.setenv("OTKLIK_IMPORT_FOLDER", str(tmp_path / "not mounted"))
    settings.current.cache_clear()
    assert (is_waiting(), jobs.run("import_files")) == (False, 0)
    settings.current.cache_clear()
