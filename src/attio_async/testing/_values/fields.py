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
    """The value itself, from a bare one or from an object with that single key."""
    if not is_object(written):
        return written
    if key not in written:
        raise InvalidValue(missing([key], "string"))
    others = [name for name in written if name != key]
    if others:
        raise InvalidValue(unrecognized([], others))
    return written[key]


def string(value: object, key: str) -> str:
    """The value, a string; `key` is where it is missed otherwise."""
    if not isinstance(value, str):
        raise InvalidValue(wrong_type([key], "string", value))
    return value


def fixed_fields(written: Mapping[str, object], expected: Mapping[str, str]) -> Fields:
    """All the fields, and only those; `expected` names the JSON types each may have, joined by ` | `."""
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
