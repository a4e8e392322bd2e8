"""An answer of merge_records, merge_records."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData


@frozen(kw_only=True)
class MergeResult(JsonData):
    """An answer of merge_records, merge_records. `raw` is all of it, as the API sent it."""

    new_record_id: str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            new_record_id=source.get("new_record_id"),
            raw=source,
        )
