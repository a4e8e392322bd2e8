"""An answer of merge_records, merge_records."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class MergeResult:
    """An answer of merge_records, merge_records. What it holds beside these fields is in `additional_properties`."""

    new_record_id: str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            new_record_id=rest.pop("new_record_id", None),
            additional_properties=rest,
        )
