"""A workspace with a company, a person, and a client whose every response is checked."""

from typing import Any

import attrs
import pytest

from attio_async import Attio
from attio_async.errors import APIError
from attio_async.testing import VirtualClock
from attio_async.values import RecordRef

from .described import CheckedFake

Refusal = tuple[int, str, list[str]]
"""The status, the code, and the paths of the validation errors."""


@attrs.frozen
class World:
    """The fake, its client, and the ids of the records and members in it."""

    fake: CheckedFake
    attio: Attio
    company: RecordRef
    person: RecordRef
    members: tuple[str, str]
    missing: str = "11111111-2222-4333-8444-555555555555"

    @property
    def clock(self) -> VirtualClock:
        assert isinstance(self.fake.clock, VirtualClock)
        return self.fake.clock

    async def ask(self, method: str, path: str, **options: Any) -> Any:
        """Send a request as given, and return the decoded answer."""
        return await self.attio.request(method, path, **options)

    async def refusal(self, method: str, path: str, **options: Any) -> Refusal:
        """Send a request that must be refused."""
        with pytest.raises(APIError) as caught:
            await self.ask(method, path, **options)
        error = caught.value
        return (
            error.status,
            error.code or "",
            [".".join(map(str, each["path"])) for each in error.validation_errors],
        )

    def events(self) -> list[Any]:
        """Return a list that collects the changes from now on."""
        changes: list[Any] = []
        self.fake.changes.subscribe(changes.append)
        return changes
