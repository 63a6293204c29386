"""Learning from a desk: the heads are refitted on frozen vectors, and what came out is measured on texts it never saw.

Numbers in, an Outcome out, the same for the same input, and never an exception for odd corrections. Nothing but a
correction that proved itself is handed back: it must be right more often on corrections held out of the fit, by more
than chance, and lose less than half a point on held-out shipped texts, head by head.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from sentiment.adaptation import Adaptation
from sentiment.contract import HEADS
from sentiment.regression import Floats, Rows, fit, join
from sentiment.replay import UNKNOWN, Examples, Replay, columns

FEWEST_TEXTS = 10
"""Fewer say nothing: a rule that fits them all by chance is too easily found."""
MOST_TEXTS = 4_000
MOST_CHARACTERS = 1_200_000
"""So that a refit takes seconds, reading included, whatever stands at the desk: the newest corrections count."""
LARGEST_LOSS = 0.5
"""Points of accuracy on held-out shipped texts that a head may not lose."""
_FOLDS = 5
# More directions of the vectors than these bring nothing but time.
_DIRECTIONS = 128
# How much all corrections weigh against all shipped texts, and how strongly a head is drawn to what it was.
_SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
_STRENGTHS = (0.1, 1.0)
_WEIGHTS = (0.5, 50.0)
# Of as many changed answers as there are, this many standard deviations more must be mended than spoilt (one in twenty).
_CHANCE = 1.64
# How often the judge errs at the desk lies between its errors on shipped texts and those among the corrections; the
# geometric mean is taken, and shipped texts, which it was trained on, are not believed below this.
_LEAST_ERROR = 0.1

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Score:
    """`right` of `of` labels."""

    right: int = 0
    of: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.of + other.of)


@dataclass(frozen=True, slots=True)
class HeadOutcome:
    """Before: the head as it shipped. After: as refitted, on texts held out; the same as before where it is left alone."""

    head: str
    before: Score = Score()
    after: Score = Score()
    replay_before: Score = Score()
    replay_after: Score = Score()
    is_changed: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`reason`: better, too_few, no_gain or forgets; `numbers` are what a sentence about it needs."""

    adaptation: Adaptation | None
    heads: tuple[HeadOutcome, ...]
    reason: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_better(self) -> bool:
        return self.adaptation is not None

    @property
    def before(self) -> Score:
        return sum((head.before for head in self.heads), Score())

    @property
    def after(self) -> Score:
        return sum((head.after for head in self.heads), Score())

    @property
    def replay_before(self) -> Score:
        return sum((head.replay_before for head in self.heads), Score())

    @property
    def replay_after(self) -> Score:
        return sum((head.replay_after for head in self.heads), Score())


@dataclass(frozen=True, slots=True)
class _Setting:
    share: float
    strength: float


_SETTINGS = tuple(_Setting(share, strength) for strength in _STRENGTHS for share in _SHARES)


@dataclass(frozen=True, slots=True)
class _Basis:
    """The directions in which texts differ most; vectors are told by these."""

    mean: Floats
    directions: Floats

    def project(self, vectors: Floats) -> Floats:
        ones = np.ones((len(vectors), 1), np.float32)
        return np.concatenate([(vectors - self.mean) @ self.directions, ones], axis=1).astype(np.float32)

    def undo(self, correction: Floats) -> tuple[Floats, Floats]:
        """The same correction as weights and bias for vectors as the judge gives them."""
        weights = self.directions @ correction[:-1]
        bias = correction[-1] - self.mean @ weights
        return weights.astype(np.float32), bias.astype(np.float32)


def taken(lengths: Sequence[int]) -> int:
    """How many of the corrections, newest first, a refit will learn from, by the lengths of their texts."""
    whole = np.cumsum(lengths[:MOST_TEXTS])
    return int((whole <= MOST_CHARACTERS).sum())


