"""Our client hands its requests to the fake without httpx; neither side can tell the difference."""

from typing import Any

import httpx
import pytest
from tests.support import trio_when_full

from attio_async import Attio, AttioError, ConnectionFailed, RetryPolicy, TransportError
from attio_async.testing import (
    ConnectionRefused,
    ConnectionReset,
    FakeAttio,
    Fault,
    FixedResponse,
    Garbled,
    NoAnswer,
    ServerFailure,
    SlowBody,
    SlowFirstByte,
    TooManyRequests,
    Truncated,
    VirtualClock,
    WrongContentType,
)
from attio_async.testing._http.transport import FakeTransport

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

FAULTS = {
    "none": None,
    "reset": ConnectionReset(when="after"),
    "refused": ConnectionRefused(),
    "silence": NoAnswer(),
    "slow head": SlowFirstByte(5),
    "too slow head": SlowFirstByte(50),
    "slow body": SlowBody(20),
    "cut": Truncated(),
    "garbled": Garbled(),
    "page": WrongContentType(),
    "failure": ServerFailure(503),
    "limited": TooManyRequests("date"),
}


class Recording(FakeAttio):
    """Keeps the headers that requests arrive with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.headers: list[dict[str, str]] = []

    def handle(self, method, target, headers, body):
        self.headers.append({name.lower(): value for name, value in headers.items()})
        return super().handle(method, target, headers, body)


class ThroughHttpx(httpx.AsyncBaseTransport):
    """A transport of which our client knows nothing but that it is one of httpx."""

    def __init__(self, fake: FakeAttio) -> None:
        self.inner = fake.transport()
        self.paths: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        return await self.inner.handle_async_request(request)


async def outcome(fault: Fault | None, **options: Any) -> list[Any]:
    """Return all that can be told from both sides about a few requests."""
    fake = Recording(clock=VirtualClock(), latency=0.1)
    options = {name: make(fake) for name, make in options.items()}
    found: list[Any] = []
    async with fake.client(retry=RetryPolicy(attempts=1, rate_limit_attempts=1), **options) as attio:
        await attio.companies.create(
            {"name": "Acme"}
        )  # and read the schema, so that requests come one by one
        for ask in (
            lambda: attio.companies.create({"name": "Łódź / ?#%"}),
            lambda: attio.companies.query({"name": "Łódź / ?#%"}).first(),
            lambda: attio.companies.get("no such id"),
            lambda: attio.notes.list(limit=2).first(),
        ):
            if fault is not None:
                fake.fault(fault)
            try:
                found.append(repr(await ask()))
            except AttioError as error:
                found.append((repr(error), error.sent if isinstance(error, TransportError) else None))
            found.append(fake.clock.monotonic())
    calls = [(call.method, call.path, call.query, call.body, call.status) for call in fake.calls]
    for headers in fake.headers:
        headers.pop("connection", None)
    return [found, calls, fake.headers]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_the_outcome_is_as_through_httpx(fault: Fault | None) -> None:
    assert await outcome(fault) == await outcome(fault, transport=ThroughHttpx)


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_damaged_body_is_an_error_as_over_the_wire(fake: FakeAttio, encoding: str) -> None:
    fake.fault(FixedResponse(200, {"data": []}, {"Content-Encoding": encoding}))
    async with fake.client(retry=RetryPolicy(attempts=1)) as attio:
        with pytest.raises(ConnectionFailed, match=encoding):
            await attio.companies.query().first()


async def test_a_transport_around_the_fake_sees_every_request(fake: FakeAttio) -> None:
    transport = ThroughHttpx(fake)
    async with fake.client(transport=transport) as attio:
        await attio.identify()
    assert transport.paths == ["/v2/self"]


async def test_what_is_patched_sees_every_request(fake: FakeAttio, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    transport = fake.transport()

    def watched(original: Any) -> Any:
        async def watch(*args: Any, **options: Any) -> httpx.Response:
            seen.append(next(each.url.path for each in args if isinstance(each, httpx.Request)))
            return await original(*args, **options)

        return watch

    async with Attio(fake.token, transport=transport, clock=fake.clock) as attio:
        for owner, name in (
            (httpx.AsyncClient, "send"),
            (FakeTransport, "handle_async_request"),
            (transport, "handle_async_request"),
        ):
            await attio.identify()
            assert seen == []
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, watched(getattr(owner, name)))
                await attio.identify()
            assert seen == ["/v2/self"]
            seen.clear()
