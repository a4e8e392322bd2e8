"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class Actor:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    id: None | str
    type_: None | str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            id=rest.pop("id", None),
            type_=rest.pop("type", None),
            additional_properties=rest,
        )
