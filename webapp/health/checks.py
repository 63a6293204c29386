"""Whether Otklik itself is well: each sign is one sentence, and what to do when it is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _n
from flask_babel.speaklater import LazyString
from markupsafe import escape

from desk.base import heartbeats, wakeups
from desk.operations.system_health import MOST_COUNTED, Vitals
from webapp.wording import formats, processes

ROLES: tuple[tuple[str, ...], ...] = (("tag",), ("jobs", "reply"), ("jobs", "crawl"), ("clock",))
"""What must live; any one name of a group will do."""
LONGEST_WAIT_SECONDS = 600
MOST_SHOWN = LazyString(formats.number, MOST_COUNTED)
LEAST_FREE_BYTES, LITTLE_FREE_BYTES = 200_000_000, 2_000_000_000


@dataclass(frozen=True, slots=True)
class Sign:
    """`plain` is for /healthz and logs; `title` and `advice` for people. `tone`: fine, soon or late."""

    key: str
    tone: str
    title: Any
    plain: str
    advice: Any = ""

    @property
    def is_fine(self) -> bool:
        return self.tone == "fine"


def signs(
    vitals: Vitals,
    pulses: Sequence[heartbeats.Pulse],
    queues: dict[str, int] | None,
    trouble: str | None,
    now: datetime,
    openness: str | None = None,
) -> list[Sign]:
    """`trouble`: what keeps the tagging process from its work, in its own words. `openness`: why no job is taken from
    Redis."""
    return [
        _processes(pulses),
        _open_redis(openness) if openness else _redis(queues),
        _without_judge(trouble) if trouble else _tagging(vitals, now),
        _sending(vitals),
        _sources(vitals),
        _disk(vitals),
        *([_damages(vitals)] if vitals.damages else []),
    ]


def look(vitals: Vitals, now: datetime) -> tuple[list[Sign], list[heartbeats.Pulse], dict[str, int] | None]:
    pulses, queues = heartbeats.all_processes(now), wakeups.lengths()
    return signs(vitals, pulses, queues, heartbeats.trouble("tag"), now, wakeups.openness()), pulses, queues


def missing_roles(pulses: Iterable[heartbeats.Pulse]) -> list[str]:
    living = {one.name for one in pulses if one.is_alive}
    return list(dict.fromkeys(group[0] for group in ROLES if not living.intersection(group)))


def _processes(pulses: Sequence[heartbeats.Pulse]) -> Sign:
    missing = missing_roles(pulses)
    if not missing:
        living = sum(one.is_alive for one in pulses)
        return Sign(
            "processes",
            "fine",
            _n("%(num)s process is running", "%(num)s processes are running", living),
            "processes ok",
        )
    return Sign(
        "processes",
        "late",
        _l("Not running: %(names)s", names=LazyString(processes.listed, missing)),
        f"not running: {', '.join(missing)}",
        _n(
            "Nothing is lost, but this work has stopped. Start Otklik again (otklik run) or check the"
            " log of that process.",
            "Nothing is lost, but this work has stopped. Start Otklik again (otklik run) or check the"
            " logs of these processes.",
            len(missing),
        ),
    )


def _redis(queues: dict[str, int] | None) -> Sign:
    if queues is not None:
        return Sign("redis", "fine", _l("Redis responds"), "redis ok")
    return Sign(
        "redis",
        "soon",
        _l("Redis does not respond"),
        "redis cannot be reached",
        _l("No work is lost, but it starts later. Check that Redis or Valkey is running."),
    )


def _open_redis(reason: str) -> Sign:
    return Sign(
        "redis",
        "late",
        _l("Redis has no password, so no jobs are taken"),
        reason,
        _l(
            "Set a Redis password and add it to OTKLIK_REDIS_URL. If an open Redis is intended, set "
            "OTKLIK_ALLOW_OPEN_REDIS=true."
        ),
    )


def _without_judge(trouble: str) -> Sign:
    # Lazy sentences go onto the page as they are, so what comes from outside is escaped here.
    return Sign(
        "tagging",
        "late",
        _l("The tagging model cannot be loaded"),
        f"no tagging model: {trouble}",
        _l(
            "Nothing is lost: mentions are collected and wait to be tagged. Reason: %(words)s",
            words=escape(trouble),
        ),
    )


def _tagging(vitals: Vitals, now: datetime) -> Sign:
    oldest = vitals.oldest_unjudged_at
    if oldest is None:
        return Sign("tagging", "fine", _l("Everything collected is tagged"), "tagging ok")
    waits = (now - oldest).total_seconds()
    title, waiting = _waiting(vitals.to_tag), _plain(vitals.to_tag)
    if waits < LONGEST_WAIT_SECONDS:
        return Sign("tagging", "fine", title, "tagging ok")
    return Sign(
        "tagging",
        "late",
        title,
        f"{waiting} mentions wait to be tagged, the oldest for {int(waits)} s",
        _l("The tagging process is slow or not running."),
    )


def _sending(vitals: Vitals) -> Sign:
    failed = sum(vitals.problems.values())
    if not failed:
        return Sign("answers", "fine", _l("No problems with answers"), "answers ok")
    return Sign(
        "answers",
        "soon",
        _needing_attention(failed),
        f"{_plain(failed)} answers need a person",
        _n(
            "It is in the queue under “Problems”, with the site's message.",
            "They are in the queue under “Problems”, each with the site's message.",
            failed,
        ),
    )


def _waiting(mentions: int) -> Any:
    if mentions > MOST_COUNTED:
        return _l("More than %(num)s mentions wait to be tagged", num=MOST_SHOWN)
    return _n("%(num)s mention waits to be tagged", "%(num)s mentions wait to be tagged", mentions)


def _needing_attention(answers: int) -> Any:
    if answers > MOST_COUNTED:
        return _l("More than %(num)s answers need attention", num=MOST_SHOWN)
    return _n("%(num)s answer needs attention", "%(num)s answers need attention", answers)


def _plain(count: int) -> str:
    return f"more than {MOST_COUNTED}" if count > MOST_COUNTED else str(count)


def _sources(vitals: Vitals) -> Sign:
    if not vitals.failing_sources:
        return Sign("sources", "fine", _l("All sources are readable"), "sources ok")
    return Sign(
        "sources",
        "soon",
        _n("%(num)s source cannot be read", "%(num)s sources cannot be read", vitals.failing_sources),
        f"{vitals.failing_sources} sources cannot be read",
        _l("Reasons and next steps are on the Sources page."),
    )


def _damages(vitals: Vitals) -> Sign:
    """Only where there are any: a line about damage where there is none would alarm people for nothing."""
    names = ", ".join(dict.fromkeys(f"«{escape(one.brand)}»" for one in vitals.damages))
    kinds = {one.what for one in vitals.damages}
    return Sign(
        "stored",
        "soon",
        _l("Settings of a brand are damaged in the database"),
        f"settings damaged: {', '.join(sorted(kinds))}",
        _l(
            "Nothing collected is lost, and the rest works. Open Settings, check names, hours and rules, and save what is "
            "marked there. Brands: %(names)s",
            names=names,
        ),
    )


def _disk(vitals: Vitals) -> Sign:
    free = vitals.disk_free_bytes
    if free >= LITTLE_FREE_BYTES:
        return Sign("disk", "fine", _l("Enough disk space"), "disk ok")
    tone = "late" if free < LEAST_FREE_BYTES else "soon"
    return Sign(
        "disk",
        tone,
        _l("The disk is nearly full"),
        "the disk is nearly full",
        _l("Free up disk space, or Otklik will not be able to save anything."),
    )
