"""Objects."""

from .. import views
from .call import Call, Handlers, data


def _list_objects(call: Call) -> object:
    return data([views.object_view(call.workspace, kind) for kind in call.workspace.data.objects.values()])


def _get_object(call: Call) -> object:
    return data(views.object_view(call.workspace, call.object_type()))


HANDLERS: Handlers = {"list_objects": _list_objects, "get_object": _get_object}
