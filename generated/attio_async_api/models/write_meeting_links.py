"""The body of overwrite_meeting, update_meeting."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class WriteMeetingLinks:
    """The body of overwrite_meeting, update_meeting."""

    linked_records: list[Any]

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "linked_records": self.linked_records,
            }
        )
