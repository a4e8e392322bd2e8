"""`F`: attributes by name, and the comparisons that make filters of them."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, cast, runtime_checkable
from uuid import UUID

from ..errors import FilterError
from ..values._spec import show, suggestion
from ..values._types import (
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
from ._filters import Condition, Filter
from ._operators import COMPARISONS, PARENT
from ._paths import (
    METHODS,
    Steps,
    Via,
    checked_name,
    written,
)


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


class Field:
    """An attribute, or a property of one, to compare.

    ``F.name`` is an attribute and ``F.name.last_name`` a property of it. ``F.team.via("people").name`` is an
    attribute of the records that the reference leads to; `via` may be left out when the schema knows which
    object that is. Names that Python or this class uses for something else, and slugs with other characters, are
    written in brackets: ``F["contains"]``, ``F["from"]``, ``F["custom-slug"]``. A title or an id serves as well as a
    slug when the schema is known.

    ``==`` makes a filter of fields, so they are poor members of lists and keys of dicts: each field object is
    hashed as itself, and ``field in [other]`` raises a FilterError.
    """

    __slots__ = ("_steps",)
    _steps: Steps

    def __init__(self) -> None:
        raise TypeError("fields are made from F, as in F.name or F['custom-slug']")

    def __getattr__(self, name: str) -> "Field":
        if name.startswith("_"):
            raise AttributeError(f"a name that starts with _ is written in brackets: {self!r}[{name!r}]")
        return _field((*self._steps, name))

    def __getitem__(self, name: str) -> "Field":
        return _field((*self._steps, checked_name(name, "an attribute or property")))

    def via(self, object: str) -> "Field":
        """The records of this object (slug or id) that the reference leads to; an attribute of theirs follows.

        A record fits when at least one of the records it refers to does.
        """
        return _field((*self._steps, Via(checked_name(object, "an object"))))

    def contains(self, text: str) -> Condition:
        """Where the text occurs in it, in any case."""
        return self._searched("contains", text)

    def starts_with(self, text: str) -> Condition:
        """Where it begins with the text."""
        return self._searched("starts_with", text)

    def ends_with(self, text: str) -> Condition:
        """Where it ends with the text."""
        return self._searched("ends_with", text)

    def in_(self, *values: object) -> Condition:
        """Where it is one of the values, given one by one or as one iterable.

        Raises:
            FilterError: There are none.
        """
        return self._condition("$in", operands(values, repr(self)))

    def not_empty(self) -> Condition:
        """Where it has a value."""
        return self._condition("$not_empty", value=True)

    def is_empty(self) -> Filter:
        """Where it has no value."""
        return ~self.not_empty()

    def between(self, low: Orderable, high: Orderable) -> Condition:
        """Where it is at least `low` and less than `high`, so that one range can begin where another ends."""
        where = repr(self)
        return self._condition("$between", (operand(low, where), operand(high, where)))

    def __eq__(self, value: object) -> Condition:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._compared("$eq", value)

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        return ~self._compared("$eq", value)

    def __lt__(self, value: Orderable) -> Condition:
        return self._compared("$lt", value)

    def __le__(self, value: Orderable) -> Condition:
        return self._compared("$lte", value)

    def __gt__(self, value: Orderable) -> Condition:
        return self._compared("$gt", value)

    def __ge__(self, value: Orderable) -> Condition:
        return self._compared("$gte", value)

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __bool__(self) -> NoReturn:
        raise FilterError(
            f"{self!r} is a field, which is neither true nor false; compare it, as in {self!r} == True, or ask "
            f"{self!r}.not_empty()"
        )

    def __repr__(self) -> str:
        return written(self._steps)

    def __reduce__(self) -> tuple[object, ...]:
        return _field, (self._steps,)

    def _compared(self, operator: str, value: object) -> Condition:
        if isinstance(value, Field | Filter):
            symbol = COMPARISONS[operator]
            raise FilterError(
                f"{self!r} {symbol} {value!r}: Attio compares fields with values, not with other fields or filters; "
                "around & and | each comparison needs its own parentheses"
            )
        return self._condition(operator, operand(value, repr(self)))

    def _searched(self, method: str, text: object) -> Condition:
        return self._condition(f"${method}", needle(text, repr(self), method))

    def _condition(self, operator: str, value: object) -> Condition:
        if isinstance(self._steps[-1], Via):
            raise FilterError(f"{self!r} is all of a record; go on to one of its attributes: {self!r}.name")
        return Condition(self._steps, operator, value)

    if not TYPE_CHECKING:
        # Type checkers refuse these by themselves; at run time the message can say what to do.

        def __call__(self, *_args: object, **_options: object) -> NoReturn:
            name = str(self._steps[-1])
            raise FilterError(
                f"{self!r} is no method; {suggestion(name, {each: each for each in sorted(METHODS)})}"
            )

        def __contains__(self, item: object) -> NoReturn:
            raise FilterError(f"`in` cannot make a filter; write {self!r}.contains({item!r})")

        def __iter__(self) -> NoReturn:
            raise TypeError(f"{self!r} is a field and holds nothing to loop over")

        def __and__(self, other: object) -> NoReturn:
            raise FilterError(
                f"& and | bind closer than comparisons, so {self!r} is taken together with {other!r}; put each comparison "
                "in parentheses: (F.value > 500) & (F.stage == 'Lead')"
            )

        __rand__ = __or__ = __ror__ = __and__

        def __invert__(self) -> NoReturn:
            raise FilterError(f"~ stands before a filter; compare {self!r} first, as in ~({self!r} == True)")


def _field(steps: Steps) -> Field:
    # The constructor is closed, so that a field's steps are always checked.
    field = Field.__new__(Field)
    object.__setattr__(field, "_steps", steps)
    return field


class Fields:
    """Where fields come from: ``F.slug`` or ``F["slug"]``, a title or an id. Use the one there is, `F`."""

    __slots__ = ()

    @property
    def parent(self) -> Field:
        """The record that a list entry is about. An attribute of that name is ``F["parent"]``."""
        return _field((PARENT,))

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(f"a name that starts with _ is written in brackets: F[{name!r}]")
        return _field((name,))

    def __getitem__(self, name: str) -> Field:
        return _field((checked_name(name, "an attribute"),))

    def __repr__(self) -> str:
        return "F"

    def __reduce__(self) -> str:
        return "F"


F: Final = Fields()


def steps_of(field: Field) -> Steps:
    """How the field is reached."""
    return field._steps  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - a public name would take a slug away
