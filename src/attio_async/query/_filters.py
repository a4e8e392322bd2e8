"""Filters: immutable expressions that print as the code that makes them, and the steps to what they compare.

Two filters are equal if they print alike, and hashing follows from that. Nothing here recurses, so a filter that a
program has nested thousands of levels deep can still be printed, compared and refused.
"""

import json
import keyword
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn, cast

import attrs

from .._utils.public import public
from .._utils.text import show
from ..errors import FilterError
from ._operators import COMPARISONS, PARENT

if TYPE_CHECKING:
    from ._requirements import Answer, SchemaInfo

METHODS = frozenset(
    {"between", "contains", "ends_with", "in_", "is_empty", "not_empty", "starts_with", "via"}
)
"""The methods of fields. An attribute of such a name is written in brackets: ``F["contains"]``."""


@public
class Via(NamedTuple):
    """A step over a reference to the records of an object."""

    object: str


Step = str | Via
Steps = tuple[Step, ...]


def checked_name(name: object, what: str) -> str:
    """Return the name of an attribute, property or object as a plain str.

    Raises:
        FilterError: It is empty, not a text, or holds half a surrogate pair.
    """
    if not isinstance(name, str):
        raise FilterError(f"{what} is named by a text, not by {show(name)}")
    if not name or (not name.isascii() and not _encodable(name)):
        raise FilterError(f"{what} cannot be called {name!r}")
    return name if type(name) is str else str.__str__(name)


def _encodable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def written(steps: Steps) -> str:
    """Return the steps as code, from F on."""
    parts = ["F"]
    for index, step in enumerate(steps):
        if isinstance(step, Via):
            parts.append(f".via({step.object!r})")
        elif index == 0 and step == PARENT:
            parts.append(".parent")
        elif _is_plain(step) and (index > 0 or step != "parent"):
            parts.append(f".{step}")
        else:
            parts.append(f"[{step!r}]")
    return "".join(parts)


def _is_plain(name: str) -> bool:
    # Python normalises letters beyond ASCII in identifiers, which may change the slug.
    return (
        name.isascii()
        and name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and name not in METHODS
    )


Logical = Literal["$and", "$or"]

_SYMBOL = {"$and": " & ", "$or": " | "}
_MAX_SHOWN = 200


