"""Arguments of public methods, turned into what the API takes. What does not fit is rejected before anything is sent."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import tzinfo
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from attio_async_api.api.records import query_records
from attio_async_api.models.record_entry import RecordEntry
from attio_async_api.types import CompositeId

from .._records.models import AttributeMapping, Entry
from .._schema import Attribute, id_part
from .._utils.text import folded, show
from ..errors import CoercionError, ConfigurationError
from ..values import Member, RecordRef, Ref, coerce
from ..values._types import canonical_id, is_uuid
from .session import Session

T = TypeVar("T")

_PATH_SEGMENTS = {"", ".", ".."}
"""Texts that would lead to another path if they were an id or slug in one."""


def resource_id(reference: object, part: str) -> str:
    """Return the id of a resource that is given as an id, a composite id, or the resource itself.

    https://docs.attio.com/docs/slugs-and-ids

    Args:
        reference: What the caller gave.
        part: The name of the id in a composite id, such as "note_id".

    Raises:
        CoercionError: It is not such an id. Nothing was sent.
    """
    text = _find_id(reference, part).strip()
    if text in _PATH_SEGMENTS or "/" in text:
        raise CoercionError.single(
            part,
            None,
            reference,
            f"{show(reference)} is not a valid {part}",
            "give the id, or what the API returned",
        )
    return canonical_id(text)


def _find_id(reference: object, part: str) -> str:
    if isinstance(reference, CompositeId):
        return reference.part(part)
    if isinstance(reference, str | UUID):
        return str(reference)
    if isinstance(reference, AttributeMapping):
        return ""
    if isinstance(reference, Mapping):
        fields = cast("Mapping[str, Any]", reference)
        return str(fields.get(part) or "") or _find_id(fields.get("id"), part)
    own = getattr(reference, "id", None)
    return _find_id(own, part) if isinstance(own, CompositeId) else ""


def slug_or_id(reference: object, what: str) -> str:
    """Return the slug or id of an object, list, attribute, option or status, which may be one that the API returned.

    An object or list may also be given by title, which is looked up later, or by its address in the web app.

    Args:
        reference: What the caller gave.
        what: What it must be, with its article, such as "an object".

    Raises:
        ConfigurationError: It is neither a slug nor an id. Nothing was sent.
    """
    name = reference
    for attribute in ("api_slug", "slug", "id"):
        if isinstance(name, str | UUID):
            break
        name = getattr(reference, attribute, None)
    text = _name_at(str(name).strip()) if isinstance(name, str | UUID) else ""
    if text in _PATH_SEGMENTS or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ConfigurationError(f"{show(reference)} is not the slug or id of {what}")
    return canonical_id(text)


def _name_at(text: str) -> str:
    """Return the slug or id in the web app's address of a list or object; another text as it is."""
    parts = urlsplit(text if "//" in text else f"//{text}") if "app.attio.com" in text else None
    if parts is None or parts.hostname != "app.attio.com":
        return text
    _, *segments = [segment for segment in parts.path.split("/") if segment] or [""]
    if segments[:1] in (["collection"], ["custom"]):
        segments = segments[1:]
    return segments[0] if segments else ""


def object_and_record_id(reference: object, argument: str = "record") -> tuple[str, str]:
    """Return the object and the id of a record.

    Raises:
        CoercionError: It does not name a record and its object. Nothing was sent.
    """
    found = record_reference(reference, argument)
    if "target_record_id" in found:
        return found["target_object"], found["target_record_id"]
    raise _not_a_record(reference, argument)


def record_reference(reference: object, argument: str) -> dict[str, Any]:
    """Return a record in the form of a written reference: its object, and its id or one unique attribute.

    Raises:
        CoercionError: It does not name a record and its object. Nothing was sent.
    """
    fitted = coerce(Attribute(argument, type="record-reference"), _as_reference(reference))
    if len(fitted) == 1 and isinstance(fitted[0], dict):
        return cast("dict[str, Any]", fitted[0])
    raise _not_a_record(reference, argument)


