"""The entries of one list: which records are in it, and what the list knows of each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

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
from .._utils.public import public
from .._workspace.arguments import object_and_record_id, resource_id, slug_or_id
from .._workspace.history import History
from .._workspace.rows import Nulls, RowKind, Rows
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from .rows import RecordsAndEntries

if TYPE_CHECKING:
    from ..bulk._write.job import BulkJob
    from ..bulk._write.options import BulkOptions
    from ..bulk._write.reader import InputRows


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


@public
class Entries(RecordsAndEntries[Entry]):
    """The entries of one list. Making one sends nothing.

    Give values as plain Python values by the list's attributes: slug, title or id. They are checked against the
    list's schema and encoded before anything is sent. Give an entry by its id, or as one that was read; a parent as
    Record, RecordRef or the record's web address.
    """

    def __init__(self, session: Session, schemas: SchemaCache, list: object) -> None:
        super().__init__(Rows(session, schemas, slug_or_id(list, "a list"), ENTRIES), ENTRY_HISTORY)

    async def create(
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = True
    ) -> Entry:
        """Add a record to the list, and return its entry. A record that is in the list already is in it twice then.

        A lost response is resolved as by `Records.create`, if the list has a unique attribute and a value is given.

        Args:
            parent: The record to add to the list.
            values: Attribute slugs of the list to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit, or `parent` is not a record. Nothing was sent.
            UniquenessConflict: Another entry has a value that must be unique. Nothing was written.
            OutcomeUnknown: The response was lost and the values have nothing unique to look up. It was not sent
                again, since that could add the record twice.

        Attio: POST /v2/lists/{list}/entries, write, not repeated, list_entry:read-write, list_configuration:read
        """
        return await self._rows.create(values or {}, place=parent_place(parent), validate=validate)

    async def upsert(
        self,
        parent: object,
        values: Mapping[str, object] | None = None,
        *,
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> Entry:
        """Update the entry of this record, or add the record to the list; return the entry.

        Attio calls this *assert*. It replaces all values of a multiselect attribute.

        Args:
            parent: The record that is to be in the list.
            values: Attribute slugs of the list to Python values.
            validate: False sends the values as they are.
            nulls: "clear" removes all values of an attribute that is given None, "skip" leaves it alone.

        Raises:
            CoercionError: Values do not fit, or `parent` is not a record. Nothing was sent.
            MultipleMatches: The record is in the list more than once. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        """
        return await self._rows.upsert(
            values or {}, place=parent_place(parent), validate=validate, nulls=nulls
        )

    def upsert_many(
        self, rows: "InputRows | None", *, compare: bool = True, **options: "Unpack[BulkOptions]"
    ) -> "BulkJob":
        """Make a job that puts a record in the list for every row, with the row's values. See `Records.upsert_many`.

        Args:
            rows: Mappings with the record under "parent_record" and values by attribute slug of the list, or `Row`
                with `parent`. None resumes what the journal holds.
            compare: True reads the existing entries first; entries that would not change are not written.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The list is unknown. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import entry_upsert, job  # noqa: PLC0415 - bulk work is loaded when it is used

        return job(lambda: entry_upsert(self._rows, compare=compare), rows, options)
