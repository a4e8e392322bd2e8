"""An answer of list_activities, create_activity, get_activity, update_activity."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.activity_id import ActivityId
from ..models.activity_parent import ActivityParent
from ..types import read_moment, read_object, read_objects


@frozen(kw_only=True)
class Activity(JsonData):
    """An answer of list_activities, create_activity, get_activity, update_activity. `raw` is all of it, as the API sent it."""

    id: ActivityId
    api_slug: str
    singular_noun: str
    plural_noun: str
    extends: list[ActivityParent]
    is_system_activity: bool
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", ActivityId.from_dict),
            api_slug=source.get("api_slug"),
            singular_noun=source.get("singular_noun"),
            plural_noun=source.get("plural_noun"),
            extends=read_objects(source, "extends", ActivityParent.from_dict),
            is_system_activity=source.get("is_system_activity"),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
