"""Write Python values as the lists of JSON values that the API takes; all problems are found before sending."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from numbers import Integral
from typing import Any, cast
from uuid import UUID

from .._utils.public import public
from .._utils.text import show
from ..errors import CoercionError, Problem
from ._encoders.contacts import encode_domain, encode_email, encode_phone
from ._encoders.dates import encode_date, encode_timestamp
from ._encoders.names_places import encode_location, encode_name
from ._encoders.numbers import encode_currency, encode_number, encode_rating
from ._encoders.references import encode_actor, encode_record_reference, is_record
from ._encoders.text import encode_checkbox, encode_select, encode_status, encode_text
from ._read import read
from ._spec import (
    AttributeSpec,
    CoercionRules,
    Encode,
    EncodeError,
    UntypedSpec,
    encodable,
    is_missing,
    missing,
    suggestion,
    wrong_type,
)
from ._types import (
    ActorRef,
    Interaction,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    UnknownValue,
    Value,
    is_object,
)

_A_VALUE = "a text, number, bool, date, datetime, dict or one of this package's value classes"


def encode_untyped(value: object, spec: AttributeSpec, rules: CoercionRules) -> Any:
    """Return the JSON that a Python value most plainly is; texts and objects stay what they are."""
    if isinstance(value, Enum):
        return encode_untyped(value.value, spec, rules)
    if is_missing(value):
        raise missing(value)
    for classes, encode in _BY_CLASS:
        if isinstance(value, classes):
            return encode(value, spec, rules)
    if is_record(value):
        return encode_record_reference(value, spec, rules)
    if is_object(value):
        return {encodable(str(key)): _inner(part, spec, rules) for key, part in value.items()}
    raise wrong_type(value, _A_VALUE)


def _inner(part: object, spec: AttributeSpec, rules: CoercionRules) -> Any:
    if part is None:
        return None
    if isinstance(part, list | tuple):
        return [_inner(item, spec, rules) for item in cast("list[object]", part)]
    return encode_untyped(part, spec, rules)


def _refuse(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> Any:
    if isinstance(value, Interaction):
        raise EncodeError("interactions are read-only", "leave it out")
    raise EncodeError(
        "a value of an unknown type cannot be written back", "give its .raw in the form that the API takes"
    )


_BY_CLASS: tuple[tuple[type | tuple[type, ...], Encode], ...] = (
    ((str, UUID), encode_text),
    (bool, encode_checkbox),
    ((Integral, float, Decimal), encode_number),
    (datetime, encode_timestamp),
    (date, encode_date),
    ((Name, PersonName), encode_name),
    (Location, encode_location),
    (Phone, encode_phone),
    ((ActorRef, Member), encode_actor),
    ((Interaction, UnknownValue), _refuse),
)
"""The order matters: a bool is an int, and a datetime is a date."""

_BY_TYPE: dict[str, Encode] = {
    "actor-reference": encode_actor,
    "checkbox": encode_checkbox,
    "currency": encode_currency,
    "date": encode_date,
    "domain": encode_domain,
    "email-address": encode_email,
    "location": encode_location,
    "number": encode_number,
    "personal-name": encode_name,
    "phone-number": encode_phone,
    "rating": encode_rating,
    "record-reference": encode_record_reference,
    "select": encode_select,
    "status": encode_status,
    "text": encode_text,
    "timestamp": encode_timestamp,
}


_PLAIN = frozenset({str, int, float, bool, Decimal, date, datetime})
"""Most values are of these types exactly, and need no unwrapping."""

_NEVER_MISSING = _PLAIN - {float, Decimal}


@public
def coerce(
    spec: AttributeSpec,
    value: object,
    *,
    assume_tz: tzinfo | None = None,
    members: Mapping[str, Sequence[str]] | None = None,
) -> list[Any]:
    """Return the JSON values to write for one attribute; none for None or an empty list.

    A single value is wrapped. Enum members count as their values, and what was read can be written back, a `Value` and
    the API's own value objects included. A multiselect attribute is given each value once.

    Args:
        spec: The attribute.
        value: One value, or a list, tuple, set or iterator of them.
        assume_tz: The time zone of datetimes that have none; without it they are refused.
        members: Full names of the workspace's members, case-folded, to their ids; without them a member has to be
            given by e-mail address or id.

    Raises:
        CoercionError: A value cannot be written; it has all problems. Nothing was sent.
    """
    problems: list[Problem] = []
    encoded = _encoded(spec, value, CoercionRules(assume_tz, members), problems)
    if problems:
        raise CoercionError(problems)
    return encoded


@public
def coerce_values(
    values: Mapping[str, object],
    specs: Mapping[str, AttributeSpec] | None,
    *,
    assume_tz: tzinfo | None = None,
    members: Mapping[str, Sequence[str]] | None = None,
    note: Callable[[str], None] | None = None,
) -> dict[str, list[Any]]:
    """Return the JSON values of a whole record by slug.

    Args:
        values: Attribute slugs (or ids) to values.
        specs: The object's attributes by slug; None to go by Python type alone, with names as they are given.
        assume_tz: As for `coerce`.
        members: As for `coerce`.
        note: Called with what was guessed or left out of a value, in words that can be counted.

    Raises:
        CoercionError: A name is unknown or a value cannot be written; it has all problems. Nothing was sent.
    """
    rules = CoercionRules(assume_tz, members, note)
    problems: list[Problem] = []
    result: dict[str, list[Any]] = {}
    names: dict[str, str] = {}
    for name, value in values.items():
        spec = UntypedSpec(name) if specs is None else specs.get(name) or _with_id(name, specs)
        if spec is None:
            problems.append(_unknown(name, value, specs or {}))
        elif spec.slug in names:
            reason = f"{name!r} and {names[spec.slug]!r} are the same attribute"
            problems.append(Problem(spec.slug, spec.type, value, reason, "give one of them"))
        else:
            names[spec.slug] = name
            result[spec.slug] = _encoded(spec, value, rules, problems)
    if problems:
        raise CoercionError(problems)
    return result


def _with_id(name: str, specs: Mapping[str, AttributeSpec]) -> AttributeSpec | None:
    return next((spec for spec in specs.values() if spec.id == name), None)


def _unknown(name: str, value: object, specs: Mapping[str, AttributeSpec]) -> Problem:
    known = {slug: slug for slug in specs}
    known = {spec.title: slug for slug, spec in specs.items()} | known
    return Problem(str(name), None, value, "unknown attribute", suggestion(str(name), known))


def _encoded(spec: AttributeSpec, value: object, rules: CoercionRules, problems: list[Problem]) -> list[Any]:
    refusal = _refusal(spec)
    items = _items(value)
    if refusal is None and len(items) > 1 and not spec.is_multiselect:
        refusal = f"the attribute holds one value, and {len(items)} are given", "give one of them"
    if refusal is not None:
        problems.append(Problem(spec.slug, spec.type or None, value, *refusal))
        return []
    encode = _BY_TYPE.get(spec.type, encode_untyped)
    encoded: list[Any] = []
    for item in items:
        try:
            if type(item) not in _NEVER_MISSING and is_missing(item):
                raise missing(item)  # noqa: TRY301 - as an encoder does
            encoded.append(encode(item if type(item) in _PLAIN else _native(item), spec, rules))
        except EncodeError as error:
            problems.append(Problem(spec.slug, spec.type or None, item, error.reason, error.hint))
        except RecursionError:
            reason = "the value is nested too deeply, or holds itself"
            problems.append(Problem(spec.slug, spec.type or None, item, reason))
        except Exception as error:  # noqa: BLE001 - a value of the caller's own may raise anything
            reason = f"the value cannot be read: it raised {show(error)}"
            problems.append(Problem(spec.slug, spec.type or None, item, reason))
    return list({repr(item): item for item in encoded}.values()) if len(items) > 1 else encoded


def _refusal(spec: AttributeSpec) -> tuple[str, str] | None:
    if spec.type == "interaction":
        return "interactions are read-only: Attio writes them from e-mails and calendars", "leave it out"
    if spec.is_archived:
        return "the attribute is archived", "restore it in the workspace's settings, or leave it out"
    if not spec.is_writable:
        return "the attribute is read-only: Attio sets it", "leave it out"
    return None


def _items(value: object) -> list[object]:
    if value is None:
        return []
    if type(value) not in _PLAIN and isinstance(value, list | tuple | AbstractSet | Iterator):
        return list(cast("Iterable[object]", value))
    return [value]


def _native(item: object) -> object:
    if isinstance(item, Enum):
        return item.value
    if isinstance(item, Value):
        return _native(item.native)
    if item is None:
        raise EncodeError(
            "one of the values is None", "leave it out of the list, or give None alone for no value"
        )
    if type(item) is not dict:
        return item
    fields = cast("dict[str, Any]", item)
    return _native(read(fields)) if "attribute_type" in fields else fields
