"""Attributes of objects and lists."""

from collections.abc import Mapping
from typing import Any

from .. import views
from ..defaults import read_default
from ..lookup import WorkspaceLookup
from ..problems import ApiProblem, invalid, invalid_body, slug_conflict
from ..relations import OtherEnd, relate
from ..renames import change_currency, rename_attribute
from ..reports import report_attribute
from ..schema import Attribute, Kind
from .attribute_bodies import CHANGED, NEW, check_traits, configured, other_end
from .call import Call, Handlers, data


def _list_attributes(call: Call) -> object:
    kind = call.target()
    shows_archived = call.asks_for("show_archived")
    shown = [a for a in kind.attributes.values() if shows_archived or not a.is_archived]
    page = call.request.page(None).of(shown)
    return data([views.attribute_view(call.workspace, kind, attribute) for attribute in page])


def _get_attribute(call: Call) -> object:
    kind = call.target()
    return data(views.attribute_view(call.workspace, kind, call.attribute(kind)))


def _create_attribute(call: Call) -> object:
    kind = call.target()
    body = call.request.data(NEW)
    check_traits(kind, body["type"], is_multiselect=body["is_multiselect"], is_unique=body["is_unique"])
    _check_slug(kind, body["api_slug"], None)
    settings = configured(call, body["type"], body["config"])
    other = other_end(call, kind, body, settings.get("allowed_objects"))
    attribute = Attribute(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        title=body["title"],
        description=body["description"],
        type=body["type"],
        created_at=call.author.stamp.now,
        is_required=body["is_required"],
        is_unique=body["is_unique"],
        is_multiselect=body["is_multiselect"],
        **settings,
    )
    _set_default(call, attribute, body)
    inverse = None if other is None else _related(call, kind, attribute, other)
    _add(call, kind, attribute)
    if other is not None and inverse is not None:
        _add(call, other.object, inverse)
    return data(views.attribute_view(call.workspace, kind, attribute))


def _add(call: Call, kind: Kind, attribute: Attribute) -> None:
    kind.attributes[attribute.slug] = attribute
    report_attribute(call.workspace, kind, attribute, "created", call.author.stamp)


def _related(call: Call, kind: Kind, attribute: Attribute, other: OtherEnd) -> Attribute:
    """The attribute at the other end of a relationship."""
    _check_slug(other.object, other.slug, None)
    if other.object is kind and other.slug == attribute.slug:
        raise slug_conflict(f'Both ends of the relationship have the slug "{other.slug}".')
    return relate(call.workspace, kind, attribute, other)


def _update_attribute(call: Call) -> object:
    kind = call.target()
    attribute = call.attribute(kind)
    body = call.request.data(CHANGED)
    if attribute.is_system:
        raise ApiProblem(
            400, "system_edit_unauthorized", f'The attribute with slug "{attribute.slug}" cannot be changed.'
        )
    slug, is_unique = body.get("api_slug", attribute.slug), body.get("is_unique", attribute.is_unique)
    _check_slug(kind, slug, attribute)
    becomes_unique = is_unique and not attribute.is_unique
    check_traits(kind, attribute.type, is_multiselect=attribute.is_multiselect, is_unique=becomes_unique)
    if becomes_unique and call.workspace.has_duplicates(kind, attribute):
        raise invalid_body(invalid(["data", "is_unique"], "Some values are there more than once"))
    settings = configured(call, attribute.type, body["config"]) if "config" in body else {}
    if (
        attribute.inverse
        and settings.get("allowed_objects", attribute.allowed_objects) != attribute.allowed_objects
    ):
        path = ["data", "config", "record_reference", "allowed_objects"]
        raise invalid_body(invalid(path, "The objects of a relationship cannot be changed"))
    _set_default(call, attribute, body)
    for name in ("title", "description", "is_required", "is_unique", "is_archived"):
        setattr(attribute, name, body.get(name, getattr(attribute, name)))
    for name, value in settings.items():
        setattr(attribute, name, value)
    if "currency_code" in settings:
        change_currency(call.workspace, kind, attribute)
    rename_attribute(call.workspace, kind, attribute, slug)
    report_attribute(call.workspace, kind, attribute, "updated", call.author.stamp)
    return data(views.attribute_view(call.workspace, kind, attribute))


def _set_default(call: Call, attribute: Attribute, body: Mapping[str, Any]) -> None:
    if "default_value" not in body:
        return
    written = body["default_value"]
    lookup = WorkspaceLookup(call.workspace)
    attribute.default = (
        None if written is None else read_default(attribute, written, call.author.stamp, lookup)
    )


def _check_slug(kind: Kind, slug: str, own: Attribute | None) -> None:
    if slug in kind.attributes and kind.attributes[slug] is not own:
        raise slug_conflict(f'"{kind.slug}" has an attribute with slug "{slug}" already.')


HANDLERS: Handlers = {
    "list_attributes": _list_attributes,
    "get_attribute": _get_attribute,
    "create_attribute": _create_attribute,
    "update_attribute": _update_attribute,
}
