"""The records of one object."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from os import PathLike
from typing import TYPE_CHECKING, Literal, Unpack, overload

from attio_async_api.api.records import list_record_entries
from attio_async_api.models.record_entry import RecordEntry

from .._pagination.paginator import Paginator, changed
from .._records.models import Entry, Record, record_id
from .._utils.concurrency import alongside
from .._utils.public import public
from .._workspace.arguments import is_by_value, slug_or_id
from .._workspace.encode import reusable
from .._workspace.filters import AnyFilter
from .._workspace.list_page import paginate
from .._workspace.merge import MergePlan, merge, plan_merge, wait_for_merge
from .._workspace.merges import Merges
from .._workspace.records import RECORD_HISTORY, RECORDS
from .._workspace.rows import Nulls, Rows
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError, StorageError
from ..values import RecordRef
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
    from ..bulk._write.options import BulkOptions, MatchOn
    from ..bulk._write.reader import InputRows

_log = logging.getLogger("attio_async")


@public
class Records(RecordsAndEntries[Record]):
    """The records of one object. Making one sends nothing.

    Give values as plain Python values by attribute slug, title or id; they are checked against the workspace's
    schema and encoded before anything is sent. Give records by id, composite id, `Record`, or their address in
    the app.
    """

    def __init__(self, session: Session, schemas: SchemaCache, object: object, merges: Merges) -> None:
        super().__init__(Rows(session, schemas, slug_or_id(object, "an object"), RECORDS), RECORD_HISTORY)
        self._session = session
        self._merges = merges

    @overload
    def entries(
        self,
        record: object,
        *,
        values: Literal[False] = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[RecordEntry]: ...
    @overload
    def entries(
        self,
        record: object,
        *,
        values: Literal[True],
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Entry]: ...
    def entries(
        self,
        record: object,
        *,
        values: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[RecordEntry] | Paginator[Entry]:
        """List the lists a record is in: one result per entry.

        Args:
            record: The record.
            values: True reads the entries with their values: one more request per list, for up to 100 entries.
            limit: The most results to return; all by default.
            page_size: Results per page, 1 to 1,000.

        Attio: GET /v2/objects/{object}/records/{record_id}/entries, read, retried, record_permission:read, object_configuration:read, list_entry:read
        """
        if not is_by_value(record):
            record_id(record)
        read, path = list_reader(RecordEntry.from_dict), (self._rows.slug, partial(self._id_of, record))
        places = paginate(self._session, list_record_entries, read, *path, limit=limit, page_size=page_size)
        return changed(places, self._entries_at, attrgetter("id")) if values else places

    async def _id_of(self, record: object) -> str:
        return await (await self._rows.located()).id_of(record)

    async def _entries_at(self, places: Sequence[RecordEntry]) -> Sequence[Entry]:
        """Read entries with their values: one request per list and 100 entries."""
        from .._workspace.entries import ENTRIES  # noqa: PLC0415 - most programs read no entries through a record

        found: dict[str, Entry] = {}
        for list_id in dict.fromkeys(place.list_id for place in places):
            ids = [place.entry_id for place in places if place.list_id == list_id]
            entries = await Rows(self._session, self._rows.schemas, list_id, ENTRIES).get_many(ids)
            found.update((entry.id, entry) for entry in entries)
        return [found[place.entry_id] for place in places if place.entry_id in found]

    async def create(self, values: Mapping[str, object], *, validate: bool = True) -> Record:
        """Create a record, and return it. Never creates it twice.

        If the response is lost or unreadable, a unique value such as a domain is looked up: a record that has it and
        was created since then is returned; if no record has it, the create is sent again. A record that somebody else
        created with that value in the same moment is taken for it.

        Args:
            values: Attribute slugs to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit their attributes. Nothing was sent.
            UniquenessConflict: Another record has a value that must be unique. Nothing was written.
            OutcomeUnknown: The response was lost and the values have nothing unique to look up, or the lookup
                failed. It was not sent again, since that could create the record twice.

        Attio: POST /v2/objects/{object}/records, write, not repeated, record_permission:read-write, object_configuration:read
        """
        values = reusable(values)
        return await self._rows.run(lambda rows: rows.create(values, validate=validate))

    async def upsert(
        self, values: Mapping[str, object], *, match: str, validate: bool = True, nulls: Nulls = "clear"
    ) -> Record:
        """Update the record that has this value of `match`, or create one; return it.

        Attio calls this *assert*. It replaces all values of a multiselect attribute, except of `match` itself, where
        it adds values.

        Args:
            values: Attribute slugs to Python values, with a value for `match`.
            match: Slug, title or id of a unique attribute, such as "email_addresses" or "domains".
            validate: False sends the values as they are.
            nulls: "clear" removes all values of an attribute that is given None, "skip" leaves it alone.

        Raises:
            CoercionError: Values do not fit, or `match` is not unique or has no value. Nothing was sent.
            MultipleMatches: More than one record matches. Nothing was written.

        Attio: PUT /v2/objects/{object}/records, write, retried, record_permission:read-write, object_configuration:read
        """
        values = reusable(values)
        return await self._rows.run(
            lambda rows: rows.upsert(values, match=match, validate=validate, nulls=nulls)
        )

    async def merge_plan(self, keep: object, drop: object) -> MergePlan:
        """Return what `merge` would do to each attribute: which values stay, which go, and which are joined.

        Two reads, and nothing is written. Others may change the records before the merge.

        Args:
            keep: The record whose value wins where only one value is allowed.
            drop: The other record.

        Raises:
            ConfigurationError: Both are the same record. Nothing was written.
            NotFound: A record does not exist.

        Attio: GET /v2/objects/{object}/records/{record_id}, read, retried, record_permission:read, object_configuration:read
        """
        kept, dropped = await alongside(lambda: self.get(keep), lambda: self.get(drop))
        return plan_merge(await self.schema(), kept, dropped, lambda: self.merge(keep, drop))

    @overload
    async def merge(self, keep: object, drop: object, *, wait: Literal[True] = True) -> Record: ...
    @overload
    async def merge(self, keep: object, drop: object, *, wait: Literal[False]) -> RecordRef: ...
    async def merge(self, keep: object, drop: object, *, wait: bool = True) -> Record | RecordRef:
        """Merge two records into a new one, and return it. Its id is new; the ids of both records stop working.

        `attio.merges.follow(old_id)` leads to the new id from then on. `merge_plan` shows first what would be done.

        Attio may need a moment for the merge. By default this waits until the new record can be read, for at most a
        minute and with growing pauses; it also waits for an earlier merge of either record.

        Args:
            keep: The record whose value wins where only one value is allowed.
            drop: The other record.
            wait: False returns a reference to the new record, which may not be readable yet.

        Raises:
            ConfigurationError: Both are the same record. Nothing was sent.
            MergeInProgress: The merge took longer than a minute.
            NotFound: A record does not exist.
            OutcomeUnknown: The response was lost; read both records before merging again.

        Attio: POST /v2/objects/{object}/records/merge (beta), write, not repeated, record_permission:read-write, object_configuration:read
        """
        rows = await self._rows.located()
        kept, dropped = await rows.id_of(keep), await rows.id_of(drop)

        async def send() -> str:
            return await merge(self._session, rows.name, kept, dropped)

        merged = await wait_for_merge(self._session, send) if wait else await send()
        await self._remember(merged, kept, dropped)
        if not wait:
            return RecordRef(rows.name, merged)
        return await wait_for_merge(self._session, lambda: self.get(merged))

    async def _remember(self, merged: str, *old: object) -> None:
        try:
            await self._merges.add(merged, *old)
        except (ConfigurationError, StorageError):  # the merge was made, and the caller needs its id
            _log.exception("the merge into record %s was made, and could not be stored", merged)

    def import_from(
        self,
        source: "ImportSource",
        *,
        way: "ImportWay" = "upsert",
        match: "str | MatchOn | None" = None,
        mapping: "ColumnMapping | None" = None,
        formats: "ValueFormats | None" = None,
        reader: "ImportReader | None" = None,
        create_options: bool = False,
        create_unmatched: bool = False,
        **options: "Unpack[BulkOptions]",
    ) -> "FileImport":
        """Make an import of a file: CSV with any delimiter, JSONL, a JSON array, a spreadsheet or Parquet.

        ``await`` runs it; ``await import.plan()`` shows what it would do, and what is in its way, by cause. What is certain
        in a cell is written; a row with a value that is not certain fails, and the reason names the setting that would
        decide it. A blank cell leaves its attribute alone, unless ``nulls="clear"``.

        Args:
            source: The file, "-" for standard input, several files, or a table that an `ImportReader` has opened.
            way: "upsert" updates what exists and creates the rest, "create" and "update" do one of these.
            match: The attribute that finds existing records: by default email_addresses for people, and domains for
                companies. A `MatchOn` for one that is not unique, or "record_id" to update.
            mapping: Where columns go; by default to the attribute of the same slug or title.
            formats: How values are written in the file.
            reader: How the file is read, where that should not be found out.
            create_options: True creates options that select attributes do not have.
            create_unmatched: True creates a record for a row without a value to match on, rather than failing it.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: The file cannot be read, or its columns do not fit. Nothing was written.
            NotFound: The object is unknown. Nothing was written.

        Attio: PUT /v2/objects/{object}/records, write, retried, record_permission:read-write, object_configuration:read
        """
        choices = {
            "way": way,
            "match": match,
            "mapping": mapping,
            "formats": formats,
            "reader": reader,
            "create_options": create_options,
            "create_unmatched": create_unmatched,
        }
        return self._import(source, choices, options)

    def upsert_many(
        self,
        rows: "InputRows | None",
        *,
        match: "str | MatchOn",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that upserts every row at the full allowed rate and reports each row's outcome.

        ``await`` runs it; ``await job.plan()`` shows what it would do. Rows are read as they are needed, and outcomes
        come in the order of the rows; memory does not grow with their number. A row whose response was lost is looked
        up by its key.

        Args:
            rows: Mappings from attribute slugs to values, or `Row` to give a row a label, such as its line. None
                resumes what the journal holds.
            match: Slug, title or id of a unique attribute; a `MatchOn` for one that is not unique.
            compare: True reads the existing records first, many rows at once. Rows that would change nothing then
                count as unchanged and are not written, and the others write only what changes.
            options: See `BulkOptions`: `journal`, `duplicates`, `guards`, `on_outcome`, `progress` and others.

        Raises:
            CoercionError: `match` is not a unique attribute. Nothing was sent.
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The object is unknown. Nothing was written.

        Attio: PUT /v2/objects/{object}/records, write, retried, record_permission:read-write, object_configuration:read
        """
        from ..bulk._write.job import record_upsert  # noqa: PLC0415 - bulk work is loaded when it is used

        return self._job("upsert", partial(record_upsert, match=match, compare=compare), rows, options)

    def sync_to(
        self,
        rows: "InputRows",
        *,
        match: str,
        owned: Iterable[str],
        missing: "Missing" = "ignore",
        state: "str | PathLike[str] | PostgresSyncState | None" = None,
        scope: AnyFilter | None = None,
        **options: "Unpack[SyncOptions]",
    ) -> "SyncJob":
        """Make a sync: after it, the owned attributes of the records are equal to the rows, and nothing else changes.

        ``await`` runs it; ``await sync.plan()`` shows what it would do. The whole source is read and compared before
        anything is written: a source that raises changes nothing, and neither does one that lacks more than a tenth of
        the rows of the last time. A sync that was killed is continued by running it again.

        Args:
            rows: The source: mappings from attribute slugs to values. Attributes that are not owned are left alone.
            match: Slug, title or id of the unique attribute that finds records; each row has a value.
            owned: Slugs, titles or ids of the attributes that the sync writes.
            missing: What happens to records that were in the source at an earlier run and are not now: "ignore",
                "clear" the owned attributes, "delete" those that this sync created and clear the others, or
                ``flag("stale")`` of `attio_async.bulk`, which sets that checkbox.
            state: The file of the keys that were present at applied runs, created if missing; one per sync. A
                `PostgresSyncState` keeps it in PostgreSQL. Everything but "ignore" needs it.
            scope: An expression of `F`, or a dict in Attio's own form: only records that match it are cleared, deleted
                or flagged.
            options: See `SyncOptions`: `nulls`, `max_missing_ratio`, `max_deletes` and others.

        Raises:
            CoercionError: `match` is not a unique attribute. Nothing was sent.
            ConfigurationError: An option is not valid, or the state is that of another sync. Nothing was written.
            UnknownName: An owned attribute is unknown. Nothing was written.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: PUT /v2/objects/{object}/records, write, retried, record_permission:read-write, object_configuration:read
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        Attio: DELETE /v2/objects/{object}/records/{record_id}, write, retried, object_configuration:read, record_permission:read-write
        """
        from ..bulk._sync.job import SyncSpec, sync  # noqa: PLC0415 - bulk work is loaded when it is used

        spec = SyncSpec(match=match, owned=owned, missing=missing, state=state, scope=scope)
        return sync(f"sync {self._rows.name}", self._located, rows, spec, options)
