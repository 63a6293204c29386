"""Which words moved a tag: the judge in force, loaded when somebody first asks, and what it listened to, piece by piece.
The one module of the pages that sees `sentiment`; it explains, and must never tag anything."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

from flask import Flask, current_app

import sentiment
from desk import logs, revisions, settings
from desk.models import JudgeRevision
from desk.people import Session
from sentiment.choice import needs_torch
from sentiment.errors import AdaptationUnreadable
from sentiment.why import Part, explain

# The share of the strongest word below which a word is not marked, and from which on it is marked as a strong one.
FAINT, STRONG = 0.1, 0.5
# Less than a point of probability is noise.
LEAST = 0.01

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
    """Why the judge that signs as `judge` and `revision` says `label`. `is_complete`: every word had its turn."""

    label: str
    probability: float
    pieces: Sequence[Piece]
    is_complete: bool
    judge: str
    revision: str

    @property
    def is_long(self) -> bool:
        return any(piece.side == "unread" for piece in self.pieces)

    def words(self, side: str) -> list[str]:
        """Those that were marked, each once."""
        return list(dict.fromkeys(" ".join(one.text.split()) for one in self.pieces if one.side == side))


class Bench:
    """Where the judge sits between two questions. Several threads may ask at once; it is loaded once."""

    def __init__(self, load: Callable[[], sentiment.Backend] | None = None) -> None:
        self._load = load or _load
        self._lock = Lock()
        self._shipped: sentiment.Backend | None = None
        self._taught: tuple[int, sentiment.Backend] | None = None

    def judge(self, session: Session) -> sentiment.Backend:
        """With what this desk has taught it. Raises NoJudge."""
        with self._lock:
            shipped = self._shipped = self._shipped or self._load()
            row = revisions.active(session)
            if row is None:
                return shipped
            if self._taught is None or self._taught[0] != row.id:
                self._taught = row.id, _taught(shipped, row)
            return self._taught[1]


def install(app: Flask) -> None:
    app.extensions["otklik_bench"] = Bench()


def tell(session: Session, text: str, head: str) -> Told:
    """Takes at most a quarter of a second, and half a second more for the first one. Raises NoJudge."""
    bench: Bench = current_app.extensions["otklik_bench"]
    judge = bench.judge(session)
    found = explain(judge, text, head)
    pieces = list(_pieces(text, found.parts, found.unread))
    return Told(found.label, found.probability, pieces, found.is_complete, judge.name, judge.revision)


def _load() -> sentiment.Backend:
    wanted = settings.current()
    if wanted.sentiment_model and needs_torch(wanted.sentiment_model):
        # torch and its weights can take more memory than all the pages; a click must not bring that in.
        raise NoJudge(wanted.sentiment_model, is_heavy=True)
    try:
        judge = sentiment.load(wanted.sentiment_model, wanted.sentiment_labels, wanted.sentiment_threshold)
    except sentiment.ModelMissing as error:
        raise NoJudge(str(error)) from error
    judge.classify(["warm"])  # the first run is slow, and the time for an explanation is measured by runs
    log.info("judge_loaded_to_explain", judge=judge.name, revision=judge.revision)
    return judge


def _taught(shipped: sentiment.Backend, row: JudgeRevision) -> sentiment.Backend:
    """As workers/judges.py: what was learned on other weights, or cannot be read, is left aside."""
    from sentiment.adaptation import Adaptable, Adaptation  # numpy waits until it is wanted

    if row.adaptation is None or not isinstance(shipped, Adaptable):
        return shipped
    try:
        return shipped.adapted(Adaptation.from_bytes(row.adaptation))
    except (AdaptationUnreadable, ValueError) as error:
        log.warning("learned_correction_left_aside", number=row.id, error=str(error))
        return shipped


def _pieces(text: str, parts: Sequence[Part], unread: tuple[int, int] | None) -> Iterator[Piece]:
    """The whole text in order, nothing twice and nothing lost."""
    strongest = max((abs(part.weight) for part in parts), default=0.0)
    marked = [part for part in parts if abs(part.weight) >= max(LEAST, FAINT * strongest)]
    spans = [(part.start, part.end, _side(part), abs(part.weight) >= STRONG * strongest) for part in marked]
    spans += [(*unread, "unread", False)] if unread else []
    place = 0
    for start, end, side, is_strong in sorted(spans):
        if place < start:
            yield Piece(text[place:start])
        yield Piece(text[start:end], side, is_strong)
        place = end
    if place < len(text):
        yield Piece(text[place:])


def _side(part: Part) -> str:
    return "for" if part.weight > 0 else "against"
