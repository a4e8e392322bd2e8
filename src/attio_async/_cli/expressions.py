"""Filters and fields written as Python expressions, parsed without running any of it.

The text becomes a syntax tree, of which only the parts listed here are understood: no attribute is looked up by a name
that the text chooses, and nothing is called but the constructors and methods in these tables.
"""

import ast
import operator
import re
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from ..errors import FilterError
from ..query import F, Field, Filter, Sort, asc, desc
from ..query._fields import Fields
from ..query._filters import METHODS
from ..values import ActorRef, Location, Member, Name, PersonName, Phone, RecordRef, Ref
from ..values._spec import suggestion
from .errors import Refusal
from .options import parse_json_object

_MARGIN = 60
_LINE_END = re.compile(r"\r\n|\r|\n")
_CALL = re.compile(r"^[\w.]+\(\) ")
_MAX_LENGTH = 100_000
_MAX_BITS = 1024

_COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Filter]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

_METHODS: Mapping[str, Callable[..., Filter]] = {
    "between": Field.between,
    "contains": Field.contains,
    "ends_with": Field.ends_with,
    "in_": Field.in_,
    "is_empty": Field.is_empty,
    "not_empty": Field.not_empty,
    "starts_with": Field.starts_with,
}

_STANDARD: Mapping[str, Callable[..., object]] = {
    "datetime.date": date,
    "datetime.datetime": datetime,
    "datetime.timedelta": timedelta,
    "datetime.timezone": timezone,
    "decimal.Decimal": Decimal,
    "uuid.UUID": UUID,
    "zoneinfo.ZoneInfo": ZoneInfo,
}

_TEXT_CONSTRUCTORS: Mapping[str, Callable[..., object]] = {
    kind.__name__: kind for kind in (ActorRef, Location, Member, Name, PersonName, Phone, RecordRef, Ref)
}

_CONSTRUCTORS: Mapping[str, Callable[..., object]] = {
    **_STANDARD,
    **{name.rpartition(".")[2]: make for name, make in _STANDARD.items()},
    **_TEXT_CONSTRUCTORS,
}

_CONSTANTS: Mapping[str, object] = dict.fromkeys(
    ("UTC", "timezone.utc", "datetime.UTC", "datetime.timezone.utc"), UTC
)

_DAYS = frozenset({"today", "yesterday", "tomorrow", "now"})
"""Days that are written as dates."""
_FROM_JSON = {"true": "True", "false": "False", "null": "None", "none": "None"}

_WORDS: Mapping[type[ast.AST], str] = {
    ast.Await: "await",
    ast.BinOp: "arithmetic",
    ast.BoolOp: "`and` or `or`",
    ast.Call: "a call",
    ast.Compare: "a comparison",
    ast.Dict: "a dict",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.IfExp: "if and else",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "a lambda",
    ast.List: "a list",
    ast.ListComp: "a comprehension",
    ast.NamedExpr: ":=",
    ast.Set: "a set",
    ast.SetComp: "a comprehension",
    ast.Starred: "*",
    ast.Tuple: "a tuple",
}

_FILTERS = """\
A filter compares attributes with values:
  F.stage == "Lead"   F["custom-slug"] > 500   F.name.last_name != "Doe"   F.company.via("companies").name == "Acme"
  F.name.contains("Ltd") .starts_with("L") .ends_with("d")   F.stage.in_("Won", "Lost")
  F.domains.not_empty() .is_empty()   F.created_at.between(date(2024, 1, 1), date(2025, 1, 1))
& is and, | is or, ~ is not, with parentheses around each comparison: (F.value > 500) & ~F.name.contains("Ltd")
Values are texts in quotes, numbers, True, False, date(2024, 1, 31), datetime(2024, 1, 31, 9, 30, tzinfo=UTC),
Decimal("9.99"), Member("jane@example.com"), RecordRef("companies", "ID") and the like."""

_FIELDS = """\
What to sort by is a slug or title, or an attribute such as F.name.last_name or F.company.via("companies").name"""

T = TypeVar("T")


def parse_filter(text: str) -> Filter:
    """Parse a filter, such as ``(F.value > 500) & F.name.contains("Ltd")``.

    Raises:
        Refusal: The text is not a filter. The message points at the place and says what a filter may be.
    """
    return _read(text, _Reader.filter, "filter", _FILTERS)


