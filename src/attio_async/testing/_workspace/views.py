"""What is stored, in the JSON shapes of the API.

The views share their innermost parts with the state: encode them, never change them.
"""

from typing import Any, TypeVar

import msgspec

from .._schema import (
    ActivityType,
    Choice,
    FakeAttribute,
    FakeMember,
    FakeRecord,
    Kind,
    ListType,
    ObjectType,
    Value,
)
from .workspace import Workspace

Json = dict[str, Any]
T = TypeVar("T", Json, list[Json])
_NO_VALUES: list[Value] = []
_CHOICES = frozenset({"select", "status"})


def detached(view: T) -> T:
    """Copy a view, or several, so that the copy shares nothing with the state."""
    copy: T = msgspec.json.decode(msgspec.json.encode(view))
    return copy


def object_view(workspace: Workspace, kind: ObjectType) -> Json:
    """An object."""
    return {
        "id": _kind_id(workspace, kind),
        "api_slug": kind.slug,
        "singular_noun": kind.singular,
        "plural_noun": kind.plural,
        "created_at": kind.created_at,
    }


def list_view(workspace: Workspace, kind: ListType) -> Json:
    """A list."""
    return {
        "id": {"workspace_id": workspace.data.id, "list_id": kind.id},
        "api_slug": kind.slug,
        "name": kind.name,
        "parent_object": [kind.parent_object],
        "workspace_access": kind.workspace_access,
        "workspace_member_access": kind.member_access,
        "created_by_actor": kind.created_by,
        "created_at": kind.created_at,
    }


def attribute_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> Json:
    """An attribute of an object or a list."""
    objects = workspace.data.objects
    allowed = attribute.allowed_objects
    return {
        "id": _attribute_id(workspace, kind, attribute),
        "title": attribute.title,
        "description": attribute.description,
        "api_slug": attribute.slug,
        "type": attribute.type,
        "is_system_attribute": attribute.is_system,
        "is_writable": attribute.is_writable,
        "is_required": attribute.is_required,
        "is_unique": attribute.is_unique,
        "is_multiselect": attribute.is_multiselect,
        "is_default_value_enabled": attribute.default is not None,
        "is_archived": attribute.is_archived,
        "default_value": _default_view(workspace, kind, attribute),
        "relationship": _relationship(workspace, attribute),
        "created_at": attribute.created_at,
        "config": {
            "currency": {
                "default_currency_code": attribute.currency_code,
                "display_type": attribute.currency_display,
            },
            "record_reference": {
                "allowed_object_ids": None if allowed is None else [objects[slug].id for slug in allowed]
            },
        },
    }


def option_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute, choice: Choice) -> Json:
    """A select option."""
    return {
        "id": {**_attribute_id(workspace, kind, attribute), "option_id": choice.id},
        "title": choice.title,
        "is_archived": choice.is_archived,
    }


def status_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute, choice: Choice) -> Json:
    """A status."""
    return {
        "id": {**_attribute_id(workspace, kind, attribute), "status_id": choice.id},
        "title": choice.title,
        "is_archived": choice.is_archived,
        "celebration_enabled": choice.celebration_enabled,
        "target_time_in_status": choice.target_time_in_status,
    }


def member_view(workspace: Workspace, member: FakeMember) -> Json:
    """A workspace member."""
    return {
        "id": {"workspace_id": workspace.data.id, "workspace_member_id": member.id},
        "first_name": member.first_name,
        "last_name": member.last_name,
        "avatar_url": member.avatar_url,
        "email_address": member.email_address,
        "created_at": member.created_at,
        "access_level": member.access_level,
    }


