"""What is said after a step: one sentence, with the way back where the desk has one (desk/cases/undo.py)."""

from typing import TypedDict

from flask import flash


class Notice(TypedDict):
    """`tone`: success, error or info. `undo` is the step's token, or None."""

    text: str
    tone: str
    undo: str | None


def make(text: str, tone: str = "success", undo: str | None = None) -> Notice:
    return {"text": str(text), "tone": tone, "undo": undo}


def leave(text: str, tone: str = "success", undo: str | None = None) -> None:
    """For the next page that this reader opens."""
    flash(make(text, tone, undo), tone)  # type: ignore[arg-type]  # kept as JSON, and read by notices.html alone
