"""Entries as rows: their operations, how an entry is named, and where a new one goes."""

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
from attio_async_api.operations import (
    ASSERT_ENTRY,
    CREATE_ENTRY,
    DELETE_ENTRY,
    GET_ENTRY,
    LIST_ENTRY_ATTRIBUTE_VALUES,
    OVERWRITE_ENTRY,
    OVERWRITE_ENTRY_ATTRIBUTE_VALUES,
    QUERY_ENTRIES,
    UPDATE_ENTRY,
)

from .._records.models import Entry
from .arguments import object_and_record_id, resource_id
from .history import History
from .rows import Endpoint, RowKind


def entry_id(reference: object) -> str:
    """Return the id of an entry of a known list.

    Raises:
        CoercionError: It is not an entry. Nothing was sent.
    """
    own = reference.id if isinstance(reference, Entry) else getattr(reference, "entry_id", None)
    return resource_id(own or reference, "entry_id")


def parent_place(parent: object) -> dict[str, str]:
    """Return the fields that name an entry's parent record, beside the entry's values.

    https://docs.attio.com/rest-api/endpoint-reference/entries/create-an-entry-add-record-to-list

    Raises:
        CoercionError: It is not a record. Nothing was sent.
    """
    object_name, record_id = object_and_record_id(parent, "parent")
    return {"parent_record_id": record_id, "parent_object": object_name}


ENTRIES = RowKind(
    target="lists",
    plural="entries",
    type=Entry,
    id_slug="entry_id",
    id_of=entry_id,
    values_key="entry_values",
    query=Endpoint(QUERY_ENTRIES, query_entries.build_request),
    get=Endpoint(GET_ENTRY, get_entry.build_request),
    create=Endpoint(CREATE_ENTRY, create_entry.build_request),
    upsert=Endpoint(ASSERT_ENTRY, assert_entry.build_request),
    update=Endpoint(UPDATE_ENTRY, update_entry.build_request),
    overwrite=Endpoint(OVERWRITE_ENTRY, overwrite_entry.build_request),
    delete=Endpoint(DELETE_ENTRY, delete_entry.build_request),
)

ENTRY_HISTORY = History(
    get=Endpoint(LIST_ENTRY_ATTRIBUTE_VALUES, list_entry_attribute_values.build_request),
    overwrite=Endpoint(OVERWRITE_ENTRY_ATTRIBUTE_VALUES, overwrite_entry_attribute_values.build_request),
)
