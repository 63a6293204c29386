"""Telling sites where to send, and when to stop."""

from workers import stopping, turns


def run() -> int:
    """How many sources had their turn."""
    from workers import subscribing

    turn, count = turns.Turn("subscribe", turns.TURN_SECONDS), 0
    while not stopping.is_asked() and subscribing.tell_next():
        count += 1
        if turn.is_over():
            break
    return count
