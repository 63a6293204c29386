"""Where every process of ours logs to, and what must not stand there: constant event names, facts as fields, and of people
neither texts nor names."""

import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from desk.base import settings


@contextmanager
def _as_if_missing(*names: str) -> Iterator[None]:
    """Within the block these modules cannot be imported; None is what Python itself takes for that."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


# structlog imports twisted and rich for loggers and tracebacks that we do not use: 9 MB and 0.1 s in every process of ours.
with _as_if_missing("structlog.twisted", "rich"):
    import structlog

SAYS_NOTHING_OF_PEOPLE = ("sqlalchemy", "redis", "rq", "httpx", "httpcore", "twisted", "ssl", "socket")
"""Libraries whose errors speak of connections and statements. Others quote what they could not read."""
LONGEST_WORDS = 300


def to_stderr(level: str | None = None) -> None:
    """`level` None takes OTKLIK_LOG_LEVEL. Standard output stays free for what a process prints for others."""
    chosen = logging.getLevelNamesMapping().get((level or settings.current().log_level).upper(), logging.INFO)
    # Libraries tell what they do at INFO, with addresses and arguments: only at DEBUG is that wanted.
    least = chosen if chosen <= logging.DEBUG else max(chosen, logging.WARNING)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Plain("%(asctime)s [%(levelname)-7s] %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S"))
    # On the handler too: a library that sets a level of its own passes the root's by.
    handler.setLevel(least)
    logging.basicConfig(level=least, handlers=[handler])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_print_trouble),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(chosen),
    )


def logger() -> Any:
    """What a module of ours says with: `log.info("event", fact=value)`."""
    return structlog.get_logger()


def words(error: BaseException) -> str:
    """An error for a log: its type, and what it says where that cannot quote a customer."""
    is_plain = (
        isinstance(error, OSError) or type(error).__module__.partition(".")[0] in SAYS_NOTHING_OF_PEOPLE
    )
    said = next(iter(str(error).splitlines()), "")[:LONGEST_WORDS] if is_plain else ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def trouble(error: BaseException) -> str:
    """Where it happened, line by line, without the values of variables and without what others have written."""
    lines: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        lines.insert(0, "".join([*traceback.format_tb(link.__traceback__), words(link)]))
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n\n".join(lines)


class _Plain(logging.Formatter):
    """For the loggers of libraries."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the base class names it
        return trouble(ei[1]) if ei[1] is not None else ""


def _print_trouble(stream: TextIO, exc_info: Any) -> None:
    stream.write("\n" + trouble(exc_info[1]))
