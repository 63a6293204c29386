"""Dates, spans and numbers in the reader's language. What comes out is text, or markup whose parts were escaped."""

from datetime import datetime
from urllib.parse import urlsplit

from babel.units import format_unit
from flask import Flask
from flask_babel import format_datetime, format_decimal, format_percent, format_time, get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from desk.base.damage import is_damaged
from desk.routing.reasons import POLICIES_RU
from webapp.request import clock, languages
from webapp.wording import channels as channel_words
from webapp.wording import differences

MINUTE, HOUR, DAY = 60, 3600, 86400
RELATIVE_FOR = 20 * HOUR
TIGHT_SHARE = 0.25
THOUSAND = 1000


def install(app: Flask) -> None:
    app.add_template_filter(absolute)
    app.add_template_filter(moment)
    app.add_template_filter(span)
    app.add_template_filter(number)
    app.add_template_filter(at_most)
    app.add_template_filter(share)
    app.add_template_filter(size)
    app.add_template_filter(stars)
    app.add_template_filter(count)
    app.add_template_filter(channel_words.name, "channel_name")
    app.add_template_filter(language_name)
    app.add_template_filter(clock_time)
    app.add_template_filter(host)
    app.add_template_filter(policy)
    app.add_template_global(differences.words, "word_changes")
    app.add_template_global(is_damaged)
    app.add_template_global(tightness)


def absolute(at: datetime | None) -> str:
    """12 Nov 18:40, with the year when it is not this one."""
    if at is None:
        return "—"
    is_this_year = at.astimezone(languages.zone()).year == clock.now().astimezone(languages.zone()).year
    return str(format_datetime(at, "d MMM HH:mm" if is_this_year else "d MMM y HH:mm"))


def clock_time(at: datetime) -> str:
    return str(format_time(at, "HH:mm"))


def moment(at: datetime | None) -> Markup:
    """How long ago or ahead when it is near, else the date; the exact time with its weekday on hover."""
    if at is None:
        return Markup("—")
    seconds = (clock.now() - at).total_seconds()
    shown = _relative(seconds) if abs(seconds) < RELATIVE_FOR else absolute(at)
    exact = format_datetime(at, "EEEE, d MMMM y, HH:mm:ss z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(at.isoformat(), exact, shown)


def span(seconds: float | None) -> str:
    """2 h 14 m. The two largest units are enough to act on."""
    if seconds is None:
        return "—"
    whole = abs(int(seconds))
    days, hours, minutes = whole // DAY, whole % DAY // HOUR, whole % HOUR // MINUTE
    if days:
        return str(
            _("%(days)s d %(hours)s h", days=days, hours=hours) if hours else _("%(days)s d", days=days)
        )
    if hours:
        return str(
            _("%(hours)s h %(minutes)s m", hours=hours, minutes=minutes)
            if minutes
            else _("%(hours)s h", hours=hours)
        )
    return str(_("%(minutes)s m", minutes=minutes) if minutes else _("under a minute"))


def tightness(waits_since: datetime, due_at: datetime) -> str:
    """fine, soon or late: soon is the last quarter of the time there was."""
    left = (due_at - clock.now()).total_seconds()
    if left <= 0:
        return "late"
    whole = (due_at - waits_since).total_seconds()
    return "soon" if whole <= 0 or left / whole < TIGHT_SHARE else "fine"


def number(value: float | None) -> str:
    return "—" if value is None else str(format_decimal(value))


def size(count: int) -> str:
    """Bytes as 1.2 MB, or 1,2 МБ: thousands, as disks are sold, in the way of the language."""
    scaled, unit = float(count), "byte"
    for larger in ("kilobyte", "megabyte", "gigabyte", "terabyte"):
        if scaled < THOUSAND:
            break
        scaled, unit = scaled / THOUSAND, larger
    return str(format_unit(scaled, f"digital-{unit}", "short", "#,##0.#", get_locale()))


def at_most(value: int, most: int) -> str:
    """A number that was counted with that bound: beyond it only that there are more is known."""
    return str(_("more than %(num)s", num=number(most))) if value > most else number(value)


def share(value: float | None) -> str:
    """0.974 as 97 %, in the way of the language."""
    return "—" if value is None else str(format_percent(value))


def count(value: int, most: int = 999) -> str:
    return f"{most}+" if value > most else str(value)


def stars(rating: float | None) -> Markup:
    if rating is None:
        return Markup("")
    full = max(0, min(5, round(rating)))
    tone = "low" if rating <= 2 else "middle" if rating < 4 else "high"
    label = _("%(rating)s of 5", rating=format_decimal(rating))
    return Markup(
        '<span class="stars stars-{}" role="img" aria-label="{}" title="{}">{}<i>{}</i></span>'
    ).format(tone, label, label, "★" * full, "★" * (5 - full))


def policy(named: str) -> str:
    """A case keeps the name and version of its policy; the names every brand begins with are translated."""
    name, _space, version = named.rpartition(" ")
    shown = POLICIES_RU.get(name, name) if languages.language() == "ru" else name
    return f"{shown} {version}".strip()


def host(url: str) -> str:
    """The site's name out of an address; the address itself when it has none."""
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url


def language_name(code: str | None) -> str:
    """Russian, русский: the reader's word for a language; the bare code where there is none."""
    known = get_locale().languages if code else {}
    return str(known.get(code or "", code or "—"))


def _relative(seconds: float) -> str:
    if abs(seconds) < MINUTE:
        return str(_("just now") if seconds >= 0 else _("in less than a minute"))
    return str(_("%(span)s ago", span=span(seconds)) if seconds > 0 else _("in %(span)s", span=span(seconds)))
