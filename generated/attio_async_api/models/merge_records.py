"""The body of merge_records."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class MergeRecords:
    """The body of merge_records."""

    primary_record_id: str
    secondary_record_id: str

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "primary_record_id": self.primary_record_id,
                "secondary_record_id": self.secondary_record_id,
            }
        )
