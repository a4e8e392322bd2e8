"""Checks of options that are numbers."""

from collections.abc import Callable
from typing import Any

import attrs

from ..errors import ConfigurationError


def check_at_least(least: float, **numbers: float) -> None:
    """Raise an error unless each number, given by its name, is at least `least`.

    Raises:
        ConfigurationError: A number is less, or is not a number.
    """
    for name, value in numbers.items():
        if not value >= least:
            raise ConfigurationError(f"{name} must be at least {least}, not {value!r}")


def at_least(least: float) -> Callable[[object, "attrs.Attribute[Any]", float], None]:
    """Return a validator of attrs: the field must be at least `least`."""
    return lambda _, attribute, value: check_at_least(least, **{attribute.name: value})


def positive(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
    """Validate a field of attrs that must be more than 0.

    Raises:
        ConfigurationError: It is not.
    """
    if not value > 0:
        raise ConfigurationError(f"{attribute.name} must be more than 0, not {value!r}")
