"""Failures are counted within a window that slides, per key, and memory stays bounded."""

from webapp.request.attempts import KEYS_KEPT, Attempts


class Hand:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_the_pause_begins_with_the_last_allowed_failure_and_ends_by_itself() -> None:
    clock = Hand()
    attempts, limits = Attempts(300, clock), [("ivan", 3), ("place", 100)]
    for _ in range(3):
        assert attempts.wait_seconds(limits) == 0
        attempts.fail(limits)
        clock.at += 10
    assert attempts.wait_seconds(limits) == 271
    clock.at = 301
    assert attempts.wait_seconds(limits) == 0


def test_one_key_does_not_stop_another() -> None:
    attempts = Attempts(300, Hand())
    attempts.fail([("ivan", 1)])
    assert attempts.wait_seconds([("olga", 1)]) == 0
    assert attempts.wait_seconds([("olga", 1), ("ivan", 1)]) > 0


def test_success_forgives() -> None:
    attempts = Attempts(300, Hand())
    attempts.fail([("ivan", 1)])
    attempts.forgive("ivan")
    assert attempts.wait_seconds([("ivan", 1)]) == 0


def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    attempts = Attempts(300, Hand())
    for number in range(KEYS_KEPT + 50):
        attempts.fail([(f"name{number}", 1)])
    assert len(attempts._failures) == KEYS_KEPT
    assert attempts.wait_seconds([(f"name{KEYS_KEPT + 49}", 1)]) > 0
