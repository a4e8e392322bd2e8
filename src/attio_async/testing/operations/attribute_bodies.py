"""What requests say of an attribute that is made or changed, checked."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..bodies import Field, issues_of
from ..codes import CURRENCIES
from ..problems import Issue, invalid, invalid_body, invalid_option, wrong_type
from ..relations import OtherEnd
from ..schema import ATTRIBUTE_TYPES, MULTISELECT_TYPES, Kind, ObjectType
from .call import Call

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
NEW = {
    **_NAMED,
    **_MORE,
    "type": Field("string", options=_CREATABLE),
    "is_multiselect": Field("boolean"),
    "relationship": Field("object", nullable=True, required=False),
}
CHANGED = {
    **{name: field.optional() for name, field in {**_NAMED, **_MORE}.items()},
    "is_archived": Field("boolean", required=False),
}
_CONFIG = {
    "currency": Field("object", required=False),
    "record_reference": Field("object", required=False),
}
_CURRENCY = {
    "default_currency_code": Field("string"),
    "display_type": Field("string", options=_DISPLAYS),
}
_REFERENCE = {"allowed_objects": Field("array")}
_RELATIONSHIP = {
    "object": Field("string"),
    "title": Field("string"),
    "api_slug": Field("string", shortest=1),
    "is_multiselect": Field("boolean"),
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


def configured(call: Call, type: str, config: Mapping[str, Any]) -> dict[str, Any]:
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


def _objects(call: Call, names: list[Any]) -> list[str]:
    found = [call.workspace.object_type(name) if isinstance(name, str) else None for name in names]
    if None in found or not names:
        raise invalid_body(invalid(_ALLOWED, f"Expected slugs or IDs of objects, received {names!r}"))
    return list(dict.fromkeys(kind.slug for kind in found if kind is not None))


def other_end(
    call: Call, kind: Kind, body: Mapping[str, Any], allowed: Sequence[str] | None
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
