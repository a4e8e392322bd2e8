"""What each modelled operation does with the workspace. An operation without a handler is answered with 501."""

from collections.abc import Callable, Mapping

from . import (
    activities,
    attributes,
    call_recordings,
    comments,
    emails,
    entries,
    files,
    meetings,
    notes,
    objects,
    records,
    search,
    tasks,
    threads,
    webhooks,
)
from .call import OperationCall

_AREAS = (
    activities,
    attributes,
    call_recordings,
    comments,
    emails,
    entries,
    files,
    meetings,
    notes,
    objects,
    records,
    search,
    tasks,
    threads,
    webhooks,
)
HANDLERS: Mapping[str, Callable[[OperationCall], object]] = {
    operation: handler for area in _AREAS for operation, handler in area.HANDLERS.items()
}
"""Handlers by operation id; `get_self` is answered before, as it needs no valid token."""
