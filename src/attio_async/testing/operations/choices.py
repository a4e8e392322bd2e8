"""Options of select attributes and statuses of status attributes: the same but for their names."""

from collections.abc import Callable, Mapping
from typing import Any

from .. import views
from ..bodies import Field
from ..durations import is_duration
from ..problems import invalid, invalid_body, not_found, slug_conflict
from ..reports import report_attribute
from ..schema import Attribute, Choice, Kind
from .call import Call, Handlers, data

_TITLE = {"title": Field("string", shortest=1)}
_MORE = {
    "celebration_enabled": Field("boolean", required=False),
    "target_time_in_status": Field("string", nullable=True, required=False),
}
_ARCHIVED = {"is_archived": Field("boolean", required=False)}
_NEW = {"select": _TITLE, "status": {**_TITLE, **_MORE}}
_CHANGED = {
    name: {**{key: field.optional() for key, field in fields.items()}, **_ARCHIVED}
    for name, fields in _NEW.items()
}
_VIEWS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "select": views.option_view,
    "status": views.status_view,
}


def _list(call: Call, type: str) -> object:
    kind, attribute = _attribute(call, type)
    shows_archived = call.asks_for("show_archived")
    shown = [choice for choice in attribute.choices if shows_archived or not choice.is_archived]
    return data([_VIEWS[type](call.workspace, kind, attribute, choice) for choice in shown])


def _create(call: Call, type: str) -> object:
    kind, attribute = _attribute(call, type)
    body = call.request.data(_NEW[type])
    _check(attribute, None, body)
    choice = Choice(call.workspace.new_id(), **body)
    attribute.choices.append(choice)
    report_attribute(call.workspace, kind, attribute, "updated", call.author.stamp)
    return data(_VIEWS[type](call.workspace, kind, attribute, choice))


def _update(call: Call, type: str) -> object:
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


def _attribute(call: Call, type: str) -> tuple[Kind, Attribute]:
    kind = call.target()
    attribute = call.attribute(kind)
    if attribute.type != type:
        raise not_found(f'attribute of type {type} with slug/ID "{attribute.slug}"')
    return kind, attribute


def _check(attribute: Attribute, own: Choice | None, body: Mapping[str, Any]) -> None:
    title, duration = body.get("title"), body.get("target_time_in_status")
    if any(choice.title == title and choice is not own for choice in attribute.choices):
        raise slug_conflict(f'"{attribute.slug}" has "{title}" already.')
    if duration is not None and not (duration.startswith("P") and is_duration(duration)):
        raise invalid_body(invalid(["data", "target_time_in_status"], "Invalid ISO 8601 duration"))


HANDLERS: Handlers = {
    "list_select_options": lambda call: _list(call, "select"),
    "create_select_option": lambda call: _create(call, "select"),
    "update_select_option": lambda call: _update(call, "select"),
    "list_statuses": lambda call: _list(call, "status"),
    "create_status": lambda call: _create(call, "status"),
    "update_status": lambda call: _update(call, "status"),
}
