"""The body of search_records."""

from typing import Any

from attrs import frozen

from ..types import UNSET, Unset, fields


@frozen(kw_only=True)
class SearchRecords:
    """The body of search_records."""

    query: str
    objects: list[str]
    request_as: Any
    limit: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "query": self.query,
                "objects": self.objects,
                "request_as": self.request_as,
                "limit": self.limit,
            }
        )
