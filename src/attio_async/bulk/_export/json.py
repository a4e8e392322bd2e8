"""Values of records as JSON data."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

import attrs

from ..._records.models import Record
from ..._schema import Attribute
from ...values import (
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
    UnknownValue,
)


def native_value(record: Record, attribute: Attribute) -> Any:
    """Return the native value of one attribute: a list if it is multiselect, else a value or None."""
    return record.all(attribute.slug) if attribute.is_multiselect else record.first(attribute.slug)


def plain_record(record: Record, attributes: Sequence[Attribute]) -> dict[str, Any]:
    """Return the record's id and these attributes as JSON data."""
    return {"record_id": record.id} | {
        found.slug: to_json(native_value(record, found)) for found in attributes
    }


def to_json(value: object) -> Any:
    """Return the value as JSON data that Attio accepts again.

    Currency amounts are strings, so that no digit is lost; dates and times are ISO 8601, in UTC.
    """
    kind = type(value)
    if kind in _UNCHANGED:
        return value
    convert = _CONVERTERS.get(kind)
    return convert(value) if convert is not None else _other_json(value)


_UNCHANGED = frozenset({type(None), bool, int, float, str})


def _amount(value: Decimal) -> str:
    return format(value, "f")


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _name(value: PersonName) -> dict[str, Any]:
    return {"first_name": value.first_name, "last_name": value.last_name, "full_name": value.full_name}


def _location(value: Location) -> dict[str, Any]:
    return {name: part for name in _PARTS if (part := getattr(value, name)) is not None}


_PARTS = tuple(field.name for field in attrs.fields(Location))


def _record(value: RecordRef) -> dict[str, Any]:
    return {"target_object": value.object, "target_record_id": value.record_id}


def _actor(value: ActorRef) -> dict[str, Any]:
    return {"referenced_actor_type": value.type, "referenced_actor_id": value.id}


def _interaction(value: Interaction) -> dict[str, Any]:
    return {
        "interaction_type": value.type,
        "interacted_at": to_json(value.at),
        "owner_actor": to_json(value.owner),
    }


def _unknown(value: UnknownValue) -> Any:
    return to_json(value.raw)


# By exact type, because an export spends most of its time here.
_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    ActorRef: _actor,
    Decimal: _amount,
    Interaction: _interaction,
    Location: _location,
    PersonName: _name,
    RecordRef: _record,
    UnknownValue: _unknown,
    date: date.isoformat,
    datetime: _moment,
}


def _other_json(value: object) -> Any:
    match value:
        case bool() | int() | float() | str():
            return value
        case datetime():
            return _moment(value)
        case Mapping():
            parts = cast("Mapping[object, object]", value)
            return {str(key): to_json(part) for key, part in parts.items()}
        case list() | tuple():
            return [to_json(part) for part in cast("Sequence[object]", value)]
        case _:
            return str(value)
