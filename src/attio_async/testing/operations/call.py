"""One request to one workspace, and what its path names."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from ..problems import ApiProblem, merge_in_progress, not_found
from ..requests import Request
from ..schema import Attribute, Kind, ListType, ObjectType, Record
from ..state import Workspace
from ..writes import Author, Writer

_BAD_REQUEST = 400


@attrs.frozen
class Call:
    """One request to one workspace, by one author."""

    workspace: Workspace
    request: Request
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

    def record(self, kind: ObjectType) -> Record:
        """The record that the path names."""
        return self._row(kind, "record_id", "record", "object")

    def entry(self, kind: ListType) -> Record:
        """The list entry that the path names."""
        return self._row(kind, "entry_id", "entry", "list")

    def attribute(self, kind: Kind) -> Attribute:
        """The attribute that the path names."""
        name = self.request.parameters["attribute"]
        attribute = kind.attribute(name)
        if attribute is None:
            raise not_found(f'attribute with slug/ID "{name}"')
        return attribute

    def writer(self, kind: Kind) -> Writer:
        """Writes in the name of whoever sent the request."""
        return Writer(self.workspace, kind, self.author)

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

    def _row(self, kind: Kind, parameter: str, noun: str, owner: str) -> Record:
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


Handler = Callable[[Call], object]
Handlers = Mapping[str, Handler]


def camel_cased(handler: Handler) -> Handler:
    """The handler of one of the few operations whose 400 says `statusCode` where others say `status_code`."""

    def answer(call: Call) -> object:
        try:
            return handler(call)
        except ApiProblem as problem:
            if problem.status == _BAD_REQUEST:
                problem.body["statusCode"] = problem.body.pop("status_code")
            raise

    return answer