def parse_field(text: str) -> Field:
    """Parse a field, such as ``F.name.last_name``.

    Raises:
        Refusal: As for `parse_filter`.
    """
    return _read(text, _Reader.field, "sort", _FIELDS)


class _InvalidNode(Exception):
    """A part of an expression that is not allowed where it stands."""

    def __init__(self, node: ast.expr, reason: str) -> None:
        super().__init__(reason)
        self.node = node


def _read(text: str, read: Callable[["_Reader", ast.expr], T], what: str, possible: str) -> T:
    code = text.strip()
    if not code or len(code) > _MAX_LENGTH:
        raise Refusal(f"a {what} has 1 to {_MAX_LENGTH:,} characters, this one {len(code):,}\n{possible}")
    try:
        with warnings.catch_warnings(action="ignore"):  # such as of \\d in a text, which stays as it is
            tree = ast.parse(code, mode="eval").body
        return read(_Reader(), tree)
    except _InvalidNode as odd:
        reason, node = str(odd), odd.node
        place = _mark(code, (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
    except SyntaxError as error:
        reason, column = error.msg, (error.offset or 1) - 1
        place = _mark(code, (error.lineno or 1, len(code[:column].encode(errors="replace"))))
    except (MemoryError, RecursionError):  # how the parser says that it has run out of stack
        reason, place = "it is nested too deeply", ""
    except ValueError as error:  # half a surrogate pair, or a null character
        reason, place = str(error), ""
    raise Refusal("\n".join(filter(None, (f"invalid {what}: {reason}", place, possible))))


def _mark(text: str, start: tuple[int, int], end: tuple[int | None, int | None] = (None, None)) -> str:
    """Return the line of a place in a text with marks below the place. Of a long line only the part near it is shown.

    Args:
        text: All of the text.
        start: Where the place starts: its line, from 1, and the bytes of UTF-8 before it in that line.
        end: Where it ends; a place that ends on a later line is marked to the end of its first one.
    """
    number, offset = start
    lines = _LINE_END.split(text)
    line = lines[min(number, len(lines)) - 1].encode(errors="replace")
    first = len(line[:offset].decode(errors="replace"))
    last = len((line[: end[1]] if end[0] == number else line).decode(errors="replace"))
    shown = line.decode()
    if end[0] is None:
        last = first + 1
    before, after = max(first - _MARGIN, 0), max(first + 1, min(last, first + _MARGIN))
    left, right = "..." if before else "", "..." if len(shown) > after + _MARGIN else ""
    excerpt = f"{left}{shown[before : after + _MARGIN]}{right}"
    # Tabs stay tabs, so that the marks stand below what they mark.
    margin = "".join("\t" if char == "\t" else " " for char in excerpt[: len(left) + first - before])
    return f"  {excerpt}\n  {margin}{'^' * (after - first)}"


class _Reader:
    """Turns syntax trees into filters, fields and values."""

    def filter(self, node: ast.expr) -> Filter:
        match node:
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                return self._chain(node)
            case ast.UnaryOp(op=ast.Invert()):
                return ~self.filter(node.operand)
            case ast.Compare():
                return self._comparison(node)
            case ast.Call():
                return self._call(node)
            case ast.Dict():
                return self._raw(node)
            case ast.BoolOp(op=op):
                word, sign = ("and", "&") if isinstance(op, ast.And) else ("or", "|")
                raise _InvalidNode(node, f"join filters with {sign}, not with `{word}`")
            case ast.UnaryOp(op=ast.Not()):
                raise _InvalidNode(node, "negate a filter with ~, not with `not`")
            case ast.Attribute(attr=name) if name in METHODS and _root(node) == "F":
                raise _InvalidNode(node, f"{name} needs its values in parentheses")
            case _ if _root(node) == "F":
                raise _InvalidNode(
                    node, 'an attribute alone is not a filter; compare it, as in F.name == "Acme"'
                )
            case _:
                raise _InvalidNode(node, f"a filter is expected here, not {_word(node)}")

    def _chain(self, node: ast.BinOp) -> Filter:
        """Join what one operator joins, in a loop: a filter may have a thousand conditions."""
        kind, parts = type(node.op), [node.right]
        left = node.left
        while isinstance(left, ast.BinOp) and type(left.op) is kind:
            parts.append(left.right)
            left = left.left
        found = self.filter(left)
        for part in reversed(parts):
            other = self.filter(part)
            found = found & other if kind is ast.BitAnd else found | other
        return found

    def _comparison(self, node: ast.Compare) -> Filter:
        sides = [node.left, *node.comparators]
        for side in sides:
            if isinstance(side, ast.BinOp) and isinstance(side.op, ast.BitAnd | ast.BitOr):
                raise _InvalidNode(
                    side, "& and | bind more tightly than comparisons; put each comparison in parentheses"
                )
        if len(node.ops) > 1:
            raise _InvalidNode(
                node, "compare one thing at a time; for a range write F.value.between(low, high)"
            )
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            raise _InvalidNode(node, 'to match one of several values, write F.stage.in_("Won", "Lost")')
        compare = _COMPARISONS.get(type(node.ops[0]))
        if compare is None:
            raise _InvalidNode(node, "filters do not have `is`; write == or !=")
        if "F" not in map(_root, sides):
            raise _InvalidNode(node, "a comparison needs an attribute, such as F.name, on one of its sides")
        left, right = map(self._value, sides)
        return _made(node, lambda: compare(left, right))

    def _call(self, node: ast.Call) -> Filter:
        name = _dotted(node.func)
        if name == "Filter.raw" and len(node.args) == 1 and not node.keywords:
            return self._raw(node.args[0])
        if name == "Filter.same_value" and not node.keywords:
            parts = [self.filter(part) for part in node.args]
            return _made(node, lambda: Filter.same_value(*parts))
        if not isinstance(node.func, ast.Attribute) or _root(node) != "F":
            raise _InvalidNode(node, f"a filter cannot call {name or 'this'}")
        field, method = self.field(node.func.value), _METHODS.get(node.func.attr)
        if method is None:
            near = suggestion(node.func.attr, {each: each for each in _METHODS})
            raise _InvalidNode(node, f"{field!r} has no method {node.func.attr!r}; {near}")
        if node.keywords:
            raise _InvalidNode(node, f"{node.func.attr} takes values without names")
        values = self._operands(node)
        return _made(node, lambda: method(field, *values))

    def _operands(self, node: ast.Call) -> list[object]:
        """Return the values given to a method, which may be one list of them."""
        if len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple | ast.Set):
            return [[self._value(each) for each in node.args[0].elts]]
        return [self._value(each) for each in node.args]

    def _raw(self, node: ast.expr) -> Filter:
        try:
            given = ast.literal_eval(node)
        except (ValueError, TypeError):
            raise _InvalidNode(
                node, "a filter in Attio's form may hold texts, numbers, True, False, None, lists and dicts"
            ) from None
        return _made(node, lambda: Filter.raw(given))

    def field(self, node: ast.expr) -> Field:
        """Return the field, by its names alone: whatever they are, they only name attributes."""
        links: list[ast.Attribute | ast.Subscript | ast.Call] = []
        at = node
        while not isinstance(at, ast.Name):
            if isinstance(at, ast.Attribute | ast.Subscript):
                links.append(at)
                at = at.value
            elif isinstance(at, ast.Call) and isinstance(at.func, ast.Attribute) and at.func.attr == "via":
                links.append(at)
                at = at.func.value
            else:
                raise _InvalidNode(at, f"an attribute such as F.name is expected here, not {_word(at)}")
        found: Fields | Field = F
        for link in reversed(links):
            found = self._step(found, link)
        if at.id != "F" or not isinstance(found, Field):
            raise _InvalidNode(at, 'write an attribute as F.name or F["custom-slug"]')
        return found

    def _step(self, before: Fields | Field, link: ast.Attribute | ast.Subscript | ast.Call) -> Field:
        if isinstance(link, ast.Attribute):
            if isinstance(before, Fields) and link.attr == "parent":
                return F.parent
            if link.attr.startswith("_") or link.attr in METHODS:
                raise _InvalidNode(link, f'write an attribute of this name in brackets: ["{link.attr}"]')
            return before[link.attr]
        name = _only_text(link)
        if isinstance(link, ast.Subscript):
            return _made(link, lambda: before[name])
        if isinstance(before, Fields):
            raise _InvalidNode(link, 'via follows an attribute, as in F.company.via("companies")')
        return _made(link, lambda: before.via(name))

    def _value(self, node: ast.expr) -> object:
        name = _dotted(node)
        match node:
            case ast.Constant():
                return _constant(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant() as number):
                found = _constant(number)
                if isinstance(found, int | float) and not isinstance(found, bool):
                    return -found if isinstance(sign, ast.USub) else found
            case ast.Call() if _root(node) != "F":
                return self._constructed(node)
            case _ if name in _CONSTANTS:
                return _CONSTANTS[name]
            case _ if _root(node) == "F":
                return self.field(node)
            case ast.Name():
                if node.id.lower() in _DAYS:
                    raise _InvalidNode(
                        node, f"{node.id} is not a valid value; write the day, such as date(2024, 1, 31)"
                    )
                meant = _FROM_JSON.get(node.id.lower(), f'"{node.id}"')
                raise _InvalidNode(
                    node, f"{node.id} is not a valid value; put a text in quotes. Did you mean {meant}?"
                )
            case _:
                pass
        raise _InvalidNode(node, f"a value is expected here, not {_word(node)}")

    def _constructed(self, node: ast.Call) -> object:
        name = _dotted(node.func)
        make = _CONSTRUCTORS.get(name)
        if make is None:
            raise _InvalidNode(node, f"a filter cannot call {name or 'this'}")
        given = [self._value(each) for each in node.args]
        named = {each.arg: self._value(each.value) for each in node.keywords if each.arg is not None}
        if len(named) < len(node.keywords):
            raise _InvalidNode(node, "a filter cannot hold **")
        texts = name not in _TEXT_CONSTRUCTORS or all(
            isinstance(value, str | None) for value in (*given, *named.values())
        )
        if not texts:
            raise _InvalidNode(node, f"{name} takes only texts")
        return _made(node, lambda: make(*given, **named))


def _made(node: ast.expr, make: Callable[[], T]) -> T:
    """Return the result of `make`; an error is reported for this place of the text."""
    try:
        return make()
    except FilterError as error:
        raise _InvalidNode(node, str(error)) from None
    except (ArithmeticError, AttributeError):  # whose texts are about Python's own classes
        raise _InvalidNode(node, "invalid value") from None
    except (LookupError, OSError, TypeError, ValueError) as error:
        reason = _CALL.sub("", str(error))
        raise _InvalidNode(node, f"invalid value: {reason}") from None


def _constant(node: ast.Constant) -> object:
    value = node.value
    if isinstance(value, bytes | complex) or value is ...:
        raise _InvalidNode(node, f"{value!r} cannot be compared with")
    if isinstance(value, int) and value.bit_length() > _MAX_BITS:
        raise _InvalidNode(node, "this number is too large")
    return value


def _only_text(link: ast.Subscript | ast.Call) -> str:
    """Return the one text in brackets or parentheses."""
    given = [link.slice] if isinstance(link, ast.Subscript) else [*link.args, *link.keywords]
    if len(given) == 1 and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str):
        return given[0].value
    raise _InvalidNode(
        link, 'one name is expected here, as text, as in F["custom-slug"] or F.company.via("companies")'
    )


