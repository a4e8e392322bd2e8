"""What the generated modules share: absent values, addresses, query strings, and reading that never fails."""

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Protocol, Self
from urllib.parse import quote


class Unset:
    """The type of `UNSET`: a field left out of a body, where None would be sent as null."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class CompositeId(str):
    """The id of a thing. It is the id as text, and knows the ids of what the thing belongs to."""

    __slots__ = ("raw",)
    own: ClassVar[str]
    """The part that is the thing's own id."""
    raw: Mapping[str, Any]

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: a part that is missing is an empty text."""
        made = cls(source.get(cls.own) or "")
        made.raw = source
        return made

    def part(self, name: str) -> str:
        """One part of the id; empty when it is not known."""
        return str(self.raw.get(name) or "")

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Callable[[Any], Any], /) -> Any:
        from .json_data import instance_schema  # noqa: PLC0415 - asked for by pydantic only

        return instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Callable[[Any], Any], /) -> dict[str, Any]:
        return {"type": "string", "title": cls.__name__}


_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


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
    return template.format(
        **{name: part if _PLAIN.fullmatch(part) else quote(part, safe="") for name, part in parts.items()}
    )


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


def read_list(source: Mapping[str, Any], name: str) -> Any:
    """A list; empty if it is anything else."""
    value = source.get(name)
    return value if isinstance(value, list) else []


def read_moment(source: Mapping[str, Any], name: str) -> Any:
    """A moment, aware of its zone (UTC where none is told); None if it cannot be read."""
    try:
        moment = datetime.datetime.fromisoformat(source[name])
    except (KeyError, TypeError, ValueError):
        return None
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment


def read_object(source: Mapping[str, Any], name: str, parse: Callable[[Mapping[str, Any]], object]) -> Any:
    """An object; None if it is anything else."""
    value = source.get(name)
    return parse(value) if isinstance(value, Mapping) else None


def read_objects(source: Mapping[str, Any], name: str, parse: Callable[[Mapping[str, Any]], object]) -> Any:
    """The objects of a list; whatever else is in it stays out."""
    return [parse(item) for item in read_list(source, name) if isinstance(item, Mapping)]
