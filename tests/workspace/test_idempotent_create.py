"""Creates whose response is lost, before or after the write happened."""

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Literal

import httpx
import pytest

from attio_async import Attio, Attribute, ObjectSchema
from attio_async._limits.limiter import TokenLimits
from attio_async._records.models import Record, decode_one
from attio_async._workspace.idempotent_create import UniqueKey, create_once, find_unique_key
from attio_async.errors import (
    ConnectionFailed,
    DecodeError,
    OutcomeUnknown,
    UniquenessConflict,
)
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio

Loss = Literal["request", "response", "garbled", "late", "server", "none"]
ACME = {"name": "Acme", "domains": ["example.com"]}


class Lossy(httpx.AsyncBaseTransport):
    """Loses creates as it is told to, one loss for each create, then nothing.

    "request" is lost on the way there, "response" on the way back; "late" arrives only when the next create is sent;
    "server" is answered by a proxy that got no response; of a "garbled" response only the beginning arrives.
    """

    def __init__(self, fake: FakeAttio, losses: Sequence[Loss], *, can_read: bool = True) -> None:
        self._inner = fake.transport()
        self._losses = list(losses)
        self._can_read = can_read
        self._held: httpx.Request | None = None
        self.creates = 0
        self.queries = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/query"):
            self.queries += 1
            if not self._can_read:
                raise httpx.ConnectError("unreachable", request=request)
        if request.method != "POST" or request.url.path.endswith("/query"):
            return await self._inner.handle_async_request(request)
        return await self._create(request)

    async def _create(self, request: httpx.Request) -> httpx.Response:
        self.creates += 1
        if self._held is not None:
            held, self._held = self._held, None
            await self._inner.handle_async_request(held)
        loss = self._losses.pop(0) if self._losses else "none"
        if loss == "late":
            self._held = request
        if loss in {"response", "garbled", "none"}:
            response = await self._inner.handle_async_request(request)
            if loss == "none":
                return response
            if loss == "garbled":
                return httpx.Response(200, content=b'{"data": {"id": {"rec')
        if loss == "server":
            return httpx.Response(502, content=b"<html>")
        raise httpx.ReadTimeout("no response", request=request)


class LossyWorkspace:
    def __init__(self, *losses: Loss, can_read: bool = True) -> None:
        self.clock = VirtualClock()
        self.fake = FakeAttio(clock=self.clock)
        self.network = Lossy(self.fake, losses, can_read=can_read)
        self.attio: Attio = self.fake.client(transport=self.network)

    async def count(self) -> int:
        return await self.fake.client().companies.query().count()


async def test_a_record_is_created_once_whatever_is_lost() -> None:
    cases: list[tuple[Sequence[Loss], int]] = [
        ((), 1),
        (("response",), 1),
        (("garbled",), 1),
        (("request", "garbled"), 2),
        (("request",), 2),
        (("server",), 2),
        (("late",), 2),
        (("request", "response"), 2),
    ]
    found = []
    for losses, _ in cases:
        workspace = LossyWorkspace(*losses)
        created = await workspace.attio.companies.create(ACME)
        assert (created["name"], created["domains"], await workspace.count()) == ("Acme", ["example.com"], 1)
        found.append((losses, workspace.network.creates))
    assert found == cases


async def test_a_create_with_a_response_reads_nothing() -> None:
    workspace = LossyWorkspace()
    await workspace.attio.companies.create(ACME)
    assert workspace.network.queries == 0


async def test_the_outcome_of_a_create_lost_twice_is_unknown() -> None:
    workspace = LossyWorkspace("request", "request")
    with pytest.raises(OutcomeUnknown):
        await workspace.attio.companies.create(ACME)
    assert workspace.network.creates == 2


async def test_a_create_without_a_unique_value_is_not_sent_again() -> None:
    workspace = LossyWorkspace("response")
    with pytest.raises(OutcomeUnknown):
        await workspace.attio.companies.create({"name": "Acme"})
    assert (workspace.network.creates, workspace.network.queries) == (1, 0)


async def test_a_garbled_response_without_a_unique_value_is_an_unknown_outcome() -> None:
    workspace = LossyWorkspace("garbled")
    with pytest.raises(OutcomeUnknown) as caught:
        await workspace.attio.companies.create({"name": "Acme"})
    assert isinstance(caught.value.cause, DecodeError)
    assert workspace.network.creates == 1


async def test_an_entry_is_found_by_a_unique_attribute_of_its_list() -> None:
    workspace = LossyWorkspace("response", "request")
    workspace.fake.seed.add_list("hires", parent="people")
    workspace.fake.seed.add_attribute("hires", "badge", "text", unique=True)
    person = await workspace.fake.client().people.create({"name": "Ada Lovelace"})
    hires = workspace.attio.entries("hires")
    assert (await hires.create(person, {"badge": "007"}))["badge"] == "007"
    assert workspace.network.creates == 1
    assert (await hires.create(person, {"badge": "008"}))["badge"] == "008"
    assert workspace.network.creates == 3
    assert await hires.query().count() == 2


