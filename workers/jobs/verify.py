"""Looking for answers whose look is due, for as long as a turn lasts."""

from workers import turns


def run() -> int:
    """How many were looked for."""
    from workers import answers

    return turns.sweep(turns.Turn("verify", turns.TURN_SECONDS), answers.to_look_for(), answers.look_for)
