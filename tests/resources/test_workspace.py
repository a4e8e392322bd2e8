"""SQL, and requests of any kind."""

import math
import sys
from typing import Any

import httpx
import pytest

from attio_async.errors import CoercionError, ConfigurationError, DecodeError
from tests.support import Scripted, data

pytestmark = pytest.mark.anyio


def with_rows(rows: Any) -> Scripted:
    """Return a client whose SQL queries have these rows."""
    http = Scripted()
    http.router.post("/v2/sql").mock(return_value=data({"rows": rows}))
    return http


async def test_sql_returns_rows() -> None:
    rows = [{"name": "Ada", "count": 3}, {"name": None, "count": 0}]
    assert await with_rows(rows).attio.sql("select name, count(*) from people") == rows


async def test_a_frame_has_every_column_of_any_row() -> None:
    pytest.importorskip("polars", reason="the extra `dataframe` is not installed")
    rows = [{"name": "Acme", "size": 3, "tags": ["a"]}] * 200 + [{"name": None, "size": 2.5, "late": "x"}]
    frame = await with_rows(rows).attio.sql_frame("SELECT 1")
    assert frame.shape == (201, 4)
    assert frame.columns == ["name", "size", "tags", "late"]
    assert frame["size"].sum() == 602.5
    assert frame.row(200) == (None, 2.5, None, "x")


async def test_a_frame_with_a_column_of_mixed_types_has_every_row() -> None:
    pytest.importorskip("polars", reason="the extra `dataframe` is not installed")
    frame = await with_rows([{"a": 1}, {"a": "x"}, {"a": None}]).attio.sql_frame("SELECT 1")
    assert frame["a"].to_list() == ["1", "x", None]


async def test_a_frame_may_be_empty() -> None:
    pytest.importorskip("polars", reason="the extra `dataframe` is not installed")
    assert (await with_rows([]).attio.sql_frame("SELECT 1")).is_empty()


async def test_a_frame_without_polars_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ConfigurationError, match=r"install attio-async\[dataframe\]"):
        await Scripted().attio.sql_frame("SELECT 1")


async def test_a_row_that_is_not_an_object_is_a_decode_error() -> None:
    with pytest.raises(DecodeError, match="a row of it"):
        await with_rows([{"a": 1}, 3]).attio.sql("SELECT 1")


async def test_an_invalid_method_or_path_is_not_sent() -> None:
    http = Scripted()
    cases = [
        ("FETCH", "/v2/self", "'FETCH' is not a valid method; use one of GET"),
        ("GET", "v2/self", "'v2/self' is not a valid path; it must start with one slash"),
        ("GET", "//example.com", "'//example.com' is not a valid path"),
    ]
    for method, path, message in cases:
        with pytest.raises(ConfigurationError, match=message):
            await http.attio.request(method, path)
    assert http.attio.limiter.stats().requests == 0


async def test_a_request_counts_in_the_bucket_of_its_operation() -> None:
    http = Scripted()
    http.router.route().mock(return_value=httpx.Response(204))
    for method, path in (
        ("POST", "/v2/objects/people/records/query"),
        ("POST", "/v2/objects/records/search"),
        ("POST", "/v2/sql"),
        ("GET", "/v2/anything"),
    ):
        assert await http.attio.request(method, path) is None
    assert http.attio.limiter.stats().writes.requests == 0
    await http.attio.request("post", "/v2/objects/people/records")
    await http.attio.request("DELETE", "/v2/anything")
    stats = http.attio.limiter.stats()
    assert (stats.reads.requests, stats.writes.requests) == (4, 2)


async def test_a_returned_id_can_be_sent_in_a_body() -> None:
    http = Scripted()
    http.router.get("/v2/notes").mock(return_value=data([{"id": {"note_id": "n1"}}]))
    route = http.router.post("/v2/brand/new").mock(return_value=data({}))
    found = await http.attio.notes.list().one()
    await http.attio.request("POST", "/v2/brand/new", json={"note": found.id})
    assert route.calls.last.request.read() == b'{"note":"n1"}'
    with pytest.raises(CoercionError, match="cannot be written as JSON: it holds a value of type object"):
        await http.attio.request("POST", "/v2/brand/new", json={"note": object()})
    with pytest.raises(CoercionError, match="the number nan, which JSON does not have"):
        await http.attio.request("POST", "/v2/brand/new", json={"score": math.nan})
    assert route.call_count == 1
