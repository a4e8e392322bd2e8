"""Objects, attributes, records and entries in the JSON shapes of the API.

The views share their innermost parts with the state: encode them, never change them.
"""

from typing import Any, TypeVar

import msgspec

from .._schema import (
    CHOICE_KEYS,
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


def detached(view: T) -> T:
    """Copy a view, or several, so that the copy shares nothing with the state."""
    copy: T = msgspec.json.decode(msgspec.json.encode(view))
    return copy


def object_view(workspace: Workspace, kind: ObjectType) -> Json:
    """Return an object as the API shows it."""
    return {
        "id": _kind_id(workspace, kind),
        "api_slug": kind.slug,
        "singular_noun": kind.singular,
        "plural_noun": kind.plural,
        "created_at": kind.created_at,
    }


def list_view(workspace: Workspace, kind: ListType) -> Json:
    """Return a list as the API shows it."""
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


def activity_view(workspace: Workspace, kind: ActivityType) -> Json:
    """Return an activity as the API shows it, with the one that it extends."""
    parent = workspace.activity_type(kind.extends or "")
    return {
        "id": {"workspace_id": workspace.data.id, "activity_id": kind.id},
        "api_slug": kind.slug,
        "singular_noun": kind.singular,
        "plural_noun": kind.plural,
        "extends": [] if parent is None else [{"schema_id": parent.id, "schema_slug": parent.slug}],
        "is_system_activity": kind.extends is None,
        "created_at": kind.created_at,
    }


def attribute_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> Json:
    """Return an attribute as the API shows it."""
    objects, allowed = workspace.data.objects, attribute.allowed_objects
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
        "relationship": _relationship_view(workspace, attribute),
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


def _default_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> Json | None:
    default = attribute.default
    if default is None:
        return None
    if default.template is not None:
        return {"type": default.type, "template": default.template}
    values = [{**fields, "attribute_type": attribute.type} for fields in default.values]
    return {"type": default.type, "template": values_view(workspace, kind, attribute, values)}


def _relationship_view(workspace: Workspace, attribute: FakeAttribute) -> Json | None:
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


def choice_view(workspace: Workspace, kind: Kind, attribute: FakeAttribute, choice: Choice) -> Json:
    """Return a select option or a status as the API shows it."""
    key = CHOICE_KEYS[attribute.type]
    view: Json = {
        "id": {**_attribute_id(workspace, kind, attribute), f"{key}_id": choice.id},
        "title": choice.title,
        "is_archived": choice.is_archived,
    }
    if key == "status":
        view["celebration_enabled"] = choice.celebration_enabled
        view["target_time_in_status"] = choice.target_time_in_status
    return view


def member_view(workspace: Workspace, member: FakeMember) -> Json:
    """Return a workspace member as the API shows them."""
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
    """The current values of the rows of one object, list or activity, of which there may be many."""

    __slots__ = ("_choices", "_empty", "_hidden", "_kind", "_views", "_workspace")

    def __init__(self, workspace: Workspace, kind: Kind) -> None:
        self._workspace = workspace
        self._kind = kind
        self._views: dict[str, Json] = {}
        self._empty: dict[str, list[Value]] = {}
        self._hidden: list[str] = []
        self._choices: list[FakeAttribute] = []
        for attribute in kind.attributes.values():
            if attribute.is_archived:
                self._hidden.append(attribute.slug)
                continue
            self._empty[attribute.slug] = _NO_VALUES
            if attribute.type in CHOICE_KEYS:
                self._choices.append(attribute)

    def of(self, row: FakeRecord) -> dict[str, list[Value]]:
        """Return the values of a row by attribute; attributes without one have an empty list."""
        values = {**self._empty, **row.values}
        for slug in self._hidden:
            values.pop(slug, None)
        for attribute in self._choices:
            slug = attribute.slug
            if values[slug]:
                values[slug] = values_view(self._workspace, self._kind, attribute, values[slug], self._views)
        return values


def row_view(workspace: Workspace, kind: Kind, row: FakeRecord, values: AllValues | None = None) -> Json:
    """Return a record or list entry as the API shows it, with its current values.

    Args:
        workspace: The workspace.
        kind: The object, list or activity of the row.
        row: The record or entry.
        values: The values of its kind, when several rows are shown.
    """
    shown = (values or AllValues(workspace, kind)).of(row)
    if row.parent is not None:
        return {
            "id": {"workspace_id": workspace.data.id, "list_id": kind.id, "entry_id": row.id},
            "parent_record_id": row.parent.record_id,
            "parent_object": row.parent.object,
            "created_at": row.created_at,
            "entry_values": shown,
        }
    if isinstance(kind, ObjectType):
        noun = kind.singular.lower().replace(" ", "-")
        return {
            "id": {**_kind_id(workspace, kind), "record_id": row.id},
            "created_at": row.created_at,
            "web_url": f"https://app.attio.com/{workspace.data.slug}/{noun}/{row.id}",
            "values": shown,
        }
    return {
        "id": {"workspace_id": workspace.data.id, "activity_id": kind.id, "record_id": row.id},
        "created_at": row.created_at,
        "values": shown,
    }


def membership_view(workspace: Workspace, entry: FakeRecord) -> Json:
    """Return a list entry as the entries of a record are shown, without values."""
    kind = workspace.kind_of(entry)
    return {
        "list_id": kind.id,
        "list_api_slug": kind.slug,
        "entry_id": entry.id,
        "created_at": entry.created_at,
    }


def values_view(
    workspace: Workspace,
    kind: Kind,
    attribute: FakeAttribute,
    values: list[Value],
    choices: dict[str, Json] | None = None,
) -> list[Value]:
    """Return values with their option or status in full. `choices` keeps the views of these for the next call."""
    key = CHOICE_KEYS.get(attribute.type)
    if not values or key is None:
        return values
    views: dict[str, Json] = {} if choices is None else choices
    shown: list[Value] = []
    for value in values:
        choice_id = value[key]
        if choice_id not in views:
            views[choice_id] = choice_view(workspace, kind, attribute, attribute.choice_by_id(choice_id))
        shown.append({**value, key: views[choice_id]})
    return shown


def _kind_id(workspace: Workspace, kind: Kind) -> Json:
    """Return what precedes the id of an attribute or record. Attributes of lists have both ids."""
    ids = {"workspace_id": workspace.data.id, "object_id": kind.id}
    return {**ids, "list_id": kind.id} if isinstance(kind, ListType) else ids


def _attribute_id(workspace: Workspace, kind: Kind, attribute: FakeAttribute) -> Json:
    return {**_kind_id(workspace, kind), "attribute_id": attribute.id}
