"""The saved views of objects and lists."""

from ..schema import Kind
from ..things_views import saved_view_view
from .call import Call, Handlers, paged

_DEFAULT_LIMIT = 500
_MOST = 1_000


def _listed(call: Call, kind: Kind) -> object:
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    shows_archived = call.request.flag("show_archived")
    of_kind = [view for view in call.workspace.data.things.views.values() if view.kind_id == kind.id]
    views, cursor = page.of([view for view in of_kind if shows_archived or not view.is_archived])
    return paged([saved_view_view(call.workspace, kind, view) for view in views], cursor)


HANDLERS: Handlers = {
    "list_object_views": lambda call: _listed(call, call.object_type()),
    "list_list_views": lambda call: _listed(call, call.list_type()),
}
