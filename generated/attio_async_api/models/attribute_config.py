"""A part of an answer."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData
from ..models.attribute_config_currency import AttributeConfigCurrency
from ..models.attribute_config_record_reference import AttributeConfigRecordReference
from ..types import read_object


@frozen(kw_only=True)
class AttributeConfig(JsonData):
    """A part of an answer. `raw` is all of it, as the API sent it."""

    currency: AttributeConfigCurrency
    record_reference: AttributeConfigRecordReference
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            currency=read_object(source, "currency", AttributeConfigCurrency.from_dict),
            record_reference=read_object(
                source, "record_reference", AttributeConfigRecordReference.from_dict
            ),
            raw=source,
        )
