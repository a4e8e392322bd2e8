"""The records of one object."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, overload

from attio_async_api.api.records import (
    assert_record,
    create_record,
    delete_record,
    get_record,
    list_record_attribute_values,
    list_record_entries,
    overwrite_record,
    overwrite_record_attribute_values,
    update_record,
)
from attio_async_api.models.record_entry import RecordEntry
from attio_async_api.operations import (
    ASSERT_RECORD,
    CREATE_RECORD,
    DELETE_RECORD,
    GET_RECORD,
    LIST_RECORD_ATTRIBUTE_VALUES,
    LIST_RECORD_ENTRIES,
    OVERWRITE_RECORD,
    OVERWRITE_RECORD_ATTRIBUTE_VALUES,
    UPDATE_RECORD,
)

from .._pagination.paginator import Paginator
from .._records.models import Record, decode_record, record_id
from .._schema import Attribute, ObjectSchema
from .._workspace.arguments import slug_or_id
from .._workspace.edit import edit_of
from .._workspace.encode import Encoded, encoded, refuse_empty
from .._workspace.filters import AnyFilter, explained
from .._workspace.history import HistoricValue, read_history, replacement
from .._workspace.idempotent_create import key_of, settled
from .._workspace.list_page import paged
from .._workspace.merge import merge, waited_out
from .._workspace.query import MAX_PAGE, Found, RecordQueries
from .._workspace.scan import Scan
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session, items
from .._workspace.suggestions import suggesting
from ..errors import (
    CoercionError,
    ConfigurationError,
    Problem,
    UnknownName,
)
from ..query import Sorts
from ..values import RecordRef, Value
from .jobs import RecordJobs

if TYPE_CHECKING:
    from ..bulk._changes.feed import Changes
    from ..bulk._export.export import ExportResult, Target
    from ..bulk._export.formats import Format, FormatName

Multiselect = Literal["append", "overwrite"]


class Records(RecordJobs):
    """The records of one object. Making one sends nothing.

    Values are given as plain Python values by attribute slug, title or id; they are checked against the
    workspace's schema and put into Attio's shape before anything is sent. Records may be named by id, composite
    id, `Record`, or their address in the app.
    """

    def __init__(self, session: Session, schemas: SchemaCache, object: object) -> None:
        self._session = session
        self._schemas = schemas
        self.name = slug_or_id(object, "an object")
        self._query = RecordQueries(session, schemas, self.name)

    def __repr__(self) -> str:
        return f"<Records of {self.name}>"

    async def schema(self) -> ObjectSchema:
        """The object's attributes. Fetched once per client and kept for its `schema_ttl`.

        Raises:
            NotFound: There is no such object.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, object_configuration:read
        """
        return await self._schemas.get(self.name)

    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        limit: int | None = None,
        page_size: int = MAX_PAGE,
    ) -> Paginator[Record]:
        """The matching records, all of them when there is no filter. Sends nothing before it is used.

        Args:
            filter: An expression such as ``F.email_addresses == "ada@example.com"``, or a dict in Attio's own form.
            sorts: One or several of `asc` and `desc`, or dicts in Attio's own form.
            limit: The most records; by default all.
            page_size: How many records a page holds, 1 to 500.

        Raises:
            FilterError: The filter or a sort cannot work. Nothing was sent but reads of the schema.
            BadRequest: The API found them wrong, which it may where they are dicts.
            NotFound: There is no such object.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        return self._query.paginator(filter, sorts, limit, page_size)

    def scan(
        self,
        filter: AnyFilter | None = None,
        *,
        limit: int | None = None,
        page_size: int = MAX_PAGE,
        resume: str | None = None,
    ) -> Scan:
        """All matching records, oldest first, each exactly once whatever others write meanwhile.

        Where `query` counts records off, so that one created or deleted meanwhile shifts the others, a scan goes on
        from the moment of creation of the last record. It costs one request per page, one after the other.

        Args:
            filter: An expression of `F`, or a dict in Attio's own form.
            limit: The most records; by default all.
            page_size: How many records a page holds, 1 to 500.
            resume: The `token` of an earlier scan of the same filter, to go on after the last record it gave.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        return self._query.scan(filter, limit, page_size, resume)

    async def export(
        self,
        target: "Target",
        *,
        format: "FormatName | Format | None" = None,
        filter: AnyFilter | None = None,
        select: Iterable[str] | None = None,
        resume: bool = False,
        on_progress: Callable[[int], None] | None = None,
    ) -> "ExportResult":
        """What was written: every matching record, each exactly once whatever others write meanwhile.

        The file appears whole or not at all, readable by its owner only. Reading runs a page ahead of writing; memory
        does not grow with the records.

        Args:
            target: The path of the file, or an open binary file that gets everything as it comes.
            format: "jsonl", "csv" or "parquet" (extra `parquet`), or a `Jsonl`, `Csv` or `Parquet` of
                `attio_async.bulk` with options; by default what the name ends with, else JSONL.
            filter: An expression of `F`, or a dict in Attio's own form.
            select: Slugs, titles or ids of the attributes to write, in their order; by default all in use.
            resume: True keeps what was read when the export is interrupted, in ``<target>.part`` with its state
                beside it, and goes on from there when it is called again; the file is the same in the end.
            on_progress: Called with the number of records written, after every page.

        Raises:
            ConfigurationError: Nothing can be written there, pyarrow is missing, or what was kept is of another
                export. No record was read.
            UnknownName: There is no such attribute. No record was read.
            FilterError: The filter cannot work. No record was read.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        from ..bulk._export.export import export  # noqa: PLC0415 - bulk work is loaded when it is used

        return await export(
            self._session,
            self._schemas,
            self.name,
            target,
            format=format,
            filter=filter,
            select=select,
            resume=resume,
            on_progress=on_progress,
        )

    def changes(
        self,
        state: "str | PathLike[str]",
        *,
        select: Iterable[str] | None = None,
        baseline: bool = False,
    ) -> "Changes":
        """What was created, changed and deleted since the last time, found by comparing all records with a file.

        To be opened with ``async with`` and looped over with ``async for``, which is one sweep over all records, one
        request per 500. Each change is a `Created`, `Changed` or `Deleted` of `attio_async.bulk`, and is given again
        the next time until it was confirmed with ``await changes.ack(change)``; after that never again. Nothing is
        skipped when the process dies; a sweep that was interrupted is continued. A record counts as deleted when a
        complete sweep did not meet it and it is not found by its id either.

        Args:
            state: The file; one for each object, made when it is not there, readable by its owner only. It belongs to
                one process at a time.
            select: Slugs, titles or ids of the attributes to watch; by default all in use.
            baseline: True makes the first sweep take stock only; else it gives every record as created.

        Raises, when it is opened or looped over:
            ConfigurationError: The file is something else, in use, or about other records.
            UnknownName: There is no such attribute.

        Attio: GET /v2/self, read, retried, no scope
        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, object_configuration:read
        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        from ..bulk._changes.feed import Changes  # noqa: PLC0415 - bulk work is loaded when it is used

        return Changes(self._session, self._schemas, self.name, state, select=select, baseline=baseline)

    async def explain(self, filter: AnyFilter) -> str:
        """The JSON that a filter becomes here and, for each condition, the attribute and type it was resolved to.

        Asks for no records; reads what the names in the filter mean, as far as it is not known yet.

        Raises:
            FilterError: The filter cannot work.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, object_configuration:read
        """
        return await explained(self._schemas, self.name, filter)

    async def get_many(self, records: Iterable[object]) -> Found:
        """The records of these ids, in the order asked for; `missing` names the ids that do not exist.

        One request per 100 records.

        Raises:
            CoercionError: Something names no record. Nothing was sent.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        return await self._query.by_ids(records)

    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> Record | None:
        """The first matching record; None when there is none. One request.

        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        """
        return await self.query(filter, sorts=sorts, limit=1, page_size=1).first()

    async def get(self, record: object) -> Record:
        """One record.

        Raises:
            NotFound: There is no such record.

        Attio: GET /v2/objects/{object}/records/{record_id}, read, retried, record_permission:read, object_configuration:read
        """
        built = get_record.build_request(self.name, record_id(record))
        schema = await self._schemas.for_reading(self.name)
        return await self._session.call(GET_RECORD, built, lambda body: decode_record(body, schema))

    async def create(self, values: Mapping[str, object], *, validate: bool = True) -> Record:
        """The new record.

        Should the answer be lost or garbled, a value that must be unique, such as a domain, is looked for: the record
        that has it is returned if it was created since, and if there is none, it is created once more. So it is
        never created twice. A record that somebody else created with that value in the same moments is taken for it.

        Args:
            values: Attribute slugs to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit their attributes. Nothing was sent.
            UniquenessConflict: Another record has a value that must be unique. Nothing was written.
            OutcomeUnknown: The answer was lost, and no value has to be unique, or looking for it failed; it was
                not sent again, since that could create it twice.

        Attio: POST /v2/objects/{object}/records, write, not repeated, record_permission:read-write, object_configuration:read
        """
        schema, data = await self._encoded(values, validate=validate)
        built = create_record.build_request(self.name, body=_body(data))

        async def create() -> Record:
            return await self._session.call(CREATE_RECORD, built, lambda body: decode_record(body, schema))

        with suggesting(self._schemas, self.name):
            return await settled(self._session.pipeline, key_of(schema, data), create, self.first)

    async def upsert(self, values: Mapping[str, object], *, match: str, validate: bool = True) -> Record:
        """The record whose `match` attribute has this value: updated, or created when there is none.

        Attio calls this *assert*. Of a multiselect attribute all values are replaced, except on `match` itself,
        where values are added.

        Args:
            values: Attribute slugs to Python values; `match` is among them.
            match: Slug, title or id of a unique attribute, e.g. "email_addresses" or "domains".
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit, or `match` is not unique or has no value. Nothing was sent.
            MultipleMatches: More than one record matches. Nothing was written.

        Attio: PUT /v2/objects/{object}/records, write, retried, record_permission:read-write, object_configuration:read
        """
        schema, data = await self._encoded(values, validate=validate)
        slug = self._match(schema, data, match) if validate else match
        with suggesting(self._schemas, self.name):
            return await assert_values(self._session, self.name, schema, data, match=slug)

    async def update(
        self,
        record: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect = "append",
        validate: bool = True,
    ) -> Record:
        """The record with these values set. Attributes that are not named keep theirs.

        Args:
            record: Which one.
            values: Attribute slugs to Python values. An empty list clears, with ``multiselect="overwrite"`` only.
            multiselect: Whether values of multiselect attributes are added to those there ("append"), or take
                their place ("overwrite").
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit their attributes. Nothing was sent.
            NotFound: There is no such record.
            OutcomeUnknown: The answer to an "append" was lost; repeating it could add values twice.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/objects/{object}/records/{record_id}, write, not repeated, record_permission:read-write, object_configuration:read
        To overwrite:
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        """
        if multiselect not in {"append", "overwrite"}:
            raise ConfigurationError(f"multiselect is 'append' or 'overwrite', not {multiselect!r}")
        target = record_id(record)
        schema, data = await self._encoded(values, validate=validate)
        if multiselect == "overwrite":
            built = overwrite_record.build_request(self.name, target, body=_body(data))
            with suggesting(self._schemas, self.name):
                return await self._session.call(
                    OVERWRITE_RECORD, built, lambda body: decode_record(body, schema)
                )
        if validate:
            refuse_empty(data)
        with suggesting(self._schemas, self.name):
            return await self._session.call(
                UPDATE_RECORD,
                update_record.build_request(self.name, target, body=_body(data)),
                lambda body: decode_record(body, schema),
                repeatable=schema is not None and all(map(schema.is_single, data)),
            )

    async def delete(self, record: object) -> None:
        """Delete a record, for good. When an answer was lost and the record is gone on the repeat, that is success.

        Raises:
            NotFound: There is no such record.

        Attio: DELETE /v2/objects/{object}/records/{record_id}, write, retried, object_configuration:read, record_permission:read-write
        """
        built = delete_record.build_request(self.name, record_id(record))
        await self._session.call(DELETE_RECORD, built, lambda _: None)

    async def edit(
        self,
        record: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = (),
    ) -> Record:
        """The record after these changes. Only the attributes that are named are touched.

        It is one write, so all of it happens or nothing. Before it comes one read of the record when something
        is removed, or when something is added while a multiselect attribute is set or anything cleared; a change
        that others make to those attributes between the two is then overwritten.

        Args:
            record: Which one.
            set: Attributes to values that take the place of those there.
            add: Multiselect attributes to values to add; those there already are left alone.
            remove: Attributes to values to remove; those not there are no error.
            clear: Attributes to leave without any value.

        Raises:
            CoercionError: Values do not fit their attributes, or contradict each other. Nothing was written.
            NotFound: There is no such record.
            OutcomeUnknown: The answer to adding was lost; repeating it could add values twice.

        To add, where nothing is removed or cleared:
        Attio: PATCH /v2/objects/{object}/records/{record_id}, write, not repeated, record_permission:read-write, object_configuration:read
        Otherwise:
        Attio: PUT /v2/objects/{object}/records/{record_id}, write, retried, record_permission:read-write, object_configuration:read
        """
        edit = await edit_of(self._schemas, self.name, set=set, add=add, remove=remove, clear=clear)
        if edit.appends:
            return await self.update(record, edit.appended(), validate=False)
        current = await self.get(record) if edit.needs_values else None
        data = edit.overwritten(current)
        return await self.update(record, data, multiselect="overwrite", validate=False)

    @overload
    async def merge(self, keep: object, drop: object, *, wait: Literal[True] = True) -> Record: ...
    @overload
    async def merge(self, keep: object, drop: object, *, wait: Literal[False]) -> RecordRef: ...
    async def merge(self, keep: object, drop: object, *, wait: bool = True) -> Record | RecordRef:
        """The new record that both became. It has a new id, and the ids of both end here: replace them.

        Attio may take a moment to do it. By default this waits until the new record can be read, a minute at
        most, asking ever more slowly; it also waits for an earlier merge of one of the two.

        Args:
            keep: The record whose value stays where both have one and only one can.
            drop: The other record.
            wait: False returns a reference to the new record, which may not be readable yet.

        Raises:
            ConfigurationError: They are one and the same record. Nothing was sent.
            MergeInProgress: It took longer than a minute.
            NotFound: There is no such record.
            OutcomeUnknown: The answer was lost; read both records before merging again.

        Attio: POST /v2/objects/{object}/records/merge (beta), write, not repeated, record_permission:read-write, object_configuration:read
        """
        if not wait:
            return RecordRef(self.name, await merge(self._session, self.name, keep, drop))
        merged = await waited_out(self._session, lambda: merge(self._session, self.name, keep, drop))
        return await waited_out(self._session, lambda: self.get(merged))

    async def history(self, record: object, attribute: object) -> list[Value]:
        """Every value an attribute had and has, the oldest first, with when and by whom each was set.

        Attributes that Attio fills in itself have no history.

        Args:
            record: Which record.
            attribute: Its slug or id.

        Raises:
            BadRequest: The attribute has no history.
            NotFound: There is no such record or attribute.

        Attio: GET /v2/objects/{object}/records/{record_id}/attributes/{attribute}/values, read, retried, record_permission:read, object_configuration:read
        """
        place = self.name, record_id(record), slug_or_id(attribute, "attribute")
        build = partial(list_record_attribute_values.build_request, *place)
        return await read_history(self._session, LIST_RECORD_ATTRIBUTE_VALUES, build)

    async def replace_history(
        self,
        record: object,
        attribute: object,
        values: Iterable[HistoricValue | Value],
        *,
        confirm: bool = False,
    ) -> list[Value]:
        """The old history of an attribute, read just before it was deleted and replaced by `values`.

        Keep it: given back as `values`, it restores what was. No webhook tells of the change.

        Args:
            record: Which record.
            attribute: Its slug or id.
            values: The new history, 1 to 400 values.
            confirm: Must be True, since what Attio knew of the attribute is lost.

        Raises:
            ConfigurationError: It was not confirmed. Nothing was sent.
            CoercionError: A value does not fit its attribute. Nothing was written.
            BadRequest: The attribute has no history. Nothing was written.

        Attio: PUT /v2/objects/{object}/records/{record_id}/attributes/{attribute}/values (beta), write, retried, record_permission:read-write, object_configuration:read
        """
        name = slug_or_id(attribute, "attribute")
        schema = await self._schemas.for_reading(self.name)
        body = replacement(values, name, schema, confirm=confirm)
        old = await self.history(record, name)
        built = overwrite_record_attribute_values.build_request(self.name, record_id(record), name, body=body)
        await self._session.done(OVERWRITE_RECORD_ATTRIBUTE_VALUES, built)
        return old

    def entries(
        self, record: object, *, limit: int | None = None, page_size: int | None = None
    ) -> Paginator[RecordEntry]:
        """In which lists a record is: one result for every entry, without the entry's values.

        ``attio.entries(found.list_id).get(found)`` has the values.

        Args:
            record: Which record.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 1,000; by default 1,000.

        Attio: GET /v2/objects/{object}/records/{record_id}/entries, read, retried, record_permission:read, object_configuration:read, list_entry:read
        """
        build = partial(list_record_entries.build_request, self.name, record_id(record))
        return paged(
            self._session,
            LIST_RECORD_ENTRIES,
            build,
            items(RecordEntry.from_dict),
            limit=limit,
            page_size=page_size,
        )

    async def _encoded(self, values: Mapping[str, object], *, validate: bool) -> Encoded:
        return await encoded(self._schemas, self.name, values, validate=validate)

    def _match(self, schema: ObjectSchema | None, data: Mapping[str, Any], match: str) -> str:
        slug = unique_attribute(schema, match).slug if schema else match
        if not data.get(slug):
            raise CoercionError.single(slug, None, None, "has no value, so there is nothing to match on")
        return slug


async def assert_values(
    session: Session, object_name: str, schema: ObjectSchema | None, data: Mapping[str, Any], *, match: str
) -> Record:
    """The record after asserting values that are already in Attio's shape."""
    built = assert_record.build_request(object_name, matching_attribute=match, body=_body(data))
    return await session.call(ASSERT_RECORD, built, lambda body: decode_record(body, schema))


def unique_attribute(schema: ObjectSchema, name: str) -> Attribute:
    """The attribute to match on.

    Raises:
        CoercionError: There is none of that name, or it is not unique.
    """
    unique = [
        a.slug for a in schema.attributes.values() if a.is_unique and a.is_writable and not a.is_archived
    ]
    possible = (
        f"unique attributes: {', '.join(unique)}" if unique else f"{schema.name} has no unique attribute"
    )
    try:
        attribute = schema.find(name)
    except UnknownName as error:
        raise CoercionError([Problem(name, None, None, str(error), possible)]) from None
    if not attribute.is_unique:
        raise CoercionError.single(
            attribute.slug, attribute.type, None, "is not unique, so it cannot be matched on", possible
        )
    return attribute


def _body(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"values": values}
