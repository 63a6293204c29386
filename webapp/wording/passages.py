"""Text with some of its words marked, in pieces that a template shows."""

from collections.abc import Iterable

AROUND, LONGEST = 60, 320


def pieces(text: str, marked: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The whole text in pieces, each with whether it is marked. `marked`: characters, in order and apart."""
    found: list[tuple[str, bool]] = []
    here = 0
    for start, end in marked:
        found += [(text[here:start], False), (text[start:end], True)]
        here = end
    found.append((text[here:], False))
    return [piece for piece in found if piece[0]]


def excerpt(text: str, marked: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The same of a long text, from a little before the first mark."""
    kept = list(marked)
    begin = max(kept[0][0] - AROUND, 0) if kept and kept[0][0] > LONGEST - AROUND else 0
    end = begin + LONGEST
    shown = [(start - begin, stop - begin) for start, stop in kept if start >= begin and stop <= end]
    cut = pieces(text[begin:end], shown)
    before, behind = [("…", False)] if begin else [], [("…", False)] if len(text) > end else []
    return [*before, *cut, *behind]
