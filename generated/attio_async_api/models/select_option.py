"""An answer of list_select_options, create_select_option, update_select_option."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.select_option_id import SelectOptionId
from ..types import read_object


@frozen(kw_only=True)
class SelectOption(JsonData):
    """An answer of list_select_options, create_select_option, update_select_option. `raw` is all of it, as the API sent it."""

    id: SelectOptionId
    title: str
    is_archived: bool
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            id=read_object(source, "id", SelectOptionId.from_dict),
            title=source.get("title"),
            is_archived=source.get("is_archived"),
            raw=source,
        )
