"""A workspace with a company, a person and a client, whose every response is compared with the description."""

from typing import Any

import attrs
import pytest

from attio_async import Attio
from attio_async.errors import APIError
from attio_async.testing import VirtualClock
from attio_async.values import RecordRef

from .described import CheckedFake


@attrs.frozen
class World:
    """What the tests are about."""

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
        """The decoded answer to a request as it stands."""
        return await self.attio.request(method, path, **options)

    async def refusal(self, method: str, path: str, **options: Any) -> tuple[int, str, list[str]]:
        """Status, code and the paths of what is wrong, of a request that is refused."""
        with pytest.raises(APIError) as caught:
            await self.ask(method, path, **options)
        error = caught.value
        return error.status, error.code or "", [".".join(each["path"]) for each in error.validation_errors]

    def events(self) -> list[Any]:
        """What will be told of changes from now on."""
        seen: list[Any] = []
        self.fake.changes.subscribe(seen.append)
        return seen
