"""Coerce Python values to the JSON that a property is compared with."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from .._utils.names import same_thing
from .._utils.text import folded, show
from ..errors import UnknownName
from ..values._encoders.contacts import country_code, domain_of, email_domain_of, email_of, phone_json
from ..values._encoders.dates import encode_timestamp
from ..values._encoders.names_places import encode_name
from ..values._encoders.numbers import encode_currency, encode_rating, json_number
from ..values._encoders.references import MEMBER, member_called
from ..values._encoders.text import encode_checkbox, encode_text, spelled
from ..values._spec import CoercionRules, UntypedSpec, text_of
from ..values._types import ActorRef, Member, Name, PersonName, Phone, canonical_id, is_uuid
from ._operators import ID_ATTRIBUTES, SUBSTRING_OPERATORS
from ._requirements import Compilation, Members
from ._resolve import CompileContext, CompileError, Subject

Coerce = Callable[[Any], Any]
"""One value to JSON; raises CompileError, UnknownName or the EncodeError of values."""

_A_MEMBER = "a member's id, e-mail address or full name"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}.*")
_PUNCTUATION = re.compile(r"[\s().\-/\u2010-\u2015\u2212]")
_PART_OF_PHONE = re.compile(r"\+?[0-9]+|\+")
_UNTYPED, _RULES = UntypedSpec(), CoercionRules()


def coercion(
    operator: str, name: str, subject: Subject, values: Sequence[Any], context: CompileContext
) -> Compilation[Coerce]:
    """Return a function that coerces the values that a property is compared with.

    Titles of options and names of members are requirements only if a value is one.
    """
    if operator in SUBSTRING_OPERATORS:
        return _phone_part if name == "phone_number" else _country_part if name == "country_code" else _text
    if subject.slug in ID_ATTRIBUTES:
        return _uuid
    if name in {"option", "status"}:
        titles = (yield from context.option_titles(subject)) if any(map(_is_name, values)) else None
        return lambda value: _option(value, subject, titles)
    if name == "owner_member_id":
        members = yield from directory(values, context)
        return lambda value: member_id(value, members)
    coerce = _BY_PROPERTY.get(name) or _BY_TYPE.get(subject.type or "", _by_shape)
    in_zone = _IN_ZONE.get(coerce)
    return coerce if in_zone is None else lambda value: in_zone(value, context.rules)


def directory(values: Sequence[Any], context: CompileContext) -> Compilation[Members | None]:
    """Return the members of the workspace if one of the values is a name or an address, else None."""
    named = any(
        _is_name(value.email_or_id_or_name if isinstance(value, Member) else value) for value in values
    )
    return (yield from context.members()) if named else None


def member_id(value: Any, members: Members | None) -> str:
    """Return the id of a workspace member that is given by id, e-mail address or full name.

    Raises:
        CompileError, EncodeError: The members are not known, or several have the name.
        UnknownName: The member is unknown.
    """
    if isinstance(value, ActorRef) and value.type == MEMBER and value.id is not None:
        return canonical_id(value.id)
    if isinstance(value, Member):
        value = value.email_or_id_or_name
    text = text_of(value, _A_MEMBER)
    if is_uuid(text):
        return canonical_id(text)
    if members is None:
        raise CompileError(
            f"{show(text)} cannot be found, since the members of the workspace are not known",
            "give the member's id",
        )
    found = member_called(text, members)
    if found is None:
        raise UnknownName("member", text, suggestions=get_close_matches(folded(text), members))
    return found


def _is_name(value: object) -> bool:
    return isinstance(value, str) and not is_uuid(value)


def _phone_part(text: str) -> str:
    digits = _PUNCTUATION.sub("", text)
    if not _PART_OF_PHONE.fullmatch(digits):
        raise CompileError(f"{show(text)} cannot be part of a phone number", "give + and digits alone")
    return digits


def _country_part(text: str) -> str:
    return text.upper()


def _text(value: Any) -> str:
    return encode_text(value, _UNTYPED, _RULES)


def _full_name(value: Any) -> str:
    if not isinstance(value, Name | PersonName):
        return _text(value)
    return _text(value.full_name or encode_name(value, _UNTYPED, _RULES)["full_name"])


def _by_shape(value: Any, rules: CoercionRules = _RULES) -> Any:
    """Coerce a value by its Python type alone."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal):
        return json_number(value)
    if isinstance(value, date):
        return _moment(value, rules)
    return _phone(value) if isinstance(value, Phone) else _text(value)


