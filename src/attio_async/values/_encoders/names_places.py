"""Writing names of people."""

import re
from decimal import Decimal
from typing import Any

import attrs

from .._spec import (
    AttributeSpec,
    CoercionRules,
    EncodeError,
    fields_of,
    show,
    text_of,
    wrong_type,
)
from .._types import Location, Name, PersonName
from .contacts import country_code

_LOCATION_PARTS = tuple(field.name for field in attrs.fields(Location))


_COORDINATE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?")


_LIMITS = {"latitude": 90, "longitude": 180}


_POSSIBLE_LOCATION = "Location(...), its parts as a dict, or an address as one text"


def encode_location(
    value: object, _spec: AttributeSpec, _rules: CoercionRules
) -> str | dict[str, str | None]:
    """All ten parts of a location, missing ones null; an address in one text, which Attio parses."""
    fields = fields_of(value, *_LOCATION_PARTS)
    if fields is not None:
        return _location_parts(fields)
    if isinstance(value, Location):
        return _location_parts({part: getattr(value, part) for part in _LOCATION_PARTS})
    return text_of(value, _POSSIBLE_LOCATION)


def _location_parts(given: dict[str, Any]) -> dict[str, str | None]:
    parts = {part: _location_part(part, given.get(part)) for part in _LOCATION_PARTS}
    if not any(parts.values()):
        raise EncodeError("all parts of the location are empty", "use None for no value")
    return parts


def _location_part(name: str, value: object) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if name == "country_code":
        return country_code(value)
    if name in _LIMITS:
        return _degrees(name, value)
    return text_of(value, f"{name} as a text")


def _degrees(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise wrong_type(value, f"the {name} in degrees, such as '51.5260934'")
    # A number goes through Location, which keeps its digits and never writes an exponent.
    text = str(Location(latitude=value).latitude).strip()
    if not _COORDINATE.fullmatch(text) or abs(Decimal(text)) > _LIMITS[name]:
        limit = _LIMITS[name]
        raise EncodeError(f"{show(value)} is no {name}", f"give decimal degrees from -{limit} to {limit}")
    return format(Decimal(text), "f")


_PARTS = ("first_name", "last_name", "full_name")


_POSSIBLE = "Name('Ada', 'Lovelace'), or a text such as 'Lovelace, Ada' or 'Ada Lovelace'"


def encode_name(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> dict[str, str]:
    """All three parts of a name, which is how Attio wants it; missing ones follow from the others."""
    fields = fields_of(value, *_PARTS)
    if fields is not None:
        return _parts_of(PersonName(**fields))
    if isinstance(value, Name | PersonName):
        return _parts_of(value)
    return _parts_of(Name.parse(text_of(value, _POSSIBLE)))


def _parts_of(name: Name | PersonName) -> dict[str, str]:
    first, last, full = (_part(part) for part in (name.first_name, name.last_name, name.full_name))
    if full and not first and not last:
        parsed = Name.parse(full)
        first, last = parsed.first_name or "", parsed.last_name or ""
    full = full or " ".join(part for part in (first, last) if part)
    if not full:
        raise EncodeError("the name is empty", "use None for no value")
    return {"first_name": first, "last_name": last, "full_name": full}


def _part(part: object) -> str:
    if part is None or (isinstance(part, str) and not part.strip()):
        return ""
    return text_of(part, _POSSIBLE)
