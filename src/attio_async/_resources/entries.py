"""The entries of one list: which records are in it, and what the list knows of each."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

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

from .._pagination.paginator import Paginator
from .._records.models import Entry, decode_many, decode_one
from .._schema import ObjectSchema
from .._workspace.arguments import identifier, record_target, slug_or_id
from .._workspace.edit import edit_of
from .._workspace.encode import Encoded, encoded, refuse_empty
from .._workspace.filters import AnyFilter, compiled
from .._workspace.history import HistoricValue, read_history, replacement
from .._workspace.idempotent_create import key_of, settled
from .._workspace.list_page import Build, Read, prepared
from .._workspace.schema_cache import SchemaCache
from .._workspace.session import Session
from .._workspace.suggestions import suggesting
from ..errors import ConfigurationError
from ..query import Sorts
from ..values import Value
from .jobs import EntryJobs


class Entries(EntryJobs):
    """The entries of one list. Making one sends nothing.

    Values are given as plain Python values by the list's attributes: slug, title or id. They are checked against
    the list's schema and put into Attio's shape before anything is sent. An entry may be named by its id, or be
    one that was read; a parent is a Record, RecordRef or the record's web address.
    """

    def __init__(self, session: Session, schemas: SchemaCache, list: object) -> None:
        self._session = session
        self._schemas = schemas
        self.name = slug_or_id(list, "a list")

    def __repr__(self) -> str:
        return f"<Entries of {self.name}>"

    async def schema(self) -> ObjectSchema:
        """The list's attributes. Fetched once per client and kept for its `schema_ttl`.

        Raises:
            NotFound: There is no such list.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, list_configuration:read
        """
        return await self._schemas.get(self.name, target="lists")

    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Entry]:
        """The matching entries, all of them when there is no filter. Sends nothing before it is used.

        Args:
            filter: An expression, such as ``F.stage == "Won"``, or a dict in Attio's own form.
            sorts: Such as ``[desc("created_at")]``, or dicts in Attio's own form.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 500; by default 500.

        Raises:
            FilterError: The filter or a sort cannot work. Nothing was sent.
            BadRequest: Attio found it wrong.
            NotFound: There is no such list.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """

        async def prepare() -> tuple[Build, Read[Entry]]:
            asked = await compiled(self._schemas, self.name, filter, sorts, target="lists")
            schema = await self._schemas.for_reading(self.name, target="lists")

            def build(**position: Any) -> Mapping[str, Any]:
                return query_entries.build_request(self.name, body={**asked, **position})

            return build, lambda body: decode_many(body, Entry, schema)

        return prepared(self._session, QUERY_ENTRIES, prepare, limit=limit, page_size=page_size)

    async def first(self, filter: AnyFilter | None = None, *, sorts: Sorts = None) -> Entry | None:
        """The first matching entry; None when there is none. One request.

        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        """
        return await self.query(filter, sorts=sorts, limit=1, page_size=1).first()

    async def get(self, entry: object) -> Entry:
        """One entry.

        Raises:
            NotFound: There is no such entry in this list.

        Attio: GET /v2/lists/{list}/entries/{entry_id}, read, retried, list_entry:read, list_configuration:read
        """
        built = get_entry.build_request(self.name, entry_id(entry))
        schema = await self._schemas.for_reading(self.name, target="lists")
        return await self._session.call(GET_ENTRY, built, lambda body: decode_one(body, Entry, schema))

    async def create(
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = True
    ) -> Entry:
        """The new entry; a record that is in the list already is in it twice then. See `upsert`.

        A lost answer is settled as `Records.create` does it, if the list has a unique attribute and a value is given.

        Args:
            parent: The record to add to the list.
            values: Attribute slugs of the list to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit, or `parent` names no record. Nothing was sent.
            UniquenessConflict: Another entry has a value that must be unique. Nothing was written.
            OutcomeUnknown: The answer was lost, and no value has to be unique; it was not sent again, since that
                could add it twice.

        Attio: POST /v2/lists/{list}/entries, write, not repeated, list_entry:read-write, list_configuration:read
        """
        schema, body = await self._new(parent, values, validate=validate)
        built = create_entry.build_request(self.name, body=body)

        async def create() -> Entry:
            return await self._session.call(CREATE_ENTRY, built, lambda body: decode_one(body, Entry, schema))

        with suggesting(self._schemas, self.name, target="lists"):
            return await settled(
                self._session.pipeline, key_of(schema, body["entry_values"]), create, self.first
            )

    async def upsert(
        self, parent: object, values: Mapping[str, object] | None = None, *, validate: bool = True
    ) -> Entry:
        """The entry of this record: updated, or created when it is not in the list.

        Attio calls this *assert*. Of a multiselect attribute all values are replaced.

        Args:
            parent: The record that shall be in the list.
            values: Attribute slugs of the list to Python values.
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit, or `parent` names no record. Nothing was sent.
            MultipleMatches: The record is in the list more than once. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries, write, retried, list_entry:read-write, list_configuration:read
        """
        schema, body = await self._new(parent, values, validate=validate)
        built = assert_entry.build_request(self.name, body=body)
        with suggesting(self._schemas, self.name, target="lists"):
            return await self._session.call(ASSERT_ENTRY, built, lambda body: decode_one(body, Entry, schema))

    async def update(
        self,
        entry: object,
        values: Mapping[str, object],
        *,
        multiselect: Literal["append", "overwrite"] = "append",
        validate: bool = True,
    ) -> Entry:
        """The entry with these values set. Attributes that are not named keep theirs.

        Args:
            entry: Which one.
            values: Attribute slugs to Python values. An empty list clears, with ``multiselect="overwrite"`` only.
            multiselect: Whether values of multiselect attributes are added to those there ("append"), or take
                their place ("overwrite").
            validate: False sends the values as they are.

        Raises:
            CoercionError: Values do not fit their attributes. Nothing was sent.
            NotFound: There is no such entry in this list.
            OutcomeUnknown: The answer to an "append" was lost; repeating it could add values twice.

        To append; retried where no multiselect attribute is appended to:
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        To overwrite:
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        if multiselect not in {"append", "overwrite"}:
            raise ConfigurationError(f"multiselect is 'append' or 'overwrite', not {multiselect!r}")
        target = entry_id(entry)
        schema, data = await self._encoded(values, validate=validate)
        body = {"entry_values": data}
        if multiselect == "overwrite":
            built = overwrite_entry.build_request(self.name, target, body=body)
            with suggesting(self._schemas, self.name, target="lists"):
                return await self._session.call(
                    OVERWRITE_ENTRY, built, lambda body: decode_one(body, Entry, schema)
                )
        if validate:
            refuse_empty(data)
        with suggesting(self._schemas, self.name, target="lists"):
            return await self._session.call(
                UPDATE_ENTRY,
                update_entry.build_request(self.name, target, body=body),
                lambda body: decode_one(body, Entry, schema),
                repeatable=schema is not None and all(map(schema.is_single, data)),
            )

    async def delete(self, entry: object) -> None:
        """Take an entry off the list, for good; the record stays. Gone on a repeat after a lost answer is success.

        Raises:
            NotFound: There is no such entry in this list.

        Attio: DELETE /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        await self._session.done(DELETE_ENTRY, delete_entry.build_request(self.name, entry_id(entry)))

    async def edit(
        self,
        entry: object,
        *,
        set: Mapping[str, object] | None = None,
        add: Mapping[str, object] | None = None,
        remove: Mapping[str, object] | None = None,
        clear: Iterable[str] = (),
    ) -> Entry:
        """The entry after these changes. Only the attributes that are named are touched.

        One write; see `Records.edit` for when a read comes before it, and for the arguments.

        Raises:
            CoercionError: Values do not fit their attributes, or contradict each other. Nothing was written.
            NotFound: There is no such entry in this list.
            OutcomeUnknown: The answer to adding was lost; repeating it could add values twice.

        To add, where nothing is removed or cleared:
        Attio: PATCH /v2/lists/{list}/entries/{entry_id}, write, not repeated, list_entry:read-write, list_configuration:read
        Otherwise:
        Attio: PUT /v2/lists/{list}/entries/{entry_id}, write, retried, list_entry:read-write, list_configuration:read
        """
        edit = await edit_of(
            self._schemas, self.name, set=set, add=add, remove=remove, clear=clear, target="lists"
        )
        if edit.appends:
            return await self.update(entry, edit.appended(), validate=False)
        current = await self.get(entry) if edit.needs_values else None
        data = edit.overwritten(current)
        return await self.update(entry, data, multiselect="overwrite", validate=False)

    async def history(self, entry: object, attribute: object) -> list[Value]:
        """Every value an attribute of the list had and has, the oldest first, with when and by whom each was set.

        Args:
            entry: Which entry.
            attribute: Its slug or id.

        Raises:
            NotFound: There is no such entry or attribute.

        Attio: GET /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values, read, retried, list_entry:read, list_configuration:read
        """
        place = self.name, entry_id(entry), slug_or_id(attribute, "attribute")
        build = partial(list_entry_attribute_values.build_request, *place)
        return await read_history(self._session, LIST_ENTRY_ATTRIBUTE_VALUES, build)

    async def replace_history(
        self,
        entry: object,
        attribute: object,
        values: Iterable[HistoricValue | Value],
        *,
        confirm: bool = False,
    ) -> list[Value]:
        """The old history of an attribute, read just before it was deleted and replaced by `values`.

        Keep it: given back as `values`, it restores what was. No webhook tells of the change.

        Args:
            entry: Which entry.
            attribute: Its slug or id.
            values: The new history, 1 to 400 values.
            confirm: Must be True, since what Attio knew of the attribute is lost.

        Raises:
            ConfigurationError: It was not confirmed. Nothing was sent.
            CoercionError: A value does not fit its attribute. Nothing was written.
            NotFound: There is no such entry or attribute. Nothing was written.

        Attio: PUT /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values (beta), write, retried, list_entry:read-write, list_configuration:read
        """
        name = slug_or_id(attribute, "attribute")
        schema = await self._schemas.for_reading(self.name, target="lists")
        body = replacement(values, name, schema, confirm=confirm)
        old = await self.history(entry, name)
        built = overwrite_entry_attribute_values.build_request(self.name, entry_id(entry), name, body=body)
        await self._session.done(OVERWRITE_ENTRY_ATTRIBUTE_VALUES, built)
        return old

    async def _new(self, parent: object, values: Mapping[str, object] | None, *, validate: bool) -> Encoded:
        parent_object, parent_record_id = record_target(parent, "parent")
        schema, data = await self._encoded(values or {}, validate=validate)
        body = {
            "parent_record_id": parent_record_id,
            "parent_object": parent_object,
            "entry_values": data,  # Attio insists on it, even empty
        }
        return schema, body

    async def _encoded(self, values: Mapping[str, object], *, validate: bool) -> Encoded:
        return await encoded(self._schemas, self.name, values, validate=validate, target="lists")


def entry_id(reference: object) -> str:
    """The id of an entry of a list that is known.

    Raises:
        CoercionError: It names no entry.
    """
    own = reference.id if isinstance(reference, Entry) else getattr(reference, "entry_id", None)
    return identifier(own or reference, "entry_id")
