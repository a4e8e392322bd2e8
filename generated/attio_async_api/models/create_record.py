"""The body of create_record, create_activity_record, assert_activity_record."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class CreateRecord:
    """The body of create_record, create_activity_record, assert_activity_record."""

    values: Any

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "values": self.values,
            }
        )
