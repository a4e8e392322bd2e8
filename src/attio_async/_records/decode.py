"""Decode the raw JSON of one attribute to its values.

A value comes with when and by whom it was set, and more. Most callers need none of that, and skipping it costs a third
of building it. So where the schema knows the type of the attribute, only the fields that its reader looks at are
decoded: first to a class of exactly the form that the type usually has, so that nothing is left to check, then to any
values of those fields. What is not in the expected shape is decoded whole, so the result is the same either way.
"""

import json
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from operator import attrgetter
from types import GenericAlias
from typing import Annotated, Any, Literal, NamedTuple, cast

import msgspec

from ..values import ActorRef, PersonName, RecordRef, read
from ..values._read import READERS, UNREADABLE, TypeReader
from ..values._types import ADDRESS_PARTS

_plain = msgspec.json.Decoder()
_values = msgspec.json.Decoder(
    list[dict[str, Any]], float_hook=Decimal
)  # a currency keeps every digit of its text
_UNREADABLE_JSON = (msgspec.DecodeError, UnicodeDecodeError)
"""Of JSON whose form was checked before: another shape, a number beyond all bounds, or a text that is not UTF-8.

For the last, msgspec before 0.23 raises `UnicodeDecodeError`.
"""

_FilledText = Annotated[str, msgspec.Meta(min_length=1)]


class _Titled(msgspec.Struct, gc=False):
    title: str


class _Owner(msgspec.Struct, gc=False):
    type: str
    id: str | None


class Form(NamedTuple):
    """The usual form of the values of a type: the fields that are looked at, and what makes the native value.

    `native` is None where the value has to be checked further, so that reading it as any other costs no more.
    """

    fields: Sequence[tuple[Any, ...]]
    native: Callable[[Any], Any] | None
    is_sparse: bool = False  # parts that are None are left out of JSON


def _name(value: Any) -> PersonName:
    return PersonName(value.first_name, value.last_name, value.full_name)


def _reference(value: Any) -> RecordRef:
    return RecordRef(value.target_object, value.target_record_id)


def _actor(value: Any) -> ActorRef:
    return ActorRef(value.referenced_actor_type, value.referenced_actor_id)


_OPTIONAL = (str | None, None)
_value = attrgetter("value")

FORMS: dict[str, Form] = {
    "actor-reference": Form(
        [(part, *_OPTIONAL) for part in ("referenced_actor_type", "referenced_actor_id")], _actor
    ),
    "checkbox": Form([("value", bool)], _value),
    "currency": Form([("currency_value", Decimal)], None),
    "date": Form([("value", date)], _value),
    "domain": Form([("domain", str)], attrgetter("domain")),
    "email-address": Form([("email_address", _FilledText)], attrgetter("email_address")),
    "interaction": Form(
        [("interaction_type", *_OPTIONAL), ("interacted_at", str), ("owner_actor", _Owner)], None
    ),
    "location": Form(
        [(part, *_OPTIONAL) for part in (*ADDRESS_PARTS, "latitude", "longitude")], None, is_sparse=True
    ),
    "number": Form([("value", int | float)], _value),
    "personal-name": Form([(part, *_OPTIONAL) for part in ("first_name", "last_name", "full_name")], _name),
    "phone-number": Form([("phone_number", _FilledText)], attrgetter("phone_number")),
    "rating": Form([("value", int)], _value),
    "record-reference": Form([("target_object", str), ("target_record_id", str)], _reference),
    "select": Form([("option", _Titled)], attrgetter("option.title")),
    "status": Form([("option", None, None), ("status", _Titled)], attrgetter("status.title")),
    "text": Form([("value", str)], _value),
    "timestamp": Form([("value", str)], None),
}
"""By attribute type; see `READERS` for all the forms that are read."""


