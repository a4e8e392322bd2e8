"""From the raw JSON of one attribute to its values.

A value comes with when and by whom it was set, and more. Most callers want none of that, and skipping it costs a third of
building it: so where the schema says what type the attribute has, only the fields that its reader looks at
are decoded. Whatever does not fit that is decoded whole, so the result is the same either way.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from types import GenericAlias
from typing import Any, Literal, cast

import msgspec

from ..values import read
from ..values._read import FORMS, MISFITS

_plain = msgspec.json.Decoder()
# Currency keeps every digit of the text.
_values = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal)
_UNREADABLE = (msgspec.ValidationError, ArithmeticError, UnicodeDecodeError)


def tolerant(encoded: bytes | msgspec.Raw) -> Any:
    """JSON of any shape, with numbers of any size and bytes that are no UTF-8.

    Where the usual way cannot hold the numbers they become text; what is no UTF-8 becomes U+FFFD.
    """
    try:
        return _plain.decode(encoded)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return json.loads(bytes(encoded).decode("utf-8", "replace"), parse_int=str, parse_float=str)


def value_objects(encoded: msgspec.Raw) -> list[dict[str, Any]]:
    """The value objects of an attribute, whole."""
    try:
        return _values.decode(encoded)
    except _UNREADABLE:  # another shape, or beyond all bounds
        decoded = tolerant(encoded)
        items = cast("list[object]", decoded) if isinstance(decoded, list) else [decoded]
        return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def natives(encoded: msgspec.Raw, attribute_type: str | None) -> list[Any]:
    """The plain values of an attribute, without nulls; `attribute_type` only says what to expect."""
    lane = _lane(attribute_type)
    return _whole(encoded) if lane is None else lane(encoded)


def _whole(encoded: msgspec.Raw) -> list[Any]:
    return [native for native in map(read, value_objects(encoded)) if native is not None]


@cache
def _lane(attribute_type: str | None) -> Callable[[msgspec.Raw], list[Any]] | None:
    """What reads values of a type, if it is known."""
    form = FORMS.get(attribute_type or "")
    if form is None:
        return None
    literal: Any = Literal  # of a table, which type checkers cannot follow
    fields = [(name, Any, None) for name in form.fields]
    shape = msgspec.defstruct("Value", [("attribute_type", literal[attribute_type]), *fields], gc=False)
    decode: Callable[[msgspec.Raw], list[Any]]
    decode = msgspec.json.Decoder(GenericAlias(list, (shape,)), float_hook=Decimal).decode
    read_one = form.read

    def lane(encoded: msgspec.Raw) -> list[Any]:
        found: list[Any] = []
        try:
            for value in decode(encoded):  # a comprehension is a call more, a tenth of all that this costs
                native = read_one(value)
                if native is not None:
                    found.append(native)
        except (*MISFITS, msgspec.ValidationError):
            return _whole(encoded)  # something unexpected, which the whole value says better
        return found

    return lane
