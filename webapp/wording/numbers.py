"""How figures are said: plain words that need no colour. Of the request only the reader's language is asked."""

from datetime import date
from math import sqrt

from flask import Flask
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from desk.metrics import Share, Times
from desk.metrics.statistics import Z_OF_95_PERCENT
from webapp.request import clock, languages
from webapp.wording import formats

SAME_TIME_SHARE = 0.05
FEWEST_FOR_A_SHARE = 10
FEWEST_FOR_A_MEDIAN = 5
"""Of fewer a share or a median says more about chance than about the desk: the counts are shown instead."""


def bands() -> list[tuple[str, str]]:
    """The keys of desk.metrics.BANDS with what people call them."""
    return [
        ("under_4h", _("under 4 hours")),
        ("under_1d", _("under a day")),
        ("under_3d", _("under 3 days")),
        ("under_7d", _("under a week")),
        ("under_30d", _("under 30 days")),
        ("over_30d", _("30 days and more")),
    ]


def day(moment: date) -> str:
    """12 Nov, with the year when it is not this one."""
    is_this_year = moment.year == clock.now().astimezone(languages.zone()).year
    return str(format_date(moment, "d MMM" if is_this_year else "d MMM y"))


def value(share: Share) -> str:
    """80 %; of few, 3 of 4."""
    if 0 < share.n < FEWEST_FOR_A_SHARE:
        return str(_("%(hits)s of %(n)s", hits=formats.number(share.hits), n=formats.number(share.n)))
    return formats.share(share.value)


def interval(share: Share) -> str:
    """49–94 %: what the true share lies in, with a certainty of 95 %; "" for few, whose counts say it better."""
    if share.low is None or share.high is None or share.n < FEWEST_FOR_A_SHARE:
        return ""
    return f"{round(100 * share.low)}–{formats.share(share.high)}"


def is_few(share: Share) -> bool:
    return 0 < share.n < FEWEST_FOR_A_SHARE


def change(now: Share, before: Share, *, more_is_better: bool = True) -> str:
    """Against the period before; "" when there is nothing to compare with."""
    if now.value is None or before.value is None:
        return ""
    if is_few(now) or is_few(before):
        return _too_few(now.n, before.n)
    points = round(100 * now.value) - round(100 * before.value)
    was = formats.share(before.value)
    if points == 0:
        return str(_("as before (%(was)s)", was=was))
    if not _is_clear(now, before):
        return str(_("no clear change (%(was)s before)", was=was))
    size = ngettext("%(num)s point", "%(num)s points", abs(points))
    if (points > 0) is more_is_better:
        return str(_("%(size)s better than before (%(was)s)", size=size, was=was))
    return str(_("%(size)s worse than before (%(was)s)", size=size, was=was))


def _is_clear(now: Share, before: Share) -> bool:
    """The usual test of two shares at 95 %: a smaller difference comes about by chance alone."""
    pooled = (now.hits + before.hits) / (now.n + before.n)
    spread = sqrt(pooled * (1 - pooled) * (1 / now.n + 1 / before.n))
    return spread > 0 and abs(now.hits / now.n - before.hits / before.n) / spread >= Z_OF_95_PERCENT


def change_of_time(now: Times, before: Times) -> str:
    if now.median_seconds is None or before.median_seconds is None:
        return ""
    if min(now.n, before.n) < FEWEST_FOR_A_MEDIAN:
        return _too_few(now.n, before.n)
    was, difference = formats.span(before.median_seconds), now.median_seconds - before.median_seconds
    if abs(difference) <= SAME_TIME_SHARE * before.median_seconds:
        return str(_("as before (%(was)s)", was=was))
    size = formats.span(difference)
    if difference < 0:
        return str(_("%(size)s sooner than before (%(was)s)", size=size, was=was))
    return str(_("%(size)s later than before (%(was)s)", size=size, was=was))


def _too_few(now: int, before: int) -> str:
    return str(_("too few to compare: %(now)s now, %(before)s before", now=now, before=before))


def install(app: Flask) -> None:
    app.add_template_filter(day)
