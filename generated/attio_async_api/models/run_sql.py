"""The body of run_sql."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class RunSql:
    """The body of run_sql."""

    sql: str

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "sql": self.sql,
            }
        )
