"""An answer of list_statuses, create_status, update_status."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.status_id import StatusId
from ..types import read_object


@frozen(kw_only=True)
class Status:
    """An answer of list_statuses, create_status, update_status. What it holds beside these fields is in `additional_properties`."""

    id: StatusId
    title: str
    is_archived: bool
    celebration_enabled: bool
    target_time_in_status: None | str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", StatusId.from_dict),
            title=rest.pop("title", None),
            is_archived=rest.pop("is_archived", None),
            celebration_enabled=rest.pop("celebration_enabled", None),
            target_time_in_status=rest.pop("target_time_in_status", None),
            additional_properties=rest,
        )
