"""Which pages may be remembered, and when."""

from channels import errors
from crawler.checkpoints import Trail
from crawler.crawl_report import Ledger
from desk.base.words import CrawlOutcome


def _read(trail, url, parent=None, **cursor):
    branch = trail.grow(url, parent)
    trail.read(branch)
    branch.etag = f"tag of {url}"
    branch.cursor.update(cursor)
    return branch


def test_a_page_waits_for_the_pages_it_led_to():
    trail = Trail()
    first = _read(trail, "1")
    second = _read(trail, "2", first)
    trail.finish(first)
    assert trail.take().pages == ()
    trail.finish(second)
    assert [url for url, _, _ in trail.take().pages] == ["1", "2"]
    assert trail.take().pages == ()


def test_a_failed_page_spoils_all_that_led_to_it_and_nothing_else():
    trail = Trail()
    first = _read(trail, "1")
    left, right = _read(trail, "left", first), _read(trail, "right", first)
    under = _read(trail, "under", left)
    for branch in (first, left, right):
        trail.finish(branch)
    trail.spoil(under)
    assert [url for url, _, _ in trail.take().pages] == ["right"]


def test_of_two_values_the_one_read_later_wins_in_whatever_order_they_settle():
    trail = Trail()
    first = _read(trail, "1", newest=1, only=1)
    second = _read(trail, "2", first, newest=2)
    trail.finish(second)
    assert trail.take().cursor == {"newest": 2}
    trail.finish(first)
    assert trail.take().cursor == {"only": 1}


def test_what_a_crawl_came_to():
    assert Ledger(pages=1).outcome is CrawlOutcome.OK
    assert Ledger(unchanged=1).outcome is CrawlOutcome.UNCHANGED
    assert Ledger(unchanged=1, pages=1).outcome is CrawlOutcome.OK
    assert Ledger(problems=[errors.NotFound("no")]).outcome is CrawlOutcome.FAILED
    assert Ledger(pages=1, problems=[errors.NotFound("no")]).outcome is CrawlOutcome.PARTIAL
    assert Ledger(pages=1, is_interrupted=True).outcome is CrawlOutcome.INTERRUPTED


def test_the_longest_pause_that_a_site_asked_for_is_kept():
    ledger = Ledger(
        problems=[errors.NotFound("no"), errors.RateLimited("a", 5), errors.RateLimited("b", 900)]
    )
    report = ledger.report()
    assert (report.error_kind, report.retry_after_seconds) == ("not_found", 900)


def test_remarks_are_one_line_each_and_not_without_end():
    ledger = Ledger()
    for number in range(200):
        ledger.remark(f"line\n{number}")
        ledger.remark(f"line\n{number}")
    assert ledger.remarks[:2] == ["line 0", "line 1"]
    assert len(ledger.remarks) == 50
