"""Creating when the network loses the answer, before or after the write was done."""

import json
from collections.abc import Sequence
from typing import Literal

import httpx
import pytest

from attio_async import Attio, Attribute, ObjectSchema
from attio_async._records.models import Record, decode_one
from attio_async._workspace.idempotent_create import UniqueKey, create_once, find_unique_key
from attio_async.errors import (
    ConnectionFailed,
    DecodeError,
    OutcomeUnknown,
    UniquenessConflict,
)
from attio_async.testing import FakeAttio, VirtualClock
from tests.support import Scripted

pytestmark = pytest.mark.anyio

Loss = Literal["request", "answer", "garbled", "late", "server", "none"]
ACME = {"name": "Acme", "domains": ["acme.com"]}


class Lossy(httpx.AsyncBaseTransport):
    """Loses what is written as it is told to, one loss for each create, then nothing.

    "request" is lost on the way there, "answer" on the way back; "late" arrives there only when the next create
    is sent; "server" is answered by a proxy that got no answer; of a "garbled" answer only the beginning arrives.
    """

    def __init__(self, fake: FakeAttio, losses: Sequence[Loss], *, reads: bool = True) -> None:
        self._inner = fake.transport()
        self._losses = list(losses)
        self._reads = reads
        self._held: httpx.Request | None = None
        self.creates = 0
        self.queries = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/query"):
            self.queries += 1
            if not self._reads:
                raise httpx.ConnectError("no way there", request=request)
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
        if loss in {"answer", "garbled", "none"}:
            answer = await self._inner.handle_async_request(request)
            if loss == "none":
                return answer
            if loss == "garbled":
                return httpx.Response(200, content=b'{"data": {"id": {"rec')
        if loss == "server":
            return httpx.Response(502, content=b"<html>")
        raise httpx.ReadTimeout("no answer", request=request)


class World:
    def __init__(self, *losses: Loss, reads: bool = True) -> None:
        self.clock = VirtualClock()
        self.fake = FakeAttio(clock=self.clock)
        self.network = Lossy(self.fake, losses, reads=reads)
        self.attio: Attio = self.fake.client(transport=self.network)

    async def number(self) -> int:
        return await self.fake.client().companies.query().count()


@pytest.mark.parametrize(
    ("losses", "creates"),
    [
        ((), 1),
        (("answer",), 1),
        (("garbled",), 1),
        (("request", "garbled"), 2),
        (("request",), 2),
        (("server",), 2),
        (("late",), 2),
        (("request", "answer"), 2),
    ],
)
async def test_it_is_created_once_whatever_is_lost(losses: Sequence[Loss], creates: int) -> None:
    world = World(*losses)
    made = await world.attio.companies.create(ACME)
    assert (made["name"], made["domains"]) == ("Acme", ["acme.com"])
    assert world.network.creates == creates
    assert await world.number() == 1


async def test_nothing_is_read_when_nothing_is_lost() -> None:
    world = World()
    await world.attio.companies.create(ACME)
    assert world.network.queries == 0


async def test_lost_twice_it_may_or_may_not_have_happened() -> None:
    world = World("request", "request")
    with pytest.raises(OutcomeUnknown):
        await world.attio.companies.create(ACME)
    assert world.network.creates == 2


async def test_without_a_key_it_is_not_sent_again() -> None:
    world = World("answer")
    with pytest.raises(OutcomeUnknown):
        await world.attio.companies.create({"name": "Acme"})
    assert (world.network.creates, world.network.queries) == (1, 0)


async def test_a_garbled_answer_without_a_key_is_told_as_that() -> None:
    world = World("garbled")
    with pytest.raises(DecodeError):
        await world.attio.companies.create({"name": "Acme"})
    assert world.network.creates == 1


async def test_entries_are_settled_by_a_unique_attribute_of_the_list() -> None:
    world = World("answer", "request")
    world.fake.seed.add_list("hires", parent="people")
    world.fake.seed.add_attribute("hires", "badge", "text", unique=True)
    person = await world.fake.client().people.create({"name": "Ada Lovelace"})
    hires = world.attio.entries("hires")
    assert (await hires.create(person, {"badge": "007"}))["badge"] == "007"
    assert world.network.creates == 1
    assert (await hires.create(person, {"badge": "008"}))["badge"] == "008"
    assert world.network.creates == 3
    assert await hires.query().count() == 2


