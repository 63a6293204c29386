"""Which words moved a tag: the active model, which runs in a program beside the pages while somebody asks, and what it
went by, piece by piece. The one module of the pages that sees `sentiment`; it explains, and must never tag anything."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from flask import Flask, current_app

import sentiment
from desk.base import logs, settings
from desk.people.users import Session
from desk.verdicts import judge_revisions, tags
from sentiment.choice import needs_torch
from sentiment.why import Explanation, Part, explain
from webapp.helper_process import Broken, HelperProcess

# The share of the strongest word below which a word is not marked, and from which on it is marked as a strong one.
FAINT, STRONG = 0.1, 0.5
# Less than a point of probability is noise.
LEAST = 0.01

PROGRAM = HelperProcess("sentiment.explainer:answer")

log = logs.logger()


class NoJudge(Exception):
    """Nothing can be explained here. `is_heavy`: there is a judge, but one that pages must not load."""

    def __init__(self, words: str, *, is_heavy: bool = False) -> None:
        super().__init__(words)
        self.is_heavy = is_heavy


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text. `side`: for, against, unread, or nothing for what moved nothing."""

    text: str
    side: str = ""
    is_strong: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Why the judge that signs as `judge` and `model_revision` says `label`. `is_complete`: every word had its turn."""

    label: str
    probability: float
    pieces: Sequence[Piece]
    is_complete: bool
    judge: str
    model_revision: str

    @property
    def is_long(self) -> bool:
        return any(piece.side == "unread" for piece in self.pieces)

    def words(self, side: str) -> list[str]:
        """Those that were marked, each once."""
        return list(dict.fromkeys(" ".join(one.text.split()) for one in self.pieces if one.side == side))


@dataclass(frozen=True, slots=True)
class Distant:
    """A judge in a program beside this one, which holds its weights while somebody asks (sentiment/explainer.py). `learned` is
    what the desk has taught it, in base64."""

    program: HelperProcess
    settings: tuple[str, str | None, float]
    learned: str | None = None

    def explain(self, text: str, head: str) -> tuple[Explanation, str, str]:
        """And the name and the revision that it signs with. Raises NoJudge."""
        said = self.ask(text=text, head=head)
        found = said["found"]
        parts = tuple(Part(**part) for part in found.pop("parts"))
        unread = found.pop("unread")
        explanation = Explanation(**found, parts=parts, unread=tuple(unread) if unread else None)
        return explanation, said["name"], said["revision"]

    def ask(self, **question: Any) -> dict[str, Any]:
        """Raises NoJudge."""
        try:
            said: dict[str, Any] = self.program.ask(
                {"settings": self.settings, "learned": self.learned, **question}
            )
        except Broken as error:
            raise NoJudge("the program that holds it ended twice over one question") from error
        if "missing" in said:
            raise NoJudge(said["missing"])
        if said["left_aside"]:
            log.warning("learned_correction_left_aside", error=said["left_aside"])
        return said


class JudgeProvider:
    """Gives the judge to whoever explains. Several threads may ask at once; a judge inside this process is loaded once."""

    def __init__(self, load: Callable[[], sentiment.Backend | Distant] | None = None) -> None:
        self._load = load or _load
        self._lock = Lock()
        self._shipped: sentiment.Backend | Distant | None = None

    def judge(self, session: Session) -> sentiment.Backend | Distant:
        """With what this desk has taught it. Raises NoJudge."""
        with self._lock:
            shipped = self._shipped = self._shipped or self._load()
        if not isinstance(shipped, Distant) or (row := judge_revisions.active(session)) is None:
            return shipped
        return replace(shipped, learned=_in_base64(row.adaptation))


def install(app: Flask) -> None:
    app.extensions["otklik_judge_provider"] = JudgeProvider()


def tell(session: Session, text: str, tag: str) -> Told:
    """`tag` is one of desk.verdicts.tags.HEADS. Takes at most a quarter of a second, and a second more for the first one. Raises NoJudge."""
    provider: JudgeProvider = current_app.extensions["otklik_judge_provider"]
    judge, head = provider.judge(session), tags.HEAD_OF[tag]
    if isinstance(judge, Distant):
        found, name, revision = judge.explain(text, head)
    else:
        found, name, revision = explain(judge, text, head), judge.name, judge.revision
    pieces = list(_pieces(text, found.parts, found.unread))
    return Told(found.label, found.probability, pieces, found.is_complete, name, revision)


def _load() -> Distant:
    wanted = settings.current()
    if wanted.sentiment_model and needs_torch(wanted.sentiment_model):
        # torch and its weights can take more memory than all the pages; a click must not bring that in.
        raise NoJudge(wanted.sentiment_model, is_heavy=True)
    model = wanted.sentiment_model or str(sentiment.SHIPPED)
    judge = Distant(PROGRAM, (model, wanted.sentiment_labels, wanted.sentiment_threshold))
    said = judge.ask()
    log.info("judge_loaded_to_explain", judge=said["name"], revision=said["revision"])
    return judge


def _in_base64(learned: bytes | None) -> str | None:
    return base64.b64encode(learned).decode() if learned is not None else None


def _pieces(text: str, parts: Sequence[Part], unread: tuple[int, int] | None) -> Iterator[Piece]:
    """The whole text in order, nothing twice and nothing lost."""
    strongest = max((abs(part.weight) for part in parts), default=0.0)
    marked = [part for part in parts if abs(part.weight) >= max(LEAST, FAINT * strongest)]
    spans = [(part.start, part.end, _side(part), abs(part.weight) >= STRONG * strongest) for part in marked]
    spans += [(*unread, "unread", False)] if unread else []
    reached = 0
    for start, end, side, is_strong in sorted(spans):
        if reached < start:
            yield Piece(text[reached:start])
        yield Piece(text[start:end], side, is_strong)
        reached = end
    if reached < len(text):
        yield Piece(text[reached:])


def _side(part: Part) -> str:
    return "for" if part.weight > 0 else "against"
