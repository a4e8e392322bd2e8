"""Values that are written to attributes, as the fields that are stored. The rules are kept apart from the client's.

One function per attribute type reads a value, bare or an object. It raises `InvalidValue` with the path inside the
value. What needs the workspace, such as members and referenced records, comes through `Lookup`.
"""

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from .. import _timestamps
from .._errors import (
    InvalidValue,
    invalid,
    invalid_option,
    missing,
    unrecognized,
    value_not_found,
    wrong_type,
)
from .._json_types import is_object
from .._schema import CHOICE_KEYS, FakeAttribute
from .codes import COUNTRIES
from .contacts import read_domain, read_email, read_phone
from .fields import (
    Fields,
    fixed_fields,
    string,
    unwrap,
)

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
INTERACTIONS = ("activity", "calendar-event", "email", "meeting")
_LATITUDE = re.compile(r"[-+]?([1-8]?\d(\.\d+)?|90(\.0+)?)", re.ASCII)
_LONGITUDE = re.compile(r"[-+]?(180(\.0+)?|((1[0-7]\d)|([1-9]?\d))(\.\d+)?)", re.ASCII)

_MAX_TEXT_BYTES = 10_000_000
_MAX_NUMBER = Decimal("1e20")
_NUMBER_STEP = Decimal("0.0001")
_MAX_STARS = 5
_KEYS = {
    "currency": ("currency_value",),
    "status": ("status",),
    "select": ("option",),
    "record-reference": ("target_object", "target_record_id"),
    "actor-reference": ("referenced_actor_type", "referenced_actor_id"),
    "domain": ("domain",),
    "email-address": ("email_address",),
    "phone-number": ("phone_number",),
    "interaction": ("interaction_type", "interacted_at"),
    "personal-name": NAME,
    "location": LOCATION,
}


def read_name(written: object) -> Fields:
    """Return the parts of a name. A text is "last name, first name", or without a comma the first name."""
    if isinstance(written, str):
        last, comma, first = written.partition(",")
        first, last = (first.strip(), last.strip()) if comma else (written.strip(), "")
        return {"first_name": first, "last_name": last, "full_name": f"{first} {last}".strip()}
    if not is_object(written):
        raise InvalidValue(wrong_type([], "object", written))
    absent = [missing([part], "string") for part in NAME if part not in written]
    if absent:  # the API reports these alone, as for {"value": "Ada Lovelace"}
        raise InvalidValue(*absent)
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


class Lookup(Protocol):
    """Finds what values refer to."""

    def member_id(self, id_or_email: str) -> str | None:
        """Return the id of a workspace member; None if they are unknown."""
        ...

    def referenced(
        self, attribute: FakeAttribute, target_object: str | None, where: Mapping[str, object]
    ) -> Fields:
        """Return `target_object` and `target_record_id` of the record that `where` describes.

        Raises:
            ApiProblem: The record is unknown, or the attribute may not refer to it.
            InvalidValue: `where` does not describe a record.
        """
        ...


def read_value(attribute: FakeAttribute, written: object, lookup: Lookup) -> Fields:
    """Return the fields of one written value."""
    return _READERS[attribute.type](attribute, written, lookup)


def same_key(attribute_type: str, fields: Mapping[str, Any]) -> object:
    """Return what identifies a value of an attribute: for uniqueness, and to write none twice."""
    names = _KEYS.get(attribute_type)
    if names is None:
        return fields["value"]
    return fields[names[0]] if len(names) == 1 else tuple([fields[name] for name in names])


def key_names(attribute_type: str) -> tuple[str, ...]:
    """Return the names of the fields that `same_key` is made of."""
    return _KEYS.get(attribute_type, ("value",))


