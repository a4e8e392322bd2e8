"""What records hold as JSON data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import attrs

from ..records import Record
from ..schema import Attribute
from ..values import ActorRef, Interaction, Location, PersonName, RecordRef, UnknownValue

__all__ = ["native", "plain_record", "to_json"]


def native(record: Record, attribute: Attribute) -> Any:
    """What the record holds in one attribute: a list if it is multiselect, else a value or None."""
    return record.all(attribute.slug) if attribute.is_multiselect else record.first(attribute.slug)


def plain_record(record: Record, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """The record's id and these attributes, as JSON data."""
    return {"record_id": record.id} | {found.slug: to_json(native(record, found)) for found in attributes}


def to_json(value: object) -> Any:  # noqa: PLR0911 - one line per kind of value
    """The value as JSON data, in the form in which Attio takes it back.

    Amounts of money are strings, so that no digit is lost; dates and times are ISO 8601, in UTC.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case PersonName():
            return attrs.asdict(value)
        case Location():
            return {key: part for key, part in attrs.asdict(value).items() if part is not None}
        case RecordRef():
            return {"target_object": value.object, "target_record_id": value.record_id}
        case ActorRef():
            return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}
        case _:
            return _other_json(value)


def _other_json(value: object) -> Any:
    match value:
        case Interaction():
            owner = to_json(value.owner)
            return {
                "interaction_type": value.type,
                "interacted_at": to_json(value.at),
                "owner_actor": owner,
            }
        case UnknownValue():
            return to_json(value.raw)
        case Mapping():
            parts = cast("Mapping[object, object]", value)
            return {str(key): to_json(part) for key, part in parts.items()}
        case list() | tuple():
            return [to_json(part) for part in cast("Sequence[object]", value)]
        case _:
            return str(value)
