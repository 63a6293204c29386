"""Whether there is a judge. A model that cannot be had is said once, in the log and on the health page, and tried again
after some minutes; must not claim mentions or ask a hub again at every wake-up meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import sentiment
from desk.base import heartbeats, logs
from workers import tagging

RETRY_SECONDS = 300

log = logs.logger()


@dataclass(slots=True)
class _Trouble:
    said: str = ""
    tried_at: float = 0.0


_trouble = _Trouble()


def has_judge(clock: Callable[[], float] = time.monotonic) -> bool:
    """Loads the judge where that has not happened yet."""
    if _trouble.said and clock() - _trouble.tried_at < RETRY_SECONDS:
        return False
    _trouble.tried_at = clock()
    said = _load()
    if said and said != _trouble.said:
        log.error("judge_missing", reason=said, kept="mentions wait", retry_seconds=RETRY_SECONDS)
        heartbeats.complain("tag", said)
    if not said:
        heartbeats.settle("tag")
    _trouble.said = said
    return not said


def _load() -> str:
    """What keeps us from having a judge; empty when there is one."""
    try:
        tagging.backend()
    except sentiment.ModelMissing as error:
        return str(error)
    return ""