def _day(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    text = text_of(value, "a date, or a text such as '2023-11-24'")
    if not _DAY.fullmatch(text) or not _is_in_calendar(text):
        raise CompileError(
            f"{show(value)} is not a valid date", "give a date, or year, month and day: '2023-11-24'"
        )
    return text


def _is_in_calendar(day: str) -> bool:
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _timestamp(value: Any, rules: CoercionRules = _RULES) -> str:
    """Coerce a moment, or a day, which stands for its beginning, as where it is written."""
    if (
        isinstance(value, str)
        and not _DAY.fullmatch(value.strip())
        and not _DAY_AND_TIME.fullmatch(value.strip())
    ):
        raise CompileError(
            f"{show(value)} is neither a moment nor a day",
            "give an aware datetime, such as datetime(2023, 11, 24, tzinfo=UTC), a date, or '2023-11-24T00:00:00Z'",
        )
    return encode_timestamp(value, _UNTYPED, rules).replace(".000000000Z", "Z")


def _moment(value: Any, rules: CoercionRules = _RULES) -> str:
    """Coerce a timestamp, or a day, which Attio itself takes for its beginning in UTC."""
    if rules.assume_tz is not None:
        return _timestamp(value, rules)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return _day(value) if isinstance(value, str) and _DAY.fullmatch(value.strip()) else _timestamp(value)


def _email(value: Any) -> str:
    # Attio keeps addresses in lower case, and finds nothing else.
    return email_of(value).lower()


def _phone(value: Any) -> str:
    # Only a number given as an object would come back as one, and no operand is an object.
    return str(phone_json(value))


def _uuid(value: Any) -> str:
    text = text_of(value, "an id")
    if not is_uuid(text):
        raise CompileError(f"{show(value)} is not a valid id, which is a UUID")
    return canonical_id(text)


def _option(value: Any, subject: Subject, titles: Sequence[str] | None) -> str:
    """Return the title or id of an option or status, spelled as in the workspace."""
    kind = "status" if subject.type == "status" else "option"
    renamed = same_thing(value, titles or ())
    text = text_of(value, f"the title or id of the {kind}") if renamed is None else str(renamed)
    if titles is None or text in titles or is_uuid(text):
        return text
    title = spelled(text, titles)
    if title is not None:
        return title
    by_folded = {folded(title): title for title in titles}
    near = tuple(by_folded[match] for match in get_close_matches(folded(text), by_folded))
    raise UnknownName(f"{kind} of {subject.slug}", text, suggestions=near, available=tuple(titles))


_TEXTS = (
    "email_local_specifier",
    "first_name",
    "interaction_type",
    "last_name",
    "line_1",
    "line_2",
    "line_3",
    "line_4",
    "locality",
    "postcode",
    "region",
)
"""Properties that hold a text whatever it looks like, such as the postcode 75001."""

_BY_PROPERTY: Mapping[str, Coerce] = MappingProxyType(
    {
        **dict.fromkeys(_TEXTS, _text),
        **dict.fromkeys(("domain", "root_domain"), domain_of),
        **dict.fromkeys(("email_domain", "email_root_domain"), email_domain_of),
        **dict.fromkeys(("active_from", "interacted_at"), _moment),
        "country_code": country_code,
        "currency_value": lambda value: encode_currency(value, _UNTYPED, _RULES),
        "email_address": _email,
        "full_name": _full_name,
        "phone_number": _phone,
        "referenced_actor_id": _uuid,
        "target_record_id": _uuid,
    }
)

_BY_TYPE: Mapping[str, Coerce] = MappingProxyType(
    {
        "checkbox": lambda value: encode_checkbox(value, _UNTYPED, _RULES),
        "date": _day,
        "number": json_number,
        "rating": lambda value: encode_rating(value, _UNTYPED, _RULES),
        "text": _text,
        "timestamp": _timestamp,
    }
)
"""The property `value` means another thing for each type."""

_IN_ZONE: Mapping[Coerce, Callable[[Any, CoercionRules], Any]] = MappingProxyType(
    {_timestamp: _timestamp, _moment: _moment, _by_shape: _by_shape}
)
"""Those that depend on the time zone to assume."""
