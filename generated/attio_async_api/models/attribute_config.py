"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..models.attribute_config_currency import AttributeConfigCurrency
from ..models.attribute_config_record_reference import AttributeConfigRecordReference
from ..types import read_object


@frozen(kw_only=True)
class AttributeConfig:
    """A part of an answer. What it holds beside these fields is in `additional_properties`."""

    currency: AttributeConfigCurrency
    record_reference: AttributeConfigRecordReference
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            currency=read_object(rest, "currency", AttributeConfigCurrency.from_dict),
            record_reference=read_object(rest, "record_reference", AttributeConfigRecordReference.from_dict),
            additional_properties=rest,
        )
