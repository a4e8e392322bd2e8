"""The methods that records and list entries share: they are read and written in the same ways."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Unpack

from .._pagination.paginator import Paginator
from .._records.models import Entry, Record
from .._schema import ObjectSchema
from .._workspace.arguments import as_list, as_texts
from .._workspace.encode import reusable
from .._workspace.filters import AnyFilter
from .._workspace.history import HistoricValue, History
from .._workspace.rows import MAX_PAGE_SIZE, Found, Multiselect, Nulls, Rows
from .._workspace.scan import PARALLEL, Scan
from ..query import Sorts
from ..values import Value

if TYPE_CHECKING:
    from ..bulk._export.export import ExportResult, ExportTarget
    from ..bulk._export.formats import Format, FormatName
    from ..bulk._import.job import FileImport, ImportSource
    from ..bulk._write.job import BulkJob
    from ..bulk._write.operations import RowOperation
    from ..bulk._write.options import BulkOptions, ProgressChoice
    from ..bulk._write.reader import InputRows

R = TypeVar("R", bound=Record | Entry)


class RecordsAndEntries(Generic[R]):
    """The methods of `Records` and `Entries`. Where a docstring has two addresses, the second is that of entries."""

    def __init__(self, rows: Rows[R], history: History) -> None:
        self.name: str = rows.name
        self._rows = rows
        self._history = history

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.name}>"

    async def schema(self) -> ObjectSchema:
        """Return the attributes of the object or list. Fetched once per client and kept for its `schema_ttl`.

        Raises:
            NotFound: The object or list is unknown.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return await self._rows.run(lambda rows: rows.schema())

    # Reading

    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
    ) -> Paginator[R]:
        """Find the records or entries that match; without a filter, all of them. Sends nothing until it is used.

        Args:
            filter: An expression such as ``F.stage == "Won"``, or a dict in Attio's own form.
            sorts: One or several of `asc` and `desc`, or dicts in Attio's own form.
            view: A saved view of the object or list, by title or id, in place of a filter.
            limit: The most results to return; all by default.
            page_size: Results per page, 1 to 500.

        Raises:
            FilterError: The filter or a sort is not valid. Only reads of the schema were sent.
            UnknownName: The view is unknown. Only reads of the schema were sent.
            BadRequest: The API rejected a filter or sort that was given as a dict.
            NotFound: The object or list is unknown.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return self._rows.query(filter, sorts=sorts, view=view, limit=limit, page_size=page_size)

    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        view: object = None,
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
        resume: str | None = None,
        parallel: int = 1,
        ordered: bool = False,
    ) -> Scan[R]:
        """Walk what matches, oldest first, each record or entry exactly once whatever others write meanwhile.

        `query` pages by offset, so a record that is created or deleted meanwhile shifts the others. A scan continues
        from the creation time of the last one instead. It costs one request per page, one after the other; with
        `parallel`, ``async with ...scan(parallel=8) as scan`` reads several pages at once, and gives them as they arrive.

        Args:
            filter: An expression of `F`, or a dict in Attio's own form.
            view: A saved view of the object or list, by title or id, in place of a filter.
            limit: The most results to return; all by default.
            page_size: Results per page, 1 to 500.
            resume: The `token` of an earlier scan with the same filter or view; continues after its last result.
            parallel: How many pages may be read at once, if the limits allow it; more than 1 needs the block. It costs a few requests
                more. A view is read page after page, since it cannot be divided by time.
            ordered: True gives the oldest first also in parallel. What arrives early waits in a temporary file. With
                `limit`, pages are read one after the other.

        Raises:
            ConfigurationError: An argument is not valid, the token is not or is of another scan, or `parallel` is used
                without a block. No query was sent.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return self._rows.scan(
            filter,
            view=view,
            limit=limit,
            page_size=page_size,
            resume=resume,
            parallel=parallel,
            ordered=ordered,
        )

    async def get_many(self, ids: Iterable[object]) -> Found[R]:
        """Return the records or entries of these ids in the order given; `missing` lists the ids that do not exist.

        One request per 100.

        Raises:
            CoercionError: A value is not a valid id. Nothing was sent.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.get_many(ids)

    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> R | None:
        """Return the first match; None if nothing matches. One request.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.first(filter, sorts)

    async def get(self, id: object) -> R:
        """Return one record or entry.

        Raises:
            NotFound: It does not exist.

        Attio: GET /v2/objects/{object}/records/{record_id}, read, retried, record_permission:read, object_configuration:read
        Attio: GET /v2/lists/{list}/entries/{entry_id}, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.run(lambda rows: rows.get(id))

    async def explain(self, filter: AnyFilter) -> str:
        """Show the JSON that a filter compiles to and, for each condition, the attribute and type it resolved to.

        Queries nothing; reads the schema the names need unless it is cached.

        Raises:
            FilterError: The filter is not valid.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        """
        return await (await self._located()).explain(filter)

    async def history(self, id: object, attribute: object) -> list[Value]:
        """Return every value an attribute had and has, oldest first, with when and by whom each was set.

        Attributes that Attio fills in itself have no history.

        Args:
            id: The record or entry.
            attribute: The attribute's slug, title or id.

        Raises:
            BadRequest: The attribute has no history.
            NotFound: The record, entry or attribute does not exist.

        Attio: GET /v2/objects/{object}/records/{record_id}/attributes/{attribute}/values, read, retried, record_permission:read, object_configuration:read
        Attio: GET /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values, read, retried, list_entry:read, list_configuration:read
        """
        return await self._rows.run(lambda rows: self._history.read(rows, id, attribute))

    # Writing one

    async def update(
        self,
        id: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> R:
        """Set these values of a record or entry, and return it. Attributes that are not named keep theirs.

        Args:
            id: The record or entry.
            values: Attribute slugs to Python values. None clears.
            multiselect: "append" adds values to multiselect attributes, "overwrite" replaces theirs.
            validate: False sends the values as they are.
            nulls: "clear" removes all values of an attribute that is given None, "skip" leaves it alone.

        Raises:
            CoercionError: Values do not fit their attributes. Nothing was sent.
            NotFound: The record or entry does not exist.
            OutcomeUnknown: The response to an "append" was lost; sending it again could add values twice.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/objects/{object}/records/{record_id}, write, not repeated, record_permission:read-write, object_configuration:read
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        To overwrite:
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        values = reusable(values)
        return await self._rows.run(
            lambda rows: rows.update(id, values, multiselect=multiselect, validate=validate, nulls=nulls)
        )

    async def edit(
        self,
        id: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = (),
        merge: bool = False,
    ) -> R:
        """Set, add, remove and clear values in one write, and return the result. Only the named attributes change.

        The write happens as a whole or not at all. A read comes first when something is removed or merged, or when
        something is added while a multiselect attribute is set or anything is cleared; a change that others make to
        those attributes between the two is then overwritten.

        Args:
            id: The record or entry.
            set: Attributes to the values that replace theirs.
            add: Multiselect attributes to values to add; values already there are left alone.
            remove: Attributes to values to remove; values not there are ignored.
            clear: Attributes to leave without a value.
            merge: True keeps the parts of a location that `set` does not give, as in
                ``set={"primary_location": Location(locality="Lyon")}``; otherwise they are cleared.

        Raises:
            CoercionError: Values do not fit their attributes, or contradict each other. Nothing was written.
            NotFound: The record or entry does not exist.
            OutcomeUnknown: The response to adding was lost; sending it again could add values twice.

        To add, where nothing is removed or cleared:
        Attio: PATCH /v2/objects/{object}/records/{record_id}, write, not repeated, record_permission:read-write, object_configuration:read
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        Otherwise:
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        set, add, remove = [None if given is None else reusable(given) for given in (set, add, remove)]
        clear = as_texts(clear, "clear")
        return await self._rows.run(
            lambda rows: rows.edit(id, set=set, add=add, remove=remove, clear=clear, merge=merge)
        )

    async def delete(self, id: object) -> None:
        """Delete a record for good, or remove an entry from its list for good; the entry's record stays.

        If a retry after a lost response finds it gone, that counts as success.

        Raises:
            NotFound: The record or entry does not exist.

        Attio: DELETE /v2/objects/{object}/records/{record_id}, write, retried, object_configuration:read, record_permission:read-write
        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        await self._rows.run(lambda rows: rows.delete(id))

    async def replace_history(
        self,
        id: object,
        attribute: object,
        values: Iterable[HistoricValue | Value],
        *,
        confirm: bool = False,
    ) -> list[Value]:
        """Delete the history of an attribute, write `values` in its place, and return the old one.

        Keep the result: given as `values`, it restores the old history. No webhook reports the change.

        Args:
            id: The record or entry.
            attribute: The attribute's slug, title or id.
            values: The new history, 1 to 400 values.
            confirm: Must be True, since Attio's own history of the attribute is lost.

        Raises:
            ConfigurationError: `confirm` is not True. Nothing was sent.
            CoercionError: A value does not fit its attribute. Nothing was written.
            BadRequest: The attribute has no history. Nothing was written.
            NotFound: The record, entry or attribute does not exist. Nothing was written.

        Attio: PUT /v2/objects/{object}/records/{record_id}/attributes/{attribute}/values (beta), write, retried, record_permission:read-write, object_configuration:read
        Attio: PUT /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values (beta), write, retried, list_entry:read-write, list_configuration:read
        """
        values = as_list(values, "values")
        return await self._rows.run(
            lambda rows: self._history.replace(rows, id, attribute, values, confirm=confirm)
        )

    # Writing many

    def create_many(self, rows: "InputRows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """Make a job that creates a record or entry from every row, whatever exists.

        ``await`` runs it; ``await job.plan()`` shows what it would do. A row whose response was lost is looked up by
        a unique value. Without such a value it fails with `OutcomeUnknown` and is never sent again, since that could
        create it twice. A record that is in a list already is in it twice then.

        Args:
            rows: As for `upsert_many`.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The object or list is unknown. Nothing was written.

        Attio: POST /v2/objects/{object}/records, write, not repeated, record_permission:read-write, object_configuration:read
        Attio: POST /v2/lists/{list}/entries, write, not repeated, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import create  # noqa: PLC0415 - bulk work is loaded when it is used

        return self._job("create", create, rows, options)

    def update_many(
        self,
        rows: "InputRows | None",
        *,
        multiselect: Multiselect = "append",
        compare: bool = True,
        **options: "Unpack[BulkOptions]",
    ) -> "BulkJob":
        """Make a job that updates existing records or entries. Run or plan it as `create_many`.

        A row whose response was lost is sent again only if the record or entry does not have the values.

        Args:
            rows: Mappings with the record under "record_id", or the entry under "entry_id", and values by attribute
                slug, or `Row` with `id`.
            multiselect: "append" adds values to multiselect attributes, "overwrite" replaces theirs.
            compare: True reads what exists first; rows that would change nothing are not written.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The object or list is unknown. Nothing was written.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/objects/{object}/records/{record_id}, write, not repeated, record_permission:read-write, object_configuration:read
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        To overwrite:
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import update  # noqa: PLC0415 - bulk work is loaded when it is used

        return self._job("update", partial(update, multiselect=multiselect, compare=compare), rows, options)

    def delete_many(self, rows: "InputRows | None", **options: "Unpack[BulkOptions]") -> "BulkJob":
        """Make a job that deletes records or entries for good. Run or plan it as `create_many`.

        ``guards=Guards(max_deletes=100)`` deletes nothing if there would be more. The records of entries stay.

        Args:
            rows: Ids, records or entries, or mappings with "record_id" or "entry_id"; records also by address in
                the app.
            options: See `BulkOptions`.

        Raises:
            ConfigurationError: An option is not valid, or the journal is of another job or input. Nothing was written.
            NotFound: The object or list is unknown. Nothing was written.

        Attio: DELETE /v2/objects/{object}/records/{record_id}, write, retried, object_configuration:read, record_permission:read-write
        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        from ..bulk._write.job import delete  # noqa: PLC0415 - bulk work is loaded when it is used

        return self._job("delete", delete, rows, options)

    # Reading everything

    async def export(
        self,
        target: "ExportTarget",
        *,
        format: "FormatName | Format | None" = None,
        filter: AnyFilter | None = None,
        view: object = None,
        select: Iterable[str] | None = None,
        resume: bool = False,
        parallel: int = PARALLEL,
        ordered: bool = False,
        progress: "ProgressChoice" = False,
    ) -> "ExportResult":
        """Write every matching record or entry to a file, each exactly once whatever others write meanwhile.

        The file appears whole or not at all, readable by its owner only. Several pages are read at once, and written as they
        arrive; memory does not grow with the number of records.

        Args:
            target: The path of the file, which replaces one that exists, or an open binary file, which is written to as
                records arrive.
            format: "jsonl", "csv" or "parquet" (extra `parquet`), or a `Jsonl`, `Csv` or `Parquet` of
                `attio_async.bulk` with options; by default the file's suffix decides, and a file without one is JSONL.
            filter: An expression of `F`, or a dict in Attio's own form.
            view: A saved view, by title or id, in place of a filter.
            select: Slugs, titles or ids of the attributes to write, in their order; by default all in use.
            resume: True keeps what was read if the export is interrupted, in ``<target>.part`` with its state
                beside it, and continues from there on the next call; the finished file has the same rows.
            parallel: How many pages may be read at once, if the limits allow it.
            ordered: True writes the oldest first. What arrives early waits in a temporary file.
            progress: Called with the `Progress` after every page, or awaited; True shows it on stderr if that is a
                terminal or the output of a notebook.

        Raises:
            ConfigurationError: The target cannot be written, pyarrow is missing, or the kept part is of another
                export. Nothing was exported.
            UnknownName: An attribute is unknown. Nothing was exported.
            FilterError: The filter is not valid. Nothing was exported.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        from ..bulk._export.export import export  # noqa: PLC0415 - bulk work is loaded when it is used

        select = None if select is None else as_list(select, "select")
        return await self._rows.run(
            lambda rows: export(
                rows,
                target,
                format=format,
                filter=filter,
                view=view,
                select=select,
                resume=resume,
                parallel=parallel,
                ordered=ordered,
                progress=progress,
            )
        )

    async def _located(self) -> Rows[R]:
        """Return the rows under their slug, for what needs the schema in any case."""
        return await self._rows.checked()

    def _import(
        self, source: "ImportSource", choices: "Mapping[str, Any]", options: "BulkOptions"
    ) -> "FileImport":
        from ..bulk._import.job import FileImport, ImportChoices  # noqa: PLC0415 - loaded when it is used

        given = {name: choice for name, choice in choices.items() if choice is not None}
        return FileImport(self._located, source, ImportChoices(**given), options)

    def _job(
        self,
        verb: str,
        describe: "Callable[[Rows[R]], Awaitable[RowOperation]]",
        rows: "InputRows | None",
        options: "BulkOptions",
    ) -> "BulkJob":
        from ..bulk._write.job import job  # noqa: PLC0415 - bulk work is loaded when it is used

        async def operation() -> "RowOperation":
            return await describe(await self._located())

        return job(f"{verb} {self._rows.name}", operation, rows, options)
