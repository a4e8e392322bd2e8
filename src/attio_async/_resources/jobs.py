"""Jobs over many rows: the methods; the work itself is in `bulk`, which is loaded when it is used."""

# ruff: noqa: PLC0415 - bulk work is loaded when it is used

from typing import TYPE_CHECKING, Literal, Unpack, cast

from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session

if TYPE_CHECKING:
    from ..bulk._write.job import BulkJob
    from ..bulk._write.options import BulkOptions, MatchOn
    from ..bulk._write.reader import Rows
    from ..bulk._write.targets import EntriesTarget, RecordsTarget
    from .entries import Entries
    from .records import Records

Multiselect = Literal["append", "overwrite"]


class RecordJobs:
    """What can be done with many records at once."""

    _session: Session
    _schemas: SchemaCache
    name: str

    def upsert_many(
        self,
        rows: "Rows | None",
        *,
        match: "str | MatchOn",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """A job whose report says what became of every row, after each was upserted at the full allowed rate.

        ``await`` does it; ``await job.plan()`` says what it would do. Rows are read as they are needed, and outcomes
        come in the order of the rows; memory does not grow with their number. A row whose answer was lost is looked up
        by its key.

        Args:
            rows: Mappings from attribute slugs to values, or `Row` to give a row a label, such as its line. None
                works off what the journal holds.
            match: Slug, title or id of a unique attribute; a `MatchOn` for one that is not unique.
            compare: Whether what is there is read first, many rows at once. Then rows that would change nothing are
                counted as unchanged and not written, and of the others only what changes.
            options: See `BulkOptions`: `journal`, `duplicates`, `guards`, `on_outcome`, `progress` and others.

        Raises:
            CoercionError: `match` is not a unique attribute. Nothing was sent.
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such object. Nothing was written.

        Attio: PUT /v2/objects/{object}/records, write, retried, record_permission:read-write, object_configuration:read
        """
        from ..bulk._write.job import job, record_upsert

        return job(lambda: record_upsert(self._target(), match, compare=compare), rows, options)

    def create_many(self, rows: "Rows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """A job that creates a record of every row, whatever is there. Awaited or planned as `upsert_many` is.

        A row whose answer was lost is looked up by a value that has to be unique. Without such a value it fails with
        `OutcomeUnknown` and is never sent again, since that could create it twice.

        Args:
            rows: Mappings from attribute slugs to values, or `Row`.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such object. Nothing was written.

        Attio: POST /v2/objects/{object}/records, write, not repeated, record_permission:read-write, object_configuration:read
        """
        from ..bulk._write.job import create, job

        return job(lambda: create(self._target()), rows, options)

    def update_many(
        self,
        rows: "Rows | None",
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """A job that changes records that exist. Awaited or planned as `upsert_many` is.

        A row whose answer was lost is sent again only if the record does not have the values.

        Args:
            rows: Mappings that have the record under "record_id" and values by attribute slug, or `Row` with `id`.
            multiselect: Whether values of multiselect attributes are added to those there ("append"), or take
                their place ("overwrite").
            compare: As for `upsert_many`.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such object. Nothing was written.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/objects/{object}/records/{record_id}, write, not repeated, record_permission:read-write, object_configuration:read
        To overwrite:
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        """
        from ..bulk._write.job import job, update

        return job(lambda: update(self._target(), multiselect, compare=compare), rows, options)

    def delete_many(self, rows: "Rows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """A job that deletes records, for good. Awaited or planned as `upsert_many` is.

        ``guards=Guards(max_deletes=100)`` deletes none at all where there would be more.

        Args:
            rows: Records, by whatever names one: an id, a `Record`, its address in the app, or a mapping with
                "record_id".
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such object. Nothing was written.

        Attio: DELETE /v2/objects/{object}/records/{record_id}, write, retried, object_configuration:read, record_permission:read-write
        """
        from ..bulk._write.job import delete, job

        return job(lambda: delete(self._target()), rows, options)

    def _target(self) -> "RecordsTarget":
        from ..bulk._write.targets import RecordsTarget

        return RecordsTarget(cast("Records", self), self._session, self._schemas)


class EntryJobs:
    """What can be done with many entries at once."""

    _session: Session
    _schemas: SchemaCache
    name: str

    def upsert_many(
        self, rows: "Rows | None", *, compare: bool = True, **options: "Unpack[BulkOptions]"
    ) -> "BulkJob":
        """A job that has a record in the list for every row, and its entry as the row says. See `Records.upsert_many`.

        Args:
            rows: Mappings that have the record under "parent_record" and values by attribute slug of the list, or
                `Row` with `parent`.
            compare: Whether entries are read first, so that those that would not change are not written.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such list. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import entry_upsert, job

        return job(lambda: entry_upsert(self._target(), compare=compare), rows, options)

    def create_many(self, rows: "Rows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """A job that adds an entry for every row; a record that is in the list already is in it twice then.

        See `Records.create_many` for rows whose answer was lost.

        Args:
            rows: As for `upsert_many`.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such list. Nothing was written.

        Attio: POST /v2/lists/{list}/entries, write, not repeated, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import create, job

        return job(lambda: create(self._target()), rows, options)

    def update_many(
        self,
        rows: "Rows | None",
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """A job that changes entries that exist. See `Records.update_many`.

        Args:
            rows: Mappings that have the entry under "entry_id" and values by attribute slug, or `Row` with `id`.
            multiselect: Whether values of multiselect attributes are added to those there ("append"), or take
                their place ("overwrite").
            compare: Whether entries are read first, so that those that would not change are not written.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such list. Nothing was written.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        To overwrite:
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import job, update

        return job(lambda: update(self._target(), multiselect, compare=compare), rows, options)

    def delete_many(self, rows: "Rows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """A job that takes entries off the list, for good; the records stay. See `Records.delete_many`.

        Args:
            rows: Entries, by id, as `Entry`, or as a mapping with "entry_id".
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option cannot work, or the journal is of another job or input. Nothing was written.
            NotFound: There is no such list. Nothing was written.

        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import delete, job

        return job(lambda: delete(self._target()), rows, options)

    def _target(self) -> "EntriesTarget":
        from ..bulk._write.targets import EntriesTarget

        return EntriesTarget(cast("Entries", self), self._session, self._schemas)