def _not_a_record(reference: object, argument: str) -> CoercionError:
    return CoercionError.single(
        argument,
        None,
        reference,
        f"{show(reference)} does not name a record and its object",
        "give a Record, RecordRef(object, record_id) or the record's web_url",
    )


def record_link(reference: object, argument: str) -> dict[str, str]:
    """Return a record in the form that comments and meetings take.

    Raises:
        CoercionError: It does not name a record and its object. Nothing was sent.
    """
    object_name, record_id = object_and_record_id(reference, argument)
    return {"object": object_name, "record_id": record_id}


def list_and_entry_id(reference: object) -> tuple[str, str]:
    """Return the list and the id of an entry.

    Raises:
        CoercionError: It does not name an entry and its list. Nothing was sent.
    """
    list_id, entry_id = _entry_parts(reference)
    if isinstance(list_id, str) and isinstance(entry_id, str) and list_id and entry_id:
        return list_id, entry_id
    hint = "give an Entry, or {'list': slug or id, 'entry_id': id}"
    reason = f"{show(reference)} does not name an entry and its list"
    raise CoercionError.single("entry", None, reference, reason, hint)


def _entry_parts(reference: object) -> tuple[object, object]:
    if isinstance(reference, Entry):
        return reference.list_id, reference.id
    if isinstance(reference, RecordEntry):
        return reference.list_id, reference.entry_id
    if isinstance(reference, Mapping) and not isinstance(reference, AttributeMapping):
        fields = cast("Mapping[str, Any]", reference)
        return fields.get("list"), fields.get("entry_id")
    return None, None


def member_reference(
    reference: object, argument: str, members: Mapping[str, Sequence[str]] | None = None
) -> str | dict[str, str]:
    """Return a workspace member in the form of a written reference: an e-mail address, or a type and an id.

    Raises:
        CoercionError: It does not name a member. Nothing was sent.
    """
    fitted = coerce(Attribute(argument, type="actor-reference"), _as_reference(reference), members=members)
    if len(fitted) == 1:
        return cast("str | dict[str, str]", fitted[0])
    hint = "give an e-mail address, an id or a WorkspaceMember"
    raise CoercionError.single(argument, None, reference, f"{show(reference)} is not a member", hint)


def member_id(reference: object, argument: str) -> str:
    """Return the id of a workspace member, for endpoints that take nothing else.

    Raises:
        CoercionError: It does not name a member, or by e-mail address. Nothing was sent.
    """
    found = member_reference(reference, argument)
    if isinstance(found, dict):
        return found["referenced_actor_id"]
    hint = "give the member's id, which workspace_members.by_email() finds"
    raise CoercionError.single(argument, None, reference, f"{found!r} is not the id of a member", hint)


def timestamp(value: object, argument: str, assume_tz: tzinfo | None = None) -> str:
    """Return a point in time as the API takes it, from a datetime with a time zone or a text in ISO 8601.

    Raises:
        CoercionError: It is something else, or has no time zone. Nothing was sent.
    """
    fitted = coerce(Attribute(argument, type="timestamp"), value, assume_tz=assume_tz)
    if len(fitted) == 1:
        return str(fitted[0])
    hint = "give a datetime with a time zone"
    raise CoercionError.single(argument, "timestamp", value, f"{show(value)} is not a timestamp", hint)


def optional_timestamp(value: object, argument: str, assume_tz: tzinfo | None = None) -> str | None:
    """Return the same; None if no value is given.

    Raises:
        CoercionError: It is something else, or has no time zone. Nothing was sent.
    """
    return None if value is None else timestamp(value, argument, assume_tz)


async def find_member(session: Session, reference: object, argument: str) -> str | dict[str, str]:
    """Return a member as `member_reference` does, also one that is given by full name, which is looked up.

    Raises:
        CoercionError: It does not name a member. Nothing was written.
    """
    native = _as_reference(reference)
    members = None
    if session.names.members is not None and _is_member_name(native):
        members = await session.names.members()
    return member_reference(native, argument, members)