def _root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes, items and calls begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _dotted(node: ast.expr) -> str:
    """Return names and dots as they are written; empty for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(names)]) if isinstance(node, ast.Name) else ""


def _word(node: ast.expr) -> str:
    """Return what to call a node in a message."""
    if isinstance(node, ast.Constant):
        return "a value"
    return _WORDS.get(type(node), "this")


def read_filter(*texts: str | None) -> Filter | None:
    """Read a filter from an expression such as ``F.name == "Acme"``, or from JSON in Attio's form.

    Args:
        texts: The options that may hold it; at most one of them is given.

    Raises:
        Refusal: The filter is invalid, or given twice.
    """
    given = [text for text in texts if text is not None]
    if len(given) > 1:
        raise Refusal("the filter is given twice, as an argument and with --filter; join the two with &")
    if not given:
        return None
    text = given[0].strip()
    if not text.startswith(("{", "[")):
        return parse_filter(text)
    try:
        return Filter.raw(parse_json_object("the filter", text))
    except FilterError as error:
        raise Refusal(f"invalid filter: {error}") from error


def read_sort(text: str) -> Sort:
    """Read a sort from a slug, title or field with an optional ``:asc`` or ``:desc``.

    Raises:
        Refusal: The sort is invalid.
    """
    name, colon, direction = text.rpartition(":")
    if not colon:
        name, direction = text, "asc"
    if direction not in {"asc", "desc"}:
        raise Refusal(f"--sort {text!r}: the direction must be asc or desc, not {direction!r}")
    attribute = parse_field(name) if name.startswith(("F.", "F[")) else name.strip()
    try:
        return asc(attribute) if direction == "asc" else desc(attribute)
    except FilterError as error:
        raise Refusal(f"--sort {text!r}: {error}") from error
