"""Asking the workspace in SQL."""

from typing import Any

from attio_async_api.api.sql import run_sql
from attio_async_api.models.run_sql import RunSql
from attio_async_api.models.sql_result import SqlResult
from attio_async_api.operations import RUN_SQL

from ..errors import ConfigurationError
from ._base import Wire

__all__ = ["rows"]


async def rows(wire: Wire, query: str) -> list[dict[str, Any]]:
    """See `Attio.sql`."""
    if not query.strip():
        raise ConfigurationError("the SQL query is empty")
    result = await wire.one(RUN_SQL, run_sql.build_request(body=RunSql(sql=query)), SqlResult.from_dict)
    return list(result.rows)
