"""An answer of list_select_options, create_select_option, update_select_option."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.select_option_id import SelectOptionId
from ..types import read_object


@frozen(kw_only=True)
class SelectOption:
    """An answer of list_select_options, create_select_option, update_select_option. What it holds beside these fields is in `additional_properties`."""

    id: SelectOptionId
    title: str
    is_archived: bool
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=read_object(rest, "id", SelectOptionId.from_dict),
            title=rest.pop("title", None),
            is_archived=rest.pop("is_archived", None),
            additional_properties=rest,
        )
