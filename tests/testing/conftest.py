from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import msgspec
import pytest

from attio_async.testing import FakeAttio, FakeResponse, VirtualClock
from attio_async.values import RecordRef

from .described import CheckedFake
from .world import World


@attrs.frozen
class Answer:
    """A decoded answer."""

    status: int
    headers: dict[str, str]
    json: Any

    @property
    def data(self) -> Any:
        assert self.status == 200, self.json
        return self.json["data"]

    @property
    def values(self) -> dict[str, list[dict[str, Any]]]:
        return self.data["values"]

    @property
    def refusal(self) -> tuple[int, str]:
        return self.status, self.json["code"]


@attrs.frozen
class Api:
    """The fake with JSON in and out, and without any transport."""

    fake: FakeAttio

    def __call__(self, method: str, target: str, body: object = None) -> Answer:
        headers = {"Authorization": f"Bearer {self.fake.token}"}
        encoded = b"" if body is None else msgspec.json.encode(body)
        return self.answer(self.fake.handle(method, target, headers, encoded))

    @staticmethod
    def answer(response: FakeResponse) -> Answer:
        return Answer(response.status, dict(response.headers), msgspec.json.decode(response.body))

    def create(self, kind: str, **values: object) -> Answer:
        return self("POST", f"/v2/objects/{kind}/records", {"data": {"values": values}})

    def assert_(self, kind: str, matching: str, **values: object) -> Answer:
        target = f"/v2/objects/{kind}/records?matching_attribute={matching}"
        return self("PUT", target, {"data": {"values": values}})

    def patch(self, kind: str, record_id: str, **values: object) -> Answer:
        return self("PATCH", f"/v2/objects/{kind}/records/{record_id}", {"data": {"values": values}})

    def put(self, kind: str, record_id: str, **values: object) -> Answer:
        return self("PUT", f"/v2/objects/{kind}/records/{record_id}", {"data": {"values": values}})

    def get(self, kind: str, record_id: str) -> Answer:
        return self("GET", f"/v2/objects/{kind}/records/{record_id}")

    def query(self, kind: str, **body: object) -> Answer:
        return self("POST", f"/v2/objects/{kind}/records/query", body)


@pytest.fixture
def anyio_backend() -> str:
    """One event loop: most of the fake is synchronous. Rooms that wait override this with both."""
    return "asyncio"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def fake(clock: VirtualClock) -> FakeAttio:
    return CheckedFake(clock=clock)


@pytest.fixture
def api(fake: FakeAttio) -> Api:
    return Api(fake)


@pytest.fixture
def new_id(api: Api) -> Callable[..., str]:
    """Create a record and return its id."""

    def create(kind: str, **values: object) -> str:
        return api.create(kind, **values).data["id"]["record_id"]

    return create


@pytest.fixture
async def world(anyio_backend: str) -> AsyncIterator[World]:
    fake = CheckedFake(clock=VirtualClock())
    company = fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    person = fake.seed.add_record(
        "people", {"name": "Lovelace, Ada", "email_addresses": ["ada@acme.example.com"]}
    )
    members = fake.snapshot().data.members
    async with fake.client() as attio:
        yield World(
            fake,
            attio,
            RecordRef("companies", company["id"]["record_id"]),
            RecordRef("people", person["id"]["record_id"]),
            (members[0].id, members[1].id),
        )
