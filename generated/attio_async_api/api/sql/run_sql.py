"""Run one read-only SQL query on the workspace."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.run_sql import RunSql
from ...operations import RUN_SQL
from ...types import content

operation: Final = RUN_SQL


def build_request(
    *,
    body: RunSql | Mapping[str, Any],
) -> dict[str, Any]:
    """Run one read-only SQL query on the workspace."""
    return {
        "method": "POST",
        "url": "/v2/sql",
        "json": content(body),
    }
