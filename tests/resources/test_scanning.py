"""Scans against a store that others write to meanwhile."""

import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attio_async._records.models import Record, decode_many
from attio_async._workspace.scan import Scan
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


class Store:
    """Records with a number and a moment of creation; between pages, others delete and create."""

    def __init__(self, moments: list[int], meanwhile: list[tuple[str, int]] = ()) -> None:
        self.rows = dict(enumerate(moments))
        self.meanwhile = list(meanwhile)
        self.asked: list[Mapping[str, Any]] = []
        self.touched: set[int] = set()

    async def query(self, body: Mapping[str, Any]) -> list[Record]:
        self.asked.append(body)
        fits = condition(body.get("filter", {}))
        rows = sorted((moment, number) for number, moment in self.rows.items() if fits(stamp(moment)))
        page = rows[body["offset"] : body["offset"] + body["limit"]]
        raw = [{"id": {"record_id": str(number)}, "created_at": stamp(moment)} for moment, number in page]
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
            self.rows[number] = 10_000 + which  # new ones are newer than all others

    def scan(self, *, page_size: int = 5, resume: str | None = None) -> Scan:
        async def conditions() -> None:
            return None

        return Scan(self.query, "people", conditions, limit=None, page_size=page_size, resume=resume)


def stamp(moment: int) -> str:
    return f"2026-01-01T00:00:00.{moment:09d}Z"


OPERATORS = {"$gte": operator.ge, "$gt": operator.gt, "$eq": operator.eq}


def condition(filter: Mapping[str, Any]) -> Callable[[str], bool]:
    for part in filter.get("$and", [filter]):
        if "created_at" in part:
            ((name, bound),) = part["created_at"].items()
            return lambda moment: OPERATORS[name](moment, bound)
    return lambda moment: True


@given(
    moments=st.lists(st.integers(0, 8), max_size=40),
    meanwhile=st.lists(
        st.tuples(st.sampled_from(["delete", "create", "nothing"]), st.integers(0, 99)), max_size=12
    ),
    limit=st.integers(2, 7),
)
async def test_what_is_there_all_the_time_comes_exactly_once(
    moments: list[int], meanwhile: list[tuple[str, int]], limit: int
) -> None:
    # Only instants with more records than a page holds are counted off, and can suffer from deletions.
    crowded = {moment for moment in moments if moments.count(moment) >= limit}
    store = Store(moments, meanwhile)
    found = [record.id async for record in store.scan(page_size=limit)]
    assert len(found) == len(set(found))
    stayed = {str(number) for number, moment in enumerate(moments) if moment not in crowded} - {
        str(number) for number in store.touched
    }
    assert stayed <= set(found)


@pytest.mark.parametrize("moments", [[], [1], list(range(23)), [3] * 23, [1, 2] * 12, [*range(5), *[9] * 5]])
async def test_every_record_comes_in_the_order_of_creation(moments: list[int]) -> None:
    store = Store(moments)
    found = [record async for record in store.scan()]
    assert sorted(record.id for record in found) == sorted(str(n) for n in range(len(moments)))
    stamps = [record.created_at_text for record in found]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize("stop", range(0, 24, 3))
@pytest.mark.parametrize("moments", [list(range(23)), [3] * 23, [1, 2, 2, 2] * 6])
async def test_a_scan_goes_on_where_another_stopped(moments: list[int], stop: int) -> None:
    first = Store(moments).scan()
    begun: list[str] = []
    while len(begun) < min(stop, len(moments)):
        begun.append((await first.__anext__()).id)
    rest = [record.id async for record in Store(moments).scan(resume=first.token)]
    assert sorted(begun + rest) == sorted(str(n) for n in range(len(moments)))


async def test_a_filter_of_the_caller_stays_in_force() -> None:
    store = Store(list(range(12)))

    async def conditions() -> dict[str, Any]:
        return {"name": "Ada"}

    async for _ in Scan(store.query, "people", conditions, limit=None, page_size=5, resume=None):
        pass
    assert store.asked[0]["filter"] == {"name": "Ada"}
    assert store.asked[1]["filter"] == {"$and": [{"name": "Ada"}, {"created_at": {"$gte": stamp(4)}}]}


@pytest.mark.parametrize("token", ["", "{}", "nonsense", '{"scan": "companies"}'])
async def test_a_token_of_something_else_is_refused(token: str) -> None:
    with pytest.raises(ConfigurationError, match="token"):
        Store([]).scan(resume=token)
