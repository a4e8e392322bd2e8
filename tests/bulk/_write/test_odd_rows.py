"""A row that fails, however odd it is, is that row's failure: the others are written, and a resume goes on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support import trio_when_full

from attio_async import Row
from attio_async.bulk import SQLiteJournal, export_dead_letters

from ..support import companies, fast, read_companies

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


class _Mute:
    def __repr__(self) -> str:
        raise RuntimeError("no text")


class _Raising(dict[str, object]):
    def items(self) -> Any:
        raise RuntimeError("boom")


class _Odd(Mapping[str, object]):
    def __getitem__(self, key: str) -> object:
        raise ZeroDivisionError

    def __iter__(self) -> Any:
        return iter(["name"])

    def __len__(self) -> int:
        return 1


class _Cancelling:
    def __str__(self) -> str:
        raise asyncio.CancelledError

    __repr__ = __str__


class _CancellingItems(dict[str, Any]):
    def items(self) -> Any:
        raise asyncio.CancelledError

    __iter__ = items
    keys = items


class _Classless:
    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise RuntimeError("no class")


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def _cycle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def _failing() -> Any:
    yield "a.example.com"
    raise RuntimeError("the source is gone")


ODD: dict[str, Any] = {
    "surrogate in a value": {"name": "\ud800"},
    "surrogate in a slug": {"\ud800": "x"},
    "surrogate deep in": {"primary_location": {"line_1": "\udcff"}},
    "nested": {"description": _nested(600)},
    "nested beyond C": {"description": _nested(100_000)},
    "cycle": {"description": _cycle()},
    "no repr": {"name": _Mute()},
    "key without a repr": {_Mute(): 1},
    "text that cancels": {"name": _Cancelling()},
    "mapping that cancels": _CancellingItems(a=1),
    "no class": _Classless(),
    "not a number": {"description": float("nan")},
    "huge": {"description": 10**5000},
    "bytes": {"name": b"\xff"},
    "numeric slug": {5: "x"},
    "no slug": {None: ["x"]},
    "mapping that raises": _Raising(a=1),
    "mapping whose values raise": _Odd(),
    "failing generator": None,  # made anew for each run
    "not a mapping": 7,
    "nothing": None,
    "text": "name",
    "odd label": Row({"name": "\ud800"}, label="\ud800"),
    "huge label": Row({"name": "\ud800"}, label=10**5000),
    "mute label": Row({"name": "\ud800"}, label=_Mute()),
    "odd id": Row({"name": "\ud800"}, id=_Mute()),
}


@pytest.mark.parametrize(
    "kinds", [[*ODD], *(pytest.param([kind], id=kind, marks=pytest.mark.full) for kind in ODD)]
)
@pytest.mark.parametrize("duplicates", ["refuse", "merge"])
async def test_odd_rows_are_the_only_ones_that_fail(
    kinds: list[str], duplicates: Any, tmp_path: Path
) -> None:
    fake, attio = fast()
    good = 3 * (len(kinds) + 1)
    odd = range(3, good + len(kinds), 4)  # each between good ones
    async with attio:
        for _ in range(2):  # the second time resumes
            rows = [*companies(3)]
            for number, kind in enumerate(kinds):
                rows += [odd_row(kind, f"odd{number}.example.com"), *companies(3, start=3 * number + 3)]
            report = await attio.companies.upsert_many(
                rows, match="domains", journal=tmp_path / "j.db", duplicates=duplicates
            )
            assert [letter.index for letter in report.dead_letters] == list(odd)
            assert (report.created, report.failed, report.pending) == (good, len(kinds), 0)
            assert len(await read_companies(fake)) == good
        assert all(letter.failure.reason for letter in report.dead_letters)
        async with SQLiteJournal(tmp_path / "j.db") as journal:
            assert await export_dead_letters(journal, tmp_path / "dead.jsonl") == len(kinds)


def odd_row(kind: str, domain: str) -> Any:
    if kind == "failing generator":
        return {"domains": _failing()}
    odd = ODD[kind]
    return {"domains": domain, **odd} if type(odd) is dict else odd


async def test_a_row_with_more_cells_than_the_header_is_told_so() -> None:
    _, attio = fast()
    async with attio:
        report = await attio.companies.upsert_many(
            [{"name": "A", "domains": "a.example.com", None: ["x"]}], match="domains"
        )
    assert "more cells than the header" in str(report.failures[0].error)


async def test_odd_rows_of_every_operation_fail_alone() -> None:
    fake, attio = fast()
    async with attio:
        created = await attio.companies.create_many([{"name": "\ud800"}, *companies(2), {5: 1}])
        assert (created.created, created.failed) == (2, 2)
        ids = [record.id for record in await read_companies(fake)]
        updated = await attio.companies.update_many(
            [
                Row({"name": "x"}, id=ids[0]),
                Row({"name": _Mute()}, id=ids[1]),
                Row({"name": "y"}, id="\ud800"),
            ]
        )
        assert (updated.updated, updated.failed) == (1, 2)
        deleted = await attio.companies.delete_many([ids[0], _Mute(), "\ud800", _cycle()])
        assert (deleted.deleted, deleted.failed) == (1, 3)


async def test_a_row_with_no_id_keeps_no_other_from_being_compared() -> None:
    _, client = fast()
    async with client as attio:
        ids = [(await attio.companies.create({"name": f"N{n}"})).id for n in range(3)]
        rows = [Row({"name": f"N{n}"}, id=id_) for n, id_ in enumerate(ids)]
        rows += [Row({"name": "odd"}, id="zzz"), Row({"name": "twice"}, id=ids[0].upper())]
        report = await attio.companies.update_many(rows)
        assert (report.unchanged, report.updated, report.failed) == (3, 0, 2)
        bad, twice = (str(outcome.error) for outcome in report.failures)
        assert "'zzz' is not a valid id, which is a UUID" in bad
        assert "row 0 has the same value" in twice
        async with await attio.companies.update_many(rows).plan() as plan:
            assert (plan.unchanged, plan.invalid) == (3, 2)
