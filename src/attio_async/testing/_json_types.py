"""What decoded JSON can be, said so that type checkers follow."""

from collections.abc import Mapping
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is a JSON object."""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


def as_array(value: object) -> list[Any]:
    """The array itself, or one with the value in it."""
    return value if is_array(value) else [value]
