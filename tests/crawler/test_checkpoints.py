"""Which pages may be remembered, and when."""

from channels import errors
from channels.contract import Text
from channels.wire.redaction import Redaction
from crawler.checkpoints import Checkpoints
from crawler.crawl_report import RunningReport
from desk.base.words import CrawlOutcome


def _read(checkpoints, url, parent=None, **cursor):
    node = checkpoints.add(url, parent)
    checkpoints.read(node)
    node.etag = f"tag of {url}"
    node.cursor.update(cursor)
    return node


def test_a_page_waits_for_the_pages_it_led_to():
    checkpoints = Checkpoints()
    first = _read(checkpoints, "1")
    second = _read(checkpoints, "2", first)
    checkpoints.finish(first)
    assert checkpoints.take().pages == ()
    checkpoints.finish(second)
    assert [url for url, _, _ in checkpoints.take().pages] == ["1", "2"]
    assert checkpoints.take().pages == ()


def test_a_failed_page_fails_all_that_led_to_it_and_nothing_else():
    checkpoints = Checkpoints()
    first = _read(checkpoints, "1")
    left, right = _read(checkpoints, "left", first), _read(checkpoints, "right", first)
    under = _read(checkpoints, "under", left)
    for node in (first, left, right):
        checkpoints.finish(node)
    checkpoints.fail(under)
    assert [url for url, _, _ in checkpoints.take().pages] == ["right"]


def test_of_two_values_the_one_read_later_wins_in_whatever_order_they_settle():
    checkpoints = Checkpoints()
    first = _read(checkpoints, "1", newest=1, only=1)
    second = _read(checkpoints, "2", first, newest=2)
    checkpoints.finish(second)
    assert checkpoints.take().cursor == {"newest": 2}
    checkpoints.finish(first)
    assert checkpoints.take().cursor == {"only": 1}


def test_what_a_crawl_came_to():
    assert RunningReport(pages=1).outcome is CrawlOutcome.OK
    assert RunningReport(unchanged=1).outcome is CrawlOutcome.UNCHANGED
    assert RunningReport(unchanged=1, pages=1).outcome is CrawlOutcome.OK
    assert RunningReport(problems=[errors.NotFound("no")]).outcome is CrawlOutcome.FAILED
    assert RunningReport(pages=1, problems=[errors.NotFound("no")]).outcome is CrawlOutcome.PARTIAL
    assert RunningReport(pages=1, is_interrupted=True).outcome is CrawlOutcome.INTERRUPTED


def test_the_longest_pause_that_a_site_asked_for_is_kept():
    report = RunningReport(
        problems=[errors.NotFound("no"), errors.RateLimited("a", 5), errors.RateLimited("b", 900)]
    )
    result = report.result()
    assert (result.error_kind, result.retry_after_seconds) == ("not_found", 900)


def test_no_line_that_is_kept_holds_a_secret():
    report = RunningReport(secrets=Redaction(["canary of the shop"]))
    report.remark("The site said: canary%20of%20the%20shop is unknown")
    report.problem(errors.Unauthorized("No such key: canary of the shop"))
    assert "canary" not in f"{report.remarks} {report.result().error}"


def test_remarks_are_one_line_each_and_not_without_end():
    report = RunningReport()
    for number in range(200):
        report.remark(Text.alike(f"line\n{number}"))
        report.remark(Text.alike(f"line\n{number}"))
    assert report.remarks[:2] == ["line 0", "line 1"]
    assert len(report.remarks) == 50
