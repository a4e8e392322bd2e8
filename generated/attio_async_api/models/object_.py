"""An answer of list_objects, create_object, get_object, update_object."""

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.object_id import ObjectId
from ..types import read_moment, read_object


@frozen(kw_only=True)
class Object:
    """An answer of list_objects, create_object, get_object, update_object. What it holds beside these fields is in `additional_properties`."""

    id: ObjectId
    api_slug: None | str
    singular_noun: None | str
    plural_noun: None | str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", ObjectId.from_dict),
            api_slug=rest.pop("api_slug", None),
            singular_noun=rest.pop("singular_noun", None),
            plural_noun=rest.pop("plural_noun", None),
            created_at=read_moment(rest, "created_at"),
            additional_properties=rest,
        )
