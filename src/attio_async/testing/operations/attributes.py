"""Attributes of objects and lists."""

from collections.abc import Mapping
from typing import Any

from .. import views
from ..bodies import Field, issues_of
from ..problems import ApiProblem, Issue, invalid, invalid_body, not_modelled, slug_conflict
from ..reports import report_attribute
from ..schema import ATTRIBUTE_TYPES, MULTISELECT_TYPES, Attribute, Kind
from .call import Call, Handlers, data

_CREATABLE = tuple(name for name in ATTRIBUTE_TYPES if name not in {"interaction", "personal-name"})
_NEVER_UNIQUE = frozenset({"select", "status", "checkbox"})
_DISPLAYS = ("code", "name", "narrowSymbol", "symbol")

_NAMED = {
    "title": Field("string"),
    "description": Field("string", nullable=True),
    "api_slug": Field("string", shortest=1),
    "is_required": Field("boolean"),
    "is_unique": Field("boolean"),
}
_MORE = {
    "default_value": Field("object", nullable=True, required=False),
    "config": Field("object"),
}
_NEW = {
    **_NAMED,
    **_MORE,
    "type": Field("string", options=_CREATABLE),
    "is_multiselect": Field("boolean"),
    "relationship": Field("object", nullable=True, required=False),
}
_CHANGED = {
    **{name: field.optional() for name, field in {**_NAMED, **_MORE}.items()},
    "is_archived": Field("boolean", required=False),
}
_CONFIG = {
    "currency": Field("object", required=False),
    "record_reference": Field("object", required=False),
}
_CURRENCY = {
    "default_currency_code": Field("string", shortest=3),
    "display_type": Field("string", options=_DISPLAYS),
}
_REFERENCE = {"allowed_objects": Field("array")}


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
    body = call.request.data(_NEW)
    _refuse_defaults(body)
    if body.get("relationship") is not None:
        raise not_modelled("attributes created with a relationship")
    _check_slug(kind, body["api_slug"], None)
    _check_traits(body["type"], is_multiselect=body["is_multiselect"], is_unique=body["is_unique"])
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
        **_configured(call, body["type"], body["config"]),
    )
    kind.attributes[attribute.slug] = attribute
    report_attribute(call.workspace, kind, attribute, "created", call.author.stamp)
    return data(views.attribute_view(call.workspace, kind, attribute))


def _update_attribute(call: Call) -> object:
    kind = call.target()
    attribute = call.attribute(kind)
    body = call.request.data(_CHANGED)
    _refuse_defaults(body)
    if attribute.is_system:
        raise ApiProblem(
            400, "system_edit_unauthorized", f'The attribute with slug "{attribute.slug}" cannot be changed.'
        )
    slug, is_unique = body.get("api_slug", attribute.slug), body.get("is_unique", attribute.is_unique)
    _check_slug(kind, slug, attribute)
    _check_traits(attribute.type, is_multiselect=attribute.is_multiselect, is_unique=is_unique)
    if is_unique and not attribute.is_unique and call.workspace.has_duplicates(kind, attribute):
        raise invalid_body(invalid(["data", "is_unique"], "Some values are there more than once"))
    configured = _configured(call, attribute.type, body["config"]) if "config" in body else {}
    for name in ("title", "description", "is_required", "is_unique", "is_archived"):
        setattr(attribute, name, body.get(name, getattr(attribute, name)))
    for name, value in configured.items():
        setattr(attribute, name, value)
    call.workspace.rename_attribute(kind, attribute, slug)
    report_attribute(call.workspace, kind, attribute, "updated", call.author.stamp)
    return data(views.attribute_view(call.workspace, kind, attribute))


def _refuse_defaults(body: Mapping[str, Any]) -> None:
    if body.get("default_value") is not None:
        raise not_modelled("default values")


def _check_slug(kind: Kind, slug: str, own: Attribute | None) -> None:
    if slug in kind.attributes and kind.attributes[slug] is not own:
        raise slug_conflict(f'"{kind.slug}" has an attribute with slug "{slug}" already.')


def _check_traits(type: str, *, is_multiselect: bool, is_unique: bool) -> None:
    issues: list[Issue] = []
    if is_multiselect and type not in MULTISELECT_TYPES:
        issues.append(invalid(["data", "is_multiselect"], f"Attributes of type {type} hold one value"))
    if is_unique and type in _NEVER_UNIQUE:
        issues.append(invalid(["data", "is_unique"], f"Attributes of type {type} cannot be unique"))
    if issues:
        raise invalid_body(*issues)


def _configured(call: Call, type: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What the configuration says, as fields of the attribute."""
    path = ["data", "config"]
    issues = issues_of(config, _CONFIG, path)
    for name, fields in (("currency", _CURRENCY), ("record_reference", _REFERENCE)):
        if not issues and name in config:
            issues += issues_of(config[name], fields, [*path, name])
    if issues:
        raise invalid_body(*issues)
    if type == "currency":
        currency = config.get("currency", {"default_currency_code": "USD", "display_type": "symbol"})
        return {
            "currency_code": currency["default_currency_code"],
            "currency_display": currency["display_type"],
        }
    if type == "record-reference" and "record_reference" in config:
        return {"allowed_objects": _objects(call, config["record_reference"]["allowed_objects"])}
    return {}


def _objects(call: Call, names: list[Any]) -> list[str]:
    path = ["data", "config", "record_reference", "allowed_objects"]
    found = [call.workspace.object_type(name) if isinstance(name, str) else None for name in names]
    unknown = [name for name, kind in zip(names, found, strict=True) if kind is None]
    if unknown or not names:
        raise invalid_body(invalid(path, f"Expected slugs or IDs of objects, received {names!r}"))
    return [kind.slug for kind in found if kind is not None]


HANDLERS: Handlers = {
    "list_attributes": _list_attributes,
    "get_attribute": _get_attribute,
    "create_attribute": _create_attribute,
    "update_attribute": _update_attribute,
}
