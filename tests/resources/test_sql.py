"""Rows of a SQL query, as dicts and as a table."""

import sys
from typing import Any

import httpx
import pytest

from attio_async.errors import ConfigurationError, DecodeError
from tests.support import Scripted

pytestmark = pytest.mark.anyio


def answering(rows: Any) -> Scripted:
    http = Scripted()
    http.router.post("/v2/sql").mock(return_value=httpx.Response(200, json={"data": {"rows": rows}}))
    return http


async def test_a_table_has_every_column_of_any_row() -> None:
    pytest.importorskip("polars", reason="the extra `dataframe` is not installed")
    rows = [{"name": "Acme", "size": 3, "tags": ["a"]}] * 200 + [{"name": None, "size": 2.5, "late": "x"}]
    table = await answering(rows).attio.sql_frame("SELECT 1")
    assert table.shape == (201, 4)
    assert table.columns == ["name", "size", "tags", "late"]
    assert table["size"].sum() == 602.5
    assert table.row(200) == (None, 2.5, None, "x")


async def test_columns_of_mixed_kinds_lose_no_row() -> None:
    pytest.importorskip("polars", reason="the extra `dataframe` is not installed")
    table = await answering([{"a": 1}, {"a": "x"}, {"a": None}]).attio.sql_frame("SELECT 1")
    assert table["a"].to_list() == ["1", "x", None]


async def test_no_rows_are_an_empty_table() -> None:
    pytest.importorskip("polars", reason="the extra `dataframe` is not installed")
    assert (await answering([]).attio.sql_frame("SELECT 1")).is_empty()


async def test_without_polars_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    http = Scripted()
    with pytest.raises(ConfigurationError, match=r"install attio-async\[dataframe\]"):
        await http.attio.sql_frame("SELECT 1")


@pytest.mark.parametrize("query", ["", "  \n"])
async def test_an_empty_query_is_not_sent(query: str) -> None:
    with pytest.raises(ConfigurationError, match="empty"):
        await Scripted().attio.sql(query)


async def test_a_row_that_is_no_object_is_not_passed_on() -> None:
    with pytest.raises(DecodeError, match="a row of it"):
        await answering([{"a": 1}, 3]).attio.sql("SELECT 1")
