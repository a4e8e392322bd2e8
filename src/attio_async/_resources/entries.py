"""The entries of one list: which records are in it, and what the list knows of each."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from os import PathLike
from typing import TYPE_CHECKING, Literal, Unpack

from .._pagination.paginator import Paginator, changed
from .._records.models import Entry, Record
from .._utils.checks import check_choice
from .._utils.public import public
from .._workspace.arguments import find_record, slug_or_id
from .._workspace.encode import reusable
from .._workspace.entries import ENTRIES, ENTRY_HISTORY
from .._workspace.filters import AnyFilter
from .._workspace.rows import MAX_PAGE_SIZE, Nulls, Rows
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from ..errors import ConfigurationError, MultipleMatches
from ..query import F, Sorts, desc
from .rows import RecordsAndEntries

if TYPE_CHECKING:
    from ..bulk._import.columns import ColumnMapping
    from ..bulk._import.formats import ValueFormats
    from ..bulk._import.job import FileImport, ImportSource, ImportWay
    from ..bulk._import.source import ImportReader
    from ..bulk._sync.job import SyncJob, SyncOptions
    from ..bulk._sync.operation import Missing
    from ..bulk._sync.state import PostgresSyncState
    from ..bulk._write.job import BulkJob
    from ..bulk._write.options import BulkOptions
    from ..bulk._write.reader import InputRows

OnMultiple = Literal["error", "newest", "all"]
"""What an upsert does with a record that is in the list more than once."""

_ON_MULTIPLE = ("error", "newest", "all")


async def parent_place(session: Session, parent: object) -> dict[str, str]:
    """Return the fields that name an entry's parent record, beside the entry's values.

    https://docs.attio.com/rest-api/endpoint-reference/entries/create-an-entry-add-record-to-list

    Raises:
        CoercionError: It is not a record. Nothing was sent.
    """
    object_name, record_id = await find_record(session, parent, "parent")
    return {"parent_record_id": record_id, "parent_object": object_name}


@public
class Entries(RecordsAndEntries[Entry]):
    """The entries of one list. Making one sends nothing.

    Give values as plain Python values by the list's attributes: slug, title or id. They are checked against the
    list's schema and encoded before anything is sent. Give an entry by its id, or as one that was read; a parent as
    Record, RecordRef or the record's web address.
    """

    def __init__(self, session: Session, schemas: SchemaCache, list: object) -> None:
        super().__init__(Rows(session, schemas, slug_or_id(list, "a list"), ENTRIES), ENTRY_HISTORY)

    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
        with_parents: bool = False,
    ) -> Paginator[Entry]:
        """Find the entries that match; without a filter, all of them. Sends nothing until it is used.

        Args:
            filter: An expression such as ``F.stage == "Won"``, or a dict in Attio's own form.
            sorts: One or several of `asc` and `desc`, or dicts in Attio's own form.
            view: A saved view of the list, by title or id, in place of a filter.
            limit: The most entries to return; all by default.
            page_size: Entries per page, 1 to 500.
            with_parents: True reads the records of the entries, too: `entry.record`. One more request per page and
                100 records.

        Raises:
            FilterError: The filter or a sort is not valid. Only reads of the schema were sent.
            UnknownName: The view is unknown. Only reads of the schema were sent.
            BadRequest: The API rejected a filter or sort that was given as a dict.
            NotFound: The list is unknown.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        entries = super().query(filter, sorts=sorts, view=view, limit=limit, page_size=page_size)
        return changed(entries, self._with_parents, attrgetter("id")) if with_parents else entries

    async def _with_parents(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        from .._workspace.records import RECORDS  # noqa: PLC0415 - most programs do not read parents along

        found: dict[str, Record] = {}
        for name in dict.fromkeys(entry.parent_object for entry in entries):
            ids = [entry.parent_record_id for entry in entries if entry.parent_object == name]
            records = Rows(self._rows.session, self._rows.schemas, name, RECORDS)
            found.update((record.id, record) for record in await records.get_many(ids))
        for entry in entries:
            entry.record = found.get(entry.parent_record_id)
        return entries

    async def move(self, id: object, stage: object) -> Entry:
        """Set the stage of an entry: the value of the list's one status attribute. Return the entry.

        Args:
            id: The entry.
            stage: The title or id of a status.

        Raises:
            ConfigurationError: The list does not have exactly one status attribute. Nothing was written.
            CoercionError: The list does not have this status. Nothing was written.
            NotFound: The entry is not in this list.

        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        rows = await self._located()
        attributes = (await rows.schema()).attributes.values()
        stages = [each.slug for each in attributes if each.type == "status" and not each.is_archived]
        if len(stages) != 1:
            known = f"the status attributes {', '.join(stages)}" if stages else "no status attribute"
            raise ConfigurationError(f"{self.name} has {known}; name the attribute to set with update()")
        return await rows.update(id, {stages[0]: stage}, multiselect="overwrite", validate=True)

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
        values = reusable(values or {})
        place = await parent_place(self._rows.session, parent)
        return await self._rows.run(lambda rows: rows.create(values, place=place, validate=validate))

    async def upsert(
        self,
        parent: object,
        values: Mapping[str, object] | None = None,
        *,
        on_multiple: OnMultiple = "error",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> Entry:
        """Update the entry of this record, or add the record to the list; return the entry.

        Attio calls this *assert*. It replaces all values of a multiselect attribute.

        Args:
            parent: The record that is to be in the list.
            values: Attribute slugs of the list to Python values.
            on_multiple: If the record is in the list more than once, "newest" updates the entry created last, and
                "all" updates all of them and returns that one: one more read, and a write per entry.
            validate: False sends the values as they are.
            nulls: "clear" removes all values of an attribute that is given None, "skip" leaves it alone.

        Raises:
            CoercionError: Values do not fit, or `parent` is not a record. Nothing was sent.
            ConfigurationError: `on_multiple` is not valid. Nothing was sent.
            MultipleMatches: The record is in the list more than once. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        If the record is in the list more than once:
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        check_choice("on_multiple", on_multiple, _ON_MULTIPLE)
        values = reusable(values or {})
        place = await parent_place(self._rows.session, parent)
        rows = await self._located()
        try:
            return await rows.upsert(values, place=place, validate=validate, nulls=nulls)
        except MultipleMatches:
            if on_multiple == "error":
                raise
        is_parent = F.parent.via(place["parent_object"]).record_id == place["parent_record_id"]
        limit = 1 if on_multiple == "newest" else None
        entries = await rows.query(is_parent, sorts=desc("created_at"), limit=limit)
        if not entries:  # somebody has removed all of them meanwhile
            return await rows.upsert(values, place=place, validate=validate, nulls=nulls)
        updated = [
            await rows.update(entry, values, multiselect="overwrite", validate=validate, nulls=nulls)
            for entry in reversed(entries)
        ]
        return updated[-1]

    def import_from(
        self,
        source: "ImportSource",
        *,
        way: "ImportWay" = "upsert",
        match: str | None = None,
        parent_match: str | None = None,
        mapping: "ColumnMapping | None" = None,
        formats: "ValueFormats | None" = None,
        reader: "ImportReader | None" = None,
        create_options: bool = False,
        create_parents: bool = False,
        **options: "Unpack[BulkOptions]",
    ) -> "FileImport":
        """Make an import of a file: CSV with any delimiter, JSONL, a JSON array, a spreadsheet or Parquet.

        ``await`` runs it; ``await import.plan()`` shows what it would do, and what is in its way, by cause. What is certain
        in a cell is written; a row with a value that is not certain fails, and the reason names the setting that would
        decide it. A blank cell leaves its attribute alone, unless ``nulls="clear"``.

        Args:
            source: The file, "-" for standard input, several files, or a table that an `ImportReader` has opened.
            way: "upsert" updates the entry of the row's parent or creates one, "create" creates one in any case, and
                "update" updates the entry that `match` finds.
            match: "entry_id", to update.
            parent_match: The unique attribute of the parents that a column has, such as "domains". By default the column
                parent_record has the parents, as `export` writes them.
            mapping: Where columns go; by default to the attribute of the same slug or title.
            formats: How values are written in the file.
            reader: How the file is read, where that should not be found out.
            create_options: True creates options that select attributes do not have.
            create_parents: True creates parents that do not exist, with the values of columns that are mapped to
                their attributes, such as ``parent.name``.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: The file cannot be read, or its columns do not fit. Nothing was written.
            NotFound: The list is unknown. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        """
        choices = {
            "way": way,
            "match": match,
            "parent_match": parent_match,
            "mapping": mapping,
            "formats": formats,
            "reader": reader,
            "create_options": create_options,
            "create_parents": create_parents,
        }
        return self._import(source, choices, options)

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
        from ..bulk._write.job import entry_upsert  # noqa: PLC0415 - bulk work is loaded when it is used

        return self._job("upsert", partial(entry_upsert, compare=compare), rows, options)

    def sync_to(
        self,
        rows: "InputRows",
        *,
        owned: Iterable[str] = (),
        missing: "Missing" = "ignore",
        state: "str | PathLike[str] | PostgresSyncState | None" = None,
        scope: AnyFilter | None = None,
        **options: "Unpack[SyncOptions]",
    ) -> "SyncJob":
        """Make a sync: after it, every record of the source is in the list, with the owned attributes of its row.

        See `Records.sync_to`. With ``missing="delete"`` and no owned attributes the list follows the source, such as the
        result of a query; entries that others added stay.

        Args:
            rows: Mappings with the record under "parent_record" and values by attribute slug of the list, or `Row` with
                `parent`.
            owned: Slugs, titles or ids of the list's attributes that the sync writes.
            missing: What happens to entries of records that left the source: "ignore", "clear", "delete" or a flag.
            state: The file of the records that were present at applied runs, or a `PostgresSyncState`. Everything but
                "ignore" needs it.
            scope: Only entries that match it are cleared, deleted or flagged.
            options: See `SyncOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the state is that of another sync. Nothing was written.
            UnknownName: An owned attribute is unknown. Nothing was written.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._sync.job import SyncSpec, sync  # noqa: PLC0415 - bulk work is loaded when it is used

        spec = SyncSpec(match=None, owned=owned, missing=missing, state=state, scope=scope)
        return sync(f"sync {self._rows.name}", self._located, rows, spec, options)
