"""Attributes of objects and lists, with their select options and statuses."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .._errors import (
    Issue,
    invalid,
    invalid_body,
    invalid_option,
    not_found,
    protected,
    slug_conflict,
    wrong_type,
)
from .._events.publish import report_attribute
from .._schema import (
    ATTRIBUTE_TYPES,
    CHOICE_KEYS,
    MULTISELECT_TYPES,
    Choice,
    FakeAttribute,
    Kind,
    ObjectType,
)
from .._timestamps import is_duration
from .._validation import BodyField, issues_of, optional
from .._values.codes import CURRENCIES
from .._workspace.views import attribute_view, choice_view
from .._writes.defaults import read_default
from .._writes.lookup import WorkspaceLookup
from .._writes.relationships import OtherEnd, relate
from .._writes.rename import change_currency, rename_attribute
from .call import OperationCall, check_slug, data, operation, operations_on

_ChoiceOwner = tuple[Kind, FakeAttribute]

_CREATABLE = tuple(name for name in ATTRIBUTE_TYPES if name not in {"interaction", "personal-name"})
_NEVER_UNIQUE = frozenset({"select", "status", "checkbox"})
_ALLOWED_OBJECTS = ("data", "config", "record_reference", "allowed_objects")
_CHANGEABLE = {
    "title": BodyField("string"),
    "description": BodyField("string", nullable=True),
    "api_slug": BodyField("string", shortest=1),
    "is_required": BodyField("boolean"),
    "is_unique": BodyField("boolean"),
    "default_value": BodyField("object", nullable=True, required=False),
    "config": BodyField("object"),
}
_NEW = {
    **_CHANGEABLE,
    "type": BodyField("string", options=_CREATABLE),
    "is_multiselect": BodyField("boolean"),
    "relationship": BodyField("object", nullable=True, required=False),
}
_CHANGED = optional({**_CHANGEABLE, "is_archived": BodyField("boolean")})
_CONFIG = optional({"currency": BodyField("object"), "record_reference": BodyField("object")})
_CURRENCY = {
    "default_currency_code": BodyField("string"),
    "display_type": BodyField("string", options=("code", "name", "narrowSymbol", "symbol")),
}
_REFERENCE = {"allowed_objects": BodyField("array")}
_RELATIONSHIP = {
    "object": BodyField("string"),
    "title": BodyField("string"),
    "api_slug": BodyField("string", shortest=1),
    "is_multiselect": BodyField("boolean"),
}
_TITLE = {"title": BodyField("string", shortest=1)}
_STATUS = optional(
    {
        "celebration_enabled": BodyField("boolean"),
        "target_time_in_status": BodyField("string", nullable=True),
    }
)
_NEW_CHOICE = {"select": _TITLE, "status": {**_TITLE, **_STATUS}}
_CHANGED_CHOICE = {
    name: optional({**fields, "is_archived": BodyField("boolean")}) for name, fields in _NEW_CHOICE.items()
}


@operation
def list_attributes(call: OperationCall) -> object:
    kind = call.target()
    shows_archived = call.request.flag("show_archived")
    shown = [one for one in kind.attributes.values() if shows_archived or not one.is_archived]
    page = call.request.page(None).of(shown)
    return data([attribute_view(call.workspace, kind, attribute) for attribute in page])


@operation
def get_attribute(call: OperationCall) -> object:
    kind = call.target()
    return data(attribute_view(call.workspace, kind, call.attribute(kind)))


@operation
def create_attribute(call: OperationCall) -> object:
    kind = call.target()
    body = call.request.data(_NEW)
    _check_traits(kind, body["type"], is_multiselect=body["is_multiselect"], is_unique=body["is_unique"])
    _check_slug(kind, body["api_slug"], None)
    settings = _settings(call, body["type"], body["config"])
    other = _other_end(call, kind, body, settings.get("allowed_objects"))
    attribute = FakeAttribute(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        title=body["title"],
        description=body["description"],
        type=body["type"],
        created_at=call.stamp.now,
        is_required=body["is_required"],
        is_unique=body["is_unique"],
        is_multiselect=body["is_multiselect"],
        **settings,
    )
    _set_default(call, attribute, body)
    created = [(kind, attribute)]
    if other is not None:
        created.append((other.object, _inverse(call, kind, attribute, other)))
    for owner, one in created:
        owner.attributes[one.slug] = one
        report_attribute(call.workspace, owner, one, "created", call.stamp)
    return data(attribute_view(call.workspace, kind, attribute))


@operation
def update_attribute(call: OperationCall) -> object:
    kind = call.target()
    attribute = call.attribute(kind)
    body = call.request.data(_CHANGED)
    if attribute.is_system:
        raise protected(f'attribute with slug "{attribute.slug}"', "changed")
    slug, is_unique = body.get("api_slug", attribute.slug), body.get("is_unique", attribute.is_unique)
    _check_slug(kind, slug, attribute)
    becomes_unique = is_unique and not attribute.is_unique
    _check_traits(kind, attribute.type, is_multiselect=attribute.is_multiselect, is_unique=becomes_unique)
    if becomes_unique and call.workspace.has_duplicates(kind, attribute):
        raise invalid_body(invalid(["data", "is_unique"], "Some values are there more than once"))
    settings = _settings(call, attribute.type, body["config"]) if "config" in body else {}
    allowed = settings.get("allowed_objects", attribute.allowed_objects)
    if attribute.inverse and allowed != attribute.allowed_objects:
        raise invalid_body(invalid(_ALLOWED_OBJECTS, "The objects of a relationship cannot be changed"))
    _set_default(call, attribute, body)
    for name in ("title", "description", "is_required", "is_unique", "is_archived"):
        setattr(attribute, name, body.get(name, getattr(attribute, name)))
    for name, value in settings.items():
        setattr(attribute, name, value)
    if "currency_code" in settings:
        change_currency(call.workspace, kind, attribute)
    rename_attribute(call.workspace, kind, attribute, slug)
    report_attribute(call.workspace, kind, attribute, "updated", call.stamp)
    return data(attribute_view(call.workspace, kind, attribute))


def _check_slug(kind: Kind, slug: str, own: FakeAttribute | None) -> None:
    check_slug(kind.attributes.values(), slug, own, f'An attribute of "{kind.slug}"')


def _check_traits(kind: Kind, type: str, *, is_multiselect: bool, is_unique: bool) -> None:
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


def _settings(call: OperationCall, type: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration as fields of the attribute."""
    path = ["data", "config"]
    issues = issues_of(config, _CONFIG, path)
    for name, fields in (("currency", _CURRENCY), ("record_reference", _REFERENCE)):
        if not issues and name in config:
            issues += issues_of(config[name], fields, [*path, name])
    if issues:
        raise invalid_body(*issues)
    if type == "currency":
        currency = config.get("currency", {"default_currency_code": "USD", "display_type": "symbol"})
        code = currency["default_currency_code"]
        if code not in CURRENCIES:
            where = [*path, "currency", "default_currency_code"]
            raise invalid_body(invalid_option(where, sorted(CURRENCIES), code))
        return {"currency_code": code, "currency_display": currency["display_type"]}
    if type == "record-reference" and "record_reference" in config:
        return {"allowed_objects": _object_slugs(call, config["record_reference"]["allowed_objects"])}
    return {}


