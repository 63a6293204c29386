"""Judging every new mention."""

from workers import stopping, turns


def run() -> int:
    """How many were judged. Without a judge they wait, unclaimed."""
    from sentiment.model_files import give_back
    from workers import readiness, tagging

    if not readiness.has_judge():
        return 0
    turn, count = turns.Turn("tag", turns.SWEEP_SECONDS), 0
    while not stopping.is_asked() and (claimed := tagging.claim()):
        count += tagging.record(claimed, tagging.classify(claimed))
        if turn.is_over():
            break
    if count:
        give_back()
    return count
