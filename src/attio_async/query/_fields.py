"""Fields: attributes by name, made from `F`, and the comparisons that make filters of them."""

from collections.abc import Iterable, Mapping, Set as AbstractSet
from datetime import date
from decimal import Decimal
from enum import Enum
from math import isfinite
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final, NoReturn, Protocol, TypeVar, cast, runtime_checkable
from uuid import UUID

from attio_async_api.types import CompositeId

from .._utils.names import HeldName
from .._utils.public import public
from .._utils.text import show
from ..errors import FilterError
from ..values._encoders.references import reference_in
from ..values._spec import EncodeError, is_missing, suggestion
from ..values._types import ActorRef, Location, Member, Name, PersonName, Phone, RecordRef, Ref, Value
from ._filters import METHODS, Condition, Filter, Steps, Via, checked_name, written
from ._operators import COMPARISONS, PARENT


@runtime_checkable
class RecordLike(Protocol):
    """A record: the part of it that a filter needs."""

    @property
    def object_id(self) -> str: ...
    @property
    def id(self) -> str: ...


Orderable = str | int | float | Decimal | date | Enum | Value

_PLAIN = frozenset({str, int, bool})
_KEPT = (Decimal, date, UUID, RecordRef, Ref, ActorRef, Member, Name, PersonName, Location, Phone)
_AN_OPERAND = (
    "a text, number, bool, date, datetime, UUID or enum member, a record or RecordRef, Member or ActorRef, "
    "a name, a Location or a Phone"
)


def operand(value: object, where: str) -> Any:
    """Return the value to compare with, taken out of an enum member or `Value`.

    Raises:
        FilterError: No attribute can be compared with it, or it cannot be written as code.
    """
    found = _operand(value, where)
    if type(found) is not str:  # most are texts, and `in_` may have thousands
        try:
            repr(found)
        except Exception:  # noqa: BLE001 - a value of the caller's own may raise anything
            raise FilterError(f"{where}: {show(found)} cannot be compared with") from None
    return found


def _operand(value: object, where: str) -> Any:
    while isinstance(value, Enum | Value):
        value = value.value if isinstance(value, Enum) else value.native
    if type(value) in _PLAIN or type(value) is HeldName:
        return value
    if is_missing(value):
        raise _refusal(value, where)
    if isinstance(value, _KEPT) and not (isinstance(value, Decimal) and not value.is_finite()):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, float) and isfinite(value):
        return float(value)
    reference = _reference(value)
    if reference is None:
        raise _refusal(value, where)
    return reference


def _reference(value: object) -> RecordRef | Ref | ActorRef | None:
    """Return what a record or member, as the API returned it, is referred to by; also one that is written as JSON."""
    if isinstance(value, Mapping) and "target_object" in value:
        try:
            return reference_in(cast("Mapping[str, Any]", value))
        except EncodeError as error:
            raise FilterError(f"{error}; {error.hint}") from None
    identity: object = getattr(value, "id", None)  # pyright: ignore[reportUnknownArgumentType]
    if not isinstance(identity, CompositeId):
        return RecordRef(str(value.object_id), str(value.id)) if isinstance(value, RecordLike) else None
    if identity.own == "workspace_member_id":
        return ActorRef("workspace-member", str(identity))
    if identity.own == "record_id":  # such as what a search found
        return RecordRef(identity.part("object_id"), str(identity))
    return None


def _refusal(value: object, where: str) -> FilterError:
    if value is None or (is_missing(value) and not isinstance(value, float | Decimal)):
        reason = (
            f"{show(value)} cannot be compared with; use {where}.is_empty() or {where}.not_empty(), which say what to do "
            "instead where Attio cannot be asked for that"
        )
    elif isinstance(value, list | tuple | AbstractSet):
        reason = f"a filter compares with one value at a time; use {where}.in_(...) for any of several"
    elif isinstance(value, Mapping):
        reason = "an object cannot be compared with; name a property, or give the whole filter to Filter.raw({...})"
    elif isinstance(value, float | Decimal):
        reason = f"{value!r} is not a number to compare with"
    else:
        reason = f"{show(value)} is of type {type(value).__name__}; compare with {_AN_OPERAND}"
    return FilterError(f"{where}: {reason}")


