"""What becomes of a read, an upsert and a create of our own client, whatever goes wrong on the way."""

from collections.abc import Awaitable, Callable
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
"""Certainly not carried out: whatever it is, it is sent again."""

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
"""Nobody can tell whether it was carried out: only what does no harm twice is sent again."""

LATE = [SlowFirstByte(TIMEOUT - 1), SlowBody(2 * TIMEOUT, pieces=4), WrongContentType()]
"""The answer arrives."""


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

ACTS = pytest.mark.parametrize(
    "act", [READ, UPSERT, CREATE, CREATE_WITH_KEY], ids=lambda act: act.call.__name__
)


def faults(kinds: list) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", kinds, ids=repr)


@pytest.fixture
def fake() -> FakeAttio:
    return FakeAttio(clock=VirtualClock(), latency=0.04)


async def done(fake: FakeAttio, act: Act, fault: Any, **selector: Any) -> object:
    """What the call gives, or the error that it raises."""
    fake.fault(fault, operation=act.operation, **selector)
    async with fake.client(timeout=TIMEOUT) as attio:
        try:
            return await act.call(attio)
        except AttioError as error:
            return error


def companies(fake: FakeAttio) -> int:
    return len(fake.records("companies"))


@ACTS
@faults(REFUSED)
async def test_what_was_refused_is_sent_again_and_happens_once(fake: FakeAttio, act: Act, fault: Any) -> None:
    result = await done(fake, act, fault)
    assert not isinstance(result, AttioError), result
    assert companies(fake) == act.writes
    assert len(fake.calls.where(operation_id=act.operation)) == 2


@ACTS
@faults([TooManyRequests("far"), QueryScoreExceeded("far")])
async def test_a_wait_that_is_too_long_is_told(fake: FakeAttio, act: Act, fault: Any) -> None:
    result = await done(fake, act, fault)
    assert isinstance(result, RateLimited)
    assert result.retry_after > 86_000
    assert fake.clock.monotonic() < TIMEOUT
    assert companies(fake) == 0


@ACTS
@faults(LATE)
async def test_what_arrives_late_arrives(fake: FakeAttio, act: Act, fault: Any) -> None:
    result = await done(fake, act, fault)
    assert not isinstance(result, AttioError), result
    assert companies(fake) == act.writes
    assert len(fake.calls.where(operation_id=act.operation)) == 1


@pytest.mark.parametrize("act", [READ, UPSERT, CREATE_WITH_KEY], ids=lambda act: act.call.__name__)
@faults(LOST)
async def test_what_does_no_harm_twice_succeeds_and_happens_once(
    fake: FakeAttio, act: Act, fault: Any
) -> None:
    result = await done(fake, act, fault)
    assert not isinstance(result, AttioError), result
    assert companies(fake) == act.writes


@faults(LOST)
async def test_a_create_without_a_key_is_not_sent_again(fake: FakeAttio, fault: Any) -> None:
    result = await done(fake, CREATE, fault)
    assert isinstance(result, OutcomeUnknown)
    assert companies(fake) <= 1
    assert len(fake.calls.where(operation_id="create_record")) == 1


@ACTS
async def test_an_answer_that_is_no_json_is_not_taken_for_a_failure(fake: FakeAttio, act: Act) -> None:
    result = await done(fake, act, Garbled())
    assert isinstance(result, DecodeError) == (act is not CREATE_WITH_KEY)
    assert companies(fake) == act.writes
    assert len(fake.calls.where(operation_id=act.operation)) == 1


@ACTS
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (TooManyRequests(), RateLimited),
        (ConnectionRefused(), ConnectionFailed),
        (ConnectionReset(when="after"), ConnectionFailed),
        (NoAnswer(when="after"), RequestTimeout),
        (Truncated(), ConnectionFailed),
        (ServerFailure(500, when="after"), ServerError),
    ],
    ids=repr,
)
async def test_what_never_ends_is_given_up_and_has_happened_once_at_most(
    fake: FakeAttio, act: Act, fault: Any, error: type[AttioError]
) -> None:
    result = await done(fake, act, fault, times=1_000)
    if isinstance(result, OutcomeUnknown):
        assert act in (CREATE, CREATE_WITH_KEY)
        result = result.cause
    if act is CREATE_WITH_KEY and not isinstance(result, AttioError):
        assert companies(fake) == 1  # it was found by its key, although no answer ever came
    elif act is READ and error is RateLimited:
        # nothing else asks, so that it cannot be the rate: the client takes the query for what is refused
        assert isinstance(result, QueryTooComplex)
    else:
        assert isinstance(result, error)
    assert companies(fake) <= act.writes
    assert len(fake.calls.where(operation_id=act.operation)) <= 10
    assert fake.clock.monotonic() < 300


async def test_a_storm_duplicates_nothing_and_loses_nothing(fake: FakeAttio) -> None:
    for fault in (*REFUSED, *LOST, *LATE, Garbled()):
        fake.fault(fault, probability=0.02)
    outcomes: dict[int, object] = {}
    async with fake.client(timeout=TIMEOUT) as attio:
        for number in range(60):
            values = {"domains": [f"company-{number}.com"], "name": f"Company {number}"}
            try:
                if number % 2:
                    outcomes[number] = await attio.companies.upsert(values, match="domains")
                else:
                    outcomes[number] = await attio.companies.create(values)
            except (OutcomeUnknown, DecodeError) as error:
                outcomes[number] = error
    names = [record["values"]["name"][0]["value"] for record in fake.records("companies")]
    assert len(names) == len(set(names))
    told = {f"Company {number}" for number, result in outcomes.items() if not isinstance(result, AttioError)}
    assert told <= set(names)
    assert sum(call.fault is not None for call in fake.calls) > 20
