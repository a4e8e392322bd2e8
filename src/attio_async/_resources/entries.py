"""The entries of one list: which records are in it, and what the list knows of each."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Unpack

from .._pagination.paginator import Paginator
from .._records.models import Entry
from .._schema import ObjectSchema
from .._utils.public import public
from .._workspace.arguments import slug_or_id
from .._workspace.entries import ENTRIES, ENTRY_HISTORY, parent_place
from .._workspace.filters import AnyFilter, explained
from .._workspace.history import HistoricValue
from .._workspace.rows import MAX_PAGE_SIZE, Found, Multiselect, Rows
from .._workspace.scan import Scan
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..query import Sorts
from ..values import Value

if TYPE_CHECKING:
    from ..bulk._write.job import BulkJob
    from ..bulk._write.options import BulkOptions
    from ..bulk._write.reader import InputRows


@public
class Entries:
    """The entries of one list. Making one sends nothing.

    Give values as plain Python values by the list's attributes: slug, title or id. They are checked against the
    list's schema and encoded before anything is sent. Give an entry by its id, or as one that was read; a parent as
    Record, RecordRef or the record's web address.
    """

    def __init__(self, session: Session, schemas: SchemaCache, list: object) -> None:
        self.name = slug_or_id(list, "a list")
        self._schemas = schemas
        self._rows = Rows(session, schemas, self.name, ENTRIES)

    def __repr__(self) -> str:
        return f"<Entries of {self.name}>"

    async def schema(self) -> ObjectSchema:
        """Return the list's attributes. Fetched once per client and kept for its `schema_ttl`.

        Raises:
            NotFound: The list is unknown.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, list_configuration:read
        """
        return await self._rows.schema()

    # Reading

    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
    ) -> Paginator[Entry]:
        """Find the matching entries; without a filter, all of them. Sends nothing until it is used.

        Args:
            filter: An expression such as ``F.stage == "Won"``, or a dict in Attio's own form.
            sorts: One or several of `asc` and `desc`, or dicts in Attio's own form.
            limit: The most entries to return; all by default.
            page_size: Entries per page, 1 to 500.

        Raises:
            FilterError: The filter or a sort is not valid. Only reads of the schema were sent.
            BadRequest: The API rejected a filter or sort that was given as a dict.
            NotFound: The list is unknown.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return self._rows.query(filter, sorts, limit, page_size)

    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
        resume: str | None = None,
    ) -> Scan[Entry]:
        """Walk the matching entries, oldest first, each exactly once whatever others write meanwhile.

        See `Records.scan` for how, and for the arguments.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return self._rows.scan(filter, limit, page_size, resume)

    async def get_many(self, entries: Iterable[object]) -> Found[Entry]:
        """Return the entries of these ids in the order given; `missing` lists the ids that do not exist.

        One request per 100 entries.

        Raises:
            CoercionError: A value is not a valid entry id. Nothing was sent.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.get_many(entries)

    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> Entry | None:
        """Return the first matching entry; None if nothing matches. One request.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.first(filter, sorts)

    async def get(self, entry: object) -> Entry:
        """Return one entry.

        Raises:
            NotFound: The entry is not in this list.

        Attio: GET /v2/lists/{list}/entries/{entry_id}, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.get(entry)

    async def explain(self, filter: AnyFilter) -> str:
        """Show the JSON that a filter compiles to and, for each condition, the attribute and type it resolved to.

        Queries no entries; reads the schema the names need unless it is cached.

        Raises:
            FilterError: The filter is not valid.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, list_configuration:read
        """
        return await explained(self._schemas, self.name, filter, target="lists")

    async def history(self, entry: object, attribute: object) -> list[Value]:
        """Return every value an attribute of the list had and has, oldest first, with when and by whom each was set.

        Args:
            entry: The entry.
            attribute: The attribute's slug or id.

        Raises:
            NotFound: The entry or attribute does not exist.

        Attio: GET /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values, read, retried, list_entry:read, list_configuration:read
        """
        return await ENTRY_HISTORY.read(self._rows, entry, attribute)

    # Writing one entry

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
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = True
    ) -> Entry:
        """Update the entry of this record, or add the record to the list; return the entry.

        Attio calls this *assert*. It replaces all values of a multiselect attribute.

        Args:
            parent: The record that is to be in the list.
            values: Attribute slugs of the list to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit, or `parent` is not a record. Nothing was sent.
            MultipleMatches: The record is in the list more than once. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        """
        return await self._rows.upsert(values or {}, place=parent_place(parent), validate=validate)

    async def update(
        self,
        entry: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
    ) -> Entry:
        """Set these values of an entry, and return it. Attributes that are not named keep theirs.

        Args:
            entry: The entry.
            values: Attribute slugs to Python values. An empty list clears, with ``multiselect="overwrite"`` only.
            multiselect: "append" adds values to multiselect attributes, "overwrite" replaces theirs.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit their attributes. Nothing was sent.
            NotFound: The entry is not in this list.
            OutcomeUnknown: The response to an "append" was lost; sending it again could add values twice.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        To overwrite:
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        return await self._rows.update(entry, values, multiselect=multiselect, validate=validate)

    async def edit(
        self,
        entry: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = (),
    ) -> Entry:
        """Set, add, remove and clear values of an entry in one write, and return it. Only the named attributes change.

        See `Records.edit` for when a read comes first, and for the arguments.

        Raises:
            CoercionError: Values do not fit their attributes, or contradict each other. Nothing was written.
            NotFound: The entry is not in this list.
            OutcomeUnknown: The response to adding was lost; sending it again could add values twice.

        To add, where nothing is removed or cleared:
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        Otherwise:
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        return await self._rows.edit(entry, set=set, add=add, remove=remove, clear=clear)

    async def delete(self, entry: object) -> None:
        """Remove an entry from the list for good; the record stays.

        If a retry after a lost response finds it gone, that counts as success.

        Raises:
            NotFound: The entry is not in this list.

        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        await self._rows.delete(entry)

    async def replace_history(
        self,
        entry: object,
        attribute: object,
        values: Iterable[HistoricValue | Value],
        *,
        confirm: bool = False,
    ) -> list[Value]:
        """Delete the history of an attribute, write `values` in its place, and return the old one.

        Keep the result: given as `values`, it restores the old history. No webhook reports the change.

        Args:
            entry: The entry.
            attribute: The attribute's slug or id.
            values: The new history, 1 to 400 values.
            confirm: Must be True, since Attio's own history of the attribute is lost.

        Raises:
            ConfigurationError: `confirm` is not True. Nothing was sent.
            CoercionError: A value does not fit its attribute. Nothing was written.
            NotFound: The entry or attribute does not exist. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values (beta), write, retried, list_entry:read-write, list_configuration:read
        """
        return await ENTRY_HISTORY.replace(self._rows, entry, attribute, values, confirm=confirm)

    # Writing many entries

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

    def create_many(self, rows: "InputRows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """Make a job that adds an entry for every row; a record that is in the list already is in it twice then.

        See `Records.create_many` for rows whose response was lost.

        Args:
            rows: As for `upsert_many`.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The list is unknown. Nothing was written.

        Attio: POST /v2/lists/{list}/entries, write, not repeated, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import create, job  # noqa: PLC0415 - bulk work is loaded when it is used

        return job(lambda: create(self._rows), rows, options)

    def update_many(
        self,
        rows: "InputRows | None",
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that updates existing entries. See `Records.update_many`.

        Args:
            rows: Mappings with the entry under "entry_id" and values by attribute slug, or `Row` with `id`.
            multiselect: "append" adds values to multiselect attributes, "overwrite" replaces theirs.
            compare: True reads the existing entries first; entries that would not change are not written.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The list is unknown. Nothing was written.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        To overwrite:
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import job, update  # noqa: PLC0415 - bulk work is loaded when it is used

        return job(lambda: update(self._rows, multiselect, compare=compare), rows, options)

    def delete_many(self, rows: "InputRows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """Make a job that removes entries from the list for good; the records stay. See `Records.delete_many`.

        Args:
            rows: Entries by id, as `Entry`, or as a mapping with "entry_id".
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The list is unknown. Nothing was written.

        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import delete, job  # noqa: PLC0415 - bulk work is loaded when it is used

        return job(lambda: delete(self._rows), rows, options)