def _text(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    value = string(unwrap(written, "value"), "value")
    if len(value.encode()) > _MAX_TEXT_BYTES:
        raise InvalidValue(invalid(["value"], "Expected at most 10 MB of text"))
    return {"value": value}


def _number(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    value = unwrap(written, "value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue(wrong_type(["value"], "number", value))
    return {"value": _four_decimals(value, "value")}


def _currency(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    value = unwrap(written, "currency_value")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InvalidValue(wrong_type(["currency_value"], "number", value))
    return {"currency_value": _four_decimals(value, "currency_value")}


def read_number(value: float | str) -> int | float:
    """Return a number, whole ones as int.

    Raises:
        ValueError: It is not a number, not finite, beyond 1e20, or has more than four decimal places.
    """
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        raise ValueError("Expected a number") from None
    if not exact.is_finite() or abs(exact) > _MAX_NUMBER:
        raise ValueError("Expected a finite number of reasonable size")
    if exact != exact.quantize(_NUMBER_STEP):
        raise ValueError("Expected a number with at most four decimal places")
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _four_decimals(value: float | str, key: str) -> int | float:
    try:
        return read_number(value)
    except ValueError as error:
        raise InvalidValue(invalid([key], str(error))) from None


def _checkbox(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    value = unwrap(written, "value")
    if value in ("true", "false"):
        return {"value": value == "true"}
    if not isinstance(value, bool):
        raise InvalidValue(wrong_type(["value"], "boolean", value))
    return {"value": value}


def _rating(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    value = unwrap(written, "value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValue(wrong_type(["value"], "number", value))
    if not math.isfinite(value) or value != int(value) or not 0 <= value <= _MAX_STARS:
        raise InvalidValue(invalid(["value"], "Expected a whole number from 0 to 5"))
    return {"value": int(value)}


def _date(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    return {"value": _time(_timestamps.read_date, unwrap(written, "value"), "Invalid date")}


def _timestamp(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    return {"value": _time(_timestamps.read_timestamp, unwrap(written, "value"), "Invalid timestamp")}


def _time(read: Callable[[str], str], value: object, message: str, key: str = "value") -> str:
    try:
        return read(string(value, key))
    except InvalidValue:
        raise
    except ValueError:
        raise InvalidValue(invalid([key], message)) from None


def _domain(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    return read_domain(string(unwrap(written, "domain"), "domain"))


def _email(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    return read_email(string(unwrap(written, "email_address"), "email_address"))


def _phone(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    if not is_object(written):
        return read_phone(string(written, "original_phone_number"), None)
    others = [name for name in written if name not in {"original_phone_number", "country_code"}]
    if others:
        raise InvalidValue(unrecognized([], others))
    if "original_phone_number" not in written:
        raise InvalidValue(missing(["original_phone_number"], "string"))
    country = written.get("country_code")
    if country is not None and not (isinstance(country, str) and country in COUNTRIES):
        raise InvalidValue(invalid(["country_code"], "Invalid country code"))
    return read_phone(string(written["original_phone_number"], "original_phone_number"), country)


def _choice(attribute: FakeAttribute, written: object, _: Lookup) -> Fields:
    key = CHOICE_KEYS[attribute.type]
    title = string(unwrap(written, key), key)
    choice = attribute.choice(title)
    if choice is None:
        what = "status" if key == "status" else "select option"
        known = ", ".join(map(repr, attribute.choice_titles)) or "none"
        raise value_not_found(
            f'{what} "{title}" for attribute with slug "{attribute.slug}". What exists: {known}'
        )
    return {key: choice.id}


def _record_reference(attribute: FakeAttribute, written: object, lookup: Lookup) -> Fields:
    if isinstance(written, str):
        return lookup.referenced(attribute, None, {"": written})
    if not is_object(written):
        raise InvalidValue(wrong_type([], "object", written))
    if "target_object" not in written:
        raise InvalidValue(missing(["target_object"], "string"))
    where = {name: value for name, value in written.items() if name != "target_object"}
    if len(where) != 1:
        raise InvalidValue(
            invalid([], "Expected target_object and either target_record_id or one matching attribute")
        )
    return lookup.referenced(attribute, string(written["target_object"], "target_object"), where)


def _actor_reference(attribute: FakeAttribute, written: object, lookup: Lookup) -> Fields:
    if is_object(written) and "workspace_member_email_address" not in written:
        fields = fixed_fields(written, dict.fromkeys(_KEYS["actor-reference"], "string"))
        if fields["referenced_actor_type"] != "workspace-member":
            raise InvalidValue(invalid(["referenced_actor_type"], "Expected 'workspace-member'"))
        name = str(fields["referenced_actor_id"])
    else:
        key = "workspace_member_email_address"
        name = string(unwrap(written, key), key)
    member = lookup.member_id(name)
    if member is None:
        raise value_not_found(f'workspace member "{name}" for attribute with slug "{attribute.slug}"')
    return {"referenced_actor_type": "workspace-member", "referenced_actor_id": member}


def _interaction(_: FakeAttribute, written: object, __: Lookup) -> Fields:
    if not is_object(written):
        raise InvalidValue(wrong_type([], "object", written))
    expected = {"interaction_type": "string", "interacted_at": "string", "owner_actor": "object"}
    fields = fixed_fields(written, expected)
    if fields["interaction_type"] not in INTERACTIONS:
        raise InvalidValue(invalid_option(["interaction_type"], INTERACTIONS, fields["interaction_type"]))
    fields["interacted_at"] = _time(
        _timestamps.read_timestamp, fields["interacted_at"], "Invalid timestamp", "interacted_at"
    )
    return fields


_READERS: dict[str, Callable[[FakeAttribute, object, Lookup], Fields]] = {
    "text": _text,
    "number": _number,
    "checkbox": _checkbox,
    "currency": _currency,
    "date": _date,
    "timestamp": _timestamp,
    "rating": _rating,
    "status": _choice,
    "select": _choice,
    "record-reference": _record_reference,
    "actor-reference": _actor_reference,
    "location": lambda _, written, __: read_location(written),
    "domain": _domain,
    "email-address": _email,
    "phone-number": _phone,
    "interaction": _interaction,
    "personal-name": lambda _, written, __: read_name(written),
}