def _object_slugs(call: OperationCall, names: list[Any]) -> list[str]:
    found = [call.workspace.object_type(name) if isinstance(name, str) else None for name in names]
    if None in found or not names:
        raise invalid_body(invalid(_ALLOWED_OBJECTS, f"Expected slugs or IDs of objects, received {names!r}"))
    return list(dict.fromkeys(kind.slug for kind in found if kind is not None))


def _set_default(call: OperationCall, attribute: FakeAttribute, body: Mapping[str, Any]) -> None:
    if "default_value" not in body:
        return
    written = body["default_value"]
    lookup = WorkspaceLookup(call.workspace)
    attribute.default = None if written is None else read_default(attribute, written, call.stamp, lookup)


def _other_end(
    call: OperationCall, kind: Kind, body: Mapping[str, Any], allowed: Sequence[str] | None
) -> OtherEnd | None:
    """Return the other end of a new relationship; None for an attribute without one.

    Args:
        call: The call.
        kind: The object or list that gets the attribute.
        body: The description of the attribute.
        allowed: The objects in its configuration.

    Raises:
        ApiProblem: The relationship is invalid.
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
        message = f"Expected the object of the relationship: {target.slug}"
        raise invalid_body(invalid(_ALLOWED_OBJECTS, message))
    return OtherEnd(target, written["title"], written["api_slug"], written["is_multiselect"])


def _inverse(call: OperationCall, kind: Kind, attribute: FakeAttribute, other: OtherEnd) -> FakeAttribute:
    """Return the attribute at the other end of a relationship."""
    _check_slug(other.object, other.slug, None)
    if other.object is kind and other.slug == attribute.slug:
        raise slug_conflict(f'Both ends of the relationship have the slug "{other.slug}".')
    return relate(call.workspace, kind, attribute, other)


# Select options and statuses


def _list_choices(call: OperationCall, of: _ChoiceOwner, type: str) -> object:
    kind, attribute = of
    shows_archived = call.request.flag("show_archived")
    choices = attribute.choices if attribute.type == type else ()  # a status attribute has no options
    shown = [choice for choice in choices if shows_archived or not choice.is_archived]
    return data([choice_view(call.workspace, kind, attribute, choice) for choice in shown])


def _create_choice(call: OperationCall, of: _ChoiceOwner) -> object:
    kind, attribute = of
    body = call.request.data(_NEW_CHOICE[attribute.type])
    _check_choice(attribute, None, body)
    choice = Choice(call.workspace.new_id(), **body)
    attribute.choices.append(choice)
    report_attribute(call.workspace, kind, attribute, "updated", call.stamp)
    return data(choice_view(call.workspace, kind, attribute, choice))


def _update_choice(call: OperationCall, of: _ChoiceOwner) -> object:
    kind, attribute = of
    name = call.request.parameters[CHOICE_KEYS[attribute.type]]
    choice = next((one for one in attribute.choices if name in (one.id, one.title)), None)
    if choice is None:
        raise not_found(f'{"select option" if attribute.type == "select" else "status"} "{name}"')
    body = call.request.data(_CHANGED_CHOICE[attribute.type])
    _check_choice(attribute, choice, body)
    for field, value in body.items():
        setattr(choice, field, value)
    report_attribute(call.workspace, kind, attribute, "updated", call.stamp)
    return data(choice_view(call.workspace, kind, attribute, choice))


def _attribute_of_type(call: OperationCall, *types: str) -> _ChoiceOwner:
    kind = call.target()
    attribute = call.attribute(kind)
    if attribute.type not in types:
        raise not_found(f'attribute of type {types[0]} with slug/ID "{attribute.slug}"')
    return kind, attribute


def _check_choice(attribute: FakeAttribute, own: Choice | None, body: Mapping[str, Any]) -> None:
    title, duration = body.get("title"), body.get("target_time_in_status")
    if any(choice.title == title and choice is not own for choice in attribute.choices):
        raise slug_conflict(f'"{attribute.slug}" already has "{title}".')
    if duration is not None and not (duration.startswith("P") and is_duration(duration)):
        raise invalid_body(invalid(["data", "target_time_in_status"], "Invalid ISO 8601 duration"))


operations_on(
    lambda call: _attribute_of_type(call, "select", "status"),
    list_select_options=partial(_list_choices, type="select"),
)
operations_on(
    lambda call: _attribute_of_type(call, "select"),
    create_select_option=_create_choice,
    update_select_option=_update_choice,
)
operations_on(
    lambda call: _attribute_of_type(call, "status"),
    list_statuses=partial(_list_choices, type="status"),
    create_status=_create_choice,
    update_status=_update_choice,
)