class AllValues:
    """Shows the current values of records of one object, or entries of one list, of which there may be many."""

    __slots__ = ("_choices", "_empty", "_hidden", "_kind", "_workspace")

    def __init__(self, workspace: Workspace, kind: Kind) -> None:
        self._workspace = workspace
        self._kind = kind
        attributes = kind.attributes.values()
        self._empty = {one.slug: _NO_VALUES for one in attributes if not one.is_archived}
        self._hidden = [one.slug for one in attributes if one.is_archived]
        self._choices = [one for one in attributes if one.type in _CHOICES and not one.is_archived]

    def of(self, record: FakeRecord) -> dict[str, list[Value]]:
        """Its values by attribute; attributes without one have an empty list."""
        values = {**self._empty, **record.values}
        for slug in self._hidden:
            values.pop(slug, None)
        for attribute in self._choices:
            slug = attribute.slug
            if values[slug]:
                values[slug] = values_view(self._workspace, self._kind, attribute, values[slug])
        return values


def record_view(
    workspace: Workspace, kind: ObjectType, record: FakeRecord, values: AllValues | None = None
) -> Json:
    """A record with its current values; `values` is made once for many of them."""
    noun = kind.singular.lower().replace(" ", "-")
    return {
        "id": {**_kind_id(workspace, kind), "record_id": record.id},
        "created_at": record.created_at,
        "web_url": f"https://app.attio.com/{workspace.data.slug}/{noun}/{record.id}",
        "values": (values or AllValues(workspace, kind)).of(record),
    }


def activity_record_view(workspace: Workspace, kind: ActivityType, record: FakeRecord) -> Json:
    """A record of an activity with its current values; attributes without one have an empty list."""
    return {
        "id": {"workspace_id": workspace.data.id, "activity_id": kind.id, "record_id": record.id},
        "created_at": record.created_at,
        "values": AllValues(workspace, kind).of(record),
    }


def entry_view(
    workspace: Workspace, kind: ListType, entry: FakeRecord, values: AllValues | None = None
) -> Json:
    """A list entry with its current values; `values` is made once for many of them."""
    parent = entry.about
    return {
        "id": {"workspace_id": workspace.data.id, "list_id": kind.id, "entry_id": entry.id},
        "parent_record_id": parent.record_id,
        "parent_object": parent.object,
        "created_at": entry.created_at,
        "entry_values": (values or AllValues(workspace, kind)).of(entry),
    }


def membership_view(workspace: Workspace, entry: FakeRecord) -> Json:
    """What a record is told of one of its entries: no values."""
    kind = workspace.kind_of(entry)
    return {
        "list_id": kind.id,
        "list_api_slug": kind.slug,
        "entry_id": entry.id,
        "created_at": entry.created_at,
    }


def values_view(
    workspace: Workspace, kind: Kind, attribute: FakeAttribute, values: list[Value]
) -> list[Value]:
    """Values with their option or status in full."""
    if not values or attribute.type not in _CHOICES:
        return values
    key, view = ("option", option_view) if attribute.type == "select" else ("status", status_view)
    return [
        {**value, key: view(workspace, kind, attribute, attribute.choice_by_id(value[key]))}
        for value in values
    ]


def _kind_id(workspace: Workspace, kind: Kind) -> Json:
    """What precedes the id of anything of an object or list; of lists it goes by both names."""
    ids = {"workspace_id": workspace.data.id, "object_id": kind.id}
    return {**ids, "list_id": kind.id} if isinstance(kind, ListType) else ids


def _attribute_id(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> Json:
    return {**_kind_id(workspace, kind), "attribute_id": attribute.id}


def _default_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> Json | None:
    default = attribute.default
    if default is None:
        return None
    if default.template is not None:
        return {"type": default.type, "template": default.template}
    values = [{**fields, "attribute_type": attribute.type} for fields in default.values]
    return {"type": default.type, "template": values_view(workspace, kind, attribute, values)}


def _relationship(workspace: Workspace, attribute: FakeAttribute) -> Json | None:
    if attribute.inverse is None:
        return None
    target, slug = attribute.inverse
    kind = workspace.data.objects[target]
    other = kind.attributes[slug]
    return {
        "id": _attribute_id(workspace, kind, other),
        "object_slug": kind.slug,
        "title": other.title,
        "api_slug": other.slug,
        "is_multiselect": other.is_multiselect,
    }
