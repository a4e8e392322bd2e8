"""Default values of attributes: reading the configuration, and the values that a new record gets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._errors import InvalidValue, Issue, invalid, invalid_body, wrong_type
from .._json_types import is_array
from .._schema import CHOICE_KEYS, Default, FakeAttribute
from .._timestamps import after
from .._validation import BodyField, issues_of
from .._values.fields import Fields
from .._values.read import Lookup, read_value
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace

_CURRENT_USER = "current-user"
_PATH = ("data", "default_value")
_TEMPLATE_PATH = (*_PATH, "template")
_TYPE = BodyField("string", options=("dynamic", "static"))
_TIMES = frozenset({"date", "timestamp"})
_DATE_LENGTH = len("2026-01-01")
_MICROSECONDS_LENGTH = len("2026-01-01T00:00:00.000000")


def read_default(
    attribute: FakeAttribute, written: Mapping[str, Any], stamp: Stamp, lookup: Lookup
) -> Default:
    """Return the default that `{"type": ..., "template": ...}` describes, for an otherwise complete attribute.

    Raises:
        ApiProblem: The template does not fit the attribute, or its type has no dynamic defaults.
    """
    kind = written.get("type")
    template = BodyField("array" if kind == "static" else "string")
    issues = issues_of(written, {"type": _TYPE, "template": template}, _PATH)
    if not issues and kind == "dynamic":
        issues = _dynamic_issues(attribute, written["template"], stamp)
        if not issues:
            return Default("dynamic", written["template"], [])
    if issues:
        raise invalid_body(*issues)
    return Default("static", None, _static_fields(attribute, written["template"], lookup))


def default_fields(
    workspace: Workspace, attribute: FakeAttribute, default: Default, stamp: Stamp
) -> Sequence[Fields]:
    """Return the values that a new record gets, without what has been archived or deleted since."""
    if default.template is None:
        return [fields for fields in default.values if _exists(workspace, attribute, fields)]
    if default.template == _CURRENT_USER:
        actor = stamp.actor
        return [{"referenced_actor_type": actor["type"], "referenced_actor_id": actor["id"]}]
    return [{"value": _time(attribute, default.template, stamp)}]


def _dynamic_issues(attribute: FakeAttribute, template: str, stamp: Stamp) -> list[Issue]:
    if attribute.type == "actor-reference":
        is_valid = template == _CURRENT_USER
        return [] if is_valid else [invalid(_TEMPLATE_PATH, f"Expected '{_CURRENT_USER}'")]
    if attribute.type not in _TIMES:
        return [invalid(_TEMPLATE_PATH, f"Attributes of type {attribute.type} have no dynamic defaults")]
    try:
        _time(attribute, template, stamp)
    except ValueError:
        return [invalid(_TEMPLATE_PATH, "Expected an ISO 8601 duration")]
    return []


def _time(attribute: FakeAttribute, duration: str, stamp: Stamp) -> str:
    """Return the timestamp, or date, that long after the stamp. The nanoseconds, which `datetime` lacks, are kept."""
    microseconds, nanoseconds = stamp.now[:_MICROSECONDS_LENGTH], stamp.now[_MICROSECONDS_LENGTH:]
    moved = after(datetime.fromisoformat(microseconds), duration).isoformat(timespec="microseconds")
    return moved[:_DATE_LENGTH] if attribute.type == "date" else f"{moved}{nanoseconds}"


def _static_fields(attribute: FakeAttribute, template: Sequence[Any], lookup: Lookup) -> list[Fields]:
    if not template:
        raise invalid_body(invalid(_TEMPLATE_PATH, "Expected at least one value"))
    if len(template) > 1 and not attribute.is_multiselect:
        raise invalid_body(invalid(_TEMPLATE_PATH, "Expected one value"))
    found: list[Fields] = []
    for place, written in enumerate(template):
        path: list[str | int] = [*_TEMPLATE_PATH, place]
        if written is None or is_array(written):
            raise invalid_body(wrong_type(path, "object", written))
        try:
            found.append(read_value(attribute, written, lookup))
        except InvalidValue as error:
            raise invalid_body(*error.at(path)) from None
    return found


def _exists(workspace: Workspace, attribute: FakeAttribute, fields: Fields) -> bool:
    key = CHOICE_KEYS.get(attribute.type)
    if key is not None:
        return not attribute.choice_by_id(fields[key]).is_archived
    if attribute.type == "record-reference":
        kind = workspace.object_type(fields["target_object"])
        return kind is not None and workspace.record(kind, fields["target_record_id"]) is not None
    return True
