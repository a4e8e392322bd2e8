"""Rows that share a key."""

from typing import Any

import pytest
from tests.bulk.support import fast

from attio_async import (
    Outcome,
)
from attio_async.bulk._write.duplicates import KeyIndex

pytestmark = pytest.mark.anyio


CASES: list[tuple[Any, str, tuple[str, str | None], list[str]]] = [
    ("first", "a.example.com", ("one", "A"), ["a.example.com"]),
    ("last", "b.example.com", ("three", None), ["b.example.com"]),
    ("merge", "b.example.com", ("three", "B"), ["a.example.com", "b.example.com"]),
]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_rows_with_the_same_key_are_deduplicated() -> None:
    for duplicates, last_domain, written, domains in CASES:
        _, attio = fast()
        rows = [
            {"domains": "a.example.com", "name": "one", "description": "A"},
            {"domains": "other.example.com"},
            {"domains": ["a.example.com", "b.example.com"], "name": "two", "description": "B"},
            {"domains": last_domain, "name": "three"},
        ]
        outcomes: list[Outcome] = []
        report = await attio.companies.upsert_many(
            rows, match="domains", duplicates=duplicates, on_outcome=outcomes.append
        )
        assert (report.created, report.duplicate, report.failed, report.total) == (2, 2, 0, 4), duplicates
        assert [outcome.index for outcome in outcomes] == [0, 1, 2, 3]
        (record,) = (r for r in await attio.companies.query() if "other.example.com" not in r["domains"])
        assert (record["name"], record["description"]) == written, duplicates
        assert sorted(record["domains"]) == domains, duplicates


def test_a_key_belongs_to_the_first_row_that_claims_it() -> None:
    with KeyIndex() as index:
        assert index.claim([{"domain": "a.com"}, {"domain": "b.com"}], "line 2") is None
        assert index.claim([{"domain": "c.com"}, {"domain": "b.com"}], "line 3") == "line 2"
        assert index.claim([{"domain": "c.com"}], "line 4") is None
        assert index.claim(["a.com"], 5) is None
        assert index.claim(["x", "x"], 6) is None
