"""Asking the workspace in SQL."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attio_async_api.api.sql import run_sql
from attio_async_api.models.run_sql import RunSql
from attio_async_api.models.sql_result import SqlResult
from attio_async_api.operations import RUN_SQL

from ..errors import ConfigurationError
from ._base import Wire

if TYPE_CHECKING:
    from polars import DataFrame

__all__ = ["frame", "rows"]


async def rows(wire: Wire, query: str) -> list[dict[str, Any]]:
    """See `Attio.sql`."""
    if not query.strip():
        raise ConfigurationError("the SQL query is empty")
    return await wire.one(RUN_SQL, run_sql.build_request(body=RunSql(sql=query)), _rows)


async def frame(wire: Wire, query: str) -> "DataFrame":
    """See `Attio.sql_frame`."""
    try:
        from polars import DataFrame  # noqa: PLC0415 - an extra, and large
    except ImportError:
        raise ConfigurationError("a table of rows needs Polars: install attio-async[dataframe]") from None
    # Any row may be the first to have a column, or a fraction where others are whole.
    return DataFrame(await rows(wire, query), infer_schema_length=None, strict=False)


def _rows(raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = SqlResult.from_dict(raw).rows
    if not all(isinstance(row, dict) for row in found):
        raise TypeError("a row of it is not an object")
    return found
