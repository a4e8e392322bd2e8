"""Attributes of objects and lists."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._errors import (
    ApiProblem,
    Issue,
    invalid,
    invalid_body,
    invalid_option,
    not_found,
    slug_conflict,
    wrong_type,
)
from .._events.publish import report_attribute
from .._request.validation import BodyField, issues_of
from .._schema import (
    ATTRIBUTE_TYPES,
    MULTISELECT_TYPES,
    Choice,
    FakeAttribute,
    Kind,
    ObjectType,
)
from .._timestamps import is_duration
from .._values.contacts import CURRENCIES
from .._workspace import views
from .._writes.defaults import read_default
from .._writes.lookup import WorkspaceLookup
from .._writes.relationships import OtherEnd, relate
from .._writes.rename import change_currency, rename_attribute
from .call import Handlers, OperationCall, data

_CREATABLE = tuple(name for name in ATTRIBUTE_TYPES if name not in {"interaction", "personal-name"})


_NEVER_UNIQUE = frozenset({"select", "status", "checkbox"})


_DISPLAYS = ("code", "name", "narrowSymbol", "symbol")


_NAMED = {
    "title": BodyField("string"),
    "description": BodyField("string", nullable=True),
    "api_slug": BodyField("string", shortest=1),
    "is_required": BodyField("boolean"),
    "is_unique": BodyField("boolean"),
}


_MORE = {
    "default_value": BodyField("object", nullable=True, required=False),
    "config": BodyField("object"),
}


NEW = {
    **_NAMED,
    **_MORE,
    "type": BodyField("string", options=_CREATABLE),
    "is_multiselect": BodyField("boolean"),
    "relationship": BodyField("object", nullable=True, required=False),
}


CHANGED = {
    **{name: field.optional() for name, field in {**_NAMED, **_MORE}.items()},
    "is_archived": BodyField("boolean", required=False),
}


_CONFIG = {
    "currency": BodyField("object", required=False),
    "record_reference": BodyField("object", required=False),
}


_CURRENCY = {
    "default_currency_code": BodyField("string"),
    "display_type": BodyField("string", options=_DISPLAYS),
}


_REFERENCE = {"allowed_objects": BodyField("array")}


_RELATIONSHIP = {
    "object": BodyField("string"),
    "title": BodyField("string"),
    "api_slug": BodyField("string", shortest=1),
    "is_multiselect": BodyField("boolean"),
}


_ALLOWED = ("data", "config", "record_reference", "allowed_objects")


def check_traits(kind: Kind, type: str, *, is_multiselect: bool, is_unique: bool) -> None:
    """Refuse what attributes of a type, or of an object, cannot be."""
    issues: list[Issue] = []
    if is_multiselect and type not in MULTISELECT_TYPES:
        issues.append(invalid(["data", "is_multiselect"], f"Attributes of type {type} hold one value"))
    if is_unique and type in _NEVER_UNIQUE:
        issues.append(invalid(["data", "is_unique"], f"Attributes of type {type} cannot be unique"))
    if is_unique and isinstance(kind, ObjectType) and kind.slug == "companies":
        issues.append(invalid(["data", "is_unique"], "Companies can have no further unique attributes"))
    if issues:
        raise invalid_body(*issues)


def configured(call: OperationCall, type: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """What the configuration says, as fields of the attribute."""
    path = ["data", "config"]
    issues = issues_of(config, _CONFIG, path)
    for name, fields in (("currency", _CURRENCY), ("record_reference", _REFERENCE)):
        if not issues and name in config:
            issues += issues_of(config[name], fields, [*path, name])
    if issues:
        raise invalid_body(*issues)
    if type == "currency":
        return _currency(config.get("currency", {"default_currency_code": "USD", "display_type": "symbol"}))
    if type == "record-reference" and "record_reference" in config:
        return {"allowed_objects": _objects(call, config["record_reference"]["allowed_objects"])}
    return {}


def _currency(currency: Mapping[str, Any]) -> dict[str, Any]:
    code = currency["default_currency_code"]
    if code not in CURRENCIES:
        path = ["data", "config", "currency", "default_currency_code"]
        raise invalid_body(invalid_option(path, sorted(CURRENCIES), code))
    return {"currency_code": code, "currency_display": currency["display_type"]}


def _objects(call: OperationCall, names: list[Any]) -> list[str]:
    found = [call.workspace.object_type(name) if isinstance(name, str) else None for name in names]
    if None in found or not names:
        raise invalid_body(invalid(_ALLOWED, f"Expected slugs or IDs of objects, received {names!r}"))
    return list(dict.fromkeys(kind.slug for kind in found if kind is not None))


def other_end(
    call: OperationCall, kind: Kind, body: Mapping[str, Any], allowed: Sequence[str] | None
) -> OtherEnd | None:
    """What the body says of the other end; None for an attribute without relationship.

    Args:
        call: The request.
        kind: What gets the attribute.
        body: What is said of it.
        allowed: The objects that its configuration names.

    Raises:
        ApiProblem: Such a relationship cannot be.
    """
    written = body.get("relationship")
    if written is None:
        return None
    path = ["data", "relationship"]
    issues = issues_of(written, _RELATIONSHIP, path)
    if not issues and body["type"] != "record-reference":
        issues.append(wrong_type(path, "null", written))
    if not issues and not isinstance(kind, ObjectType):
        issues.append(invalid(path, "Relationships are between objects"))
    if issues:
        raise invalid_body(*issues)
    target = call.workspace.object_type(written["object"])
    if target is None:
        raise invalid_body(
            invalid([*path, "object"], f'Cannot find object with slug/ID "{written["object"]}"')
        )
    if allowed not in (None, [target.slug]):
        raise invalid_body(invalid(_ALLOWED, f"Expected the object of the relationship: {target.slug}"))
    return OtherEnd(target, written["title"], written["api_slug"], written["is_multiselect"])


_TITLE = {"title": BodyField("string", shortest=1)}


_MORE_FIELDS = {
    "celebration_enabled": BodyField("boolean", required=False),
    "target_time_in_status": BodyField("string", nullable=True, required=False),
}


_ARCHIVED = {"is_archived": BodyField("boolean", required=False)}


_NEW = {"select": _TITLE, "status": {**_TITLE, **_MORE_FIELDS}}


_CHANGED = {
    name: {**{key: field.optional() for key, field in fields.items()}, **_ARCHIVED}
    for name, fields in _NEW.items()
}


_VIEWS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "select": views.option_view,
    "status": views.status_view,
}


def _list(call: OperationCall, type: str) -> object:
    kind, attribute = _attribute(call, type)
    shows_archived = call.asks_for("show_archived")
    shown = [choice for choice in attribute.choices if shows_archived or not choice.is_archived]
    return data([_VIEWS[type](call.workspace, kind, attribute, choice) for choice in shown])


def _create(call: OperationCall, type: str) -> object:
    kind, attribute = _attribute(call, type)
    body = call.request.data(_NEW[type])
    _check(attribute, None, body)
    choice = Choice(call.workspace.new_id(), **body)
    attribute.choices.append(choice)
    report_attribute(call.workspace, kind, attribute, "updated", call.author.stamp)
    return data(_VIEWS[type](call.workspace, kind, attribute, choice))


def _update(call: OperationCall, type: str) -> object:
    kind, attribute = _attribute(call, type)
    name = call.request.parameters["option" if type == "select" else "status"]
    choice = next((one for one in attribute.choices if name in (one.id, one.title)), None)
    if choice is None:
        raise not_found(f'{"select option" if type == "select" else "status"} "{name}"')
    body = call.request.data(_CHANGED[type])
    _check(attribute, choice, body)
    for field, value in body.items():
        setattr(choice, field, value)
    report_attribute(call.workspace, kind, attribute, "updated", call.author.stamp)
    return data(_VIEWS[type](call.workspace, kind, attribute, choice))


def _attribute(call: OperationCall, type: str) -> tuple[Kind, FakeAttribute]:
    kind = call.target()
    attribute = call.attribute(kind)
    if attribute.type != type:
        raise not_found(f'attribute of type {type} with slug/ID "{attribute.slug}"')
    return kind, attribute


def _check(attribute: FakeAttribute, own: Choice | None, body: Mapping[str, Any]) -> None:
    title, duration = body.get("title"), body.get("target_time_in_status")
    if any(choice.title == title and choice is not own for choice in attribute.choices):
        raise slug_conflict(f'"{attribute.slug}" has "{title}" already.')
    if duration is not None and not (duration.startswith("P") and is_duration(duration)):
        raise invalid_body(invalid(["data", "target_time_in_status"], "Invalid ISO 8601 duration"))


def _list_attributes(call: OperationCall) -> object:
    kind = call.target()
    shows_archived = call.asks_for("show_archived")
    shown = [a for a in kind.attributes.values() if shows_archived or not a.is_archived]
    page = call.request.page(None).of(shown)
    return data([views.attribute_view(call.workspace, kind, attribute) for attribute in page])


def _get_attribute(call: OperationCall) -> object:
    kind = call.target()
    return data(views.attribute_view(call.workspace, kind, call.attribute(kind)))


def _create_attribute(call: OperationCall) -> object:
    kind = call.target()
    body = call.request.data(NEW)
    check_traits(kind, body["type"], is_multiselect=body["is_multiselect"], is_unique=body["is_unique"])
    _check_slug(kind, body["api_slug"], None)
    settings = configured(call, body["type"], body["config"])
    other = other_end(call, kind, body, settings.get("allowed_objects"))
    attribute = FakeAttribute(
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


def _add(call: OperationCall, kind: Kind, attribute: FakeAttribute) -> None:
    kind.attributes[attribute.slug] = attribute
    report_attribute(call.workspace, kind, attribute, "created", call.author.stamp)


def _related(call: OperationCall, kind: Kind, attribute: FakeAttribute, other: OtherEnd) -> FakeAttribute:
    """The attribute at the other end of a relationship."""
    _check_slug(other.object, other.slug, None)
    if other.object is kind and other.slug == attribute.slug:
        raise slug_conflict(f'Both ends of the relationship have the slug "{other.slug}".')
    return relate(call.workspace, kind, attribute, other)


def _update_attribute(call: OperationCall) -> object:
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


def _set_default(call: OperationCall, attribute: FakeAttribute, body: Mapping[str, Any]) -> None:
    if "default_value" not in body:
        return
    written = body["default_value"]
    lookup = WorkspaceLookup(call.workspace)
    attribute.default = (
        None if written is None else read_default(attribute, written, call.author.stamp, lookup)
    )


def _check_slug(kind: Kind, slug: str, own: FakeAttribute | None) -> None:
    if slug in kind.attributes and kind.attributes[slug] is not own:
        raise slug_conflict(f'"{kind.slug}" has an attribute with slug "{slug}" already.')


HANDLERS: Handlers = {
    "list_attributes": _list_attributes,
    "get_attribute": _get_attribute,
    "create_attribute": _create_attribute,
    "update_attribute": _update_attribute,
    "list_select_options": lambda call: _list(call, "select"),
    "create_select_option": lambda call: _create(call, "select"),
    "update_select_option": lambda call: _update(call, "select"),
    "list_statuses": lambda call: _list(call, "status"),
    "create_status": lambda call: _create(call, "status"),
    "update_status": lambda call: _update(call, "status"),
}
