"""`otklik import` for the files of others: what is asked, what is kept for the next file, and what went wrong."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
import structlog
from click.testing import CliRunner, Result

from channels.csv_file import tables
from desk.base import db
from desk.base.errors import Invalid
from desk.base.words import CrawlOutcome
from desk.models import Crawl
from desk.sources import source_list
from webapp.cli import importing, main, otklik

pytestmark = pytest.mark.usefixtures("database")
GERMAN = "Datum;Meinung;Sterne;Wetter\n16.11.2026;Der Kessel leckt;2;Regen\n"


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """What is logged goes beside what is printed, and a test that is over has no place for either."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def german(tmp_path: Path) -> Path:
    path = tmp_path / "bewertungen.csv"
    path.write_text(GERMAN, encoding="utf-8")
    return path


def run(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(otklik, ["import", *arguments], **options)


def texts() -> list[str]:
    listed = CliRunner().invoke(otklik, ["mention", "list", "--json"])
    return [one["text"] for one in json.loads(listed.stdout)]


def settings_kept() -> dict[str, Any]:
    with db.snapshot() as session:
        return next(iter(source_list.all_sources(session))).settings


def test_a_column_that_is_not_known_is_named_with_the_way_out(german: Path) -> None:
    done = run(str(german))
    assert "“Meinung”, “Wetter”" in done.stderr
    assert '--column "Head=text"' in done.stderr
    assert done.stdout.endswith("1 new, 0 edited, 0 known already, 1 remarks.\n")


def test_what_is_said_of_columns_is_kept_for_the_next_file(german: Path) -> None:
    said = ("--column", "Meinung=text", "--column", "Wetter=-", "--best-rating", "10", "--source", "Läden")
    assert "0 remarks" in run(str(german), *said).stdout
    assert texts() == ["Der Kessel leckt"]
    assert settings_kept() == {"columns": "meinung=text; wetter=-", "best_rating": "10"}
    german.write_text(GERMAN + "17.11.2026;Gut;9;Sonne\n", encoding="utf-8")
    assert "1 new, 0 edited, 1 known already, 0 remarks" in run(str(german), "--source", "Läden").stdout
    assert sorted(texts()) == ["Der Kessel leckt", "Gut"]


def test_a_dry_run_keeps_nothing(german: Path) -> None:
    assert "1 mentions can be read, 1 remarks. Nothing was stored." in run(str(german), "--dry-run").stdout
    with db.snapshot() as session:
        assert source_list.all_sources(session) == []


def test_on_a_terminal_it_asks(german: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setattr(importing.sys, "stdin", Terminal())
    monkeypatch.setattr(importing.sys, "stdout", Terminal())
    answers = iter(["text", "-"])
    asked: list[str] = []
    monkeypatch.setattr(
        importing.click, "prompt", lambda question, **_: (asked.append(question), next(answers))[1]
    )
    wanted = importing._Import(german, "x", None)
    assert wanted.told((), None) == {"columns": "meinung=text; wetter=-"}
    assert [question.split("hold?")[0] for question in asked] == [
        "What does the column “Meinung” ",
        "What does the column “Wetter” ",
    ]


@pytest.mark.parametrize(
    ("body", "arguments", "said"),
    [
        (b"", (), "The file is empty. Nothing was stored."),
        (b"a,b\n1,2\n", (), "must name the columns"),
        (b"PK\x03\x04broken", (), "The workbook is broken"),
        (GERMAN.encode(), ("--column", "Meinung=words"), "does not say what a column holds"),
        (GERMAN.encode(), ("--column", "Kommentar=text"), "no column “kommentar”"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(
    body: bytes, arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "x.csv"
    path.write_bytes(body)
    monkeypatch.setattr("sys.argv", ["otklik", "import", str(path), *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert (ended.value.code, printed.err.count("\n")) == (1, 1)
    assert said in printed.err
    with db.snapshot() as session:
        assert source_list.all_sources(session) == []


def test_a_file_that_breaks_in_the_middle_keeps_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_ROWS", 1_200)
    path = tmp_path / "x.csv"
    path.write_text("id,text\n" + "".join(f"{n},t{n}\n" for n in range(1_300)))
    done = run(str(path))
    assert isinstance(done.exception, Invalid)
    assert "The rest of x.csv was not read: The file has more than 1200 rows." in str(done.exception)
    assert "1000 new" in done.stdout
    with db.snapshot() as session:
        [source] = source_list.all_sources(session)
        assert source.error_kind == "too_large"
        outcomes = session.scalars(sa.select(Crawl.outcome)).all()
        assert outcomes == [CrawlOutcome.PARTIAL]


def test_a_workbook_is_imported(tmp_path: Path) -> None:
    book, body = openpyxl.Workbook(), io.BytesIO()
    for row in (["Дата", "Достоинства", "Недостатки", "Оценка"], ["16.11.2026", "Тихий", "Течёт", 2]):
        book.active.append(row)
    book.save(body)
    path = tmp_path / "отзывы.xlsx"
    path.write_bytes(body.getvalue())
    assert "1 new" in run(str(path)).stdout
    assert texts() == ["Достоинства: Тихий Недостатки: Течёт"] or texts() == [
        "Достоинства: Тихий\nНедостатки: Течёт"
    ]


def test_what_never_ends_is_not_read_whole() -> None:
    done = run("/dev/zero")
    assert "larger than 50 MB" in str(done.exception)
