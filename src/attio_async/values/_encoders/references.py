"""Write references to records, and to members of the workspace."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from attio_async_api.types import CompositeId

from ..._utils.text import folded, show
from .._spec import (
    AttributeSpec,
    CoercionRules,
    EncodeError,
    fields_of,
    listing,
    text_of,
    wrong_type,
)
from .._types import (
    ActorRef,
    Member,
    Phone,
    RecordRef,
    Ref,
    canonical_id,
    is_object,
    is_uuid,
)
from .contacts import domain_of, email_of, phone_json
from .numbers import json_number

A_RECORD = (
    "a record, RecordRef(object, record_id), Ref(object, domain='example.com') or the record's web address"
)
MEMBER = "workspace-member"
_WEB_APP = re.compile(r"\s*(?:https?://)?app\.attio\.com(?:/|$)", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:https?://)?[^/]*/?", re.IGNORECASE)
_FIELD_OF_KEY = {
    "domains": "domain",
    "email_address": "email_address",
    "email_addresses": "email_address",
    "primary_email_address": "email_address",
    "phone_numbers": "original_phone_number",
}
"""Unique attributes, and the field that holds their value where it is not called `value`."""

_PLAIN_TEXT_IS_KEY_OF = frozenset({"users", "workspaces"})
"""Attio takes a plain text for a key of these objects where an attribute can refer to one of them only."""


def encode_record_reference(
    value: object, spec: AttributeSpec, _rules: CoercionRules
) -> str | dict[str, Any]:
    """Return the target's object and id, or its object and unique attribute; a text as Attio understands it.

    https://docs.attio.com/docs/attribute-types/attribute-types-record-reference
    """
    targets = tuple(spec.target_objects or ())
    if isinstance(value, str):
        return _from_text(text_of(value, A_RECORD), targets)
    if isinstance(value, UUID):
        return _by_id(_only(targets, str(value)), str(value), targets)
    return _reference(value, targets)


def _reference(value: object, targets: Sequence[str]) -> dict[str, Any]:
    ref = _record_like(value)
    if ref is None and is_object(value):
        ref = reference_in(value)
    if isinstance(ref, RecordRef):
        return _by_id(ref.object, ref.record_id, targets)
    if ref is None:
        raise wrong_type(value, A_RECORD)
    if ref.record_id is not None:
        return _by_id(ref.object, ref.record_id, targets)
    return {
        "target_object": _target(ref.object, targets),
        str(ref.attribute): _unique(str(ref.attribute), ref.value),
    }


def is_record(value: object) -> bool:
    """Return True if the value refers to a record, or is one: it has an `object_id` and an `id`."""
    return _record_like(value) is not None


def _record_like(value: object) -> RecordRef | Ref | None:
    if isinstance(value, RecordRef | Ref):
        return value
    object_id, record_id = getattr(value, "object_id", None), getattr(value, "id", None)
    if isinstance(record_id, CompositeId) and record_id.own == "record_id":  # such as what a search found
        object_id = record_id.part("object_id")
    if isinstance(object_id, str | UUID) and isinstance(record_id, str | UUID):
        return RecordRef(str(object_id), str(record_id))
    return None


def reference_in(fields: Mapping[str, Any]) -> RecordRef | Ref:
    """Return the reference that a JSON object is."""
    # A composite id, as the API answers it, also says which workspace it is in.
    if {"object_id", "record_id"} <= set(fields) <= {"object_id", "record_id", "workspace_id"}:
        return RecordRef(fields["object_id"], fields["record_id"])
    target = fields.get("target_object")
    names = [name for name in fields if name != "target_object"]
    if not isinstance(target, str) or len(names) != 1:
        raise EncodeError(
            f"an object with {listing(map(str, fields))} is not a valid reference",
            "give target_object, and target_record_id or one unique attribute of the target",
        )
    name, key = str(names[0]), fields[names[0]]
    return RecordRef(target, key) if name == "target_record_id" else Ref(target, **{name: key})


def _by_id(target: object, record_id: object, targets: Sequence[str]) -> dict[str, str]:
    return {"target_object": _target(target, targets), "target_record_id": checked_id(record_id)}


def checked_id(record_id: object) -> str:
    """Return the id of a record if it has the form of one."""
    record_id = str(record_id) if isinstance(record_id, UUID) else record_id
    if not isinstance(record_id, str) or not is_uuid(record_id):
        raise EncodeError(f"{show(record_id)} is not a valid record id, which is a UUID", f"give {A_RECORD}")
    return canonical_id(record_id)


def _target(given: object, targets: Sequence[str]) -> str:
    target = text_of(given, "the slug or id of the record's object")
    if not may_refer_to(target, targets):
        raise EncodeError(
            f"{show(target)} is not an object the attribute can refer to", f"it refers to {listing(targets)}"
        )
    return target


def may_refer_to(target: str, targets: Sequence[str]) -> bool:
    """Return False if a reference with these targets certainly cannot lead to an object."""
    # An id and a slug may mean the same object, so only slugs are compared.
    return not targets or target in targets or any(map(is_uuid, (target, *targets)))


def _only(targets: Sequence[str], record_id: str) -> str:
    if len(targets) == 1:
        return targets[0]
    which = f"it may refer to {listing(targets)}" if targets else "its target is unknown"
    raise EncodeError(
        f"{show(record_id)} does not say which object it belongs to, and {which}",
        f"give RecordRef(object, {record_id!r}), or Ref(object, user_id=...) if it is a key of your own",
    )


def _from_text(text: str, targets: Sequence[str]) -> str | dict[str, Any]:
    target = targets[0] if len(targets) == 1 else None
    may_be_domain = target is not None and (target == "companies" or is_uuid(target))
    is_domain = may_be_domain and _BARE_HOST.fullmatch(text)
    ref = None if is_domain else record_at(text)
    if ref is not None:
        return _by_id(ref.object, ref.record_id, targets)
    if target in _PLAIN_TEXT_IS_KEY_OF:
        return text
    if is_uuid(text):
        return _by_id(_only(targets, text), text, targets)
    if target == "companies" or ("://" in text and (not targets or may_be_domain)):
        return domain_of(text)
    if target == "people":
        return email_of(text)
    if not targets or (target is not None and is_uuid(target)):
        return text
    raise EncodeError(
        f"{show(text)} does not say which record of {listing(targets)} it is",
        "a text can stand for a company's domain, a person's e-mail address, a user_id or a workspace_id "
        f"where the attribute refers to that object alone; give {A_RECORD}",
    )


def record_at(text: str) -> RecordRef | None:
    """Return the record at an address of the web app; None if the text is not such an address."""
    if not _WEB_APP.match(text):
        return None
    try:
        return RecordRef.from_url(text)
    except ValueError:
        raise EncodeError(f"{show(text)} is not the web address of a record", f"give {A_RECORD}") from None


def _unique(attribute: str, given: Any) -> list[dict[str, Any]]:
    value = _only_one(attribute, given)
    kind = "original_phone_number" if isinstance(value, Phone) else _FIELD_OF_KEY.get(attribute, "value")
    fields = fields_of(value, "value", "domain", "email_address", "original_phone_number", "country_code")
    if fields is not None:
        kind = next((name for name in fields if name != "country_code"), kind)
        value = fields if kind == "original_phone_number" else fields.get(kind)
    if kind == "domain":
        return [{kind: domain_of(value)}]
    if kind == "email_address":
        return [{kind: email_of(value)}]
    if kind == "original_phone_number":
        phone = phone_json(value)
        return [phone if isinstance(phone, dict) else {kind: phone, "country_code": None}]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return [{kind: json_number(value)}]
    return [{kind: text_of(value, f"the {attribute} of the record")}]


def _only_one(attribute: str, value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    items = list(cast("list[Any]", value))
    if len(items) != 1:
        raise EncodeError(
            f"{attribute} has {len(items)} values, and a reference takes one", "give one of them"
        )
    return items[0]


def encode_actor(value: object, _spec: AttributeSpec, rules: CoercionRules) -> str | dict[str, str]:
    """Return a workspace member by e-mail address or id; a full name is accepted if the members are known.

    https://docs.attio.com/docs/attribute-types/attribute-types-actor-reference
    """
    identity = getattr(value, "id", None)
    if isinstance(identity, CompositeId) and identity.own == "workspace_member_id":
        return _member_id(str(identity))
    if is_object(value):
        return _actor_from_object(value)
    if isinstance(value, ActorRef | Member):
        return _actor(value, rules)
    return _actor(Member(text_of(value, "a member's e-mail address or id")), rules)


def _actor(value: ActorRef | Member, rules: CoercionRules) -> str | dict[str, str]:
    if isinstance(value, ActorRef):
        if value.type != MEMBER or value.id is None:
            raise EncodeError(
                f"an actor of type {show(value.type)} cannot be written", "only workspace members can"
            )
        return _member_id(value.id)
    text = text_of(value.email_or_id_or_name, "a member's e-mail address, id or full name")
    if is_uuid(text):
        return _member_id(text)
    return email_of(text) if "@" in text else _member_id(_named(text, rules.members))


def _actor_from_object(value: Mapping[str, Any]) -> str | dict[str, str]:
    if set(value) == {"workspace_id", "workspace_member_id"}:
        return _member_id(value["workspace_member_id"])
    if "id" in value:
        fields = fields_of(value, "type", "id") or {}
        return _actor(ActorRef(fields.get("type"), fields["id"]), CoercionRules())
    fields = (
        fields_of(value, "workspace_member_email_address", "referenced_actor_type", "referenced_actor_id")
        or {}
    )
    email = fields.get("workspace_member_email_address")
    if email is not None:
        return email_of(email)
    return _actor(
        ActorRef(fields.get("referenced_actor_type"), fields.get("referenced_actor_id")), CoercionRules()
    )


def _member_id(member_id: object) -> dict[str, str]:
    member_id = str(member_id) if isinstance(member_id, UUID) else member_id
    if not isinstance(member_id, str) or not is_uuid(member_id):
        raise EncodeError(
            f"{show(member_id)} is not a valid member id, which is a UUID", "give the e-mail address instead"
        )
    return {"referenced_actor_type": MEMBER, "referenced_actor_id": canonical_id(member_id)}


def _named(name: str, members: Mapping[str, Sequence[str]] | None) -> str:
    if members is None:
        raise EncodeError(f"{show(name)} is neither an e-mail address nor an id", "give one of these")
    found = member_called(name, members)
    if found is None:
        raise EncodeError(f"unknown member {show(name)}", "give the full name, the e-mail address or the id")
    return found


def member_called(name: str, members: Mapping[str, Sequence[str]]) -> str | None:
    """Return the id of the member with a full name or e-mail address; None if there is none."""
    ids = members.get(folded(" ".join(name.split())), ())
    if len(ids) > 1:
        raise EncodeError(f"{len(ids)} members are called {show(name)}", "give the e-mail address or the id")
    return ids[0] if ids else None
