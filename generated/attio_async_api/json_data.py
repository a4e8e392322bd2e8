"""JSON of results: the base class that all of them share, and the JSON of single values."""

import functools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from os import PathLike
from typing import Any, Literal, SupportsIndex, cast
from uuid import UUID

JsonFields = Iterable[tuple[str, Any]]

_SECRETS = frozenset({"secret", "access_token"})
"""Fields that belong in no log, no response and no pickle."""
_LEFT_OUT = _SECRETS | {"raw"}
"""Those, and a field that says everything twice."""


class JsonData:
    """A result that can be written as JSON.

    pydantic writes it as `to_dict(mode="json")`, and so do FastAPI and MCP, which use pydantic.
    """

    __slots__ = ()

    def to_dict(self, *, mode: Literal["python", "json"] = "python") -> dict[str, Any]:
        """Return the result as a plain dict. Secrets, and `raw`, are left out.

        Args:
            mode: "python" keeps dates, decimals and attribute values such as names as they are. "json" returns what
                `json.dumps` takes: amounts as text, so that no digit is lost, and times as ISO 8601 in UTC.

        Raises:
            ValueError: The mode is unknown.
        """
        convert = check_mode(mode)
        return {name: convert(value) for name, value in self._json_fields()}

    def to_json(self) -> str:
        """Return `to_dict(mode="json")` as text."""
        import json  # noqa: PLC0415 - not needed to read answers

        return json.dumps(self._as_json(), ensure_ascii=False)

    def _json_fields(self) -> JsonFields:
        """Return the names and values of the fields; by default those of an attrs class."""
        return [(name, getattr(self, name)) for name in _field_names(type(self))]

    def _as_json(self) -> Any:
        """Return what stands for this result in JSON: `to_dict(mode="json")`, without the check that exports cannot afford."""
        return {name: to_plain(value) for name, value in self._json_fields()}

    def _as_native(self) -> Any:
        """Return what stands for this result in the `to_dict()` of another one."""
        return self.to_dict()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> str | tuple[Any, ...]:
        if _holds_secret(type(self)):
            raise TypeError(f"{type(self).__name__} holds a secret, so it cannot be pickled or copied")
        return super().__reduce_ex__(protocol)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        # FastAPI writes what it does not know, and what no response model describes, as its `vars()`. Classes without
        # slots have a `__dict__` of their own instead of this one.
        return self.to_dict(mode="json")

    @property
    def __pydantic_serializer__(self) -> Any:
        # What pydantic looks for on values whose type it was not told.
        return _serializer()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Callable[[Any], Any], /) -> Any:
        return instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: Any, _handler: Callable[[Any], Any], /) -> dict[str, Any]:
        return {"type": "object", "title": cls.__name__}


class JsonValue(JsonData):
    """The value of an attribute: one thing, which stays as it is in the `to_dict()` of what holds it."""

    __slots__ = ()

    def _as_native(self) -> Any:
        return self


def check_mode(mode: Literal["python", "json"]) -> Callable[[object], Any]:
    """Return the function that converts values to this mode.

    Raises:
        ValueError: The mode is unknown.
    """
    if mode not in _CONVERT:
        raise ValueError(f"mode must be 'python' or 'json', not {mode!r}")
    return _CONVERT[mode]


def to_native(value: object) -> Any:
    """Return the value with the results in it as plain dicts and lists."""
    kind = type(value)
    if kind in _UNCHANGED:
        return value
    if isinstance(value, JsonData):
        return value._as_native()
    if isinstance(value, Mapping):
        parts = cast("Mapping[object, object]", value)
        return {key: to_native(part) for key, part in parts.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: to_native(part) for name, part in cast("Any", value)._asdict().items()}
    if isinstance(value, list | tuple):
        return [to_native(part) for part in cast("Sequence[object]", value)]
    return value


def to_plain(value: object) -> Any:
    """Return the value as JSON data. What JSON has no form for becomes text.

    Amounts are strings, so that no digit is lost; dates and times are ISO 8601, in UTC.
    """
    kind = type(value)
    if kind in _UNCHANGED:
        return value
    # By exact type first, since an export spends most of its time here.
    convert = _PLAIN.get(kind)
    if convert is not None:
        return convert(value)
    if isinstance(value, JsonData):
        return value._as_json()
    return to_plain_or(value, str)


def to_plain_or(value: object, otherwise: Callable[[object], Any]) -> Any:  # noqa: PLR0911 - a line per kind of value
    """Return the value as JSON data; `otherwise` is called for what JSON has no form for."""
    match value:
        case JsonData():
            return value._as_json()
        case Enum():
            return to_plain_or(value.value, otherwise)
        case bool() | int() | float() | str():
            return value
        case Decimal() | datetime() | date() | time():
            kind = next(each for each in _PLAIN if isinstance(value, each))
            return _PLAIN[kind](value)
        case UUID() | PathLike():
            return str(value)
        case bytes() | bytearray():
            return value.decode("utf-8", "backslashreplace")
        case Mapping():
            parts = cast("Mapping[object, object]", value)
            return {str(key): to_plain(part) for key, part in parts.items()}
        case tuple() if hasattr(value, "_asdict"):
            return {name: to_plain(part) for name, part in cast("Any", value)._asdict().items()}
        case list() | tuple() | Set():
            return [to_plain(part) for part in cast("Sequence[object]", value)]
        case _:
            return otherwise(value)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None  # JSON has no infinity


def _amount(value: Decimal) -> str:
    return format(value, "f")


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_UNCHANGED = frozenset({type(None), bool, int, str})
_PLAIN: dict[type, Callable[[Any], Any]] = {
    float: _number,
    Decimal: _amount,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
}
_CONVERT: dict[str, Callable[[object], Any]] = {"python": to_native, "json": to_plain}


@functools.cache
def _field_names(cls: type) -> tuple[str, ...]:
    import attrs  # noqa: PLC0415 - not needed by classes that name their fields themselves

    names = (field.name for field in attrs.fields(cls))
    return tuple(name for name in names if name not in _LEFT_OUT)


@functools.cache
def _holds_secret(cls: type) -> bool:
    return any(field.name in _SECRETS for field in getattr(cls, "__attrs_attrs__", ()))


def instance_schema(cls: type) -> Any:
    """Return pydantic's schema of a class: takes instances only, and writes them as JSON data."""
    from pydantic_core import core_schema  # noqa: PLC0415 - asked for by pydantic only

    write = core_schema.plain_serializer_function_ser_schema(to_plain, when_used="json")
    return core_schema.is_instance_schema(cls, serialization=write)


@functools.cache
def _serializer() -> Any:
    from pydantic_core import SchemaSerializer  # noqa: PLC0415 - asked for by pydantic only

    return SchemaSerializer(instance_schema(JsonData))
