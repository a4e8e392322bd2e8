"""What callers name things by, turned into what the API takes; whatever fits nothing is refused before sending."""

from collections.abc import Iterable, Mapping, Sized
from typing import Any, TypeVar, cast
from uuid import UUID

from attio_async_api.models.record_entry import RecordEntry
from attio_async_api.types import CompositeId

from .._records.models import Entry, Valued
from .._schema import Attribute
from ..errors import CoercionError, ConfigurationError
from ..values import Member, RecordRef, coerce

T = TypeVar("T")

_NOWHERE = {"", ".", ".."}
"""Path parts that would lead to another address."""


def resource_id(reference: object, part: str) -> str:
    """The id in whatever names a thing: the id, a composite id, or the thing itself.

    Args:
        reference: What the caller gave.
        part: Which part of a composite id is meant, such as "note_id".

    Raises:
        CoercionError: It names no such thing.
    """
    text = _identified(reference, part).strip()
    if text in _NOWHERE or "/" in text:
        raise CoercionError.single(
            part, None, reference, f"{reference!r} is no {part}", "give the id, or what was read"
        )
    return text


def _identified(reference: object, part: str) -> str:
    if isinstance(reference, CompositeId):
        return reference.part(part)
    if isinstance(reference, str | UUID):
        return str(reference)
    if isinstance(reference, Valued):
        return ""
    if isinstance(reference, Mapping):
        fields = cast("Mapping[str, Any]", reference)
        return str(fields.get(part) or "") or _identified(fields.get("id"), part)
    own = getattr(reference, "id", None)
    return _identified(own, part) if isinstance(own, CompositeId) else ""


def slug_or_id(reference: object, what: str) -> str:
    """The slug or id of an object, list, attribute, option or the like; also of one that was read.

    Raises:
        ConfigurationError: It names nothing.
    """
    name = reference
    for attribute in ("api_slug", "slug", "id"):
        if isinstance(name, str | UUID):
            break
        name = getattr(reference, attribute, None)
    text = str(name).strip() if isinstance(name, str | UUID) else ""
    if text in _NOWHERE:
        raise ConfigurationError(f"{what} is named by its slug or id, not by {reference!r}")
    return text


def object_and_record_id(reference: object, argument: str = "record") -> tuple[str, str]:
    """The object and the id of a record, in whatever refers to it.

    Raises:
        CoercionError: It does not say which record of which object it means.
    """
    found = record_reference(reference, argument)
    if "target_record_id" in found:
        return found["target_object"], found["target_record_id"]
    raise _no_record(reference, argument)


def record_reference(reference: object, argument: str) -> dict[str, Any]:
    """A record as references are written: its object, and its id or one unique attribute.

    Raises:
        CoercionError: It does not say which record of which object it means.
    """
    fitted = coerce(Attribute(argument, type="record-reference"), _plain(reference))
    if len(fitted) == 1 and isinstance(fitted[0], dict):
        return cast("dict[str, Any]", fitted[0])
    raise _no_record(reference, argument)


def _no_record(reference: object, argument: str) -> CoercionError:
    return CoercionError.single(
        argument,
        None,
        reference,
        f"{reference!r} does not say which record of which object it is",
        "give a Record, RecordRef(object, record_id) or the record's web_url",
    )


def record_link(reference: object, argument: str) -> dict[str, str]:
    """A record as comments and meetings name it.

    Raises:
        CoercionError: It does not say which record of which object it means.
    """
    target, record_id = object_and_record_id(reference, argument)
    return {"object": target, "record_id": record_id}


def list_and_entry_id(reference: object) -> tuple[str, str]:
    """The list and the id of an entry.

    Raises:
        CoercionError: It does not say which entry of which list it means.
    """
    list_id, entry_id = _entry_parts(reference)
    if isinstance(list_id, str) and isinstance(entry_id, str) and list_id and entry_id:
        return list_id, entry_id
    hint = "give an Entry, or {'list': slug or id, 'entry_id': id}"
    raise CoercionError.single("entry", None, reference, f"{reference!r} names no entry of a list", hint)


def _entry_parts(reference: object) -> tuple[object, object]:
    if isinstance(reference, Entry):
        return reference.list_id, reference.id
    if isinstance(reference, RecordEntry):
        return reference.list_id, reference.entry_id
    if isinstance(reference, Mapping) and not isinstance(reference, Valued):
        fields = cast("Mapping[str, Any]", reference)
        return fields.get("list"), fields.get("entry_id")
    return None, None


def member(reference: object, argument: str) -> str | dict[str, str]:
    """A workspace member as actor references are written: the e-mail address, or a type and an id.

    Raises:
        CoercionError: It names no member.
    """
    fitted = coerce(Attribute(argument, type="actor-reference"), _plain(reference))
    if len(fitted) == 1:
        return cast("str | dict[str, str]", fitted[0])
    raise CoercionError.single(argument, None, reference, f"{reference!r} names no member")


def member_id(reference: object, argument: str) -> str:
    """A workspace member by id, for endpoints that take nothing else.

    Raises:
        CoercionError: It names no member, or one by e-mail address.
    """
    found = member(reference, argument)
    if isinstance(found, dict):
        return found["referenced_actor_id"]
    hint = "give the member's id; workspace_members.by_email() finds it"
    raise CoercionError.single(argument, None, reference, f"{found!r} is no id of a member", hint)


def timestamp(value: object, argument: str) -> str:
    """A moment as the API takes it, from an aware datetime or a text in ISO 8601.

    Raises:
        CoercionError: It is none, or has no time zone.
    """
    fitted = coerce(Attribute(argument, type="timestamp"), value)
    if len(fitted) == 1:
        return str(fitted[0])
    raise CoercionError.single(argument, "timestamp", value, f"{value!r} is not one moment")


def check_length(value: Sized, most: int, argument: str, unit: str = "characters") -> None:
    """Check a documented limit before anything is sent.

    Raises:
        ConfigurationError: The value is longer.
    """
    if len(value) > most:
        raise ConfigurationError(f"{argument} may have {most:,} {unit} at most, not {len(value):,}")


def as_list(items: Iterable[T], argument: str, *, least: int = 0, most: int | None = None) -> list[T]:
    """The items as a list, with its documented length checked before anything is sent.

    Raises:
        ConfigurationError: There are too many, too few, or a text was given where a list is meant.
    """
    if isinstance(items, str):
        raise ConfigurationError(f"{argument} is a list, not a text; write [{items!r}]")
    found = list(items)
    if len(found) < least or (most is not None and len(found) > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most:,}"
        raise ConfigurationError(f"{argument} takes {bounds}, not {len(found):,}")
    return found


def change(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body of a change, which must change something.

    Raises:
        ConfigurationError: It is empty.
    """
    if not body:
        raise ConfigurationError("nothing to change was given")
    return body


def _plain(reference: object) -> object:
    """References of the small things that were read, as the values they stand for."""
    identity = reference if isinstance(reference, CompositeId) else getattr(reference, "id", None)
    if isinstance(identity, CompositeId):
        if identity.own == "workspace_member_id":
            return Member(str(identity))
        if identity.own == "record_id":
            return RecordRef(identity.part("object_id"), str(identity))
    for target, record in (("object_id", "record_id"), ("target_object_id", "target_record_id")):
        found = getattr(reference, target, None), getattr(reference, record, None)
        if isinstance(found[0], str) and isinstance(found[1], str):
            return RecordRef(found[0], found[1])
    return reference
