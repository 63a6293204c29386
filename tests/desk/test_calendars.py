"""Reading a calendar's row: what is not clear is refused, and the refusal names the column."""

from datetime import date, time
from types import SimpleNamespace

import pytest

from desk.base.errors import Invalid
from desk.brands import calendars

HOURS = {str(day): [["09:00", "18:00"]] for day in range(5)}


def calendar(hours=HOURS, exceptions=None, zone="Europe/Moscow", holidays_of=None) -> calendars.Calendar:
    row = SimpleNamespace(time_zone=zone, hours=hours, exceptions=exceptions, holidays_of=holidays_of)
    return calendars.from_row(row)


def test_a_row_becomes_a_calendar():
    cal = calendar(
        {"0": [["09:00", "13:00"], ["14:00", "24:00"]], "6": []}, {"2026-11-21": [["10:00", "16:00"]]}
    )
    assert cal.zone.key == "Europe/Moscow"
    assert cal.spans_on(date(2026, 11, 16)) == ((time(9), time(13)), (time(14), calendars.MIDNIGHT))
    assert cal.spans_on(date(2026, 11, 21)) == ((time(10), time(16)),)
    assert cal.spans_on(date(2026, 11, 17)) == cal.spans_on(date(2026, 11, 22)) == ()


def test_an_empty_country_is_no_country():
    assert calendar(holidays_of="").holidays_of is None


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("hours", {"hours": {}}),
        ("hours", {"hours": {"0": [], "6": []}}),
        ("hours", {"hours": {"0": []}, "exceptions": {"2026-11-18": [["09:00", "18:00"]]}}),
        ("hours", {"hours": {"7": [["09:00", "18:00"]]}}),
        ("hours", {"hours": {"mon": [["09:00", "18:00"]]}}),
        ("hours", {"hours": [["09:00", "18:00"]]}),
        ("hours", {"hours": {"0": None}}),
        ("hours", {"hours": {"0": ["09:00", "18:00"]}}),
        ("hours", {"hours": {"0": [["09:00"]]}}),
        ("hours", {"hours": {"0": [[9, 18]]}}),
        ("hours", {"hours": {"0": [["9:00", "18:00"]]}}),
        ("hours", {"hours": {"0": [["09:00", "25:00"]]}}),
        ("hours", {"hours": {"0": [["09:00", "18:00\n"]]}}),
        ("hours", {"hours": {"0": [["24:00", "24:00"]]}}),
        ("hours", {"hours": {"0": [["18:00", "09:00"]]}}),
        ("hours", {"hours": {"0": [["09:00", "09:00"]]}}),
        ("hours", {"hours": {"0": [["09:00", "00:00"]]}}),
        ("hours", {"hours": {"0": [["09:00", "13:00"], ["12:59", "18:00"]]}}),
        ("hours", {"hours": {"0": [["14:00", "18:00"], ["09:00", "13:00"]]}}),
        ("hours", {"hours": {"0": [["20:00", "24:00"], ["23:00", "24:00"]]}}),
        ("exceptions", {"exceptions": {"2026-02-30": []}}),
        ("exceptions", {"exceptions": {"20261118": []}}),
        ("exceptions", {"exceptions": {"2026-11-18": [["12:00", "11:00"]]}}),
        ("exceptions", {"exceptions": ["2026-11-18"]}),
        ("time_zone", {"zone": "Mars/Olympus"}),
        ("time_zone", {"zone": "../../etc/passwd"}),
        ("time_zone", {"zone": ""}),
        ("time_zone", {"zone": "Europe"}),
        ("holidays_of", {"holidays_of": "XX"}),
        ("holidays_of", {"holidays_of": "DE-ZZ"}),
        ("holidays_of", {"holidays_of": "HolidayBase"}),
    ],
)
def test_a_calendar_that_is_not_clear_is_refused(field, values):
    with pytest.raises(Invalid) as refusal:
        calendar(**values)
    assert refusal.value.field == field
