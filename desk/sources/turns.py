"""[pure] Who comes next where several sources have work waiting."""

from collections import Counter
from collections.abc import Sequence


def in_turns(waiting: Sequence[tuple[int, int]]) -> list[int]:
    """Ids out of (id, source) pairs: the first of each source, then the second of each, and so on. A slow site, or one
    with a hundred answers, then keeps nobody else waiting."""
    turns: Counter[int] = Counter()
    ranked = []
    for number, (row_id, source_id) in enumerate(waiting):
        ranked.append((turns[source_id], number, row_id))
        turns[source_id] += 1
    return [row_id for _turn, _number, row_id in sorted(ranked)]
