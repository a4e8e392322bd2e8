"""The client's reads, upserts and creates under every fault."""

import itertools
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import attrs
import pytest

from attio_async import (
    Attio,
    AttioError,
    ConnectionFailed,
    DecodeError,
    OutcomeUnknown,
    QueryTooComplex,
    RateLimited,
    RequestTimeout,
    ServerError,
)
from attio_async.testing import (
    ConnectionRefused,
    ConnectionReset,
    FakeAttio,
    Garbled,
    NoAnswer,
    ProxyFailure,
    QueryScoreExceeded,
    ServerFailure,
    SlowBody,
    SlowFirstByte,
    TooManyRequests,
    Truncated,
    VirtualClock,
    WrongContentType,
)

pytestmark = pytest.mark.anyio

TIMEOUT = 10.0

REFUSED = [
    *(TooManyRequests(form) for form in ("date", "seconds", "none", "garbage")),
    QueryScoreExceeded(),
    ConnectionRefused(),
]
"""Certainly not carried out: every request is repeated."""

LOST = [
    ServerFailure(500, when="before"),
    ServerFailure(503, when="after", retry_after=7),
    ProxyFailure(520, when="before"),
    ProxyFailure(524, when="after"),
    ConnectionReset(when="before"),
    ConnectionReset(when="after"),
    NoAnswer(when="before"),
    NoAnswer(when="after"),
    Truncated(),
    SlowFirstByte(TIMEOUT + 1),
    SlowBody(3 * (TIMEOUT + 1), pieces=3),
]
"""Possibly carried out: only requests that are safe to repeat are repeated."""

LATE = [SlowFirstByte(TIMEOUT - 1), SlowBody(2 * TIMEOUT, pieces=4), WrongContentType()]
"""The response arrives, late or with the wrong headers."""


@attrs.frozen
class Act:
    """One call of the client, and the operation whose request meets the fault."""

    operation: str
    call: Callable[[Attio], Awaitable[Any]]
    writes: bool = True


async def _read(attio: Attio) -> object:
    return await attio.companies.query()


async def _upsert(attio: Attio) -> object:
    return await attio.companies.upsert({"domains": ["acme.com"], "name": "Acme"}, match="domains")


async def _create(attio: Attio) -> object:
    return await attio.companies.create({"name": "Acme"})


async def _create_with_key(attio: Attio) -> object:
    return await attio.companies.create({"domains": ["acme.com"], "name": "Acme"})


READ = Act("query_records", _read, writes=False)
UPSERT = Act("assert_record", _upsert)
CREATE = Act("create_record", _create)
CREATE_WITH_KEY = Act("create_record", _create_with_key)

ACTS = [READ, UPSERT, CREATE, CREATE_WITH_KEY]


@attrs.frozen
class Outcome:
    """The result or the error of one call, and the fake that it met."""

    act: Act
    fault: Any
    result: object
    fake: FakeAttio

    @property
    def is_success(self) -> bool:
        return not isinstance(self.result, AttioError)

    @property
    def companies(self) -> int:
        return len(self.fake.records("companies"))

    @property
    def sent(self) -> int:
        return len(self.fake.calls.where(operation=self.act.operation))

    @property
    def seconds(self) -> float:
        return self.fake.clock.monotonic()


def new_fake() -> FakeAttio:
    return FakeAttio(clock=VirtualClock(), latency=0.04)


async def outcome(act: Act, fault: Any, *, times: int = 1) -> Outcome:
    fake = new_fake()
    fake.fault(fault, operation=act.operation, times=times)
    async with fake.client(timeout=TIMEOUT) as attio:
        try:
            result = await act.call(attio)
        except AttioError as error:
            result = error
    return Outcome(act, fault, result, fake)


async def outcomes(acts: Iterable[Act], faults: Iterable[Any], *, times: int = 1) -> list[Outcome]:
    return [await outcome(act, fault, times=times) for act, fault in itertools.product(acts, faults)]


