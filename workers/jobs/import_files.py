"""Reading tables out of the watched folder."""

from workers import stopping, turns


def run() -> int:
    """How many files had their turn."""
    from workers import importing

    turn, count = turns.Turn("import_files", turns.SWEEP_SECONDS), 0
    while not stopping.is_asked() and importing.import_next():
        count += 1
        if turn.is_over():
            break
    return count
