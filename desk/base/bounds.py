"""[pure] Times that come from outside (a site, a form, a command, a setting), brought within what a person would choose."""

from datetime import datetime, timedelta

from desk.base.errors import Invalid

SHORTEST_INTERVAL_SECONDS, LONGEST_INTERVAL_SECONDS = 60, 7 * 86_400
LONGEST_SILENCE = timedelta(days=1)
"""Neither a site that asks us to wait nor failures keep a source unread for longer, unless its own interval is longer."""
SITE_PAUSE_SECONDS = 5
"""From one crawl of a site to the next on an average, however many sources it has."""
READ_WHOLE_EVERY = timedelta(days=1)
"""How long a page may be asked for by condition only."""
LONGEST_SNOOZE = timedelta(days=365)


def interval(seconds: int) -> int:
    """Raises Invalid for one that asks a site too often, or hardly ever."""
    if not SHORTEST_INTERVAL_SECONDS <= seconds <= LONGEST_INTERVAL_SECONDS:
        raise Invalid(
            "A source is crawled at most once a minute and at least once a week.", "interval_seconds"
        )
    return seconds


def pause(interval_seconds: int, failures: int, asked_seconds: int | None, neighbours: int) -> timedelta:
    """From one crawl to the next. `asked_seconds` is what the site wants, `neighbours` how many sources it has with
    this one. Rows that hold an odd interval, from an older version or by hand, are read within the bounds too."""
    usual_seconds = max(SHORTEST_INTERVAL_SECONDS, min(interval_seconds, LONGEST_INTERVAL_SECONDS))
    usual = timedelta(
        seconds=max(usual_seconds, min(neighbours * SITE_PAUSE_SECONDS, LONGEST_INTERVAL_SECONDS))
    )
    backoff = min(usual * int(2 ** min(max(failures, 0), 10)), LONGEST_SILENCE)
    asked = timedelta(seconds=min(max(asked_seconds or 0, 0), int(LONGEST_SILENCE.total_seconds())))
    return max(usual, backoff, asked)


def longest_pause(interval_seconds: int) -> timedelta:
    """No crawl is ever planned further ahead than this."""
    seconds = min(max(interval_seconds, SHORTEST_INTERVAL_SECONDS), LONGEST_INTERVAL_SECONDS)
    return max(timedelta(seconds=seconds), LONGEST_SILENCE)


def soonest(last_at: datetime | None, now: datetime) -> datetime:
    """When a source may be read that somebody wants read now: not twice within a minute, however often he asks.
    A last time that lies ahead was written while the clock was wrong, and holds nothing up."""
    if last_at is None or last_at > now:
        return now
    return max(now, last_at + timedelta(seconds=SHORTEST_INTERVAL_SECONDS))


def between(moment: datetime | None, earliest: datetime | None, latest: datetime) -> datetime:
    """The moment that a site names where it can be true, else the nearest that can; without one the latest."""
    if moment is None:
        return latest
    return min(max(moment, earliest) if earliest is not None else moment, latest)
