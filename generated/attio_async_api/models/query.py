"""The body of query_records, query_entries."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class Query:
    """The body of query_records, query_entries."""

    filter: Any | Unset = UNSET
    filter_view_id: str | Unset = UNSET
    sorts: list[Any] | Unset = UNSET
    limit: int | Unset = UNSET
    offset: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "filter": self.filter,
                "filter_view_id": self.filter_view_id,
                "sorts": self.sorts,
                "limit": self.limit,
                "offset": self.offset,
            }
        )
