"""The shipped judge, loaded once for all tests of this package."""

import pytest

from sentiment import SHIPPED, Backend, load


@pytest.fixture(scope="session")
def judge() -> Backend:
    return load(str(SHIPPED))