@pytest.mark.parametrize("loss", ["request", "answer", "server"])
async def test_what_is_older_is_not_taken_for_it(loss: Loss) -> None:
    world = World(loss)
    old = await world.fake.client().companies.create({"domains": ["acme.com"]})
    await world.clock.sleep(60)
    with pytest.raises(UniquenessConflict, match="older") as caught:
        await world.attio.companies.create(ACME)
    error = caught.value
    assert (error.attribute, error.conflicting_record_id) == ("domains", old.id)
    assert (error.method, error.path) == ("POST", "/v2/objects/companies/records")
    assert isinstance(error.__cause__, OutcomeUnknown)
    assert await world.number() == 1


async def test_a_conflict_on_another_value_is_told_as_it_is() -> None:
    world = World("request")
    other = await world.fake.client().companies.create({"domains": ["other.com"]})
    await world.clock.sleep(60)
    with pytest.raises(UniquenessConflict) as caught:
        await world.attio.companies.create({"domains": ["acme.com", "other.com"]})
    assert caught.value.code == "uniqueness_conflict"
    assert caught.value.conflicting_record_id == other.id


async def test_when_it_cannot_be_looked_for_the_loss_is_told() -> None:
    world = World("answer", reads=False)
    with pytest.raises(OutcomeUnknown) as caught:
        await world.attio.companies.create(ACME)
    assert caught.value.operation == "create_record"
    assert world.network.creates == 1


async def test_what_was_never_sent_is_simply_repeated() -> None:
    world = World()
    sent = 0

    async def middleware(request, send):
        nonlocal sent
        sent += request.path.endswith("/records")
        if sent == 1 and request.path.endswith("/records"):
            raise ConnectionFailed("refused", sent=False)
        return await send(request)

    await world.attio.with_options(middleware=(middleware,)).companies.create(ACME)
    assert (world.network.creates, world.network.queries) == (1, 0)


def record(created_at: str | None) -> Record:
    return decode_one(json.dumps({"data": {"created_at": created_at, "values": {}}}).encode(), Record, None)


async def failing() -> Record:
    raise OutcomeUnknown("create_record", ConnectionFailed("broke", sent=True))


@pytest.mark.parametrize("created_at", [None, "2026-01-01T00:00:00Z"])
async def test_where_no_time_is_known_nothing_is_taken_for_it(created_at: str | None) -> None:
    async def find(_: object) -> Record:
        return record(created_at)

    with pytest.raises(OutcomeUnknown):
        await create_once(Scripted().attio._pipeline, UniqueKey("domains", "acme.com"), failing, find)


async def test_a_conflict_with_what_is_found_late_is_told_as_it_is() -> None:
    http = Scripted()
    http.attio.limiter.server_clock.observe(http.clock.time(), sent=0.0, received=0.0)
    conflict = UniquenessConflict("Taken.", status=400)
    failures = [OutcomeUnknown("create_record", ConnectionFailed("broke", sent=True)), conflict]
    found = [None, record("2001-01-01T00:00:00Z")]

    async def create() -> Record:
        raise failures.pop(0)

    async def find(_: object) -> Record | None:
        return found.pop(0)

    with pytest.raises(UniquenessConflict) as caught:
        await create_once(http.attio._pipeline, UniqueKey("domains", "acme.com"), create, find)
    assert caught.value is conflict


SCHEMA = ObjectSchema(
    "things",
    [Attribute("name"), Attribute("size", type="number", is_unique=True), Attribute("code", is_unique=True)],
)


@pytest.mark.parametrize(
    ("schema", "values", "key"),
    [
        (None, {"size": [3]}, None),
        (SCHEMA, {"name": ["x"]}, None),
        (SCHEMA, {"name": ["x"], "size": [3], "code": ["c"]}, UniqueKey("size", 3)),
        (SCHEMA, {"size": [], "code": "c"}, UniqueKey("code", "c")),
        (SCHEMA, {"size": [None], "code": [{"value": "c"}]}, None),
        (SCHEMA, {"size": [True]}, None),
        (SCHEMA, {"unknown": ["c"]}, None),
    ],
)
def test_the_key_is_the_first_value_that_has_to_be_unique(
    schema: ObjectSchema | None, values: dict[str, object], key: UniqueKey | None
) -> None:
    assert find_unique_key(schema, values) == key
