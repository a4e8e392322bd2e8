"""What queries of records and of entries have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..problems import invalid, invalid_body, not_modelled, wrong_type
from ..query import Query
from ..schema import Kind, Record
from .call import Call

_DEFAULT_LIMIT = 500


def found(call: Call, kind: Kind) -> Sequence[Record]:
    """The page of records, or entries, that the body of a query asks for."""
    body = call.request.json()
    if "filter_view_id" in body:
        raise not_modelled("queries by view")
    limit = _whole(body, "limit", _DEFAULT_LIMIT, least=1)
    offset = _whole(body, "offset", 0, least=0)
    for name, expected in (("filter", dict), ("sorts", list)):
        if not isinstance(body.get(name, expected()), expected):
            raise invalid_body(wrong_type([name], "object" if expected is dict else "array", body[name]))
    every = Query(call.workspace, kind).run(body.get("filter"), body.get("sorts"))
    if call.workspace.data.merging:
        every = [one for one in every if not call.workspace.is_merging(one.id, call.author.stamp.now)]
    return every[offset : offset + limit]


def _whole(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_body(wrong_type([name], "number", value))
    if value != int(value) or value < least:
        raise invalid_body(invalid([name], f"Expected a whole number from {least} up"))
    return int(value)
