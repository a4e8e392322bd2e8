"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class AttributeConfigCurrency:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    default_currency_code: None | str
    display_type: None | str
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            default_currency_code=rest.pop("default_currency_code", None),
            display_type=rest.pop("display_type", None),
            additional_properties=rest,
        )
