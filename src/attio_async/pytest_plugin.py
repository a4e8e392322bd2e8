"""Fixtures for pytest: a new workspace for every test, and a client of it.

Pytest loads this module wherever the package is installed, so it imports nothing until a fixture is used. The fixtures are
synchronous, and the client does not need to be closed, so they work with every plugin that runs asynchronous tests: those
of anyio, pytest-asyncio and pytest-trio.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from . import Attio
    from .testing import FakeAttio

__all__ = ["attio", "fake_attio", "fake_attio_options"]


@pytest.fixture
def fake_attio_options() -> dict[str, Any]:
    """Return the arguments of `FakeAttio` for `fake_attio`. Override this fixture to change them.

    Without a clock, time is a `VirtualClock`: waiting for a rate limit or a retry takes no time.
    """
    return {}


@pytest.fixture
def fake_attio(fake_attio_options: dict[str, Any]) -> "FakeAttio":
    """Return a new, empty workspace, in process."""
    from .testing import FakeAttio, VirtualClock  # noqa: PLC0415 - loaded by the tests that use it

    options: dict[str, Any] = {"clock": VirtualClock(), **fake_attio_options}
    return FakeAttio(**options)


@pytest.fixture
def attio(fake_attio: "FakeAttio") -> "Attio":
    """Return a client of `fake_attio`. It holds no connection, so it does not need to be closed."""
    return fake_attio.client()
