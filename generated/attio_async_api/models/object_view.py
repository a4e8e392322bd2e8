"""An answer of list_object_views."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.object_view_id import ObjectViewId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class ObjectView:
    """An answer of list_object_views. What it holds beside these fields is in `additional_properties`."""

    id: ObjectViewId
    title: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", ObjectViewId.from_dict),
            title=rest.pop("title", None),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
