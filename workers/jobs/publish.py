"""Sending approved answers that are ours to send, for as long as a turn lasts."""

from workers import turns


def run() -> int:
    """How many were sent."""
    from workers import answers

    turn, count = turns.Turn("publish", turns.TURN_SECONDS), 0
    answers.recover()
    # What was approved while we were sending found its source busy: so once more, until nothing goes out.
    while sent := turns.sweep(turn, answers.to_send(), answers.publish):
        count += sent
        if turn.has_ended:
            break
    return count