@pytest.mark.parametrize("loss", ["request", "response", "server"])
async def test_an_older_record_with_the_value_is_a_conflict(loss: Loss) -> None:
    workspace = LossyWorkspace(loss)
    old = await workspace.fake.client().companies.create({"domains": ["example.com"]})
    await workspace.clock.sleep(60)
    with pytest.raises(UniquenessConflict, match="older") as caught:
        await workspace.attio.companies.create(ACME)
    error = caught.value
    assert (error.attribute, error.conflicting_record_id) == ("domains", old.id)
    assert (error.method, error.path) == ("POST", "/v2/objects/companies/records")
    assert isinstance(error.__cause__, OutcomeUnknown)
    assert await workspace.count() == 1


async def test_a_conflict_on_another_value_is_raised_as_it_is() -> None:
    workspace = LossyWorkspace("request")
    other = await workspace.fake.client().companies.create({"domains": ["other.example.com"]})
    await workspace.clock.sleep(60)
    with pytest.raises(UniquenessConflict) as caught:
        await workspace.attio.companies.create({"domains": ["example.com", "other.example.com"]})
    assert caught.value.code == "uniqueness_conflict"
    assert caught.value.attribute == "domains"  # of which the API tells the id alone
    assert "upsert with match='domains'" in str(caught.value)
    assert caught.value.conflicting_record_id is None
    assert other.id not in caught.value.message


async def test_a_failed_lookup_leaves_the_outcome_unknown() -> None:
    workspace = LossyWorkspace("response", can_read=False)
    with pytest.raises(OutcomeUnknown) as caught:
        await workspace.attio.companies.create(ACME)
    assert caught.value.operation == "create_record"
    assert workspace.network.creates == 1


async def test_a_create_that_was_never_sent_is_retried() -> None:
    workspace = LossyWorkspace()
    sent = 0

    async def middleware(request, send):
        nonlocal sent
        sent += request.path.endswith("/records")
        if sent == 1 and request.path.endswith("/records"):
            raise ConnectionFailed("refused", sent=False)
        return await send(request)

    await workspace.attio.with_options(middleware=(middleware,)).companies.create(ACME)
    assert (workspace.network.creates, workspace.network.queries) == (1, 0)


def pipeline() -> Any:
    """Return the parts of a pipeline that tell the time."""
    return SimpleNamespace(clock=VirtualClock(), limits=TokenLimits())


def record(created_at: str | None) -> Record:
    return decode_one(json.dumps({"data": {"created_at": created_at, "values": {}}}).encode(), Record, None)


async def failing() -> Record:
    raise OutcomeUnknown("create_record", ConnectionFailed("broke", sent=True))


@pytest.mark.parametrize("created_at", [None, "2026-01-01T00:00:00Z"])
async def test_a_record_of_unknown_age_is_not_taken_for_the_created_one(created_at: str | None) -> None:
    async def find(_: object) -> Record:
        return record(created_at)

    with pytest.raises(OutcomeUnknown):
        await create_once(pipeline(), UniqueKey("domains", "example.com"), failing, find)


async def test_a_conflict_with_an_older_record_found_late_is_raised_as_it_is() -> None:
    own = pipeline()
    own.limits.server_clock.observe(own.clock.time(), sent=0.0, received=0.0)
    conflict = UniquenessConflict("Taken.", status=400)
    failures = [OutcomeUnknown("create_record", ConnectionFailed("broke", sent=True)), conflict]
    found = [None, record("2001-01-01T00:00:00Z")]

    async def create() -> Record:
        raise failures.pop(0)

    async def find(_: object) -> Record | None:
        return found.pop(0)

    with pytest.raises(UniquenessConflict) as caught:
        await create_once(own, UniqueKey("domains", "example.com"), create, find)
    assert caught.value is conflict


SCHEMA = ObjectSchema(
    "things",
    [Attribute("name"), Attribute("size", type="number", is_unique=True), Attribute("code", is_unique=True)],
)


def test_the_key_is_the_first_value_that_must_be_unique() -> None:
    cases: list[tuple[ObjectSchema | None, dict[str, object], UniqueKey | None]] = [
        (None, {"size": [3]}, None),
        (SCHEMA, {"name": ["x"]}, None),
        (SCHEMA, {"name": ["x"], "size": [3], "code": ["c"]}, UniqueKey("size", 3)),
        (SCHEMA, {"size": [], "code": "c"}, UniqueKey("code", "c")),
        (SCHEMA, {"size": [None], "code": [{"value": "c"}]}, None),
        (SCHEMA, {"size": [True]}, None),
        (SCHEMA, {"unknown": ["c"]}, None),
    ]
    found = [(schema, values, find_unique_key(schema, values)) for schema, values, _ in cases]
    assert found == cases
