"""Decisions about a row: what to send for it, and whether to retry after a failure. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Literal

import attrs

from ..._records.models import Entry, Record
from ...errors import (
    AttioError,
    ConnectionFailed,
    DecodeError,
    OutcomeUnknown,
    RateLimited,
    RequestTimeout,
    ServerError,
    TransportError,
)
from .._journal.protocol import RowStatus
from .diff import AttributeChange

PARENT_SLUG = "parent_record"
"""Finds an entry by its parent, and names the parent in a row."""

Found = Record | Entry
Action = Literal["create", "update", "clear", "flag", "delete"]
"""What a write does; only a sync clears and flags, records that left its source."""


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


Decision = Write | End


_PAUSES_S = (2.0, 10.0, 60.0)
"""The pauses before a row is retried, after the retries of its request."""
_OUTAGE_PAUSES_S = (*_PAUSES_S, 300.0, 900.0)
"""The pauses while no request gets through."""

_AMBIGUOUS = (OutcomeUnknown, DecodeError, ServerError)
_OUTAGE = (ConnectionFailed, RequestTimeout, RateLimited)


def is_ambiguous(error: AttioError) -> bool:
    """Return True if the request may have been carried out."""
    return isinstance(error, _AMBIGUOUS) or (isinstance(error, TransportError) and error.sent)


def pause_after(error: AttioError, tried: int) -> float | None:
    """Return the seconds to wait after the error, when `tried` attempts failed before; None if it is not retried."""
    pauses: tuple[float, ...] = ()
    if isinstance(error, _OUTAGE):
        pauses = _OUTAGE_PAUSES_S
    elif is_ambiguous(error):
        pauses = _PAUSES_S
    return pauses[tried] if tried < len(pauses) else None
