"""Saved views of objects and lists."""

from .._schema import Kind
from .._workspace.entity_views import saved_view_view
from .call import OperationCall, operation, paged


@operation
def list_object_views(call: OperationCall) -> object:
    return _list_views(call, call.object_type())


@operation
def list_list_views(call: OperationCall) -> object:
    return _list_views(call, call.list_type())


def _list_views(call: OperationCall, kind: Kind) -> object:
    page = call.request.cursor_page(500, most=1_000)
    shows_archived = call.request.flag("show_archived")
    of_kind = [view for view in call.entities.views.values() if view.kind_id == kind.id]
    views, cursor = page.of([view for view in of_kind if shows_archived or not view.is_archived])
    return paged([saved_view_view(call.workspace, kind, view) for view in views], cursor)
