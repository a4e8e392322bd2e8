"""The common parts of all encoders: the attribute to write, the rules of a call, and the words of a refusal."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

import attrs

from .._utils.public import public
from .._utils.text import folded, hidden_character, show, trimmed
from ._types import is_object

_MAX_LISTED = 60


@public
class AttributeSpec(Protocol):
    """The part of an attribute that coercion needs.

    `option_titles` are the titles of a select's options or a status's statuses, None if they are unknown.
    `target_objects` are the slugs or ids of the objects that a record reference can refer to.
    """

    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def is_multiselect(self) -> bool: ...
    @property
    def is_writable(self) -> bool: ...
    @property
    def is_archived(self) -> bool: ...
    @property
    def option_titles(self) -> Sequence[str] | None: ...
    @property
    def target_objects(self) -> Sequence[str] | None: ...


@attrs.frozen
class UntypedSpec:
    """An attribute of which nothing but the name is known."""

    slug: str = ""
    title: str = ""
    id: str = ""
    type: str = ""
    is_multiselect: bool = True
    is_writable: bool = True
    is_archived: bool = False
    option_titles: Sequence[str] | None = None
    target_objects: Sequence[str] | None = None


@attrs.frozen
class CoercionRules:
    """The caller's choices for all values of a call.

    Attributes:
        assume_tz: The time zone of moments that have none.
        members: The ids of the workspace's members by full name and e-mail address; None if unknown.
        note: Called with what was guessed or left out of a value, in words that can be counted.
    """

    assume_tz: tzinfo | None = None
    members: Mapping[str, Sequence[str]] | None = None
    note: Callable[[str], None] | None = None

    def noted(self, what: str) -> None:
        """Report that something about a value was guessed or left out."""
        if self.note is not None:
            self.note(what)


Encode = Callable[[object, AttributeSpec, CoercionRules], Any]
"""One value that is neither None nor a list, to its JSON form; raises EncodeError."""


class EncodeError(Exception):
    """A value that cannot be written. It never leaves the package: coercion makes it a problem of a CoercionError."""

    def __init__(self, reason: str, hint: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def wrong_type(value: object, possible: str) -> EncodeError:
    """Return the error for a value whose Python type has no meaning for the attribute."""
    return EncodeError(f"{show(value)} is of type {type(value).__name__}", f"give {possible}")


def text_of(value: object, possible: str) -> str:
    """Return the text without blanks and format characters around it; it is not empty, and can be encoded."""
    if isinstance(value, UUID):
        return str(value)
    if not isinstance(value, str):
        raise wrong_type(value, possible)
    text = trimmed(encodable(value))
    if not text:
        raise EncodeError("the text is empty", "use None for no value")
    return text


def encodable(text: str) -> str:
    """Return the text as a plain str if it can be sent."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise EncodeError(
                f"{show(text)} holds half a surrogate pair at index {error.start}",
                "read the file it comes from with the encoding it was written in",
            ) from None
    return text if type(text) is str else str.__str__(text)


def contact_text(value: object, possible: str) -> str:
    """Return the text of an address or a number, in which nothing is hidden: it would be glued, or be another one."""
    text = text_of(value, possible)
    hidden = hidden_character(text)
    if hidden is not None:
        raise EncodeError(
            f"{show(text)} holds the character {hidden}", "remove it, or give several values as a list"
        )
    return text


def is_missing(value: object) -> bool:
    """Return True for a value that stands for a missing one: NaN, NaT and pandas' NA."""
    if type(value).__name__ in {"NAType", "NaTType"}:
        return True
    if isinstance(value, str | int | bool):
        return False
    try:
        return bool(value != value)  # noqa: PLR0124 - only these are not equal to themselves
    except Exception:  # noqa: BLE001 - a signalling NaN, or an object of another library that cannot be compared
        return isinstance(value, Decimal)


def missing(value: object) -> EncodeError:
    """Return the error for a value that stands for a missing one."""
    reason = "is not a number" if isinstance(value, float | Decimal) else "stands for a missing value"
    return EncodeError(f"{show(value)} {reason}", "use None for no value")


def fields_of(value: object, *names: str) -> dict[str, Any] | None:
    """Return the fields of a value given as an object, enum members unwrapped; None if it is not an object."""
    if not is_object(value):
        return None
    unknown = [key for key in value if key not in names]
    if unknown or not value:
        reason = (
            f"the object has unknown fields: {listing(map(str, unknown))}"
            if unknown
            else "the object is empty"
        )
        raise EncodeError(reason, f"use {listing(names)}")
    return {key: part.value if isinstance(part, Enum) else part for key, part in value.items()}


def unwrapped(value: object, name: str) -> object:
    """Return the one field of a value given as an object, else the value itself."""
    fields = fields_of(value, name)
    return value if fields is None else fields[name]


def listing(names: Iterable[str]) -> str:
    """Return the names for a message; the tail of a very long list is only counted."""
    all_names = list(names)
    more = f" and {len(all_names) - _MAX_LISTED} more" if len(all_names) > _MAX_LISTED else ""
    return ", ".join(map(repr, all_names[:_MAX_LISTED])) + more


def suggestion(name: str, known: Mapping[str, str]) -> str | None:
    """Return near matches and all known names; `known` maps each way of writing a name to the name."""
    by_folded = {folded(written): proper for written, proper in known.items()}
    near = difflib.get_close_matches(folded(name), by_folded, n=3)
    proper = list(dict.fromkeys(by_folded[match] for match in near))
    available = listing(dict.fromkeys(known.values()))
    if proper:
        return f"did you mean {' or '.join(map(repr, proper))}? choose from {available}"
    return f"choose from {available}" if known else "none are known"