def refit(replay: Replay, corrections: Examples, left_out: int = 0) -> Outcome:
    """`corrections` are newest first; `left_out` is how many older ones were not even read."""
    left_out += max(0, len(corrections) - MOST_TEXTS)
    corrections = _sound(corrections, MOST_TEXTS)
    texts = len(np.unique(corrections.keys))
    numbers: dict[str, float] = {"texts": texts, "left_out": left_out}
    if texts < FEWEST_TEXTS:
        return Outcome(None, (), "too_few", numbers | {"needed": FEWEST_TEXTS})
    # Where the desk has its own word on a shipped text, the desk is right.
    replay = replay.only(~np.isin(replay.examples.keys, corrections.keys))
    basis = _basis(replay.examples.vectors, corrections.vectors)
    found: list[HeadOutcome] = []
    weights: dict[str, Floats] = {}
    bias: dict[str, Floats] = {}
    # A worker has one core: more threads than cores would wait for each other, ten times as long.
    with threadpool_limits(1, "blas"):
        for head in HEADS:
            outcome, correction = _refit_head(head, basis, replay, corrections)
            found.append(outcome)
            if correction is not None:
                weights[head], bias[head] = basis.undo(correction)
    if not weights:
        forgetful = [one for one in found if one.reason == "forgets"]
        return Outcome(None, tuple(found), "forgets" if forgetful else "no_gain", numbers)
    return Outcome(Adaptation(replay.base, weights, bias), tuple(found), "better", numbers)


def _sound(corrections: Examples, most: int) -> Examples:
    chosen = np.arange(len(corrections)) < most
    for part in (corrections.vectors, corrections.logits):
        chosen &= np.isfinite(part).all(axis=1)
    return corrections.only(chosen)


def _basis(shipped: Floats, corrections: Floats) -> _Basis:
    """The corrections have as much to say as all shipped texts: a desk may speak of things that these never mention."""
    mean = shipped.mean(axis=0)
    grams = [
        (vectors - mean).T @ (vectors - mean) / max(1, len(vectors)) for vectors in (shipped, corrections)
    ]
    _sizes, directions = np.linalg.eigh((grams[0] + grams[1]).astype(np.float64))
    scale = max(float(np.sqrt(np.trace(grams[0]))), 1e-6)
    return _Basis(mean, (directions[:, -_DIRECTIONS:] / scale).astype(np.float32))


def _refit_head(
    head: str, basis: _Basis, replay: Replay, corrections: Examples
) -> tuple[HeadOutcome, Floats | None]:
    shipped = _labelled(head, replay.examples)
    lean = replay.leans[columns(head)]
    ours, our_keys = _rows(head, basis, replay.examples.only(shipped), lean)
    theirs, their_keys = _rows(head, basis, corrections.only(_labelled(head, corrections)), lean)
    is_unseen = replay.is_unseen[shipped]
    if not is_unseen.any() or len(np.unique(their_keys)) < FEWEST_TEXTS:
        return HeadOutcome(head, reason="no_labels"), None
    before, replay_before = theirs.right(), ours.right()[is_unseen]

    def report(reason: str, after: Mask = before, replay_after: Mask = replay_before) -> HeadOutcome:
        ours_then, ours_now = _score(replay_before), _score(replay_after)
        return HeadOutcome(
            head, _score(before), _score(after), ours_then, ours_now, reason == "better", reason
        )

    errs = float(np.sqrt(max(_LEAST_ERROR, 1 - replay_before.mean()) * (1 - before.mean())))
    theirs = replace(theirs, weights=_balance(before, errs))
    tried = _cross_validate(ours, _folds(our_keys), theirs, _folds(their_keys))
    trials = {setting: (after, then[is_unseen]) for setting, (after, then) in tried.items()}
    proven = [setting for setting, (after, _) in trials.items() if _is_more_than_chance(before, after)]
    gains = {setting: _gain(before, trials[setting][0], errs) for setting in proven}
    useful = [setting for setting in proven if gains[setting] > 0]
    if not useful:
        return report("no_gain"), None
    allowed = [setting for setting in useful if _loss(replay_before, trials[setting][1]) < LARGEST_LOSS]
    if not allowed:
        return report("forgets"), None
    best = max(allowed, key=gains.__getitem__)
    return report("better", *trials[best]), _fit(ours, theirs, best)


