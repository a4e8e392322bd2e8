"""Sorts: an attribute, of the queried records or of records they refer to, and a direction."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, cast

import attrs

from .._utils.public import public
from .._utils.text import show
from ..errors import FilterError
from ._fields import FieldPath, steps_of
from ._filters import Steps, checked_name, written
from ._operators import PARENT

_MAX_PLAIN_STEPS = 2


@public
@attrs.frozen(repr=False)
class Sort:
    """An attribute to sort by and a direction, made by `asc` or `desc`. Prints as the code that makes it."""

    direction: Literal["asc", "desc"]
    steps: Steps

    def __repr__(self) -> str:
        names = [repr(step) for step in self.steps if isinstance(step, str)]
        plain = len(names) == len(self.steps) <= _MAX_PLAIN_STEPS and self.steps[0] != PARENT
        return f"{self.direction}({', '.join(names) if plain else written(self.steps)})"


Sorts = Sort | Mapping[str, Any] | Iterable[Sort | Mapping[str, Any]] | None
"""What `asc` and `desc` make, or dicts in Attio's own form: one, or several in order."""


@public
def asc(attribute: str | FieldPath, field: str | None = None) -> Sort:
    """Sort the smallest, earliest or alphabetically first value first.

    Args:
        attribute: Slug, title or id of an attribute, or a field of `F` or a model, also one behind references.
        field: The property to sort by, such as "last_name".

    Raises:
        FilterError: It is not a valid name of an attribute or property.
    """
    return Sort("asc", _steps(attribute, field))


@public
def desc(attribute: str | FieldPath, field: str | None = None) -> Sort:
    """Sort the largest, latest or alphabetically last value first. The arguments and errors are those of `asc`."""
    return Sort("desc", _steps(attribute, field))


def _steps(attribute: object, field: object) -> Steps:
    steps = (
        steps_of(attribute)
        if isinstance(attribute, FieldPath)
        else (checked_name(attribute, "an attribute"),)
    )
    return steps if field is None else (*steps, checked_name(field, "a property"))


def each_sort(sorts: Sorts) -> list[Sort | Mapping[str, Any]]:
    """Return the sorts as a list.

    Raises:
        FilterError: One is neither a sort nor a dict.
    """
    if sorts is None:
        return []
    if isinstance(sorts, Sort | Mapping | str | FieldPath):
        return [_checked(cast("object", sorts))]
    if not isinstance(sorts, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        return [_checked(sorts)]
    return [_checked(sort) for sort in sorts]


def _checked(sort: object) -> Sort | Mapping[str, Any]:
    if isinstance(sort, Sort):
        return sort
    if isinstance(sort, Mapping):
        return cast("Mapping[str, Any]", sort)
    code = repr(sort) if isinstance(sort, str | FieldPath) else "'created_at'"
    raise FilterError(f"{show(sort)} is not a sort; say in which direction: asc({code}) or desc({code})")