async def find_member_id(session: Session, reference: object, argument: str) -> str:
    """Return the id of a member who is given in any way, for endpoints that take nothing else.

    Raises:
        CoercionError: It does not name a member. Nothing was written.
    """
    found = await find_member(session, reference, argument)
    if isinstance(found, str) and session.names.members is not None:
        ids = (await session.names.members()).get(folded(found), ())
        if len(ids) == 1:
            return ids[0]
        hint = "give the full name, the e-mail address or the id of a member"
        raise CoercionError.single(argument, None, reference, f"unknown member {found!r}", hint)
    return member_id(found, argument)


def owners_of(reference: object) -> set[str]:
    """Return the slugs and ids of the object or list that a record or entry is said to be of; none if nothing is said."""
    named: list[object] = []
    own: object = reference if isinstance(reference, CompositeId) else getattr(reference, "id", None)
    if isinstance(own, CompositeId):
        named = [own.part("object_id"), own.part("list_id"), getattr(reference, "object_slug", None)]
    elif isinstance(reference, AttributeMapping):
        named = [reference.owner_id, reference.schema.name if reference.schema is not None else ""]
    elif isinstance(reference, RecordRef | Ref):
        named = [reference.object]
    elif isinstance(reference, RecordEntry):
        named = [reference.list_id, reference.list_api_slug]
    elif isinstance(reference, Mapping):
        fields = cast("Mapping[str, object]", reference)
        named = [fields.get(name) for name in ("target_object", "object_id", "list", "list_id")]
    elif isinstance(reference, str) and "/" in reference:
        with suppress(ValueError):
            named = [RecordRef.from_url(reference.strip()).object]
    return {name for name in named if isinstance(name, str) and name}


def is_by_value(reference: object) -> bool:
    """Return True if a record is named by a unique value, which has to be looked up."""
    if isinstance(reference, Ref):
        return reference.record_id is None
    return (
        isinstance(reference, Mapping)
        and "target_object" in reference
        and "target_record_id" not in reference
    )


async def find_reference(session: Session, reference: object, argument: str) -> dict[str, Any]:
    """Return a record as `record_reference` does, and its object by slug or id, whose title is looked up.

    Raises:
        CoercionError: It does not name a record and its object. Nothing was written.
    """
    found = record_reference(reference, argument)
    return {**found, "target_object": await session.names.slug_of(found["target_object"], "objects")}


async def find_record(session: Session, reference: object, argument: str = "record") -> tuple[str, str]:
    """Return the object and the id of a record, also of one that is given by a unique value, which is looked up.

    Raises:
        CoercionError: It does not name a record and its object, or no record has the value. Nothing was written.
    """
    found = await find_reference(session, reference, argument)
    name = found["target_object"]
    if "target_record_id" in found:
        return name, found["target_record_id"]
    (slug, values) = next((key, part) for key, part in found.items() if key != "target_object")
    kind, value = next(iter(values[0].items()))
    kind = "phone_number" if kind == "original_phone_number" else kind
    body = {"filter": {slug: {kind: {"$eq": value}}}, "limit": 2}
    ids = await session.many(query_records, _record_id, name, body=body)
    if len(ids) == 1:
        return name, ids[0]
    which = "no record" if not ids else "more than one record"
    hint = "create it first" if not ids else "give the record or its id"
    raise CoercionError.single(
        argument, None, reference, f"{which} of {name} has {value!r} as its {slug}", hint
    )


def _record_id(raw: Mapping[str, Any]) -> str:
    return id_part(raw.get("id"), "record_id")


async def find_entry(session: Session, reference: object) -> tuple[str, str]:
    """Return the list and the id of an entry as `list_and_entry_id` does, and the list by slug or id.

    Raises:
        CoercionError: It does not name an entry and its list. Nothing was written.
    """
    list_name, entry_id = list_and_entry_id(reference)
    return await session.names.slug_of(list_name, "lists"), entry_id


def record_lookup(
    session: Session, reference: object, argument: str, object_field: str, id_field: str
) -> Callable[[], Awaitable[Mapping[str, object]]]:
    """Check a record that results are filtered by, and return a function that returns its object and id as fields.

    Raises:
        CoercionError: It does not name a record and its object. Nothing was sent.
    """
    record_reference(reference, argument)

    async def look_up() -> Mapping[str, object]:
        object_name, record_id = await find_record(session, reference, argument)
        return {object_field: object_name, id_field: record_id}

    return look_up


