"""One request to one workspace, and what its path names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from .._errors import (
    ApiProblem,
    invalid,
    invalid_body,
    invalid_parameters,
    merge_in_progress,
    missing,
    not_found,
    value_not_found,
    wrong_type,
)
from .._query.query import FakeQuery
from .._request.request import FakeRequest
from .._request.validation import is_uuid
from .._schema import (
    FakeAttribute,
    FakeRecord,
    Kind,
    ListType,
    ObjectType,
)
from .._workspace.entities import RecordLink, Thing
from .._workspace.workspace import Workspace
from .._writes.writer import Author, RecordWriter

_BAD_REQUEST = 400


@attrs.frozen
class OperationCall:
    """One request to one workspace, by one author."""

    workspace: Workspace
    request: FakeRequest
    author: Author

    def object_type(self) -> ObjectType:
        """The object that the path names."""
        return self._object(self.request.parameters["object"])

    def list_type(self) -> ListType:
        """The list that the path names."""
        return self._list(self.request.parameters["list"])

    def target(self) -> Kind:
        """The object or list whose attributes the path is about."""
        name = self.request.parameters["identifier"]
        return self._list(name) if self.request.parameters["target"] == "lists" else self._object(name)

    def record(self, kind: ObjectType) -> FakeRecord:
        """The record that the path names."""
        return self._row(kind, "record_id", "record", "object")

    def entry(self, kind: ListType) -> FakeRecord:
        """The list entry that the path names."""
        return self._row(kind, "entry_id", "entry", "list")

    def attribute(self, kind: Kind) -> FakeAttribute:
        """The attribute that the path names."""
        name = self.request.parameters["attribute"]
        attribute = kind.attribute(name)
        if attribute is None:
            raise not_found(f'attribute with slug/ID "{name}"')
        return attribute

    def writer(self, kind: Kind) -> RecordWriter:
        """Writes in the name of whoever sent the request."""
        return RecordWriter(self.workspace, kind, self.author)

    def asks_for(self, flag: str) -> bool:
        """Whether a query parameter is `true`."""
        return self.request.query_values().get(flag) == "true"

    def _object(self, name: str) -> ObjectType:
        kind = self.workspace.object_type(name)
        if kind is None:
            raise not_found(f'object with slug/ID "{name}"')
        return kind

    def _list(self, name: str) -> ListType:
        kind = self.workspace.list_type(name)
        if kind is None:
            raise not_found(f'list with slug/ID "{name}"')
        return kind

    def _row(self, kind: Kind, parameter: str, noun: str, owner: str) -> FakeRecord:
        row_id = self.request.parameters[parameter]
        if self.workspace.is_merging(row_id, self.author.stamp.now):
            raise merge_in_progress(row_id)
        row = self.workspace.record(kind, row_id)
        if row is None:
            raise not_found(f'{noun} with ID "{row_id}" of {owner} "{kind.slug}"')
        return row


@attrs.frozen
class Reply:
    """An answer with a status of its own, without a body where that is None.

    What else a handler returns is the body of a 200.
    """

    status: int
    body: object
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


def data(value: object) -> dict[str, object]:
    """A success as the API wraps it."""
    return {"data": value}


def paged(items: Sequence[object], cursor: str | None) -> dict[str, object]:
    """A page of what comes with cursors, as the API wraps it."""
    return {**data(items), **pagination(cursor)}


def pagination(cursor: str | None) -> dict[str, object]:
    """What tells where the next page starts; None after the last."""
    return {"pagination": {"next_cursor": cursor}}


Handler = Callable[[OperationCall], object]


Handlers = Mapping[str, Handler]


def camel_cased(handler: Handler) -> Handler:
    """The handler of one of the few operations whose 400 says `statusCode` where others say `status_code`."""

    def answer(call: OperationCall) -> object:
        try:
            return handler(call)
        except ApiProblem as problem:
            if problem.status == _BAD_REQUEST:
                problem.body["statusCode"] = problem.body.pop("status_code")
            raise

    return answer


T = TypeVar("T", bound=Thing)


Absent = Callable[[str], ApiProblem]


"""How an operation refuses what does not exist: `not_found` for 404, `value_not_found` for 400."""


def object_named(call: OperationCall, name: str, absent: Absent) -> ObjectType:
    """The object with that slug or id."""
    kind = call.workspace.object_type(name)
    if kind is None:
        raise absent(f'object with slug/ID "{name}"')
    return kind


def record_named(call: OperationCall, object_name: str, record_id: str, absent: Absent) -> RecordLink:
    """The record of that object, to link to."""
    kind = object_named(call, object_name, absent)
    if call.workspace.record(kind, record_id) is None:
        raise absent(f'record with ID "{record_id}" of object "{kind.slug}"')
    return RecordLink(kind.id, record_id)


def entry_named(
    call: OperationCall, list_name: str, entry_id: str, absent: Absent
) -> tuple[ListType, FakeRecord]:
    """The list with that slug or id, and its entry."""
    kind = call.workspace.list_type(list_name)
    if kind is None:
        raise absent(f'list with slug/ID "{list_name}"')
    entry = call.workspace.record(kind, entry_id)
    if entry is None:
        raise absent(f'entry with ID "{entry_id}" of list "{kind.slug}"')
    return kind, entry


def queried_record(
    call: OperationCall, object_parameter: str, id_parameter: str, *, is_needed: bool = False
) -> RecordLink | None:
    """The record that two query parameters name together; None where neither is there.

    Raises:
        ApiProblem: One is there without the other, the id is no UUID, or there is no such record.
    """
    given = call.request.query_values()
    names = (object_parameter, id_parameter)
    if not is_needed and not any(name in given for name in names):
        return None
    issues = [missing([name], "string") for name in names if not given.get(name)]
    if not issues and not is_uuid(given[id_parameter]):
        issues.append(invalid([id_parameter], "Invalid uuid"))
    if issues:
        raise invalid_parameters(*issues)
    return record_named(call, given[object_parameter], given[id_parameter], not_found)


def the(things: Mapping[str, T], call: OperationCall, parameter: str) -> T:
    """The thing that the path names by id."""
    identifier = call.request.parameters[parameter]
    found = things.get(identifier)
    if found is None:
        noun = parameter.removesuffix("_id").replace("_", " ")
        raise not_found(f'{noun} with ID "{identifier}"')
    return found


_DEFAULT_LIMIT = 500


def found(call: OperationCall, kind: Kind) -> Sequence[FakeRecord]:
    """The page of records, or entries, that the body of a query asks for."""
    body = call.request.json()
    limit = _whole(body, "limit", _DEFAULT_LIMIT, least=1)
    offset = _whole(body, "offset", 0, least=0)
    for name, expected in (("filter", dict), ("sorts", list)):
        if not isinstance(body.get(name, expected()), expected):
            raise invalid_body(wrong_type([name], "object" if expected is dict else "array", body[name]))
    every = FakeQuery(call.workspace, kind).run(_filter(call, kind, body), body.get("sorts"))
    if call.workspace.data.merging:
        every = [one for one in every if not call.workspace.is_merging(one.id, call.author.stamp.now)]
    return every[offset : offset + limit]


def _filter(call: OperationCall, kind: Kind, body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What is asked for: a filter, or the filter of a saved view in its place."""
    if "filter_view_id" not in body:
        return body.get("filter")
    if "filter" in body:
        raise invalid_body(invalid(["filter_view_id"], "Expected filter or filter_view_id, not both"))
    view = call.workspace.data.things.views.get(str(body["filter_view_id"]))
    if view is None or view.kind_id != kind.id:
        raise value_not_found(f'view with ID "{body["filter_view_id"]}" of "{kind.slug}"')
    return view.filter


def _whole(body: Mapping[str, Any], name: str, default: int, *, least: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_body(wrong_type([name], "number", value))
    if value != int(value) or value < least:
        raise invalid_body(invalid([name], f"Expected a whole number from {least} up"))
    return int(value)
