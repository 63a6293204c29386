"""What each process loads when it starts: nothing heavy that it may never need, seen in a fresh interpreter."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = {"numpy", "pandas", "altair", "scipy"}
JUDGE = {"onnxruntime", "tokenizers", "torch"}
DRAWING = {"vl_convert"}
SITES = {"httpx", "feedparser", "dateparser", "extruct", "html_text", "charset_normalizer", "bs4"}
CRAWLER = {"scrapy", "twisted"}
TABLES = {"openpyxl"}
WORDS = {"pymorphy3", "holidays", "rich"}
DATABASE = {"sqlalchemy", "alembic"}
PAGES = {"flask", "flask_security", "babel", "hypercorn"}
EVERYTHING = NUMBERS | JUDGE | DRAWING | SITES | CRAWLER | TABLES | WORDS | DATABASE | PAGES

# What is imported stands for a process that waits; what follows is what it must do without until somebody asks for it.
PROCESSES = {
    "otklik run, once all is up": (
        "import webapp.watching",
        EVERYTHING | {"click", "psutil", "pydantic", "redis", "rq", "structlog", "subprocess"},
    ),
    "web": ("import webapp.__main__ as web; web.create_app(web.settings.current())",
            EVERYTHING - DATABASE - PAGES - WORDS | {"alembic", "pymorphy3", "holidays"}),
    "crawl": ("import workers.__main__, workers.queues, workers.jobs.crawl, workers.crawling", EVERYTHING),
    "reply": ("import workers.__main__, workers.queues, workers.jobs.publish, workers.jobs.verify", EVERYTHING),
    "clock": ("import workers.__main__, workers.clock", EVERYTHING - {"sqlalchemy", "babel"}),
    "tag": ("import workers.__main__, workers.queues, workers.readiness, workers.tagging, workers.rejudging",
            EVERYTHING - {"sqlalchemy", "babel", "numpy"} - JUDGE),
    "charts": ("import webapp.helper_process, documents.drawing", EVERYTHING - DRAWING | {"pydantic", "redis", "structlog"}),
    "explanations": ("import webapp.helper_process, sentiment.explainer", EVERYTHING | {"pydantic", "redis", "structlog"}),
    "crawler": ("import crawler.__main__", NUMBERS | JUDGE | DRAWING | TABLES | PAGES - {"babel"}),
    "sample": ("import demo.__main__", EVERYTHING - {"flask"}),
}  # fmt: skip


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_loads_nothing_heavy_before_it_is_needed(process: str, tmp_path: Path) -> None:
    started, unneeded = PROCESSES[process]
    assert loaded(started, unneeded, tmp_path) == set()


def test_the_guard_sees_what_is_loaded_late_by_what_is_loaded_first(tmp_path: Path) -> None:
    assert loaded(
        "import desk.brands.calendars; desk.brands.calendars.public_holidays('RU', 2026)",
        EVERYTHING,
        tmp_path,
    ) == {"holidays"}


def test_the_logger_comes_without_what_it_would_bring_along(tmp_path: Path) -> None:
    unneeded = {"rich", "twisted", "structlog.twisted", "pygments"}
    assert loaded("from desk.base import logs; logs.to_stderr()", unneeded, tmp_path) == set()
    assert loaded("from desk.base import logs; import rich.console, twisted.python", unneeded, tmp_path) >= {
        "rich",
        "twisted",
    }


def loaded(started: str, unneeded: set[str], home: Path) -> set[str]:
    """Those of them that a fresh interpreter has after it did that."""
    asked = f"{started}\nimport sys\nprint('loaded:', *sorted({unneeded!r} & set(sys.modules)))"
    environment = {"PATH": "/usr/bin:/bin", "OTKLIK_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())
