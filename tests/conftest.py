import gc
import os

import pytest
from hypothesis import HealthCheck, settings

# Importing and collecting the tests makes hardly any garbage, and looking for it takes a third of that time.
gc.disable()

# Speed is measured by benchmarks, not by tests on a busy machine.
settings.register_profile("full", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("full"), max_examples=20)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples in the quick tests; each run tries others, and `make test-full` tries them all."""
    settings.load_profile("quick" if config.option.markexpr == "not full" else "full")


def pytest_xdist_auto_num_workers() -> int:
    """Start one worker more than there are processors: tests wait for servers and processes a fifth of the time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Leave what importing made out of garbage collection: a tenth of the time of the tests is spent on it."""
    gc.freeze()
    gc.set_threshold(20_000)  # the youngest objects are mostly in use still after the usual 700
    gc.enable()


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Collect what a test leaves while its filter of warnings holds, not in a later test."""
    if item.get_closest_marker("filterwarnings"):
        gc.collect(1)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run tests that wait on both event loops."""
    return request.param
