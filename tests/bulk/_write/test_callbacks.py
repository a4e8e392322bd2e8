"""Callbacks of jobs and exports: async ones are awaited in order, hooks must be plain, and the first failure is raised."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any

import anyio
import pytest
from tests.bulk.support import companies

from attio_async import Attio
from attio_async.bulk import Outcome, Progress
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


class Recorder:
    """An object whose calls are async."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def __call__(self, given: Any) -> None:
        await anyio.lowlevel.checkpoint()
        self.seen.append(given)


async def test_async_callbacks_are_awaited_in_the_order_of_the_rows() -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    outcomes, progress = Recorder(), Recorder()
    report = await attio.companies.upsert_many(
        companies(20), match="domains", on_outcome=outcomes, progress=progress
    )
    assert report.created == 20
    assert [outcome.index for outcome in outcomes.seen] == list(range(20))
    assert all(isinstance(each, Outcome) for each in outcomes.seen)
    assert [each.done for each in progress.seen] == list(range(1, 21))
    assert all(isinstance(each, Progress) for each in progress.seen)


async def test_an_async_callback_may_be_partial_and_is_awaited_in_exports(tmp_path: Any) -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    seen: list[tuple[str, object]] = []

    async def note(name: str, given: object) -> None:
        seen.append((name, given))

    await attio.companies.create_many(companies(3), on_outcome=partial(note, "outcome"))
    await attio.companies.export(tmp_path / "companies.jsonl", progress=partial(note, "export"))
    assert [name for name, _ in seen] == ["outcome"] * 3 + ["export"]


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("rows", [2, 50])
async def test_the_first_failure_of_a_callback_is_raised_as_it_is(rows: int, *, is_async: bool) -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    calls: list[int] = []

    def fail(outcome: Outcome) -> None:
        calls.append(outcome.index)
        raise ValueError(f"row {outcome.index}")

    async def fail_later(outcome: Outcome) -> None:
        fail(outcome)

    with pytest.raises(ValueError, match="row 0"):
        await attio.companies.create_many(companies(rows), on_outcome=fail_later if is_async else fail)
    assert calls == [0]


async def test_callbacks_that_are_not_awaited_must_be_plain_functions() -> None:
    async def hook(event: object) -> None: ...

    for given in (hook, partial(hook), Recorder()):
        with pytest.raises(ConfigurationError, match="must be a plain function, not an async one"):
            FakeAttio().client(hooks=[given])


async def _cancelled(*_: object) -> Any:
    """Wait for something that was cancelled, as a caller's code may."""
    waited_for: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waited_for.cancel()
    await waited_for


async def _broken_off() -> AsyncGenerator[dict[str, object]]:
    yield next(iter(companies(1)))
    await _cancelled()


_PARTS: dict[str, Callable[[Attio], Awaitable[object]]] = {
    "the rows": lambda attio: attio.companies.create_many(_broken_off()),
    "the rows of a plan": lambda attio: attio.companies.create_many(_broken_off()).plan(),
    "on_outcome": lambda attio: attio.companies.create_many(companies(3), on_outcome=_cancelled),
    "progress": lambda attio: attio.companies.create_many(companies(3), progress=_cancelled),
    "a request": lambda attio: attio.with_options(middleware=[_cancelled]).companies.create_many(
        companies(3)
    ),
    "a read": lambda attio: attio.with_options(middleware=[_cancelled]).companies.upsert_many(
        companies(3), match="domains"
    ),
}


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("part", _PARTS)
async def test_a_cancellation_of_the_callers_code_is_not_taken_for_the_end_of_the_job(part: str) -> None:
    attio = FakeAttio(clock=VirtualClock()).client()
    await attio.companies.schema()
    with pytest.raises(asyncio.CancelledError):
        await _PARTS[part](attio)
    assert (await attio.companies.create_many(companies(2, start=5))).created == 2
