"""Read the operands of filters, as the form in which values are stored."""

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from .. import _timestamps
from .._errors import ApiProblem, filter_error
from .._json_types import is_array, is_object
from .._schema import FakeAttribute
from .._values.read import INTERACTIONS, read_number
from .._workspace.workspace import Workspace

_NUMBERS = frozenset({"number", "rating", "currency"})
_STORED_IN_LOWER_CASE = frozenset({"domain", "email-address"})
_TIMESTAMPS = frozenset({"active_from", "interacted_at"})
_WORDS = {
    "referenced_actor_type": ("api-token", "app", "system", "workspace-member"),
    "interaction_type": INTERACTIONS,
}

Path = tuple[str, ...]
"""The place of something in the body, for error messages."""

Read = Callable[[Any, Path], Any]


def reader(workspace: Workspace, attribute: FakeAttribute, name: str, *, exact: bool) -> Read:
    """Return the function that reads an operand.

    Args:
        workspace: The workspace, for the names of objects.
        attribute: The attribute that is filtered by.
        name: The property of its values.
        exact: Whether values are compared for equality; the bounds of a range need not be valid values.
    """
    if name in _TIMESTAMPS:
        return _timestamp
    if name == "target_object":
        return lambda written, path: _object_slug(workspace, _text(written, path), path)
    if name in _WORDS:
        return lambda written, path: _word(_WORDS[name], _text(written, path), path)
    if attribute.type in _NUMBERS:
        takes_text = attribute.type == "currency"
        return lambda written, path: _number(written, path, exact=exact, takes_text=takes_text)
    if attribute.type in _STORED_IN_LOWER_CASE:
        return lambda written, path: _text(written, path).lower()
    return _READERS.get(attribute.type, _text)


def choice_ids(attribute: FakeAttribute, written: object, path: Path) -> set[str]:
    """Return the ids of the options or statuses with that id or title.

    Raises:
        ApiProblem: The option or status is unknown.
    """
    name = _text(written, path)
    found = {choice.id for choice in attribute.choices if name in (choice.id, choice.title)}
    if not found:
        raise filter_error(f'Attribute with slug "{attribute.slug}" has no {attribute.type} "{name}".', path)
    return found


def array(written: object, path: Path) -> list[Any]:
    """Return a JSON array as it is.

    Raises:
        ApiProblem: It is something else.
    """
    if not is_array(written):
        raise filter_error("Expected an array.", path)
    return written


def unknown_object(name: str, path: Path) -> ApiProblem:
    """400: a filter names an unknown object."""
    return filter_error(f'Cannot find object with slug/ID "{name}".', path)


def _single(written: object, path: Path) -> object:
    if written is None or is_array(written) or is_object(written):
        raise filter_error("Expected a single value to compare with.", path)
    return written


def _text(written: object, path: Path) -> str:
    found = _single(written, path)
    if not isinstance(found, str):
        raise filter_error("Expected a string.", path)
    return found


def _boolean(written: object, path: Path) -> bool:
    found = _single(written, path)
    if not isinstance(found, bool):
        raise filter_error("Expected a boolean.", path)
    return found


def _number(written: object, path: Path, *, exact: bool, takes_text: bool) -> int | float:
    found = _single(written, path)
    if isinstance(found, bool) or not isinstance(found, (int, float, str) if takes_text else (int, float)):
        raise filter_error("Expected a number.", path)
    try:
        return read_number(found) if exact else _bound(found)
    except ValueError as error:
        raise filter_error(f"{error}.", path) from None


def _bound(written: float | str) -> float:
    try:
        found = Decimal(str(written))
    except InvalidOperation:
        raise ValueError("Expected a number") from None
    if not found.is_finite():
        raise ValueError("Expected a finite number")
    return float(found)


def _date(written: object, path: Path) -> str:
    return _time(_timestamps.read_date, written, path)


def _timestamp(written: object, path: Path) -> str:
    return _time(_timestamps.read_timestamp, written, path)


def _timestamp_with_time(written: object, path: Path) -> str:
    return _time(lambda text: _timestamps.read_timestamp(text, time_required=True), written, path)


def _time(read: Callable[[str], str], written: object, path: Path) -> str:
    try:
        return read(_text(written, path))
    except ValueError as error:
        raise filter_error(f"Expected a moment in ISO 8601 form: {error}.", path) from None


def _object_slug(workspace: Workspace, name: str, path: Path) -> str:
    kind = workspace.object_type(name)
    if kind is None:
        raise unknown_object(name, path)
    return kind.slug


def _word(words: Sequence[str], written: str, path: Path) -> str:
    if written not in words:
        raise filter_error(f'Unknown value "{written}": what exists is {", ".join(words)}.', path)
    return written


_READERS: dict[str, Read] = {
    "checkbox": _boolean,
    "date": _date,
    "timestamp": _timestamp_with_time,
}