@public
class Filter:
    """A filter of records or entries.

    Compare fields of `F`, and combine the comparisons with ``&`` (all of them), ``|`` (any of them) and ``~`` (not).
    Put each comparison in parentheses: ``(F.value > 500) & (F.stage == "Lead")``. A dict in Attio's own form may be
    used wherever a filter may.

    A condition on an attribute with several values holds if one of the values fits; ``~`` and ``!=`` hold if none
    does, so also without any value.
    """

    __slots__ = ()

    @staticmethod
    def raw(filter: Mapping[str, Any]) -> "Filter":
        """Create a filter from a dict in Attio's own form, sent as it is now.

        Raises:
            FilterError: It is not a dict, or not JSON.
        """
        if not isinstance(filter, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise FilterError(f"Filter.raw takes a dict that can be written as JSON, not {show(filter)}")
        try:
            text = json.dumps(dict(filter), sort_keys=True, allow_nan=False)
        except RecursionError:
            raise FilterError(
                "Filter.raw takes a dict that can be written as JSON: this one is nested too deeply, or holds itself"
            ) from None
        except (TypeError, ValueError) as error:
            raise FilterError(f"Filter.raw takes a dict that can be written as JSON: {error}") from None
        return Raw(text)

    @staticmethod
    def same_value(*filters: "Filter") -> "Filter":
        """Create a filter that holds if one and the same value fits all of the conditions.

        It makes a difference for several values: ``&`` also holds if one value fits the first condition and another
        the second. All conditions have to compare the same attribute, reached by the same path::

            Filter.same_value(F.phone_numbers.starts_with("+44"), F.phone_numbers.ends_with("798"))

        Raises:
            FilterError: No condition is given, or one is negated or a combination of several.
        """
        if not filters:
            raise FilterError("Filter.same_value() needs at least one condition")
        for each in filters:
            if not isinstance(each, Condition):
                raise FilterError(
                    f"Filter.same_value() takes single conditions, such as F.value > 500, not {shortened(each)}"
                )
        given = cast("tuple[Condition, ...]", filters)
        return given[0] if len(given) == 1 else SameValue(given)

    def explain(
        self,
        schema: "SchemaInfo | None" = None,
        *,
        source: str | None = None,
        answer: "Answer | None" = None,
    ) -> str:
        """Return the JSON it compiles to and, for each condition, the attribute and type it was resolved to.

        The arguments are those of `compile_filter`.

        Raises:
            FilterError: It cannot work.
        """
        from ._explain import explain  # noqa: PLC0415 - explaining needs what this module defines

        return explain(self, schema, source=source, answer=answer)

    def __and__(self, other: "Filter | Mapping[str, Any]") -> "Filter":
        return _joined("$and", self, other)

    def __rand__(self, other: Mapping[str, Any]) -> "Filter":
        return _joined("$and", other, self)

    def __or__(self, other: "Filter | Mapping[str, Any]") -> "Filter":
        return _joined("$or", self, other)

    def __ror__(self, other: Mapping[str, Any]) -> "Filter":
        return _joined("$or", other, self)

    def __invert__(self) -> "Filter":
        return self.part if isinstance(self, Negation) else Negation(self, depth_of(self) + 1)

    def __bool__(self) -> NoReturn:
        raise FilterError(
            f"{shortened(self)} is a filter, which is neither true nor false here; combine filters with & | ~ instead "
            "of and, or, not, each comparison in parentheses, write F.value.between(1, 5) instead of "
            "1 <= F.value < 5, and F.value.in_(1, 5) instead of `in`"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Filter):
            return NotImplemented
        return self is other or repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return "".join(_code(self))


@public
@attrs.frozen(eq=False, repr=False)
class Condition(Filter):
    """A comparison of an attribute.

    `operator` is Attio's, or "$between". The value of "$in" and "$between" is a tuple.
    """

    steps: Steps
    operator: str
    value: Any


@attrs.frozen(eq=False, repr=False)
class Junction(Filter):
    """A combination of two filters or more, of which all or any have to hold."""

    operator: Logical
    parts: tuple[Filter, ...]
    depth: int


@attrs.frozen(eq=False, repr=False)
class Negation(Filter):
    """A filter that holds if its part does not."""

    part: Filter
    depth: int


@attrs.frozen(eq=False, repr=False)
class SameValue(Filter):
    """Conditions that one and the same value of an attribute has to fit."""

    parts: tuple[Condition, ...]


@attrs.frozen(eq=False, repr=False)
class Raw(Filter):
    """A filter in Attio's own form, kept as JSON text so that it cannot change."""

    text: str


def _as_filter(given: object) -> Filter:
    """Return the filter, made from a dict if it is one.

    Raises:
        FilterError: It is neither a filter nor a dict.
    """
    if isinstance(given, Filter):
        return given
    if isinstance(given, Mapping):
        return Filter.raw(cast("Mapping[str, Any]", given))
    raise not_a_filter(given)


def not_a_filter(given: object) -> FilterError:
    """Return the error for a value that is neither an expression nor a dict."""
    return FilterError(
        f"{show(given)} is not a filter; compare fields, such as F.name == 'Acme', or give a dict in Attio's own form"
    )


def depth_of(filter: Filter) -> int:
    """Return the number of nested levels of & | ~."""
    return filter.depth if isinstance(filter, Junction | Negation) else 0


def _joined(operator: Logical, *given: object) -> Filter:
    """Join filters by an operator; those that are already joined by the same operator are flattened."""
    parts: list[Filter] = []
    depth = 0
    for each in map(_as_filter, given):
        if isinstance(each, Junction) and each.operator == operator:
            parts += each.parts
            depth = max(depth, each.depth)
        else:
            parts.append(each)
            depth = max(depth, depth_of(each) + 1)
    return Junction(operator, tuple(parts), depth)


def shortened(filter: object) -> str:
    """Return the code that makes a filter, cut off if it is long."""
    text = repr(filter)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def _code(filter: Filter) -> Iterator[str]:
    waiting: list[Filter | str] = [filter]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Junction):
            waiting += reversed(_between(each.parts, _SYMBOL[each.operator]))
        elif isinstance(each, SameValue):
            yield "Filter.same_value("
            waiting += [")", *reversed(_between(each.parts, ", ", bare=True))]
        elif isinstance(each, Negation) and _opposite(each.part) is None:
            yield "~"
            waiting += reversed(_between((each.part,), ""))
        else:
            yield _simple(each)


def _between(parts: tuple[Filter, ...], separator: str, *, bare: bool = False) -> list[Filter | str]:
    """Return the parts, in parentheses where Python would otherwise read them differently, and the separators."""
    result: list[Filter | str] = []
    for part in parts:
        if result:
            result.append(separator)
        if bare or not _needs_parentheses(part):
            result.append(part)
        else:
            result += ["(", part, ")"]
    return result


def _needs_parentheses(filter: Filter) -> bool:
    if isinstance(filter, Negation):
        return isinstance(filter.part, Condition) and filter.part.operator == "$eq"
    return isinstance(filter, Junction) or (isinstance(filter, Condition) and filter.operator in COMPARISONS)


def _opposite(filter: Filter) -> str | None:
    """Return the code of a condition's negation if it has a form of its own."""
    if isinstance(filter, Condition) and filter.operator in {"$eq", "$not_empty"}:
        path = written(filter.steps)
        return f"{path} != {filter.value!r}" if filter.operator == "$eq" else f"{path}.is_empty()"
    return None


def _simple(filter: Filter) -> str:
    if isinstance(filter, Negation):
        return _opposite(filter.part) or ""
    if isinstance(filter, Raw):
        return f"Filter.raw({json.loads(filter.text)!r})"
    condition = cast("Condition", filter)
    path, operator, value = written(condition.steps), condition.operator, condition.value
    if operator in COMPARISONS:
        return f"{path} {COMPARISONS[operator]} {value!r}"
    if operator == "$not_empty":
        return f"{path}.not_empty()"
    if operator in {"$in", "$between"}:
        method = "in_" if operator == "$in" else "between"
        return f"{path}.{method}({', '.join(map(repr, value))})"
    return f"{path}.{operator.removeprefix('$')}({value!r})"
