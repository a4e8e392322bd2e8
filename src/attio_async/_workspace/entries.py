"""Entries as rows: their operations."""

from attio_async_api.api.entries import (
    assert_entry,
    create_entry,
    delete_entry,
    get_entry,
    list_entry_attribute_values,
    overwrite_entry,
    overwrite_entry_attribute_values,
    query_entries,
    update_entry,
)

from .._records.models import Entry
from .arguments import resource_id
from .history import History
from .rows import RowKind


def entry_id(reference: object) -> str:
    """Return the id of an entry of a known list.

    Raises:
        CoercionError: It is not an entry. Nothing was sent.
    """
    own = reference.id if isinstance(reference, Entry) else getattr(reference, "entry_id", None)
    return resource_id(own or reference, "entry_id")


ENTRIES = RowKind(
    target="lists",
    plural="entries",
    type=Entry,
    id_slug="entry_id",
    id_of=entry_id,
    values_key="entry_values",
    query=query_entries,
    get=get_entry,
    create=create_entry,
    upsert=assert_entry,
    update=update_entry,
    overwrite=overwrite_entry,
    delete=delete_entry,
)

ENTRY_HISTORY = History(
    get=list_entry_attribute_values,
    overwrite=overwrite_entry_attribute_values,
)
