"""Correcting and withdrawing answers that sites have, and looking whether it has arrived, for as long as a turn lasts."""

from workers import turns


def run() -> int:
    """How many were sent, and how many were looked for."""
    from workers import answers

    turn, count = turns.Turn("change", turns.TURN_SECONDS), 0
    answers.recover_changes()
    # What was approved while we were sending found its source busy: so once more, until nothing goes out.
    while sent := turns.sweep(turn, answers.changes_to_send(), answers.change):
        count += sent
        if turn.has_ended:
            return count
    return count + turns.sweep(turn, answers.changes_to_look_for(), answers.look_for_change)
