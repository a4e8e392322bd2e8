"""The body of overwrite_record_attribute_values, overwrite_entry_attribute_values."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class WriteAttributeHistory:
    """The body of overwrite_record_attribute_values, overwrite_entry_attribute_values."""

    values: list[Any]
    replace_history: bool

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "values": self.values,
                "replace_history": self.replace_history,
            }
        )
