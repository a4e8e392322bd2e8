"""What each modelled operation does with the workspace. An operation without a handler is answered with 501."""

from collections.abc import Callable, Mapping

from . import (
    activities,
    activity_records,
    attributes,
    call_recordings,
    choices,
    comments,
    emails,
    entries,
    files,
    lists,
    meetings,
    members,
    merging,
    notes,
    objects,
    records,
    saved_views,
    searching,
    sql,
    tasks,
    threads,
    values,
    webhooks,
)
from .call import Call, Reply

__all__ = ["HANDLERS", "Call", "Reply"]

HANDLERS: Mapping[str, Callable[[Call], object]] = {
    **objects.HANDLERS,
    **attributes.HANDLERS,
    **choices.HANDLERS,
    **lists.HANDLERS,
    **records.HANDLERS,
    **merging.HANDLERS,
    **searching.HANDLERS,
    **sql.HANDLERS,
    **entries.HANDLERS,
    **values.HANDLERS,
    **members.HANDLERS,
    **notes.HANDLERS,
    **tasks.HANDLERS,
    **comments.HANDLERS,
    **threads.HANDLERS,
    **meetings.HANDLERS,
    **call_recordings.HANDLERS,
    **emails.HANDLERS,
    **files.HANDLERS,
    **webhooks.HANDLERS,
    **saved_views.HANDLERS,
    **activities.HANDLERS,
    **activity_records.HANDLERS,
}
"""Handlers by operation id; `get_self` is answered before, as it needs no valid token."""