def operands(values: tuple[object, ...], where: str) -> tuple[Any, ...]:
    """Return the values to match one of, each once, in their order; one iterable counts as its items.

    Raises:
        FilterError: There are none, or no attribute can be compared with one of them.
    """
    is_unordered = len(values) == 1 and isinstance(values[0], set | frozenset)
    if (
        len(values) == 1
        and isinstance(values[0], Iterable)
        and not isinstance(values[0], str | bytes | RecordLike)
    ):
        if isinstance(values[0], Mapping):
            raise _refusal(cast("object", values[0]), where)
        values = tuple(cast("Iterable[object]", values[0]))
    # Values of different types that compare equal, such as 1 and True, are different values here.
    distinct: dict[object, Any] = {
        (type(found), found): found for found in [operand(value, where) for value in values]
    }
    if not distinct:
        raise FilterError(
            f"{where}.in_() has no values and would match nothing; give at least one, or send no query"
        )
    if is_unordered:  # each process has its own order, and a scan may be resumed in another one
        return tuple(sorted(distinct.values(), key=repr))
    return tuple(distinct.values())


def _substring(value: object, where: str, method: str) -> str:
    """Return the text to look for within another.

    Raises:
        FilterError: It is not a text, or is empty and so part of every text.
    """
    found = operand(value, where)
    if not isinstance(found, str):
        raise FilterError(f"{where}.{method}() looks for a text, not for {show(found)}")
    if not found:
        raise FilterError(f"{where}.{method}('') would match every text; give at least one character")
    return found


@public
class FieldPath:
    """The path to an attribute, or to a property of one; the base of `Field` and of the fields of models.

    ``==`` makes a filter, so do not look for fields in lists or dicts: each field object is hashed as itself, and
    ``field in [other]`` raises a FilterError.
    """

    __slots__ = ("_steps",)
    _steps: Steps

    def __init__(self) -> None:
        raise TypeError("make fields from F, as in F.name or F['custom-slug']")

    def __hash__(self) -> int:
        return object.__hash__(self)

    def __bool__(self) -> NoReturn:
        raise FilterError(
            f"{self!r} is a field, which is neither true nor false; compare it, as in {self!r} == True"
        )

    def __repr__(self) -> str:
        return written(self._steps)

    def __reduce__(self) -> tuple[object, ...]:
        return make_field, (type(self), self._steps)

    def _compared(self, operator: str, value: object) -> Condition:
        if isinstance(value, FieldPath | Filter):
            symbol = COMPARISONS[operator]
            raise FilterError(
                f"{self!r} {symbol} {value!r}: Attio compares fields with values, not with other fields or filters; "
                "put each comparison around & and | in parentheses"
            )
        if value is None and operator == "$eq":  # what to do instead depends on the type
            return self._condition(operator, None)
        return self._condition(operator, operand(value, repr(self)))

    def _searched(self, method: str, text: object) -> Condition:
        return self._condition(f"${method}", _substring(text, repr(self), method))

    def _condition(self, operator: str, value: object) -> Condition:
        if isinstance(self._steps[-1], Via):
            raise FilterError(
                f"{self!r} is a whole record; name one of its attributes, such as {self!r}.name"
            )
        return Condition(self._steps, operator, value)

    if not TYPE_CHECKING:
        # Type checkers refuse these by themselves; at run time a message says what to do.

        def __call__(self, *_args: object, **_options: object) -> NoReturn:
            name = str(self._steps[-1])
            raise FilterError(
                f"{self!r} is not a method; {suggestion(name, {each: each for each in sorted(METHODS)})}"
            )

        def __contains__(self, item: object) -> NoReturn:
            raise FilterError(f"`in` cannot make a filter; write {self!r}.contains({item!r})")

        def __iter__(self) -> NoReturn:
            raise TypeError(f"{self!r} is a field, which cannot be iterated over")

        def __and__(self, other: object) -> NoReturn:
            raise FilterError(
                f"& and | bind closer than comparisons, so {self!r} is joined with {other!r}; put each comparison "
                "in parentheses: (F.value > 500) & (F.stage == 'Lead')"
            )

        __rand__ = __or__ = __ror__ = __and__

        def __invert__(self) -> NoReturn:
            raise FilterError(f"~ negates a filter; compare {self!r} first, as in ~({self!r} == True)")


