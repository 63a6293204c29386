"""Which tests belong together: what they start, which go first, and which PostgreSQL can change."""

import pytest

STARTED_BY = {
    "start": "processes", "stack": "processes", "valkey": "processes", "supervisor": "processes", "crawl": "processes", "chromium": "browser",
}  # fmt: skip
"""Fixture -> mark: whoever uses it belongs to the slow ones without a word."""
SLOW = "browser or processes or real"
ABOUT_DATABASES = (
    "tests/crawler", "tests/desk", "tests/webapp", "tests/workers", "tests/test_databases.py", "tests/test_journey.py",
)  # fmt: skip
"""Where tests of a database are: the second run, on PostgreSQL, does not load the others."""
DATABASE_FIXTURES = {"database", "empty_database", "emptied", "stack"}
LONGEST_FIRST = ("wordpress", "stack", "kills")
"""Groups that one process runs one after another: whoever begins late with one of them ends last."""
SAME_ON_BOTH = {
    "crawler/test_manners": "how a site is asked",
    "webapp/test_awaited_pages": "what a page says of a state",
    "webapp/test_common_passwords": "words",
    "webapp/test_connect": "what another site is told",
    "webapp/test_error_pages": "what a page says of an error",
    "webapp/test_importing": "files",
    "webapp/test_judge_page": "what a page says of the judge; its statements are run by the tests of judging again too",
    "webapp/test_languages": "words",
    "webapp/test_old_words": "words of addresses",
    "webapp/test_pieces": "pieces of a page",
    "webapp/test_refusals_in_russian": "words",
    "webapp/test_source_fields": "fields of a form",
    "webapp/test_told": "what a page says",
    "webapp/test_web_server": "how many requests are answered at once",
    "webapp/test_why_page": "what the judge says of words",
}
"""Modules that ask no question of the database that others do not ask, and why: they run on SQLite only. Whatever is about
claims, leases, migrations, search, numbers, the queue or hostile values never stands here."""


def mark(items: list[pytest.Item]) -> None:
    """Raises UsageError for a test that the run on PostgreSQL would miss."""
    for item in items:
        for fixture in set(getattr(item, "fixturenames", ())) & set(STARTED_BY):
            item.add_marker(STARTED_BY[fixture])
        is_outside = not item.nodeid.startswith((*ABOUT_DATABASES, "tests/browser", "tests/real"))
        if is_outside and is_about_a_database(item):
            raise pytest.UsageError(f"{item.nodeid} uses a database: name its folder in tests/groups.py")


def turn(item: pytest.Item) -> int:
    """In which order tests are begun, which is by chance within a turn."""
    if group := item.get_closest_marker("xdist_group"):
        return LONGEST_FIRST.index(group.args[0])
    return len(LONGEST_FIRST) + (item.get_closest_marker("processes") is None)


def is_about_a_database(item: pytest.Item) -> bool:
    """Whether another database could change what it finds."""
    module = item.nodeid.partition(".py")[0].removeprefix("tests/")
    return bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))) and module not in SAME_ON_BOTH
