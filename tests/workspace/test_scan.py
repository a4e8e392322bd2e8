"""Scans of a store that others write to meanwhile."""

import itertools
import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, strategies as st

from attio_async._records.models import Record, decode_many
from attio_async._workspace.scan import Scan
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


class Store:
    """Records with a number and a time of creation. Between pages, others delete and create."""

    def __init__(self, times: list[int], meanwhile: list[tuple[str, int]] = ()) -> None:
        self.rows = dict(enumerate(times))
        self.meanwhile = list(meanwhile)
        self.asked: list[Mapping[str, Any]] = []
        self.touched: set[int] = set()

    async def query(self, body: Mapping[str, Any]) -> list[Record]:
        self.asked.append(body)
        fits = condition(body.get("filter", {}))
        rows = sorted((time, number) for number, time in self.rows.items() if fits(stamp(time)))
        page = rows[body["offset"] : body["offset"] + body["limit"]]
        raw = [{"id": {"record_id": str(number)}, "created_at": stamp(time)} for time, number in page]
        self.others_write()
        return decode_many(json.dumps({"data": raw}).encode(), Record, None)

    def others_write(self) -> None:
        if not self.meanwhile:
            return
        what, which = self.meanwhile.pop(0)
        if what == "delete" and self.rows:
            number = sorted(self.rows)[which % len(self.rows)]
            self.touched.add(number)
            del self.rows[number]
        elif what == "create":
            number = 10_000 + len(self.meanwhile)
            self.touched.add(number)
            self.rows[number] = 10_000 + which  # newer than all others

    def scan(self, *, page_size: int = 5, resume: str | None = None, view: str | None = None) -> Scan:
        async def conditions() -> dict[str, Any]:
            return {} if view is None else {"filter_view_id": view}

        return Scan(self.query, "people", conditions, limit=None, page_size=page_size, resume=resume)


def stamp(time: int) -> str:
    return f"2026-01-01T00:00:00.{time:09d}Z"


OPERATORS = {"$gte": operator.ge, "$gt": operator.gt, "$eq": operator.eq}


def condition(filter: Mapping[str, Any]) -> Callable[[str], bool]:
    for part in filter.get("$and", [filter]):
        if "created_at" in part:
            ((name, bound),) = part["created_at"].items()
            return lambda time: OPERATORS[name](time, bound)
    return lambda time: True


@given(
    times=st.lists(st.integers(0, 8), max_size=40),
    meanwhile=st.lists(
        st.tuples(st.sampled_from(["delete", "create", "nothing"]), st.integers(0, 99)), max_size=12
    ),
    limit=st.integers(2, 7),
)
async def test_a_record_that_exists_throughout_comes_exactly_once(
    times: list[int], meanwhile: list[tuple[str, int]], limit: int
) -> None:
    # Only records of an instant with more than a page of them are paged by offset, and may be skipped.
    crowded = {time for time in times if times.count(time) >= limit}
    store = Store(times, meanwhile)
    found = [record.id async for record in store.scan(page_size=limit)]
    assert len(found) == len(set(found))
    stayed = {str(number) for number, time in enumerate(times) if time not in crowded} - {
        str(number) for number in store.touched
    }
    assert stayed <= set(found)


@given(
    times=st.lists(st.integers(0, 8), max_size=40),
    meanwhile=st.lists(
        st.tuples(st.sampled_from(["delete", "delete", "create", "nothing"]), st.integers(0, 99)), max_size=20
    ),
    limit=st.integers(1, 7),
)
async def test_a_record_that_stays_in_a_view_comes_exactly_once(
    times: list[int], meanwhile: list[tuple[str, int]], limit: int
) -> None:
    store = Store(times, meanwhile)
    found = [record.id async for record in store.scan(page_size=limit, view="v")]
    assert len(found) == len(set(found))
    assert {str(number) for number in range(len(times))} - set(map(str, store.touched)) <= set(found)
    assert all(body["filter_view_id"] == "v" and "filter" not in body for body in store.asked)


async def test_records_come_in_the_order_of_creation() -> None:
    tables = [[], [1], list(range(23)), [3] * 23, [1, 2] * 12, [*range(5), *[9] * 5]]
    for times, view in itertools.product(tables, (None, "v")):
        found = [record async for record in Store(times).scan(view=view)]
        assert sorted(record.id for record in found) == sorted(str(n) for n in range(len(times)))
        stamps = [record.created_at_text for record in found]
        assert stamps == sorted(stamps)


async def test_a_scan_resumes_where_another_stopped() -> None:
    tables = [list(range(23)), [3] * 23, [1, 2, 2, 2] * 6]
    for times, stop, view in itertools.product(tables, range(0, 24, 3), (None, "v")):
        first = Store(times).scan(view=view)
        before: list[str] = []
        while len(before) < min(stop, len(times)):
            before.append((await first.__anext__()).id)
        after = [record.id async for record in Store(times).scan(resume=first.token, view=view)]
        assert sorted(before + after) == sorted(str(n) for n in range(len(times)))


async def test_the_filter_holds_for_every_page() -> None:
    store = Store(list(range(12)))

    async def conditions() -> dict[str, Any]:
        return {"filter": {"name": "Ada"}}

    async for _ in Scan(store.query, "people", conditions, limit=None, page_size=5, resume=None):
        pass
    assert store.asked[0]["filter"] == {"name": "Ada"}
    assert store.asked[1]["filter"] == {"$and": [{"name": "Ada"}, {"created_at": {"$gte": stamp(4)}}]}


def test_an_invalid_token_is_rejected() -> None:
    for token in ("", "{}", "nonsense", '{"scan": "companies"}'):
        with pytest.raises(ConfigurationError, match="token"):
            Store([]).scan(resume=token)
