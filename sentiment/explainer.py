"""The judge in a program of its own, for a caller that must not hold it: each question names all that it takes to answer it,
so that the program may end and begin anew between any two."""

import base64
from dataclasses import asdict
from functools import cache, lru_cache
from typing import Any

from sentiment import load
from sentiment.contract import Backend
from sentiment.errors import AdaptationUnreadable, ModelMissing
from sentiment.why import explain


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """`settings` (model, labels, threshold: as for `load`, the model named) with nothing else asks for the judge's name.
    With `text` and `head` the text is explained, by the judge that has learned `learned` (an adaptation's bytes in base64,
    or None) where that fits it.

    What keeps the judge from being loaded is under `missing`; what was wrong with `learned` under `left_aside`.
    """
    try:
        judge, left_aside = _taught(*question["settings"], question.get("learned"))
    except ModelMissing as error:
        return {"missing": str(error)}
    said: dict[str, Any] = {"name": judge.name, "revision": judge.revision, "left_aside": left_aside}
    if "text" in question:
        said["found"] = asdict(explain(judge, question["text"], question["head"]))
    return said


@cache
def _loaded(model: str, labels: str | None, threshold: float | None) -> Backend:
    judge = load(model, labels, threshold)
    judge.classify(["warm"])  # the first run is slow, and the time for an explanation is measured by runs
    return judge


@lru_cache(maxsize=1)
def _taught(
    model: str, labels: str | None, threshold: float | None, learned: str | None
) -> tuple[Backend, str]:
    """As workers/judge.py: what was learned on other weights, or cannot be read, is left aside, with the reason."""
    from sentiment.adaptation import Adaptable, Adaptation  # numpy waits until it is wanted

    judge = _loaded(model, labels, threshold)
    if learned is None or not isinstance(judge, Adaptable):
        return judge, ""
    try:
        return judge.adapted(Adaptation.from_bytes(base64.b64decode(learned))), ""
    except (AdaptationUnreadable, ValueError) as error:
        return judge, str(error)
