"""The body of query_activity_records."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class ActivityQuery:
    """The body of query_activity_records."""

    filter: Any | Unset = UNSET
    sorts: list[Any] | Unset = UNSET
    limit: int | Unset = UNSET
    offset: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "filter": self.filter,
                "sorts": self.sorts,
                "limit": self.limit,
                "offset": self.offset,
            }
        )
