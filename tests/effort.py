"""How much is tried: little by default, twenty times as much with OTKLIK_TEST_LONG."""

import os

import hypothesis

EXAMPLES, KILLS = 60, 15
MORE = 20 if os.environ.get("OTKLIK_TEST_LONG") else 1


def times(count: int) -> int:
    """For `max_examples` of a test that wants another number than the rest."""
    return count * MORE


def settle() -> None:
    """For all tests of Hypothesis. A busy machine is no fault of the code: no test here is about time."""
    hypothesis.settings.register_profile(
        "house",
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
        max_examples=times(EXAMPLES),
        print_blob=True,
    )
    hypothesis.settings.load_profile("house")
