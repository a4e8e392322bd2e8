"""Fixtures for pytest: a workspace of its own for every test, and a client of it.

Loaded by pytest itself wherever this package is installed, so it imports nothing until a fixture is used. The
fixtures are plain ones, and the client needs no closing, so they work with whatever runs asynchronous tests: the plugin of
anyio, pytest-asyncio or pytest-trio.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from . import Attio
    from .testing import FakeAttio

__all__ = ["attio", "fake_attio", "fake_attio_options"]


@pytest.fixture
def fake_attio_options() -> dict[str, Any]:
    """The arguments `fake_attio` gives to `FakeAttio`; override it to change them.

    Unless it names a clock, time is a `VirtualClock`: waiting out a rate limit or a retry takes no time.
    """
    return {}


@pytest.fixture
def fake_attio(fake_attio_options: dict[str, Any]) -> "FakeAttio":
    """A new, empty workspace, in process."""
    from .testing import FakeAttio, VirtualClock  # noqa: PLC0415 - only tests that use it pay for it

    options: dict[str, Any] = {"clock": VirtualClock(), **fake_attio_options}
    return FakeAttio(**options)


@pytest.fixture
def attio(fake_attio: "FakeAttio") -> "Attio":
    """A client of `fake_attio`. It holds no connection, so nothing has to be closed."""
    return fake_attio.client()
