import pytest

from .support import CaughtQueries


@pytest.fixture
def caught() -> CaughtQueries:
    caught = CaughtQueries()
    caught.fake.seed.add_option("deals", "stage", "Almost There")
    caught.fake.seed.add_member("jane@example.com", "Jane", "Doe")
    return caught
