"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class NoteTag:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    type_: str
    workspace_member_id: str | None
    object_: str | None
    record_id: str | None
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            type_=rest.pop("type", None),
            workspace_member_id=rest.pop("workspace_member_id", None),
            object_=rest.pop("object", None),
            record_id=rest.pop("record_id", None),
            additional_properties=rest,
        )
