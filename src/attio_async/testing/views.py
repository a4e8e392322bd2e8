"""What is stored, in the JSON shapes of the API.

The views share their innermost parts with the state: encode them, never change them.
"""

from typing import Any

from .schema import Attribute, Choice, Member, ObjectType, Record, Value
from .state import Workspace

Json = dict[str, Any]
_NO_VALUES: list[Value] = []


def object_view(workspace: Workspace, kind: ObjectType) -> Json:
    """An object."""
    return {
        "id": _object_id(workspace, kind),
        "api_slug": kind.slug,
        "singular_noun": kind.singular,
        "plural_noun": kind.plural,
        "created_at": kind.created_at,
    }


def attribute_view(workspace: Workspace, kind: ObjectType, attribute: Attribute) -> Json:
    """An attribute of an object."""
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
        "is_default_value_enabled": False,
        "is_archived": attribute.is_archived,
        "default_value": None,
        "relationship": _relationship(workspace, attribute),
        "created_at": attribute.created_at,
        "config": {
            "currency": {
                "default_currency_code": attribute.currency_code,
                "display_type": "symbol" if attribute.currency_code else None,
            },
            "record_reference": {
                "allowed_object_ids": None if allowed is None else [objects[slug].id for slug in allowed]
            },
        },
    }


def option_view(workspace: Workspace, kind: ObjectType, attribute: Attribute, choice: Choice) -> Json:
    """A select option."""
    return {
        "id": {**_attribute_id(workspace, kind, attribute), "option_id": choice.id},
        "title": choice.title,
        "is_archived": choice.is_archived,
    }


def status_view(workspace: Workspace, kind: ObjectType, attribute: Attribute, choice: Choice) -> Json:
    """A status."""
    return {
        "id": {**_attribute_id(workspace, kind, attribute), "status_id": choice.id},
        "title": choice.title,
        "is_archived": choice.is_archived,
        "celebration_enabled": choice.celebration_enabled,
        "target_time_in_status": choice.target_time_in_status,
    }


def member_view(workspace: Workspace, member: Member) -> Json:
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


def record_view(workspace: Workspace, kind: ObjectType, record: Record) -> Json:
    """A record with its current values; attributes without one have an empty list."""
    noun = kind.singular.lower().replace(" ", "-")
    values = dict.fromkeys(kind.attributes, _NO_VALUES)
    for slug, current in record.values.items():
        values[slug] = values_view(workspace, kind, kind.attributes[slug], current)
    for attribute in kind.attributes.values():
        if attribute.is_archived:
            del values[attribute.slug]
    return {
        "id": {**_object_id(workspace, kind), "record_id": record.id},
        "created_at": record.created_at,
        "web_url": f"https://app.attio.com/{workspace.data.slug}/{noun}/{record.id}",
        "values": values,
    }


def values_view(
    workspace: Workspace, kind: ObjectType, attribute: Attribute, values: list[Value]
) -> list[Value]:
    """Values with their option or status in full."""
    if not values or attribute.type not in ("select", "status"):
        return values
    key, view = ("option", option_view) if attribute.type == "select" else ("status", status_view)
    return [
        {**value, key: view(workspace, kind, attribute, attribute.choice_by_id(value[key]))}
        for value in values
    ]


def _object_id(workspace: Workspace, kind: ObjectType) -> Json:
    return {"workspace_id": workspace.data.id, "object_id": kind.id}


def _attribute_id(workspace: Workspace, kind: ObjectType, attribute: Attribute) -> Json:
    return {**_object_id(workspace, kind), "attribute_id": attribute.id}


def _relationship(workspace: Workspace, attribute: Attribute) -> Json | None:
    if attribute.inverse is None:
        return None
    target, slug = attribute.inverse
    other = workspace.data.objects[target]
    return {"id": _attribute_id(workspace, other, other.attributes[slug])}
