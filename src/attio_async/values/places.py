"""Writing locations."""

import re
from decimal import Decimal
from typing import Any

import attrs

from attio_async.values.contacts import country_code
from attio_async.values.fitting import AttributeSpec, Misfit, Rules, fields_of, show, text_of, wrong_type
from attio_async.values.types import Location

__all__ = ["fit_location"]

_PARTS = tuple(field.name for field in attrs.fields(Location))
_COORDINATE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?")
_LIMITS = {"latitude": 90, "longitude": 180}
_POSSIBLE = "Location(...), its parts as a dict, or an address as one text"


def fit_location(value: object, _spec: AttributeSpec, _rules: Rules) -> str | dict[str, str | None]:
    """All ten parts of a location, missing ones null; an address in one text, which Attio parses."""
    fields = fields_of(value, *_PARTS)
    if fields is not None:
        return _parts_of(fields)
    if isinstance(value, Location):
        return _parts_of({part: getattr(value, part) for part in _PARTS})
    return text_of(value, _POSSIBLE)


def _parts_of(given: dict[str, Any]) -> dict[str, str | None]:
    parts = {part: _part(part, given.get(part)) for part in _PARTS}
    if not any(parts.values()):
        raise Misfit("all parts of the location are empty", "use None for no value")
    return parts


def _part(name: str, value: object) -> str | None:
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
        raise Misfit(f"{show(value)} is no {name}", f"give decimal degrees from -{limit} to {limit}")
    return format(Decimal(text), "f")