def check_member(reference: object, argument: str) -> None:
    """Check a member that is given in any way; a full name is looked up later.

    Raises:
        CoercionError: It does not name a member. Nothing was sent.
    """
    native = _as_reference(reference)
    if not _is_member_name(native):
        member_reference(native, argument)


def _is_member_name(native: object) -> bool:
    text = native.email_or_id_or_name if isinstance(native, Member) else native
    return isinstance(text, str) and bool(text.strip()) and "@" not in text and not is_uuid(text.strip())


async def find_link(session: Session, reference: object, argument: str) -> dict[str, str]:
    """Return a record in the form that comments and meetings take, as `find_record` does.

    Raises:
        CoercionError: It does not name a record and its object. Nothing was written.
    """
    object_name, record_id = await find_record(session, reference, argument)
    return {"object": object_name, "record_id": record_id}


def check_length(value: str, max_length: int, argument: str) -> None:
    """Check the documented length of a text.

    Raises:
        ConfigurationError: It is longer, or is not a text. Nothing was sent.
    """
    if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"{argument} must be a text, not {show(value)}")
    if len(value) > max_length:
        raise ConfigurationError(f"{argument} has {len(value):,} characters; the most is {max_length:,}")


def as_list(
    items: Iterable[T], argument: str, *, min_items: int = 0, max_items: int | None = None
) -> list[T]:
    """Return several items as a list, after checking how many there may be.

    Raises:
        ConfigurationError: One item was given instead of several, or too few or too many. Nothing was sent.
    """
    check_several(items, argument)
    found = list(items)
    if len(found) < min_items or (max_items is not None and len(found) > max_items):
        bounds = f"at least {min_items}" if max_items is None else f"{min_items} to {max_items:,}"
        raise ConfigurationError(f"{argument} has {len(found):,} items; it must have {bounds}")
    return found


def as_texts(items: Iterable[str], argument: str, *, max_items: int | None = None) -> list[str]:
    """Return several texts as a list.

    Raises:
        ConfigurationError: One text was given instead of several, too many, or something else. Nothing was sent.
    """
    found = as_list(items, argument, max_items=max_items)
    for item in found:
        check_text(item, argument)
    return found


def check_text(value: object, argument: str) -> None:
    """Check that a value is a text.

    Raises:
        ConfigurationError: It is not. Nothing was sent.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{argument} must be text, not {show(value)}")


def check_several(items: object, argument: str) -> None:
    """Reject one item in place of several. Looping over it would give the letters of a text, or the slugs of a record.

    Raises:
        ConfigurationError: It is one item. Nothing was sent.
    """
    is_iterable = hasattr(items, "__iter__") or hasattr(items, "__aiter__")
    if is_iterable and not isinstance(items, str | bytes) and not hasattr(items, "keys"):
        return
    if items is None:
        raise ConfigurationError(f"{argument} must be a list, not None")
    kind, example = type(items).__name__, show(items)
    if example.startswith("<"):  # not code that anybody could write
        example = kind.lower()
    raise ConfigurationError(f"{argument} must be a list, not one {kind}; write [{example}]")


def _as_reference(reference: object) -> object:
    """Return the reference that a resource returned by the API stands for; anything else unchanged."""
    identity = reference if isinstance(reference, CompositeId) else getattr(reference, "id", None)
    if getattr(reference, "type", None) == "workspace-member":  # the actor who did something
        return Member(str(identity))
    if isinstance(identity, CompositeId):
        if identity.own == "workspace_member_id":
            return Member(str(identity))
        if identity.own == "record_id":
            return RecordRef(identity.part("object_id"), str(identity))
    for object_field, record_field in (("object_id", "record_id"), ("target_object_id", "target_record_id")):
        found = getattr(reference, object_field, None), getattr(reference, record_field, None)
        if isinstance(found[0], str) and isinstance(found[1], str):
            return RecordRef(found[0], found[1])
    return reference
