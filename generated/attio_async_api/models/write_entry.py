"""The body of overwrite_entry, update_entry."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class WriteEntry:
    """The body of overwrite_entry, update_entry."""

    entry_values: Any

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "entry_values": self.entry_values,
            }
        )
