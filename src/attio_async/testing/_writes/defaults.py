"""Default values of attributes: reading what was configured, and what a new record gets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._errors import (
    InvalidValue,
    Issue,
    invalid,
    invalid_body,
    wrong_type,
)
from .._json_types import is_array
from .._request.validation import BodyField, issues_of
from .._schema import Default, FakeAttribute
from .._timestamps import after
from .._values.fields import Fields
from .._values.read import Lookup, read_value
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace

CURRENT_USER = "current-user"
_PATH = ("data", "default_value")
_KIND = BodyField("string", options=("dynamic", "static"))
_MOMENTS = frozenset({"date", "timestamp"})
_DAY = len("2026-01-01")
_MICROSECONDS = len("2026-01-01T00:00:00.000000")


def read_default(
    attribute: FakeAttribute, written: Mapping[str, Any], stamp: Stamp, lookup: Lookup
) -> Default:
    """The default that `{"type": ..., "template": ...}` describes, for an attribute that is otherwise complete.

    Raises:
        ApiProblem: The template does not fit the attribute, or its type has no dynamic defaults.
    """
    kind = written.get("type")
    template = BodyField("array" if kind == "static" else "string")
    issues = issues_of(written, {"type": _KIND, "template": template}, _PATH)
    if not issues and kind == "dynamic":
        issues = _dynamic_issues(attribute, written["template"], stamp)
        if not issues:
            return Default("dynamic", written["template"], [])
    if issues:
        raise invalid_body(*issues)
    return Default("static", None, _static(attribute, written["template"], lookup))


def default_fields(
    workspace: Workspace, attribute: FakeAttribute, default: Default, stamp: Stamp
) -> Sequence[Fields]:
    """What a new record gets; what has been archived or deleted since is left out."""
    if default.template is None:
        return [fields for fields in default.values if _is_there(workspace, attribute, fields)]
    if default.template == CURRENT_USER:
        actor = stamp.actor
        return [{"referenced_actor_type": actor["type"], "referenced_actor_id": actor["id"]}]
    return [{"value": _moment(attribute, default.template, stamp)}]


def _dynamic_issues(attribute: FakeAttribute, template: str, stamp: Stamp) -> list[Issue]:
    path = [*_PATH, "template"]
    if attribute.type == "actor-reference":
        return [] if template == CURRENT_USER else [invalid(path, f"Expected '{CURRENT_USER}'")]
    if attribute.type not in _MOMENTS:
        return [invalid(path, f"Attributes of type {attribute.type} have no dynamic defaults")]
    try:
        _moment(attribute, template, stamp)
    except ValueError:
        return [invalid(path, "Expected an ISO 8601 duration")]
    return []


def _moment(attribute: FakeAttribute, duration: str, stamp: Stamp) -> str:
    """The moment, or day, that long after the stamp; a `datetime` has no nanoseconds, so they are put back."""
    microseconds, nanoseconds = stamp.now[:_MICROSECONDS], stamp.now[_MICROSECONDS:]
    moved = after(datetime.fromisoformat(microseconds), duration).isoformat(timespec="microseconds")
    return moved[:_DAY] if attribute.type == "date" else f"{moved}{nanoseconds}"


def _static(attribute: FakeAttribute, template: Sequence[Any], lookup: Lookup) -> list[Fields]:
    path = [*_PATH, "template"]
    if not template:
        raise invalid_body(invalid(path, "Expected at least one value"))
    if len(template) > 1 and not attribute.is_multiselect:
        raise invalid_body(invalid(path, "Expected one value"))
    found: list[Fields] = []
    for place, written in enumerate(template):
        if written is None or is_array(written):
            raise invalid_body(wrong_type([*path, str(place)], "object", written))
        try:
            found.append(read_value(attribute, written, lookup))
        except InvalidValue as error:
            issues = [{**issue, "path": [*path, str(place), *issue["path"]]} for issue in error.issues]
            raise invalid_body(*issues) from None
    return found


def _is_there(workspace: Workspace, attribute: FakeAttribute, fields: Fields) -> bool:
    if attribute.type in ("select", "status"):
        return not attribute.choice_by_id(
            fields["option" if attribute.type == "select" else "status"]
        ).is_archived
    if attribute.type == "record-reference":
        kind = workspace.object_type(fields["target_object"])
        return kind is not None and workspace.record(kind, fields["target_record_id"]) is not None
    return True
