"""Processes and queues as people read them; the bare name stands beside it, because logs bear that one."""

from typing import Any

from flask import Flask
from flask_babel import lazy_pgettext as _p

NAMES: dict[str, Any] = {
    "tag": _p("process", "tagging"),
    "again": _p("process", "tagging again"),
    "crawl": _p("process", "crawling"),
    "reply": _p("process", "answers"),
    "receive": _p("process", "what sites send"),
    "learn": _p("process", "training"),
    "clock": _p("process", "timetable"),
    "jobs": _p("process", "jobs"),
}


def install(app: Flask) -> None:
    app.add_template_filter(name, "process_name")


def name(key: str) -> str:
    """One that this version does not know stays as it is."""
    return str(NAMES.get(key, key))


def listed(keys: list[str]) -> str:
    return ", ".join(f"{name(key)} ({key})" for key in keys)