def tolerant(encoded: bytes | msgspec.Raw) -> Any:
    """Decode JSON of any shape, with numbers of any size and bytes that are not UTF-8.

    Numbers that Python's usual types cannot hold become text; bytes that are not UTF-8 become U+FFFD.
    """
    try:
        return _plain.decode(encoded)
    except _UNREADABLE_JSON:
        return json.loads(bytes(encoded).decode("utf-8", "replace"), parse_int=str, parse_float=str)


def value_objects(encoded: msgspec.Raw) -> list[dict[str, Any]]:
    """Decode the value objects of an attribute, whole."""
    try:
        return _values.decode(encoded)
    except (*_UNREADABLE_JSON, ArithmeticError):
        decoded = tolerant(encoded)
        items = cast("list[object]", decoded) if isinstance(decoded, list) else [decoded]
        return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def natives(encoded: msgspec.Raw, attribute_type: str | None) -> list[Any]:
    """Decode the plain values of an attribute, without nulls; `attribute_type` only says what to expect."""
    return decoder_of(attribute_type)(encoded)


@cache
def decoder_of(attribute_type: str | None) -> Callable[[msgspec.Raw], list[Any]]:
    """Return the function that decodes the plain values of a type, as `natives` does."""
    reader = READERS.get(attribute_type or "")
    if attribute_type is None or reader is None:
        return _whole
    form, decode_any = FORMS[attribute_type], decoder((attribute_type,), reader)
    return decode_any if form.native is None else _usual_decoder(attribute_type, form.native, decode_any)


def _whole(encoded: msgspec.Raw) -> list[Any]:
    return [native for native in map(read, value_objects(encoded)) if native is not None]


def _usual_decoder(
    attribute_type: str, native: Callable[[Any], Any], decode_any: Callable[[msgspec.Raw], list[Any]]
) -> Callable[[msgspec.Raw], list[Any]]:
    """Return a function that decodes values in their usual form; `decode_any` is called for those in another.

    Five attributes of a person are read in 59,000 instructions instead of 67,000; decoding the record takes 77,000 more.
    """
    decode = form_decoder(attribute_type)

    def decoded(encoded: msgspec.Raw) -> list[Any]:
        found: list[Any] = []
        try:
            for value in decode(encoded):
                found.append(native(value))  # noqa: PERF401 - a comprehension is one call more
        except (*UNREADABLE, msgspec.ValidationError):
            return decode_any(encoded)
        return found

    return decoded


def form_decoder(attribute_type: str) -> Callable[[msgspec.Raw], list[Any]]:
    """Return the function that decodes values in their usual form, and fails with `ValidationError` for any other."""
    literal: Any = Literal  # of a table, which type checkers cannot follow
    form = FORMS[attribute_type]
    shape = msgspec.defstruct(
        "UsualValue",
        [("attribute_type", literal[attribute_type]), *form.fields],
        kw_only=True,
        gc=False,
        omit_defaults=form.is_sparse,
    )
    return msgspec.json.Decoder(GenericAlias(list, (shape,))).decode


def decoder(attribute_types: tuple[str, ...], reader: TypeReader) -> Callable[[msgspec.Raw], list[Any]]:
    """Return a function that decodes values of these types with a reader."""
    literal: Any = Literal  # of a table, which type checkers cannot follow
    fields = [(name, Any, None) for name in reader.fields]
    shape = msgspec.defstruct("Value", [("attribute_type", literal[attribute_types]), *fields], gc=False)
    decode: Callable[[msgspec.Raw], list[Any]]
    decode = msgspec.json.Decoder(GenericAlias(list, (shape,)), float_hook=Decimal).decode
    read_one = reader.read

    def decoded(encoded: msgspec.Raw) -> list[Any]:
        found: list[Any] = []
        try:
            for value in decode(encoded):  # a comprehension is one call more, a tenth of the whole cost
                native = read_one(value)
                if native is not None:
                    found.append(native)
        except (*UNREADABLE, msgspec.ValidationError):
            return _whole(encoded)  # an unexpected shape, which shows in the whole value
        return found

    return decoded
