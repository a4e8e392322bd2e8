"""The body of create_entry, assert_entry."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class CreateEntry:
    """The body of create_entry, assert_entry."""

    parent_record_id: str
    parent_object: str
    entry_values: Any

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "parent_record_id": self.parent_record_id,
                "parent_object": self.parent_object,
                "entry_values": self.entry_values,
            }
        )