async def test_a_refused_request_is_repeated_and_carried_out_once() -> None:
    misfits = [
        each
        for each in await outcomes(ACTS, REFUSED)
        if not (each.is_success and each.companies == each.act.writes and each.sent == 2)
    ]
    assert misfits == []


async def test_a_retry_after_beyond_the_timeout_is_raised() -> None:
    for each in await outcomes(ACTS, [TooManyRequests("far"), QueryScoreExceeded("far")]):
        assert isinstance(each.result, RateLimited), each
        assert each.result.retry_after > 86_000, each
        assert (each.companies, each.seconds < TIMEOUT) == (0, True), each


async def test_a_slow_response_is_awaited() -> None:
    misfits = [
        each
        for each in await outcomes(ACTS, LATE)
        if not (each.is_success and each.companies == each.act.writes and each.sent == 1)
    ]
    assert misfits == []


async def test_safe_requests_are_repeated_and_carried_out_once() -> None:
    misfits = [
        each
        for each in await outcomes([READ, UPSERT, CREATE_WITH_KEY], LOST)
        if not (each.is_success and each.companies == each.act.writes)
    ]
    assert misfits == []


async def test_a_create_without_a_key_is_not_repeated() -> None:
    misfits = [
        each
        for each in await outcomes([CREATE], LOST)
        if not (isinstance(each.result, OutcomeUnknown) and each.companies <= 1 and each.sent == 1)
    ]
    assert misfits == []


async def test_a_response_that_is_not_valid_json_is_not_a_failed_write() -> None:
    for each in await outcomes(ACTS, [Garbled()]):
        result = each.result
        if each.act is CREATE:
            assert isinstance(result, OutcomeUnknown), each
            result = result.cause
        assert isinstance(result, DecodeError) == (each.act is not CREATE_WITH_KEY), each
        assert (each.companies, each.sent) == (each.act.writes, 1), each


PERSISTENT: list[tuple[Any, type[AttioError]]] = [
    (TooManyRequests(), RateLimited),
    (ConnectionRefused(), ConnectionFailed),
    (ConnectionReset(when="after"), ConnectionFailed),
    (NoAnswer(when="after"), RequestTimeout),
    (Truncated(), ConnectionFailed),
    (ServerFailure(500, when="after"), ServerError),
]


async def test_a_persistent_fault_is_given_up_and_carried_out_at_most_once() -> None:
    for fault, error in PERSISTENT:
        for each in await outcomes(ACTS, [fault], times=1_000):
            result = each.result
            if isinstance(result, OutcomeUnknown):
                assert each.act.call in (_create, _create_with_key), each
                result = result.cause
            if each.act is CREATE_WITH_KEY and each.is_success:
                assert each.companies == 1, each  # it was found by its key, although no response ever came
            elif each.act is READ and error is RateLimited:
                # Nothing else is sent, so it cannot be the rate: the client blames the query itself.
                assert isinstance(result, QueryTooComplex), each
            else:
                assert isinstance(result, error), each
            assert each.companies <= each.act.writes, each
            assert each.sent <= 10, each
            assert each.seconds < 300, each


async def test_random_faults_neither_duplicate_nor_lose_a_record() -> None:
    fake = new_fake()
    for fault in (*REFUSED, *LOST, *LATE, Garbled()):
        fake.fault(fault, probability=0.02)
    results: dict[int, object] = {}
    async with fake.client(timeout=TIMEOUT) as attio:
        for number in range(60):
            values = {"domains": [f"company-{number}.com"], "name": f"Company {number}"}
            try:
                if number % 2:
                    results[number] = await attio.companies.upsert(values, match="domains")
                else:
                    results[number] = await attio.companies.create(values)
            except (OutcomeUnknown, DecodeError) as error:
                results[number] = error
    names = [record["values"]["name"][0]["value"] for record in fake.records("companies")]
    assert len(names) == len(set(names))
    saved = {f"Company {number}" for number, result in results.items() if not isinstance(result, AttioError)}
    assert saved <= set(names)
    assert sum(call.fault is not None for call in fake.calls) > 20
