"""What the crawler says in its log: at INFO nothing of what it reads, whatever goes wrong."""

import logging

import pytest
import sqlalchemy as sa

from desk.base import db, logs
from tests.crawler.site import feed

CANARY, NAME = "канарейка поёт в логе", "Reader 1"


def log_of(process) -> str:
    _out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    # No Redis runs here, which is said; nothing else is.
    return "\n".join(line for line in str(err).splitlines() if "wakeup_not_sent" not in line)


def test_a_crawl_that_goes_well_says_nothing(site, listen, start):
    site.pages["/feed"] = feed(CANARY)
    assert log_of(start(listen(site.url("/feed")))) == ""


def test_at_debug_scrapy_is_heard(site, listen, start):
    site.pages["/feed"] = feed(CANARY)
    assert "scrapy" in log_of(start(listen(site.url("/feed")), OTKLIK_LOG_LEVEL="DEBUG"))


def test_what_cannot_be_stored_is_not_quoted(site, listen, start):
    site.pages["/feed"] = feed(CANARY, CANARY + "!")
    number = listen(site.url("/feed"))
    with db.transaction() as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("the fault is planted in SQLite")
        session.execute(
            sa.text(
                "CREATE TRIGGER fault BEFORE INSERT ON mentions BEGIN SELECT RAISE(ABORT, 'planted'); END"
            )
        )
    said = log_of(start(number))
    assert "mention_not_stored" in said
    assert "planted" in said
    assert CANARY not in said
    assert NAME not in said


@pytest.mark.parametrize(
    "error", [ValueError(CANARY), KeyError(CANARY), RuntimeError(f"cannot read {CANARY}")]
)
def test_an_error_is_told_by_where_it_happened_not_by_what_it_quotes(error):
    try:
        try:
            raise error
        except Exception as inner:
            raise LookupError(CANARY) from inner
    except LookupError as outer:
        record = logging.LogRecord(
            "scrapy.core",
            logging.ERROR,
            "x.py",
            1,
            "it failed",
            (),
            (LookupError, outer, outer.__traceback__),
        )
        for said in (logs.trouble(outer), logs._Plain("%(message)s").format(record)):
            assert CANARY not in said
            assert "LookupError" in said
            assert type(error).__name__ in said
            assert "test_quiet.py" in said


def test_errors_of_connections_are_told_in_full():
    assert "refused" in logs.words(ConnectionRefusedError(111, "refused"))
