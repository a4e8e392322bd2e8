"""A served fake tells its webhooks, too."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

import anyio

from ..testing import FakeAttio

__all__ = ["delivering"]

_PAUSE = 0.1


@contextmanager
def delivering(fake: FakeAttio, to: str | None) -> Generator[None]:
    """Send what webhooks are told to an address, from a thread of its own, as long as the block runs."""
    if to is None:
        yield
        return
    is_over = threading.Event()
    thread = threading.Thread(
        target=anyio.run, args=(_deliver, fake, to, is_over), name="deliveries", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


async def _deliver(fake: FakeAttio, to: str, is_over: threading.Event) -> None:
    while not is_over.is_set():
        if fake.queued_deliveries:
            await fake.deliver(to=to)
        await anyio.sleep(_PAUSE)
