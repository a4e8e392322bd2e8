"""An answer of list_statuses, create_status, update_status."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.status_id import StatusId
from ..types import read_object


@frozen(kw_only=True)
class Status(JsonData):
    """An answer of list_statuses, create_status, update_status. `raw` is all of it, as the API sent it."""

    id: StatusId
    title: str
    is_archived: bool
    celebration_enabled: bool
    target_time_in_status: None | str
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", StatusId.from_dict),
            title=source.get("title"),
            is_archived=source.get("is_archived"),
            celebration_enabled=source.get("celebration_enabled"),
            target_time_in_status=source.get("target_time_in_status"),
            raw=source,
        )
