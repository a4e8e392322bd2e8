"""An answer of list_activities, create_activity, get_activity, update_activity."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.activity_id import ActivityId
from ..models.activity_parent import ActivityParent
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Activity:
    """An answer of list_activities, create_activity, get_activity, update_activity. What it holds beside these fields is in `additional_properties`."""

    id: ActivityId
    api_slug: str
    singular_noun: str
    plural_noun: str
    extends: list[ActivityParent]
    is_system_activity: bool
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", ActivityId.from_dict),
            api_slug=rest.pop("api_slug", None),
            singular_noun=rest.pop("singular_noun", None),
            plural_noun=rest.pop("plural_noun", None),
            extends=read_objects(rest, "extends", ActivityParent.from_dict),
            is_system_activity=rest.pop("is_system_activity", None),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
