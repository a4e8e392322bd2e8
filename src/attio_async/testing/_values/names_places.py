"""Names of people, and locations: values of several parts that can be written as one text."""

import re
from collections.abc import Callable

from .._errors import InvalidValue, invalid, wrong_type
from .._json_types import is_object
from .codes import COUNTRIES
from .fields import Fields, fixed_fields

NAME = ("first_name", "last_name", "full_name")
LOCATION = (
    "line_1",
    "line_2",
    "line_3",
    "line_4",
    "locality",
    "region",
    "postcode",
    "country_code",
    "latitude",
    "longitude",
)
_LATITUDE = re.compile(r"[-+]?([1-8]?\d(\.\d+)?|90(\.0+)?)", re.ASCII)
_LONGITUDE = re.compile(r"[-+]?(180(\.0+)?|((1[0-7]\d)|([1-9]?\d))(\.\d+)?)", re.ASCII)


def read_name(written: object) -> Fields:
    """Return the parts of a name. A text is "last name, first name", or without a comma the first name."""
    if isinstance(written, str):
        last, comma, first = written.partition(",")
        first, last = (first.strip(), last.strip()) if comma else (written.strip(), "")
        return {"first_name": first, "last_name": last, "full_name": f"{first} {last}".strip()}
    if not is_object(written):
        raise InvalidValue(wrong_type([], "object", written))
    return fixed_fields(written, dict.fromkeys(NAME, "string"))


def read_location(written: object) -> Fields:
    """Return the parts of a location. An object must have all of them; a text is split at its commas."""
    if isinstance(written, str):
        return _location_from_text(written)
    if not is_object(written):
        raise InvalidValue(wrong_type([], "object", written))
    fields = fixed_fields(written, dict.fromkeys(LOCATION, "string | null"))
    checks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("country_code", COUNTRIES.__contains__),
        ("latitude", _LATITUDE.fullmatch),
        ("longitude", _LONGITUDE.fullmatch),
    )
    issues = [
        invalid([key], f"Invalid {key.replace('_', ' ')}")
        for key, fits in checks
        if fields[key] is not None and not fits(fields[key])
    ]
    if issues:
        raise InvalidValue(*issues)
    return fields


def _location_from_text(text: str) -> Fields:
    """Read the parts between commas from the end: country code, postcode, region, locality, then address lines."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise InvalidValue(invalid([], "Invalid location"))
    fields: Fields = dict.fromkeys(LOCATION)
    if parts[-1] in COUNTRIES and parts[:-1]:
        fields["country_code"] = parts.pop()
    if re.search(r"\d", parts[-1]) and parts[:-1]:
        fields["postcode"] = parts.pop()
    # The rest ends in "street, locality" or "locality, region"; streets have numbers.
    streets = sum(1 for part in parts if re.search(r"\d", part))
    if parts[streets + 1 :]:
        fields["region"] = parts.pop()
    fields["locality"] = parts.pop()
    lines = [*parts[:3], ", ".join(parts[3:])]
    fields.update({f"line_{number}": line for number, line in enumerate(lines, 1) if line})
    return fields
