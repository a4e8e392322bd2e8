"""What each modelled operation does with the workspace. An operation without a handler is answered with 501."""

from collections.abc import Callable, Mapping

from . import (
    attributes,
    choices,
    comments,
    entries,
    lists,
    members,
    notes,
    objects,
    records,
    tasks,
    threads,
    values,
)
from .call import Call, Reply

__all__ = ["HANDLERS", "Call", "Reply"]

HANDLERS: Mapping[str, Callable[[Call], object]] = {
    **objects.HANDLERS,
    **attributes.HANDLERS,
    **choices.HANDLERS,
    **lists.HANDLERS,
    **records.HANDLERS,
    **entries.HANDLERS,
    **values.HANDLERS,
    **members.HANDLERS,
    **notes.HANDLERS,
    **tasks.HANDLERS,
    **comments.HANDLERS,
    **threads.HANDLERS,
}
"""Handlers by operation id; `get_self` is answered before, as it needs no valid token."""
