"""Asking the workspace in SQL."""

from ..bodies import Field
from ..sql import select
from .call import Call, Handlers, data

_QUERY = {"sql": Field("string", shortest=1)}


def _run_sql(call: Call) -> object:
    query = call.request.fields(_QUERY)["sql"]
    return data({"rows": select(call.workspace, query, call.author.stamp.now)})


HANDLERS: Handlers = {"run_sql": _run_sql}
