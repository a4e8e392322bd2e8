"""What a filter compares with, checked and brought into the form in which values are stored."""

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from . import moments
from .normalise import read_number
from .problems import ApiProblem, filter_error
from .schema import Attribute
from .shapes import is_array, is_object
from .state import Workspace

_NUMBERS = frozenset({"number", "rating", "currency"})
_STORED_IN_LOWER_CASE = frozenset({"domain", "email-address"})
_ANY_MOMENT = frozenset({"active_from", "interacted_at"})
_NAMED = {
    "referenced_actor_type": ("api-token", "app", "system", "workspace-member"),
    "interaction_type": ("calendar-event", "call", "chat-thread", "email", "in-person-meeting", "meeting"),
}

Path = tuple[str, ...]
"""Where in the body something is, for the message about it."""

Read = Callable[[Any, Path], Any]


def reader(workspace: Workspace, attribute: Attribute, name: str, *, exact: bool) -> Read:
    """How to read what one property of an attribute is compared with.

    Args:
        workspace: Where objects and options are looked up.
        attribute: What is filtered by.
        name: The property.
        exact: Whether it is compared for being the same; a range can have any bounds.
    """
    if name in _ANY_MOMENT:
        return _timestamp
    if name == "target_object":
        return lambda written, path: _object(workspace, _text(written, path), path)
    if name in _NAMED:
        return lambda written, path: _one_of(_NAMED[name], _text(written, path), path)
    if attribute.type in _NUMBERS:
        takes_text = attribute.type == "currency"
        return lambda written, path: _number(written, path, exact=exact, takes_text=takes_text)
    if attribute.type in _STORED_IN_LOWER_CASE:
        return lambda written, path: _text(written, path).lower()
    return _BY_TYPE.get(attribute.type, _text)


def choice_ids(attribute: Attribute, written: object, path: Path) -> set[str]:
    """The ids of the options or statuses with that id or title.

    Raises:
        ApiProblem: There are none.
    """
    asked = _text(written, path)
    found = {choice.id for choice in attribute.choices if asked in (choice.id, choice.title)}
    if not found:
        raise filter_error(f'Attribute with slug "{attribute.slug}" has no {attribute.type} "{asked}".', path)
    return found


def array(written: object, path: Path) -> list[Any]:
    """A JSON array, as it is."""
    if not is_array(written):
        raise filter_error("Expected an array.", path)
    return written


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
        return read_number(found) if exact else _finite(found)
    except ValueError as error:
        raise filter_error(f"{error}.", path) from None


def _finite(written: float | str) -> float:
    try:
        found = Decimal(str(written))
    except InvalidOperation:
        raise ValueError("Expected a number") from None
    if not found.is_finite():
        raise ValueError("Expected a finite number")
    return float(found)


def _date(written: object, path: Path) -> str:
    return _moment(moments.read_date, written, path)


def _timestamp(written: object, path: Path) -> str:
    return _moment(moments.read_timestamp, written, path)


def _timestamp_with_time(written: object, path: Path) -> str:
    return _moment(lambda text: moments.read_timestamp(text, time_required=True), written, path)


def _moment(read: Callable[[str], str], written: object, path: Path) -> str:
    try:
        return read(_text(written, path))
    except ValueError as error:
        raise filter_error(f"Expected a moment in ISO 8601 form: {error}.", path) from None


def _object(workspace: Workspace, name: str, path: Path) -> str:
    kind = workspace.object_type(name)
    if kind is None:
        raise unknown_object(name, path)
    return kind.slug


def unknown_object(name: str, path: Path) -> ApiProblem:
    """The refusal of a filter that names an object nobody knows."""
    return filter_error(f'Cannot find object with slug/ID "{name}".', path)


def _one_of(names: Sequence[str], written: str, path: Path) -> str:
    if written not in names:
        raise filter_error(f'Unknown value "{written}": what exists is {", ".join(names)}.', path)
    return written


_BY_TYPE: dict[str, Read] = {
    "checkbox": _boolean,
    "date": _date,
    "timestamp": _timestamp_with_time,
}
