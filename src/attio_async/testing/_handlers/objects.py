"""Objects, and the saved views of objects and lists."""

from .._errors import invalid, invalid_body, protected
from .._events.publish import report_kind
from .._schema import Kind, ObjectType
from .._validation import BodyField, optional
from .._workspace.entity_views import saved_view_view
from .._workspace.standard_objects import is_standard
from .._workspace.views import object_view
from .._workspace.workspace import Workspace
from .._writes import cascade
from .._writes.rename import rename_object
from .call import OperationCall, check_slug, data, operation, operations_on, paged, shown

_NEW = {
    "api_slug": BodyField("string", shortest=1),
    "singular_noun": BodyField("string", shortest=1),
    "plural_noun": BodyField("string", shortest=1),
}
_CHANGED = optional(_NEW)

_show = shown(object_view)


@operation
def list_objects(call: OperationCall) -> object:
    return data([object_view(call.workspace, kind) for kind in call.workspace.data.objects.values()])


@operation
def create_object(call: OperationCall) -> object:
    body = call.request.data(_NEW)
    check_slug(call.workspace.data.objects.values(), body["api_slug"], None, "An object")
    kind = ObjectType(
        id=call.workspace.new_id(),
        slug=body["api_slug"],
        singular=body["singular_noun"],
        plural=body["plural_noun"],
        created_at=call.stamp.now,
    )
    call.workspace.add_object(kind)
    return _show(call, kind)


def _update(call: OperationCall, kind: ObjectType) -> object:
    body = call.request.data(_CHANGED)
    slug = body.get("api_slug", kind.slug)
    if slug != kind.slug and is_standard(kind.slug):
        raise invalid_body(invalid(["data", "api_slug"], "The slugs of standard objects cannot be changed"))
    check_slug(call.workspace.data.objects.values(), slug, kind, "An object")
    kind.singular = body.get("singular_noun", kind.singular)
    kind.plural = body.get("plural_noun", kind.plural)
    rename_object(call.workspace, kind, slug)
    return _show(call, kind)


def _delete(call: OperationCall, kind: ObjectType) -> object:
    workspace = call.workspace
    if is_standard(kind.slug):
        raise protected(f'standard object "{kind.slug}"', "deleted")
    for record in list(workspace.records(kind)):
        cascade.delete(workspace, record, call.stamp)
    for its_list in [one for one in workspace.data.lists.values() if one.parent_object == kind.slug]:
        workspace.remove_kind(its_list)
        report_kind(workspace, its_list, "deleted", call.stamp)
    for each in workspace.kinds():
        _drop_references(workspace, each, kind.slug)
    workspace.remove_kind(kind)
    return {}


def _drop_references(workspace: Workspace, kind: Kind, gone: str) -> None:
    """Remove a deleted object from the attributes that refer to it, and those that refer to nothing else."""
    for attribute in list(kind.attributes.values()):
        allowed = attribute.allowed_objects
        if allowed is None or gone not in allowed:
            continue
        attribute.allowed_objects = [slug for slug in allowed if slug != gone]
        if not attribute.allowed_objects:
            del kind.attributes[attribute.slug]
            for record in workspace.records(kind):
                record.history.pop(attribute.slug, None)


def _list_views(call: OperationCall, kind: Kind) -> object:
    page = call.request.cursor_page(500, most=1_000)
    shows_archived = call.request.flag("show_archived")
    of_kind = [view for view in call.entities.views.values() if view.kind_id == kind.id]
    views, cursor = page.of([view for view in of_kind if shows_archived or not view.is_archived])
    return paged([saved_view_view(call.workspace, kind, view) for view in views], cursor)


operations_on(
    OperationCall.object_type,
    get_object=_show,
    update_object=_update,
    delete_object=_delete,
    list_object_views=_list_views,
)
operations_on(OperationCall.list_type, list_list_views=_list_views)
