"""One call of an operation, and the registry of the handlers that answer it."""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

import attrs

from .._errors import (
    ApiProblem,
    invalid,
    invalid_parameters,
    merge_in_progress,
    missing,
    not_found,
    slug_conflict,
)
from .._request import FakeRequest
from .._schema import ActivityType, FakeAttribute, FakeRecord, Kind, ListType, ObjectType
from .._validation import is_uuid
from .._workspace.entities import Entities, Entity, RecordLink
from .._workspace.find import find_activity, find_list, find_object, find_record, find_row
from .._workspace.ids import Stamp
from .._workspace.workspace import Workspace
from .._writes.writer import Author, RecordWriter

_BAD_REQUEST = 400

E = TypeVar("E", bound=Entity)
N = TypeVar("N")


@attrs.frozen
class OperationCall:
    """One request to one workspace, by one author."""

    workspace: Workspace
    request: FakeRequest
    author: Author

    @property
    def stamp(self) -> Stamp:
        """The stamp of what the request writes."""
        return self.author.stamp

    @property
    def entities(self) -> Entities:
        """The entities of the workspace."""
        return self.workspace.data.entities

    def object_type(self) -> ObjectType:
        """Return the object that the path names."""
        return find_object(self.workspace, self.request.parameters["object"])

    def list_type(self) -> ListType:
        """Return the list that the path names."""
        return find_list(self.workspace, self.request.parameters["list"])

    def activity_type(self) -> ActivityType:
        """Return the activity that the path names."""
        return find_activity(self.workspace, self.request.parameters["activity"])

    def target(self) -> Kind:
        """Return the object or list whose attributes the path is about."""
        find = find_list if self.request.parameters["target"] == "lists" else find_object
        return find(self.workspace, self.request.parameters["identifier"])

    def row(self, kind: Kind) -> FakeRecord:
        """Return the record or list entry that the path names."""
        row_id = self.request.parameters[f"{kind.row_noun}_id"]
        self.check_merging(row_id)
        return find_row(self.workspace, kind, row_id)

    def check_merging(self, row_id: str) -> None:
        """Refuse a record that is part, or the result, of a pending merge."""
        if self.workspace.is_merging(row_id, self.stamp.now):
            raise merge_in_progress(row_id)

    def attribute(self, kind: Kind) -> FakeAttribute:
        """Return the attribute that the path names."""
        name = self.request.parameters["attribute"]
        attribute = kind.attribute(name)
        if attribute is None:
            raise not_found(f'attribute with slug/ID "{name}"')
        return attribute

    def entity(self, entities: Mapping[str, E], parameter: str) -> E:
        """Return the entity that the path names by its id."""
        identifier = self.request.parameters[parameter]
        found = entities.get(identifier)
        if found is None:
            noun = parameter.removesuffix("_id").replace("_", " ")
            raise not_found(f'{noun} with ID "{identifier}"')
        return found

    def queried_record(
        self, object_parameter: str, id_parameter: str, *, required: bool = False
    ) -> RecordLink | None:
        """Return the record that two query parameters name together; None if neither is given.

        Raises:
            ApiProblem: One is given without the other, the id is not a UUID, or the record is unknown.
        """
        given = self.request.query()
        names = (object_parameter, id_parameter)
        if not required and not any(name in given for name in names):
            return None
        issues = [missing([name], "string") for name in names if not given.get(name)]
        if not issues and not is_uuid(given[id_parameter]):
            issues.append(invalid([id_parameter], "Invalid uuid"))
        if issues:
            raise invalid_parameters(*issues)
        return find_record(self.workspace, given[object_parameter], given[id_parameter])

    def writer(self, kind: Kind) -> RecordWriter:
        """Return the writer of rows in the name of the author."""
        return RecordWriter(self.workspace, kind, self.author)


@attrs.frozen
class Later:
    """The body of a response that takes a while. It is made without the workspace, so that others can use that."""

    make: Callable[[], object]


@attrs.frozen
class Reply:
    """A response with a status of its own, and no body if that is None.

    Anything else that a handler returns is the body of a 200.
    """

    status: int
    body: object
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


class OperationHandler(Protocol):
    """A function that answers an operation. Its name is the operation's id."""

    @property
    def __name__(self) -> str: ...

    def __call__(self, call: OperationCall, /) -> object: ...


HANDLERS: dict[str, Callable[[OperationCall], object]] = {}
"""The registered handlers, by operation id. `get_self` has none: it is answered without a valid token."""


def operation(handler: OperationHandler) -> OperationHandler:
    """Register a handler under its name."""
    HANDLERS[handler.__name__] = handler
    return handler


def operations_on(
    find: Callable[[OperationCall], N], **handlers: Callable[[OperationCall, N], object]
) -> None:
    """Register the handlers of several operations on one kind of thing.

    Args:
        find: Returns the thing that a call is about, or refuses the call.
        handlers: By operation id, functions that answer a call with the thing.
    """
    for operation_id, handler in handlers.items():
        HANDLERS[operation_id] = functools.partial(_answer_on, find, handler)


def _answer_on(
    find: Callable[[OperationCall], N], handler: Callable[[OperationCall, N], object], call: OperationCall
) -> object:
    return handler(call, find(call))


def camel_cased(handler: OperationHandler) -> OperationHandler:
    """Wrap the handler of one of the few operations whose 400 says `statusCode` instead of `status_code`."""

    @functools.wraps(handler)
    def answer(call: OperationCall) -> object:
        try:
            return handler(call)
        except ApiProblem as problem:
            if problem.status == _BAD_REQUEST:
                problem.body["statusCode"] = problem.body.pop("status_code")
            raise

    return answer


def data(value: object) -> dict[str, object]:
    """Wrap a result as the API does."""
    return {"data": value}


def shown(view: Callable[[Workspace, N], object]) -> Callable[[OperationCall, N], object]:
    """Return a handler for `operations_on` that answers with a view of the thing."""
    return lambda call, thing: data(view(call.workspace, thing))


def paged(value: object, cursor: str | None) -> dict[str, object]:
    """Wrap a page of a result with cursors as the API does. The last page has no cursor."""
    return {"data": value, "pagination": {"next_cursor": cursor}}


class _Slugged(Protocol):
    slug: str


S = TypeVar("S", bound=_Slugged)


def check_slug(taken: Iterable[S], slug: str, own: S | None, what: str) -> None:
    """Refuse a slug that another one already has."""
    if any(one.slug == slug and one is not own for one in taken):
        raise slug_conflict(f'{what} with slug "{slug}" already exists.')