def _rows(head: str, basis: _Basis, examples: Examples, lean: Floats) -> tuple[Rows, npt.NDArray[np.uint64]]:
    labels = examples.labels[:, list(HEADS).index(head)]
    weights = np.ones(len(examples), np.float32)
    rows = Rows(basis.project(examples.vectors), examples.logits[:, columns(head)], labels, weights, lean)
    return rows, examples.keys


def _labelled(head: str, examples: Examples) -> Mask:
    return np.asarray(examples.labels[:, list(HEADS).index(head)] != UNKNOWN)


def _folds(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """By the text, so that the same words are never learned from and measured on."""
    return keys % np.uint64(_FOLDS)


def _cross_validate(
    ours: Rows, our_folds: npt.NDArray[np.uint64], theirs: Rows, their_folds: npt.NDArray[np.uint64]
) -> dict[_Setting, tuple[Mask, Mask]]:
    """For each setting, which corrections and which shipped texts come out right when held out of its fit."""
    found = {setting: (np.zeros(len(theirs), bool), np.zeros(len(ours), bool)) for setting in _SETTINGS}
    for fold in range(_FOLDS):
        ours_out, theirs_out = our_folds == fold, their_folds == fold
        fits = _path(ours.only(~ours_out), theirs.only(~theirs_out), _SETTINGS)
        for setting, correction in fits:
            found[setting][0][theirs_out] = theirs.only(theirs_out).right(correction)
            found[setting][1][ours_out] = ours.only(ours_out).right(correction)
    return found


def _fit(ours: Rows, theirs: Rows, setting: _Setting) -> Floats:
    """Along the same path as when it was measured, so that it ends in the same place."""
    path = [one for one in _SETTINGS if one.strength == setting.strength and one.share <= setting.share]
    return list(_path(ours, theirs, path))[-1][1]


def _path(ours: Rows, theirs: Rows, settings: Sequence[_Setting]) -> Iterator[tuple[_Setting, Floats]]:
    """Each fit begins where the one before it ended: with corrections that weigh less."""
    our_gram, their_gram = ours.gram(), theirs.gram()
    correction: Floats | None = None
    for place, setting in enumerate(settings):
        if place and setting.strength != settings[place - 1].strength:
            correction = None
        weight = float(np.clip(setting.share * len(ours) / max(1, len(theirs)), *_WEIGHTS))
        both = join(ours, theirs.times(weight))
        correction = fit(both, our_gram + np.float32(weight) * their_gram, setting.strength, correction)
        yield setting, correction


def _loss(before: Mask, after: Mask) -> float:
    return 100 * float(before.mean() - after.mean())


def _is_more_than_chance(before: Mask, after: Mask) -> bool:
    mended, spoilt = int((after & ~before).sum()), int((before & ~after).sum())
    return mended - spoilt > _CHANCE * float(np.sqrt(mended + spoilt))


def _balance(is_right: Mask, errs: float) -> Floats:
    """Weights under which the judge errs as often as at the whole desk, not as often as among what people corrected."""
    wrong = 1 - float(is_right.mean())
    if wrong in (0.0, 1.0):
        return np.ones(len(is_right), np.float32)
    return np.where(is_right, (1 - errs) / (1 - wrong), errs / wrong).astype(np.float32)


def _gain(before: Mask, after: Mask, errs: float) -> float:
    """What is to be expected of all texts of the desk, of which the judge gets the share `errs` wrong.

    People correct what is wrong and pass over what is right, so among corrections the mended ones are many and the
    spoilt ones few; counted as they come, a judge that calls everything by the commonest correction would look good.
    """
    mended = float(after[~before].mean()) if not before.all() else 0.0
    spoilt = float((~after[before]).mean()) if before.any() else 0.0
    return errs * mended - (1 - errs) * spoilt


def _score(right: Mask) -> Score:
    return Score(int(right.sum()), len(right))
