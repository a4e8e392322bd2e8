"""Decode the raw JSON of one attribute to its values.

A value comes with when and by whom it was set, and more. Most callers need none of that, and skipping it costs a third
of building it. So where the schema knows the type of the attribute, only the fields that its reader looks at are
decoded. What is not in the expected shape is decoded whole, so the result is the same either way.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from types import GenericAlias
from typing import Any, Literal, cast

import msgspec

from ..values import read
from ..values._read import READERS, UNREADABLE, TypeReader

_plain = msgspec.json.Decoder()
_values = msgspec.json.Decoder(
    list[dict[str, Any]], float_hook=Decimal
)  # a currency keeps every digit of its text
_UNDECODABLE = (msgspec.ValidationError, ArithmeticError, UnicodeDecodeError)


def tolerant(encoded: bytes | msgspec.Raw) -> Any:
    """Decode JSON of any shape, with numbers of any size and bytes that are not UTF-8.

    Numbers that Python's usual types cannot hold become text; bytes that are not UTF-8 become U+FFFD.
    """
    try:
        return _plain.decode(encoded)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return json.loads(bytes(encoded).decode("utf-8", "replace"), parse_int=str, parse_float=str)


def value_objects(encoded: msgspec.Raw) -> list[dict[str, Any]]:
    """Decode the value objects of an attribute, whole."""
    try:
        return _values.decode(encoded)
    except _UNDECODABLE:  # another shape, or a number beyond all bounds
        decoded = tolerant(encoded)
        items = cast("list[object]", decoded) if isinstance(decoded, list) else [decoded]
        return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def natives(encoded: msgspec.Raw, attribute_type: str | None) -> list[Any]:
    """Decode the plain values of an attribute, without nulls; `attribute_type` only says what to expect."""
    decode = _decoder(attribute_type)
    return _whole(encoded) if decode is None else decode(encoded)


def decoder_of(attribute_type: str) -> Callable[[msgspec.Raw], list[Any]]:
    """Return the function that decodes the plain values of a type, as `natives` does."""
    return _decoder(attribute_type) or _whole


def _whole(encoded: msgspec.Raw) -> list[Any]:
    return [native for native in map(read, value_objects(encoded)) if native is not None]


@cache
def _decoder(attribute_type: str | None) -> Callable[[msgspec.Raw], list[Any]] | None:
    """Return a function that decodes values of a type; None if the type is unknown."""
    reader = READERS.get(attribute_type or "")
    return None if reader is None else decoder((attribute_type or "",), reader)


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
