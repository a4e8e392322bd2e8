"""Records as rows of exported files."""

from collections.abc import Sequence
from typing import Any

from attio_async_api.json_data import to_plain

from ..._records.models import AttributeMapping, Record
from ..._schema import Attribute


def native_value(record: AttributeMapping, attribute: Attribute) -> Any:
    """Return the native value of one attribute: a list if it is multiselect, else a value or None."""
    return record.all(attribute.slug) if attribute.is_multiselect else record.first(attribute.slug)


def plain_record(record: Record, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return the record's id and these attributes as JSON data."""
    return {"record_id": record.id} | {
        found.slug: to_plain(native_value(record, found)) for found in attributes
    }
