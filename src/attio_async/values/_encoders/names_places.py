"""Write names of people and locations."""

import re
from decimal import Decimal

import attrs

from ..._utils.text import show
from .._spec import AttributeSpec, CoercionRules, EncodeError, fields_of, text_of, wrong_type
from .._types import Location, Name, PersonName
from .contacts import country_code

_NAME_PARTS = ("first_name", "last_name", "full_name")
_A_NAME = "Name('Ada', 'Lovelace'), or a text such as 'Lovelace, Ada' or 'Ada Lovelace'"

_WORDS_OF_PLAIN_NAME = 2

_LOCATION_PARTS = tuple(field.name for field in attrs.fields(Location))
_A_LOCATION = "Location(...), its parts as a dict, or an address as one text"
_COORDINATE = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?")
_MAX_DEGREES = {"latitude": 90, "longitude": 180}


def encode_name(value: object, _spec: AttributeSpec, rules: CoercionRules) -> dict[str, str]:
    """Return all three parts of a name, as Attio requires; missing ones follow from the others.

    Where first and last name follow from a text of more than two words, that is a guess, which is noted.

    https://docs.attio.com/docs/attribute-types/attribute-types-personal-name
    """
    fields = fields_of(value, *_NAME_PARTS)
    if fields is not None:
        value = PersonName(**fields)
    elif not isinstance(value, Name | PersonName):
        value = _parsed(text_of(value, _A_NAME), rules)
    first, last, full = (_name_part(part) for part in (value.first_name, value.last_name, value.full_name))
    if full and not first and not last:
        parsed = _parsed(full, rules)
        first, last = parsed.first_name or "", parsed.last_name or ""
    full = full or " ".join(part for part in (first, last) if part)
    if not full:
        raise EncodeError("the name is empty", "use None for no value")
    return {"first_name": first, "last_name": last, "full_name": full}


def _parsed(text: str, rules: CoercionRules) -> Name:
    name = Name.parse(text)
    if "," not in text and len(text.split()) > _WORDS_OF_PLAIN_NAME:
        rules.noted("first and last names guessed from a full name")
    return name


def _name_part(part: object) -> str:
    return "" if _is_blank(part) else text_of(part, _A_NAME)


def encode_location(
    value: object, _spec: AttributeSpec, _rules: CoercionRules
) -> str | dict[str, str | None]:
    """Return all ten parts of a location, missing ones null; an address in one text is left to Attio to parse.

    https://docs.attio.com/docs/attribute-types/attribute-types-location
    """
    if isinstance(value, Location):
        value = {part: getattr(value, part) for part in _LOCATION_PARTS}
    fields = fields_of(value, *_LOCATION_PARTS)
    if fields is None:
        return text_of(value, _A_LOCATION)
    parts = {part: _location_part(part, fields.get(part)) for part in _LOCATION_PARTS}
    if not any(parts.values()):
        raise EncodeError("all parts of the location are empty", "use None for no value")
    return parts


def _location_part(name: str, value: object) -> str | None:
    if _is_blank(value):
        return None
    if name == "country_code":
        return country_code(value)
    return _degrees(name, value) if name in _MAX_DEGREES else text_of(value, f"{name} as a text")


def _degrees(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise wrong_type(value, f"the {name} in degrees, such as '51.5260934'")
    # A number goes through Location, which keeps its digits and never writes an exponent.
    text = str(Location(latitude=value).latitude).strip()
    most = _MAX_DEGREES[name]
    if not _COORDINATE.fullmatch(text) or abs(Decimal(text)) > most:
        raise EncodeError(
            f"{show(value)} is not a valid {name}", f"give decimal degrees from -{most} to {most}"
        )
    return format(Decimal(text), "f")


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
