"""Objects."""

from collections.abc import Mapping
from typing import Any

from .. import views
from ..bodies import Field
from ..links import forget
from ..problems import ApiProblem, invalid, invalid_body, slug_conflict
from ..renames import rename_object
from ..reports import report_list
from ..schema import Kind, ObjectType
from ..standard import STANDARD_OBJECTS
from ..state import Workspace
from .call import Call, Handlers, data

_NEW = {
    "api_slug": Field("string", shortest=1),
    "singular_noun": Field("string", shortest=1),
    "plural_noun": Field("string", shortest=1),
}
_CHANGED = {name: field.optional() for name, field in _NEW.items()}


def _list_objects(call: Call) -> object:
    return data([views.object_view(call.workspace, kind) for kind in call.workspace.data.objects.values()])


def _get_object(call: Call) -> object:
    return data(views.object_view(call.workspace, call.object_type()))


def _create_object(call: Call) -> object:
    body = call.request.data(_NEW)
    _check_slug(call, body["api_slug"], None)
    kind = ObjectType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        singular=body["singular_noun"],
        plural=body["plural_noun"],
        created_at=call.author.stamp.now,
    )
    call.workspace.add_object(kind)
    return data(views.object_view(call.workspace, kind))


def _update_object(call: Call) -> object:
    kind = call.object_type()
    body = call.request.data(_CHANGED)
    slug = body.get("api_slug", kind.slug)
    if slug != kind.slug and kind.slug in STANDARD_OBJECTS:
        raise invalid_body(invalid(["data", "api_slug"], "The slugs of standard objects cannot be changed"))
    _check_slug(call, slug, kind)
    kind.singular, kind.plural = _nouns(kind, body)
    rename_object(call.workspace, kind, slug)
    return data(views.object_view(call.workspace, kind))


def _nouns(kind: ObjectType, body: Mapping[str, Any]) -> tuple[str, str]:
    return body.get("singular_noun", kind.singular), body.get("plural_noun", kind.plural)


def _delete_object(call: Call) -> object:
    """Delete an object with its records, the lists of them, and the attributes that refer to nothing else."""
    kind = call.object_type()
    workspace, stamp = call.workspace, call.author.stamp
    if kind.slug in STANDARD_OBJECTS:
        raise ApiProblem(
            400, "system_edit_unauthorized", f'The standard object "{kind.slug}" cannot be deleted.'
        )
    for record in list(workspace.records(kind)):
        forget(workspace, record, stamp)
    for of_them in [one for one in workspace.data.lists.values() if one.parent_object == kind.slug]:
        workspace.remove_kind(of_them)
        report_list(workspace, of_them, "deleted", stamp)
    for each in workspace.kinds():
        _drop_references(workspace, each, kind.slug)
    workspace.remove_kind(kind)
    return {}


def _drop_references(workspace: Workspace, kind: Kind, gone: str) -> None:
    for attribute in list(kind.attributes.values()):
        allowed = attribute.allowed_objects
        if allowed is None or gone not in allowed:
            continue
        attribute.allowed_objects = [slug for slug in allowed if slug != gone]
        if not attribute.allowed_objects:
            del kind.attributes[attribute.slug]
            for record in workspace.records(kind):
                record.history.pop(attribute.slug, None)


def _check_slug(call: Call, slug: str, own: ObjectType | None) -> None:
    if call.workspace.data.objects.get(slug, own) is not own:
        raise slug_conflict(f'There is an object with slug "{slug}" already.')


HANDLERS: Handlers = {
    "list_objects": _list_objects,
    "get_object": _get_object,
    "create_object": _create_object,
    "update_object": _update_object,
    "delete_object": _delete_object,
}
