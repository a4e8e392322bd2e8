"""What the generated modules share: absent values, addresses, query strings, and reading that never fails."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from urllib.parse import quote


class Unset:
    """The type of `UNSET`: a field left out of a body, where None would be sent as null."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class Body(Protocol):
    """A class made from a request body."""

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON."""
        ...


def address(template: str, **parts: str) -> str:
    """The path with every part quoted.

    Raises:
        ValueError: A part is empty or a dot segment and would lead to another address. Nothing was sent.
    """
    for name, part in parts.items():
        if part in {"", ".", ".."}:
            raise ValueError(f"{name.rstrip('_')} must name something, not be {part!r}")
    return template.format(**{name: quote(part, safe="") for name, part in parts.items()})


def query(values: dict[str, str | float | bool | None]) -> dict[str, str | float]:
    """The query parameters that are given, booleans as the words the API expects."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else value
        for name, value in values.items()
        if value is not None
    }


def content(body: Body | Mapping[str, Any]) -> Mapping[str, Any]:
    """A body as JSON, whether it is one of our classes or ready-made."""
    return body if isinstance(body, Mapping) else body.to_dict()


def fields(values: dict[str, Any]) -> dict[str, Any]:
    """The fields that are set."""
    return {name: value for name, value in values.items() if not isinstance(value, Unset)}


def read_list(rest: dict[str, Any], name: str) -> Any:
    """Take a list; one that is missing or null is empty, anything else stays in `rest`."""
    if rest.get(name) is None or isinstance(rest[name], list):
        return rest.pop(name, None) or []
    return []


def read_moment(rest: dict[str, Any], name: str) -> Any:
    """Take a moment, aware of its zone (UTC where none is told); None, and left in `rest`, if it cannot be read."""
    value = rest.get(name)
    try:
        moment = None if value is None else datetime.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    rest.pop(name, None)
    return moment.replace(tzinfo=datetime.UTC) if moment and moment.tzinfo is None else moment


def read_object(rest: dict[str, Any], name: str, parse: Callable[[Mapping[str, Any]], object]) -> Any:
    """Take an object; None, and left in `rest` unless it is null, if it is something else."""
    if isinstance(rest.get(name), Mapping):
        return parse(rest.pop(name))
    if rest.get(name) is None:
        rest.pop(name, None)
    return None


def read_objects(rest: dict[str, Any], name: str, parse: Callable[[Mapping[str, Any]], object]) -> Any:
    """Take a list of objects; empty, and left in `rest` unless it is null, if it is or holds something else."""
    if all(isinstance(item, Mapping) for item in read_list({name: rest.get(name)}, name)):
        return [parse(item) for item in read_list(rest, name)]
    return []
