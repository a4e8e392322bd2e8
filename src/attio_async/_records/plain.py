"""Decode the raw JSON of attributes to JSON data, without the objects that stand for names, places and moments between.

A value in its usual form is decoded to a class that has exactly that form, so that nothing is left to check. Anything
else (another form, a null, a number that is too large) is read like any value and then converted: the result is the same
either way. Dates are the bulk of what is saved, and the function calls between one value and the next.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Any

import msgspec

from attio_async_api.json_data import to_plain

from .._schema import Attribute, ObjectSchema
from ..values._read import UNREADABLE
from .decode import FORMS, form_decoder, natives

_MOMENT_CHARS = len("2026-01-31T00:00:00.000000000Z")

_moment_of = datetime.fromisoformat
"""Bound once: `plain_moment` would spend a tenth of its time on that."""

Readers = Mapping[str, tuple[Callable[[msgspec.Raw], Any], Callable[[Any], Any], bool, str]]
"""By slug: what decodes the values of an attribute, what makes JSON data of one, whether it is multiselect, its type."""


def readers_of(attributes: Iterable[Attribute]) -> Readers:
    """Return what `plain_values` needs to know of attributes."""
    return {each.slug: (*_reader(each.type), each.is_multiselect, each.type) for each in attributes}


@lru_cache(maxsize=128)
def schema_readers(schema: ObjectSchema | None) -> Readers:
    """Return what `plain_values` needs to know of all attributes. To look it up for each value would take a tenth more."""
    return {} if schema is None else readers_of(schema.attributes.values())


def plain_values(raws: Mapping[str, msgspec.Raw], readers: Readers) -> dict[str, Any]:
    """Return the JSON data of attributes. One without a reader is a list."""
    found: dict[str, Any] = {}
    for slug, raw in raws.items():
        try:
            # Not `get`, whose call for each value would cost 5,000 of 198,000 instructions per record.
            decode, convert, is_multiselect, attribute_type = readers[slug]
        except KeyError:
            found[slug] = to_plain(natives(raw, None))
            continue
        try:
            values = decode(raw)
            if not values:
                found[slug] = [] if is_multiselect else None
            elif is_multiselect:
                found[slug] = list(map(convert, values))
            else:
                found[slug] = convert(values[0])
        except (*UNREADABLE, msgspec.ValidationError):
            values = to_plain(natives(raw, attribute_type))
            found[slug] = values if is_multiselect else values[0] if values else None
    return found


def plain_moment(text: str) -> str:
    """Return a moment as `to_plain` writes it.

    Raises:
        ValueError: The text is not a moment.
    """
    moment = _moment_of(text)
    # As the API writes it, with nine digits of which six are kept: 4,800 instructions. With slices instead of letters it
    # would be 5,500, with `isoformat` 13,000; a person has five moments, and takes 198,000 in all.
    if (
        len(text) == _MOMENT_CHARS
        and text[7] == "-"  # no week
        and text[10] == "T"
        and text[19] == "."
        and text[29] == "Z"
        and (moment.hour or text[11] == "0")  # no 24:00, which is on the next day
    ):
        return text[:26] + "Z" if moment.microsecond else text[:19] + "Z"
    plain: str = to_plain(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))
    return plain


@cache
def _reader(attribute_type: str) -> tuple[Callable[[msgspec.Raw], Any], Callable[[Any], Any]]:
    """Return the functions that decode the values of a type, and make JSON data of one of them."""
    form = FORMS.get(attribute_type)
    convert = _PLAIN.get(attribute_type) or (form.native if form is not None else None)
    if convert is None:
        return lambda encoded: to_plain(natives(encoded, attribute_type)), lambda plain: plain
    return form_decoder(attribute_type), convert


def _place(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)  # without the parts that are None
    del plain["attribute_type"]
    return plain


# Written out, which takes half the time of `to_builtins`.


def _name(value: Any) -> dict[str, Any]:
    return {
        "first_name": value.first_name,
        "last_name": value.last_name,
        "full_name": value.full_name,
    }


def _actor(value: Any) -> dict[str, Any]:
    return {
        "referenced_actor_type": value.referenced_actor_type,
        "referenced_actor_id": value.referenced_actor_id,
    }


def _record(value: Any) -> dict[str, Any]:
    return {"target_object": value.target_object, "target_record_id": value.target_record_id}


def _interaction(value: Any) -> dict[str, Any]:
    owner = value.owner_actor
    return {
        "interaction_type": value.interaction_type,
        "interacted_at": plain_moment(value.interacted_at),
        "owner_actor": {"referenced_actor_type": owner.type, "referenced_actor_id": owner.id},
    }


def _day(value: Any) -> str:
    day: date = value.value
    return day.isoformat()


def _moment(value: Any) -> str:
    return plain_moment(value.value)


def _amount(value: Any) -> str:
    if not value.currency_value.is_finite():
        raise ValueError
    return format(value.currency_value, "f")


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "actor-reference": _actor,
    "currency": _amount,
    "date": _day,
    "interaction": _interaction,
    "location": _place,
    "personal-name": _name,
    "record-reference": _record,
    "timestamp": _moment,
}
"""What makes JSON data of a value, where that is not the native value itself."""
