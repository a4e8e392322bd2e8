"""An answer of list_objects, create_object, get_object, update_object."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.object_id import ObjectId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class Object(JsonData):
    """An answer of list_objects, create_object, get_object, update_object. `raw` is all of it, as the API sent it."""

    id: ObjectId
    api_slug: None | str
    singular_noun: None | str
    plural_noun: None | str
    created_at: dt.datetime
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", ObjectId.from_dict),
            api_slug=source.get("api_slug"),
            singular_noun=source.get("singular_noun"),
            plural_noun=source.get("plural_noun"),
            created_at=read_moment(source, "created_at"),
            raw=source,
        )
