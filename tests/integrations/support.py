"""A workspace with one of each, for tests of other libraries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attio_async import Attio, Record, Task
from attio_async.testing import FakeAttio, VirtualClock


@asynccontextmanager
async def workspace() -> AsyncIterator[tuple[Attio, Record, Task]]:
    """Yield a client, a person and a task."""
    fake = FakeAttio(clock=VirtualClock())
    async with fake, fake.client() as attio:
        person = await attio.people.create(
            {"name": "Lovelace, Ada", "email_addresses": ["ada@example.com"], "job_title": "Engineer"}
        )
        task = await attio.tasks.create("Call her", linked_records=[person])
        yield attio, person, task
