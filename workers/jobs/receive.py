"""Reading what sites have sent to us."""

from workers import stopping, turns


def run() -> int:
    """How many deliveries were read, those that could not be read among them."""
    from workers import receiving

    turn, count = turns.Turn("receive", turns.SWEEP_SECONDS), 0
    while not stopping.is_asked() and (deliveries := receiving.claim()):
        count += receiving.read(deliveries)
        if turn.is_over():
            break
    return count
