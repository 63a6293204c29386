"""Where every process of ours logs to, and what must not stand there: constant event names, facts as fields."""

import logging
import sys

import structlog

from desk import settings


def to_stderr(level: str | None = None) -> None:
    """`level` None takes OTKLIK_LOG_LEVEL. Standard output stays free for what a process prints for others."""
    chosen = logging.getLevelNamesMapping().get((level or settings.current().log_level).upper(), logging.INFO)
    logging.basicConfig(level=max(chosen, logging.WARNING), stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=True),
            # Tracebacks without the values of variables: those hold people's texts and credentials.
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(chosen),
    )
