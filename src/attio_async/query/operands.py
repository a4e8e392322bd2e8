"""What a field can be compared with: values that cannot change, so that filters cannot either."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from numbers import Integral
from typing import Any, Protocol, cast, runtime_checkable
from uuid import UUID

from attio_async.errors import FilterError
from attio_async.values.fitting import show
from attio_async.values.types import (
    ActorRef,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
    Ref,
    Value,
)

__all__ = ["Operand", "Orderable", "RecordLike", "needle", "operand", "operands"]


@runtime_checkable
class RecordLike(Protocol):
    """A record, as far as a filter is concerned."""

    @property
    def object_id(self) -> str: ...
    @property
    def id(self) -> str: ...


Orderable = str | int | float | Decimal | date | Enum | Value
Operand = (
    Orderable | UUID | RecordRef | Ref | ActorRef | Member | Name | PersonName | Location | Phone | RecordLike
)

_PLAIN = frozenset({str, int, bool})
_KEPT = (Decimal, date, UUID, RecordRef, Ref, ActorRef, Member, Name, PersonName, Location, Phone)
_POSSIBLE = (
    "a text, number, bool, date, datetime, UUID or enum member, a record or RecordRef, Member or ActorRef, "
    "a name, a Location or a Phone"
)


def operand(value: object, where: str) -> Any:
    """The value to compare with, taken out of what it is wrapped in.

    Raises:
        FilterError: No attribute can be compared with it.
    """
    while isinstance(value, Enum | Value):
        value = value.value if isinstance(value, Enum) else value.native
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal) and not value.is_finite():
        raise FilterError(f"{where}: {_refusal(value, where)}")
    if isinstance(value, _KEPT):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float) and isfinite(value):
        return float(value)
    if isinstance(value, RecordLike):
        return RecordRef(str(value.object_id), str(value.id))
    raise FilterError(f"{where}: {_refusal(value, where)}")


def _refusal(value: object, where: str) -> str:
    if value is None:
        return f"None is no value to compare with; ask {where}.is_empty() or {where}.not_empty()"
    if isinstance(value, list | tuple | AbstractSet):
        return f"a filter compares with one value at a time; for any of several ask {where}.in_(...)"
    if isinstance(value, Mapping):
        return (
            "an object is no value to compare with; name the property, or give all of it to Filter.raw({...})"
        )
    if isinstance(value, float | Decimal):
        return f"{value!r} is not a number to compare with"
    return f"{show(value)} is of type {type(value).__name__}; compare with {_POSSIBLE}"


def operands(values: tuple[object, ...], where: str) -> tuple[Any, ...]:
    """The values of a set, each once, in their order; one iterable counts as its items.

    Raises:
        FilterError: There is none, or no attribute can be compared with one of them.
    """
    if (
        len(values) == 1
        and isinstance(values[0], Iterable)
        and not isinstance(values[0], str | bytes | RecordLike)
    ):
        if isinstance(values[0], Mapping):
            raise FilterError(f"{where}: {_refusal(cast('object', values[0]), where)}")
        values = tuple(cast("Iterable[object]", values[0]))
    # Values of different types that compare equal, such as 1 and True, are different values here.
    distinct: dict[object, Any] = {
        (type(found), found): found for found in [operand(value, where) for value in values]
    }
    if not distinct:
        raise FilterError(
            f"{where}.in_() has no values, and would match nothing; leave the query out instead"
        )
    return tuple(distinct.values())


def needle(value: object, where: str, method: str) -> str:
    """The text to look for within another.

    Raises:
        FilterError: It is no text, or empty and so part of every text.
    """
    found = operand(value, where)
    if not isinstance(found, str):
        raise FilterError(f"{where}.{method}() looks for a text, not for {show(found)}")
    if not found:
        raise FilterError(f"{where}.{method}('') would match every text; ask {where}.not_empty() instead")
    return found
