"""The way of a query to the wire: its filter is resolved once, by one pass, and few functions are on the way."""

import sys
from collections import Counter
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import pytest

from attio_async import F, asc
from attio_async._pipeline.pipeline import Pipeline
from attio_async._workspace.rows import Rows
from attio_async.query._compile import compile_query
from attio_async.query._resolve import resolve
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio

PURE = ("attio_async.query", "attio_async.values", "attio_async._schema", "attio_async.errors")
MOST = 10


def module_of(frame: FrameType | None) -> str:
    return frame.f_globals.get("__name__", "") if frame is not None else ""


class Trace:
    """Counts the calls of functions of the package, from the fetching of a page until the pipeline is entered."""

    def __init__(self) -> None:
        self.on_the_way: Counter[str] = Counter()
        self.calls: Counter[CodeType] = Counter()
        self._begun = self._done = False

    def __call__(self, frame: FrameType, event: str, _arg: object) -> None:
        module = module_of(frame)
        if event != "call" or self._done or not module.startswith("attio_async.") or ".testing." in module:
            return
        self._done = frame.f_code is Pipeline.send.__code__
        self._begun = self._begun or frame.f_code.co_qualname.startswith(f"{Rows.__name__}.")
        if not self._begun or self._done:
            return
        self.calls[frame.f_code] += 1
        # What pure code calls is its own affair; that it was called at all counts. Constructors of data do not.
        is_generated = frame.f_code.co_filename.startswith("<")
        if not is_generated and not module_of(frame.f_back).startswith(PURE):
            self.on_the_way[f"{module}.{frame.f_code.co_qualname}"] += 1


async def traced(page: Callable[[], Any]) -> Trace:
    trace = Trace()
    sys.setprofile(trace)
    try:
        await page()
    finally:
        sys.setprofile(None)
    return trace


async def test_ten_functions_are_between_a_query_and_the_wire() -> None:
    filters = [
        {"name": "Ada"},
        F.name == "Ada",
        (F.name == "Ada") & (F.email_addresses.contains("ada") | ~F.job_title.contains("x")),
    ]
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        await attio.people.query(filters[1])
        for filter in filters:
            trace = await traced(attio.people.query(filter, sorts=asc("created_at")).page)
            assert 0 < len(trace.on_the_way) <= MOST, "\n".join(sorted(trace.on_the_way))


async def test_each_condition_and_sort_is_resolved_once() -> None:
    filter = (F.name == "Ada") & (F.email_addresses.contains("ada") | ~F.job_title.contains("x"))
    async with FakeAttio(clock=VirtualClock()).client() as attio:
        await attio.people.query(filter)
        trace = await traced(attio.people.query(filter, sorts=asc("created_at")).page)
        assert trace.calls[compile_query.__code__] == 1
        assert trace.calls[resolve.__code__] == 4
