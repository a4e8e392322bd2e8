"""A row that fails, however odd it is, is that row's failure: the others are written, and a resume goes on."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from attio_async import Row
from attio_async.bulk import SQLiteJournal, export_dead_letters

from ..support import companies, fast, read_companies

pytestmark = pytest.mark.anyio


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
    "failing generator": {"domains": _failing()},
    "not a mapping": 7,
    "nothing": None,
    "text": "name",
    "odd label": Row({"name": "\ud800"}, label="\ud800"),
    "huge label": Row({"name": "\ud800"}, label=10**5000),
    "mute label": Row({"name": "\ud800"}, label=_Mute()),
    "odd id": Row({"name": "\ud800"}, id=_Mute()),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("duplicates", ["refuse", "merge"])
async def test_an_odd_row_is_the_only_one_that_fails(kind: str, duplicates: Any, tmp_path: Path) -> None:
    odd = ODD[kind]
    if type(odd) is dict:
        odd = {"domains": "odd.example.com", **odd}
    fake, attio = fast()
    async with attio:
        for _ in range(2):  # the second time resumes
            if kind == "failing generator":
                odd = {"domains": _failing()}
            rows = [*companies(3), odd, *companies(3, start=3)]
            report = await attio.companies.upsert_many(
                rows, match="domains", journal=tmp_path / "j.db", duplicates=duplicates
            )
            assert (report.created, report.failed, report.pending) == (6, 1, 0)
            assert len(await read_companies(fake)) == 6
        (letter,) = report.dead_letters
        assert letter.index == 3
        assert letter.failure.reason
        async with SQLiteJournal(tmp_path / "j.db") as journal:
            assert await export_dead_letters(journal, tmp_path / "dead.jsonl") == 1


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
