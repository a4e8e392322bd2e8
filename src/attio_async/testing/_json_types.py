"""The types of decoded JSON, for type checkers."""

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Return True for a JSON object."""
    return type(value) is dict or isinstance(value, Mapping)  # the check against an abstract class is slow


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Return True for a JSON array."""
    return isinstance(value, list)


def as_array(value: object) -> list[Any]:
    """Return an array as it is, and another value in an array."""
    return value if is_array(value) else [value]
