"""The forms in which values are written: bare, or as an object with certain keys."""

from collections.abc import Mapping
from typing import Any

from .._errors import (
    InvalidValue,
    missing,
    received,
    unrecognized,
    wrong_type,
)
from .._json_types import is_object

Fields = dict[str, Any]


def unwrap(written: object, key: str) -> object:
    """Return the value of an object with that single key, or the bare value."""
    if not is_object(written):
        return written
    if key not in written:
        raise InvalidValue(missing([key], "string"))
    others = [name for name in written if name != key]
    if others:
        raise InvalidValue(unrecognized([], others))
    return written[key]


def string(value: object, key: str) -> str:
    """Return a value that must be a string; `key` is its path in the issue."""
    if not isinstance(value, str):
        raise InvalidValue(wrong_type([key], "string", value))
    return value


def fixed_fields(written: Mapping[str, object], expected: Mapping[str, str]) -> Fields:
    """Return an object that must have these fields and no others; `expected` has their JSON types, joined by ` | `."""
    issues = [missing([key], kind) for key, kind in expected.items() if key not in written]
    others = [name for name in written if name not in expected]
    if others:
        issues.append(unrecognized([], others))
    issues += [
        wrong_type([key], kind, written[key])
        for key, kind in expected.items()
        if key in written and received(written[key]) not in kind.split(" | ")
    ]
    if issues:
        raise InvalidValue(*issues)
    return {key: written[key] for key in expected}
