"""Records as rows of exported files."""

from collections.abc import Iterable, Sequence
from typing import Any

from attio_async_api.json_data import to_plain

from ..._records.models import AttributeMapping, Record
from ..._schema import Attribute, ObjectSchema


def select_attributes(schema: ObjectSchema, select: Iterable[str] | None) -> list[Attribute]:
    """Return the attributes of these slugs, titles or ids, in that order; by default all that are not archived.

    The record's id, which is always exported, is not among them.

    Raises:
        UnknownName: An attribute is unknown.
    """
    if select is None:
        found = [attribute for attribute in schema.attributes.values() if not attribute.is_archived]
    else:
        found = [schema.find(name) for name in select]
    return [each for each in {each.slug: each for each in found}.values() if each.slug != "record_id"]


def native_value(record: AttributeMapping, attribute: Attribute) -> Any:
    """Return the native value of one attribute: a list if it is multiselect, else a value or None."""
    return record.all(attribute.slug) if attribute.is_multiselect else record.first(attribute.slug)


def plain_record(record: Record, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return the record's id and these attributes as JSON data."""
    return {"record_id": record.id} | {
        found.slug: to_plain(native_value(record, found)) for found in attributes
    }
