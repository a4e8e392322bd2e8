"""What queries of records and of entries have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..problems import invalid, invalid_body, value_not_found, wrong_type
from ..query import Query
from ..schema import Kind, Record
from .call import Call

_DEFAULT_LIMIT = 500


def found(call: Call, kind: Kind) -> Sequence[Record]:
    """The page of records, or entries, that the body of a query asks for."""
    body = call.request.json()
    limit = _whole(body, "limit", _DEFAULT_LIMIT, least=1)
    offset = _whole(body, "offset", 0, least=0)
    for name, expected in (("filter", dict), ("sorts", list)):
        if not isinstance(body.get(name, expected()), expected):
            raise invalid_body(wrong_type([name], "object" if expected is dict else "array", body[name]))
    every = Query(call.workspace, kind).run(_filter(call, kind, body), body.get("sorts"))
    if call.workspace.data.merging:
        every = [one for one in every if not call.workspace.is_merging(one.id, call.author.stamp.now)]
    return every[offset : offset + limit]


def _filter(call: Call, kind: Kind, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is asked for: a filter, or the filter of a saved view in its place."""
    if "filter_view_id" not in body:
        return body.get("filter")
    if "filter" in body:
        raise invalid_body(invalid(["filter_view_id"], "Expected filter or filter_view_id, not both"))
    view = call.workspace.data.things.views.get(str(body["filter_view_id"]))
    if view is None or view.kind_id != kind.id:
        raise value_not_found(f'Cannot find view with ID "{body["filter_view_id"]}" of "{kind.slug}".')
    return view.filter


def _whole(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_body(wrong_type([name], "number", value))
    if value != int(value) or value < least:
        raise invalid_body(invalid([name], f"Expected a whole number from {least} up"))
    return int(value)
