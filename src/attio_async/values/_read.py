"""Read a value object of the API as a Python value.

Reading never raises: a value in an unknown shape becomes an `UnknownValue`, and a null is None.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from types import SimpleNamespace
from typing import Any, NamedTuple

from .._utils.public import public
from ._types import (
    ADDRESS_PARTS,
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
    UnknownValue,
    Value,
    is_object,
    text_or_none,
)

Reader = Callable[[Any], object]
"""Takes an object with the fields of a value as attributes, None for missing ones. Returns the native value, or raises
one of UNREADABLE where the shape is another."""

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError)


@public
def read(raw: Mapping[str, Any]) -> object:
    """Return the Python value of a value object, by its "attribute_type".

    A null is None; an unknown type or shape is an `UnknownValue`. Never raises.
    """
    try:
        reader = READERS[raw["attribute_type"]]
        return reader.read(SimpleNamespace(**{name: raw.get(name) for name in reader.fields}))
    except UNREADABLE:
        return UnknownValue(text_or_none(raw.get("attribute_type") if is_object(raw) else None), raw)


@public
def read_value(raw: Mapping[str, Any]) -> Value:
    """Return the value with its history: when it held, who wrote it, and all that came with it. Never raises."""
    fields: Mapping[str, Any] = raw if is_object(raw) else {}
    return Value(
        native=read(raw),
        active_from=moment_or_none(fields.get("active_from")),
        active_until=moment_or_none(fields.get("active_until")),
        created_by=_actor_or_none(fields.get("created_by_actor")),
        attribute_type=text_or_none(fields.get("attribute_type")),
        raw=raw,
    )


def _text(raw: Any) -> str | None:
    return _nullable_text(raw.value)


def _nullable_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError


def _number(raw: Any) -> int | float | None:
    value = raw.value
    if type(value) is int or value is None:
        return value
    if isinstance(value, str):
        value = _decimal(value)
        if value.as_tuple().exponent == 0:
            return int(value)
    elif not isinstance(value, Decimal | float):
        raise TypeError
    number = float(value)
    if isfinite(number):
        return number
    raise ValueError


def _decimal(value: object) -> Decimal:
    # A float's shortest text is the number that was in the JSON; its binary value has further digits.
    number = Decimal(repr(value) if isinstance(value, float) else value)  # type: ignore[arg-type]
    if isinstance(value, bool) or not number.is_finite():
        raise ValueError
    return number


def _currency(raw: Any) -> Decimal | None:
    value = raw.currency_value
    return None if value is None else _decimal(value)


_MAX_STARS = 1_000_000
"""More than any scale has: turning 1e999999 into an int would take minutes."""


def _rating(raw: Any) -> int | None:
    value = raw.value
    if type(value) is int or value is None:
        return value
    number = _decimal(value)
    if abs(number) > _MAX_STARS or number != int(number):
        raise ValueError
    return int(number)


def _checkbox(raw: Any) -> bool | None:
    value = raw.value
    return value if isinstance(value, bool) or value is None else _BOOLEANS[value]


_BOOLEANS = {"true": True, "false": False}


def _date(raw: Any) -> date | None:
    value = raw.value
    if value is None:
        return None
    return date.fromisoformat(value) if len(value) == len("2026-01-31") else as_utc(value).date()


def _timestamp(raw: Any) -> datetime | None:
    value = raw.value
    return None if value is None else as_utc(value)


_moment_of = datetime.fromisoformat
"""Bound once, since that takes as long as to check the zone."""


def as_utc(text: str) -> datetime:
    """Return the moment of a text, in UTC.

    Raises:
        ValueError: The text is not a moment.
        OverflowError: In UTC, it is in no year that Python knows.
    """
    moment = _moment_of(text)
    zone = moment.tzinfo
    if zone is UTC:  # as the API writes it
        return moment
    return moment.replace(tzinfo=UTC) if zone is None else moment.astimezone(UTC)


def moment_or_none(text: object) -> datetime | None:
    """Return the moment of a text, in UTC; None if it is not one."""
    try:
        return as_utc(text) if isinstance(text, str) else None
    except UNREADABLE:
        return None


def _title(raw: Any) -> str | None:
    choice = raw.option
    if choice is None:
        choice = raw.status
    if choice is None or isinstance(choice, str):
        return choice
    return _nullable_text(choice["title"])


def _domain(raw: Any) -> str | None:
    return _nullable_text(raw.domain)


def _email(raw: Any) -> str | None:
    return _nullable_text(raw.email_address or raw.original_email_address)


def _phone(raw: Any) -> str | None:
    return _nullable_text(raw.phone_number or raw.normalized_phone_number or raw.original_phone_number)


def _name(raw: Any) -> PersonName:
    return PersonName(
        _nullable_text(raw.first_name), _nullable_text(raw.last_name), _nullable_text(raw.full_name)
    )


def _location(raw: Any) -> Location:
    address = {part: _nullable_text(getattr(raw, part)) for part in ADDRESS_PARTS}
    return Location(**address, latitude=raw.latitude, longitude=raw.longitude)


def _reference(raw: Any) -> RecordRef | None:
    record_id = raw.target_record_id
    target = raw.target_object
    if record_id is None:
        return None
    if isinstance(record_id, str) and isinstance(target, str):
        return RecordRef(target, record_id)
    raise TypeError


def _actor(raw: Any) -> ActorRef:
    return ActorRef(_nullable_text(raw.referenced_actor_type), _nullable_text(raw.referenced_actor_id))


def _actor_or_none(actor: object) -> ActorRef | None:
    if not is_object(actor):
        return None
    return ActorRef(text_or_none(actor.get("type")), text_or_none(actor.get("id")))


def _interaction(raw: Any) -> Interaction:
    return Interaction(
        _nullable_text(raw.interaction_type),
        moment_or_none(raw.interacted_at),
        _actor_or_none(raw.owner_actor),
    )


class TypeReader(NamedTuple):
    """The reader of a type, and the fields of a value that it looks at."""

    read: Reader
    fields: tuple[str, ...]


_CHOICE = TypeReader(_title, ("option", "status"))
_VALUE = ("value",)

READERS: dict[str, TypeReader] = {
    "actor-reference": TypeReader(_actor, ("referenced_actor_type", "referenced_actor_id")),
    "checkbox": TypeReader(_checkbox, _VALUE),
    "currency": TypeReader(_currency, ("currency_value",)),
    "date": TypeReader(_date, _VALUE),
    "domain": TypeReader(_domain, ("domain",)),
    "email-address": TypeReader(_email, ("email_address", "original_email_address")),
    "interaction": TypeReader(_interaction, ("interaction_type", "interacted_at", "owner_actor")),
    "location": TypeReader(_location, (*ADDRESS_PARTS, "latitude", "longitude")),
    "number": TypeReader(_number, _VALUE),
    "personal-name": TypeReader(_name, ("first_name", "last_name", "full_name")),
    "phone-number": TypeReader(_phone, ("phone_number", "normalized_phone_number", "original_phone_number")),
    "rating": TypeReader(_rating, _VALUE),
    "record-reference": TypeReader(_reference, ("target_record_id", "target_object")),
    "select": _CHOICE,
    "status": _CHOICE,
    "text": TypeReader(_text, _VALUE),
    "timestamp": TypeReader(_timestamp, _VALUE),
}
"""By attribute type: https://docs.attio.com/docs/attribute-types/attribute-types"""
