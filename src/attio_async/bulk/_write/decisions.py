"""What can be decided about a row, and by whom."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal, Protocol

import attrs

from ..._records.models import Entry, Record
from ..._schema import ObjectSchema
from ...errors import AttioError
from .._journal.protocol import Closing
from .diff import AttributeChange, Comparer
from .payload import Payload, failure_of
from .report import Row
from .targets import Target

Found = Record | Entry


@attrs.frozen
class MatchKey:
    """What finds a record or entry: an attribute, or its id or parent, and the form of a value."""

    slug: str
    form: Hashable


@attrs.frozen
class Write:
    """What is to be sent for a row; `id` is that of what exists already."""

    action: Literal["create", "update", "delete"]
    values: Mapping[str, Any]
    id: str | None = None
    changes: Sequence[AttributeChange] = ()


@attrs.frozen
class End:
    """How a row ended without anything being sent now."""

    status: Literal["created", "updated", "unchanged", "deleted", "failed"]
    record: Found | None = None
    error: AttioError | None = None

    def closing(self, index: int) -> Closing:
        """The same, as a journal keeps it."""
        return Closing(
            index=index,
            status=self.status,
            id=self.record.id if self.record is not None else None,
            failure=failure_of(self.error) if self.error is not None else None,
        )


Decision = Write | End


class RowOperation(Protocol):
    """One of the things that a job can do."""

    @property
    def verb(self) -> str:
        """What it does, such as "upsert"."""
        ...

    @property
    def target(self) -> Target:
        """What it writes to."""
        ...

    @property
    def parameters(self) -> Mapping[str, str]:
        """All that decides what is written, by name."""
        ...

    @property
    def reads(self) -> bool:
        """Whether what is there is read before writing, so that what is as it should be is left alone."""
        ...

    @property
    def must_read(self) -> bool:
        """Whether nothing can be written without having read."""
        ...

    async def payload(self, row: Row) -> Payload:
        """The row in Attio's shape.

        Raises:
            CoercionError: It does not fit. Nothing was sent.
        """
        ...

    def row(self, item: object) -> Row:
        """A row that was given in the short form."""
        ...

    def keys(self, payload: Payload, comparer: Comparer) -> Sequence[MatchKey]:
        """What finds the record or entry, and no other row may have. Empty when nothing does."""
        ...

    def blind(self, payload: Payload) -> Decision:
        """What to do without having looked."""
        ...

    def decide(
        self, payload: Payload, found: Sequence[Found], comparer: Comparer, since: float | None
    ) -> Decision:
        """What to do, given what is there.

        Args:
            payload: The row.
            found: What has one of its keys now.
            comparer: Tells what differs.
            since: The server's time at which a write of the row may have been sent; None when certainly none was.
        """
        ...

    async def write(self, payload: Payload, write: Write) -> Found | None:
        """What is there after writing."""
        ...

    def merged(self, earlier: Payload, later: Payload, schema: ObjectSchema) -> Payload:
        """Both rows as one."""
        ...
