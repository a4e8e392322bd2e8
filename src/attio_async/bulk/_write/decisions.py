"""Decisions about a row, made before anything is sent for it."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import attrs

from ..._records.models import Entry, Record
from ...errors import AttioError
from .._journal.protocol import Closing, RowStatus
from .diff import AttributeChange
from .payload import to_failure

PARENT_SLUG = "parent_record"
"""Finds an entry by its parent, and names the parent in a row."""

Found = Record | Entry
Action = Literal["create", "update", "delete"]


@attrs.frozen
class MatchKey:
    """A key that finds a record or entry: an attribute, its id or its parent, and a value in the form of a `Comparer`."""

    slug: str
    form: Hashable


@attrs.frozen
class Write:
    """A write to send for a row; `id` names what exists already."""

    action: Action
    values: Mapping[str, Any]
    id: str | None = None
    changes: Sequence[AttributeChange] = ()


@attrs.frozen
class End:
    """The end of a row."""

    status: RowStatus
    record: Found | None = None
    error: AttioError | None = None

    def closing(self, index: int) -> Closing:
        """Return the end as a journal keeps it."""
        return Closing(
            index=index,
            status=self.status,
            id=self.record.id if self.record is not None else None,
            failure=to_failure(self.error) if self.error is not None else None,
        )


Decision = Write | End
