"""The fields of a request body, and the issues of one that does not fit."""

import re
from collections.abc import Callable, Mapping
from typing import Self

import attrs

from . import _timestamps
from ._errors import (
    InvalidValue,
    Issue,
    Path,
    invalid,
    invalid_input,
    invalid_option,
    missing,
    received,
    unrecognized,
    wrong_type,
)
from ._json_types import is_array, is_object
from ._values.contacts import read_email


@attrs.frozen
class BodyField:
    """A field of an object.

    Args:
        type: Its JSON type as the API calls it; several are joined by " | ".
        required: Refuse an object without it.
        nullable: Accept null.
        options: The texts that are valid; empty for any.
        shortest: The smallest number of characters, or of items of an array.
        longest: The greatest number of them.
        form: The form of a text: "uuid", "date", "timestamp", "email", "url" or "https url".
        items: The items of an array.
        fields: The fields of an object. Default: any.
        any_of: The members of a union. A value that fits none of them is only called invalid.
    """

    type: str
    required: bool = attrs.field(default=True, kw_only=True)
    nullable: bool = attrs.field(default=False, kw_only=True)
    options: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    shortest: int = attrs.field(default=0, kw_only=True)
    longest: int | None = attrs.field(default=None, kw_only=True)
    form: str | None = attrs.field(default=None, kw_only=True)
    items: "BodyField | None" = attrs.field(default=None, kw_only=True)
    fields: "Mapping[str, BodyField] | None" = attrs.field(default=None, kw_only=True)
    any_of: "tuple[BodyField, ...]" = attrs.field(default=(), kw_only=True)

    def optional(self) -> Self:
        """Return the same field, not required."""
        return attrs.evolve(self, required=False)

    @property
    def expected(self) -> str:
        """The type or the options, as the API names what it expects."""
        return " | ".join(map(repr, self.options)) or self.type

    def missing(self, path: Path) -> Issue:
        """Return the issue of an object without the field."""
        return invalid_input(path) if self.any_of else missing(path, self.expected)

    def issues(self, value: object, path: Path) -> list[Issue]:
        """Return the issues of a value."""
        if value is None and self.nullable:
            return []
        if self.any_of:
            fits = any(not one.issues(value, path) for one in self.any_of)
            return [] if fits else [invalid_input(path)]
        if received(value) not in self.type.split(" | "):
            return [wrong_type(path, self.expected, value)]
        if self.options and value not in self.options:
            return [invalid_option(path, self.options, value)]
        if self.fields is not None:
            return issues_of(value, self.fields, path)
        return self._inner_issues(value, path)

    def _inner_issues(self, value: object, path: Path) -> list[Issue]:
        if is_array(value):
            return self._size_issues(value, path, "item(s)") or self._item_issues(value, path)
        if isinstance(value, str):
            return self._size_issues(value, path, "character(s)") or self._form_issues(value, path)
        return []

    def _size_issues(self, value: str | list[object], path: Path, unit: str) -> list[Issue]:
        if len(value) < self.shortest:
            return [invalid(path, f"Expected at least {self.shortest} {unit}")]
        if self.longest is not None and len(value) > self.longest:
            return [invalid(path, f"Expected at most {self.longest} {unit}")]
        return []

    def _item_issues(self, items: list[object], path: Path) -> list[Issue]:
        if self.items is None:
            return []
        return [
            issue for place, item in enumerate(items) for issue in self.items.issues(item, [*path, place])
        ]

    def _form_issues(self, text: str, path: Path) -> list[Issue]:
        if self.form is None or _FORMS[self.form](text):
            return []
        return [invalid(path, f"Invalid {self.form}")]


def optional(fields: Mapping[str, BodyField]) -> dict[str, BodyField]:
    """Return the same fields, none of them required: those of an update."""
    return {name: field.optional() for name, field in fields.items()}


def issues_of(given: object, fields: Mapping[str, BodyField], path: Path) -> list[Issue]:
    """Return the issues of an object that should have these fields and no others."""
    if not is_object(given):
        return [wrong_type(path, "object", given)]
    issues: list[Issue] = []
    for name, field in fields.items():
        if name in given:
            issues += field.issues(given[name], [*path, name])
        elif field.required:
            issues.append(field.missing([*path, name]))
    others = [name for name in given if name not in fields]
    if others:
        issues.append(unrecognized(path, others))
    return issues


_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_URL = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)


def is_uuid(text: str) -> bool:
    """Return True for a UUID."""
    return _UUID.fullmatch(text) is not None


def _is_timestamp(text: str) -> bool:
    try:
        _timestamps.read_timestamp(text)
    except ValueError:
        return False
    return True


def _is_email(text: str) -> bool:
    try:
        read_email(text)
    except InvalidValue:
        return False
    return True


_FORMS: Mapping[str, Callable[[str], bool]] = {
    "uuid": is_uuid,
    "date": lambda text: _DATE.fullmatch(text) is not None and _is_timestamp(text),
    "timestamp": _is_timestamp,
    "email": _is_email,
    "url": lambda text: _URL.fullmatch(text) is not None,
    "https url": lambda text: _URL.fullmatch(text) is not None and text.startswith("https:"),
}
