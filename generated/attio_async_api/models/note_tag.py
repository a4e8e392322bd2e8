"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData


@frozen(kw_only=True)
class NoteTag(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    type: str
    workspace_member_id: str | None
    object: str | None
    record_id: str | None
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            type=source.get("type"),
            workspace_member_id=source.get("workspace_member_id"),
            object=source.get("object"),
            record_id=source.get("record_id"),
            raw=source,
        )