@public
class Field(FieldPath):
    """An attribute, or a property of one, to compare.

    ``F.name`` is an attribute and ``F.name.last_name`` one of its properties. ``F.team.via("people").name`` is an
    attribute of the records that the reference leads to; `via` may be left out if the schema knows their object.
    Write names that Python or this class uses itself, and slugs with other characters, in brackets:
    ``F["contains"]``, ``F["from"]``, ``F["custom-slug"]``. Titles and ids work like slugs if the schema is known.
    """

    __slots__ = ()

    def __getattr__(self, name: str) -> "Field":
        if name.startswith("_"):
            raise AttributeError(f"write a name that starts with _ in brackets: {self!r}[{name!r}]")
        return _field((*self._steps, name))

    def __getitem__(self, name: str) -> "Field":
        return _field((*self._steps, checked_name(name, "an attribute or property")))

    def via(self, object: str) -> "Field":
        """Return a field to name an attribute of the records that a reference leads to; `object` is a slug or id.

        A record matches if at least one of the records that it refers to does.
        """
        return _field((*self._steps, Via(checked_name(object, "an object"))))

    def contains(self, text: str) -> Condition:
        """Match values that contain the text, in any case of letters."""
        return self._searched("contains", text)

    def starts_with(self, text: str) -> Condition:
        """Match values that start with the text."""
        return self._searched("starts_with", text)

    def ends_with(self, text: str) -> Condition:
        """Match values that end with the text."""
        return self._searched("ends_with", text)

    def in_(self, *values: object) -> Condition:
        """Match any of the values, given one by one or as one iterable.

        Raises:
            FilterError: No value is given.
        """
        return self._condition("$in", operands(values, repr(self)))

    def not_empty(self) -> Condition:
        """Match if there is a value."""
        return self._condition("$not_empty", value=True)

    def is_empty(self) -> Filter:
        """Match where the attribute is empty."""
        return ~self.not_empty()

    def between(self, low: Orderable, high: Orderable) -> Condition:
        """Match values of at least `low` and less than `high`, so that one range can begin where another ends."""
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


P = TypeVar("P", bound=FieldPath)


def make_field(cls: type[P], steps: Steps) -> P:
    """Create a field. The constructor is closed, so that the steps of a field are always checked."""
    field = cls.__new__(cls)
    object.__setattr__(field, "_steps", steps)
    return field


def _field(steps: Steps) -> Field:
    return make_field(Field, steps)


@public
class Fields:
    """The source of fields: ``F.slug`` or ``F["slug"]``, a title or an id. Use its only instance, `F`."""

    __slots__ = ()

    @property
    def parent(self) -> Field:
        """The record of a list entry. An attribute of that name is ``F["parent"]``."""
        return _field((PARENT,))

    def __getattr__(self, name: str) -> Field:
        if name.startswith("_"):
            raise AttributeError(f"write a name that starts with _ in brackets: F[{name!r}]")
        return _field((name,))

    def __getitem__(self, name: str) -> Field:
        return _field((checked_name(name, "an attribute"),))

    def __repr__(self) -> str:
        return "F"

    def __reduce__(self) -> str:
        return "F"


F: Final = Fields()


def steps_of(field: FieldPath) -> Steps:
    """Return the steps to the field."""
    return field._steps  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - a public name would take a slug away
