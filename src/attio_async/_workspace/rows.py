"""The rows of one object or list: every request about records and entries, in one implementation."""

import re
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar, cast, overload

import attrs

from attio_async_api.json_data import JsonData
from attio_async_api.models.attribute_target import AttributeTarget

from .._pagination.page import Token, Unread
from .._pagination.paginator import Paginator, check_limit, size_within
from .._records.models import ActivityRecord, AttributeMapping, decode_many, decode_one, decode_sealed
from .._schema import ObjectSchema, near, standard_schema
from .._transport.messages import Response
from .._utils.checks import check_choice, check_count, check_range
from .._utils.concurrency import alongside
from .._utils.public import public
from .._utils.text import folded, show
from ..errors import (
    AttioError,
    CoercionError,
    ConfigurationError,
    FilterError,
    MergeInProgress,
    NotFound,
    UniquenessConflict,
    UnknownName,
    ValueNotFound,
)
from ..query import Sorts
from ..query._filters import shortened
from ..values import is_uuid
from .arguments import as_list, find_record, is_by_value, owners_of, resource_id
from .edit import build_edit
from .encode import (
    Encoded,
    EncodeMode,
    check_values,
    cleared_by,
    encode_values,
    reject_empty,
    unique_attribute,
)
from .filters import AnyFilter, compiled, explained
from .idempotent_create import create_once, find_unique_key
from .page_reader import PageReader
from .scan import Scan, ScanOptions
from .schema_cache import SchemaCache
from .session import Endpoint, Session, build

T = TypeVar("T")
R = TypeVar("R", bound=AttributeMapping)
R_co = TypeVar("R_co", bound=AttributeMapping, covariant=True)

Multiselect = Literal["append", "overwrite"]

Nulls = Literal["clear", "skip"]
"""What None does: "clear" removes the values of the attribute, "skip" leaves it alone."""

MAX_PAGE_SIZE = 500
"""https://docs.attio.com/rest-api/endpoint-reference/records/list-records"""

_IDS_PER_QUERY = 100


@public
@attrs.frozen(slots=False)
class Found(Sequence[R], JsonData):
    """The rows that `get_many` found, in the order given.

    Attributes:
        records: The rows.
        missing: The ids that do not exist, each once.
    """

    records: tuple[R, ...]
    missing: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[R]: ...
    def __getitem__(self, index: int | slice) -> R | Sequence[R]:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)


@attrs.frozen(kw_only=True)
class RowKind(Generic[R_co]):
    """The differences between records and entries: their operations and the shape of their requests."""

    target: AttributeTarget
    plural: str
    type: type[R_co]
    id_slug: str
    id_of: Callable[[object], str]
    values_key: str
    query: Endpoint
    get: Endpoint
    create: Endpoint
    upsert: Endpoint
    update: Endpoint
    overwrite: Endpoint
    delete: Endpoint


@attrs.frozen
class Rows(Generic[R_co]):
    """The records of one object, or the entries of one list.

    A row is given as anything that `kind.id_of` takes. Values are encoded by the schema, unless `validate` is False.
    `held_names` has the attributes that the caller holds by id, by their slugs when the caller was written.
    """

    session: Session
    schemas: SchemaCache
    name: str
    kind: RowKind[R_co]
    held_names: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)

    @property
    def is_located(self) -> bool:
        """True if the name is a slug or an id, which takes no looking up."""
        return self.schemas.is_slug_or_id(self.name, target=self.kind.target)

    async def slug(self) -> str:
        """Return the slug or id of the object or list, whose name may be its title."""
        return await self.schemas.slug(self.name, target=self.kind.target)

    async def located(self) -> "Rows[R_co]":
        """Return the same rows under the slug of their object or list."""
        return self if self.is_located else attrs.evolve(self, name=await self.slug())

    async def id_of(self, reference: object) -> str:
        """Return the id of a row, which may be given by a unique value of a record. That is looked up.

        Raises:
            CoercionError: It is not the id of a row, or of one of another object or list. Nothing was written.
        """
        # A bare id does not say what it is of, unlike a `CompositeId`.
        if type(reference) is str and "/" not in reference:
            return self.kind.id_of(reference)
        if self.kind.target == "objects" and is_by_value(reference):
            owner, id_ = await find_record(self.session, reference, self.kind.id_slug)
            owners = {owner}
        else:
            id_, owners = self.kind.id_of(reference), owners_of(reference)
        if owners and self.name not in owners and not await self._is_of(owners, reference):
            owner, area = min(owners, key=is_uuid), "records" if self.kind.target == "objects" else "entries"
            reason = f"{show(reference)} is of {owner!r}, not of {self.name!r}"
            hint = f"use attio.{area}({owner!r}) for it"
            raise CoercionError.single(self.kind.id_slug, None, reference, reason, hint)
        return id_

    async def _is_of(self, owners: set[str], reference: object) -> bool:
        """Return True if one of the names may mean the object or list of these rows."""
        is_activity = isinstance(reference, ActivityRecord)
        if not self.schemas.has_attributes or is_activity:
            return is_activity == (not self.schemas.has_attributes)
        try:
            names = {await self.schemas.canonical(name, self.kind.target) for name in owners}
            own = await self.schemas.canonical(self.name, self.kind.target)
        except AttioError:  # then the API says whether it is
            return True
        return own in names or all(map(is_uuid, names)) != is_uuid(own)

    async def checked(self) -> "Rows[R_co]":
        """Return the rows under their slug, after reading their schema unless it is cached.

        So a title that looks like a slug is found, too. An unknown name is left for the next request to fail by.
        """
        rows, target = await self.located(), self.kind.target
        await rows.schemas.for_reading(rows.name, target=target)
        if rows.schemas.is_missing(rows.name, target=target) and await rows.schemas.learn_title(
            rows.name, target=target
        ):
            return await rows.located()
        return rows

    async def run(self, action: "Callable[[Rows[R_co]], Awaitable[T]]") -> T:
        """Return the result of an action on the rows; it is done again if their name turns out to be a title."""
        rows = await self.located()
        try:
            return await action(rows)
        except (NotFound, CoercionError, FilterError) as error:
            rows = await rows.renamed(error)
        return await action(rows)

    async def renamed(self, error: AttioError) -> "Rows[R_co]":
        """Return the rows under the slug that their name is the title of; raise the error if it is not one.

        Args:
            error: The error that made the name doubtful: nothing was found, or the schema that it needed is unknown.
        """
        schemas, target = self.schemas, self.kind.target
        is_doubtful = schemas.is_missing(self.name, target=target) or (
            isinstance(error, NotFound)
            and not isinstance(error, MergeInProgress)
            and schemas.peek(self.name, target=target) is None
        )
        if not is_doubtful or not await schemas.learn_title(self.name, target=target):
            raise error
        return await self.located()

    # Reading

    async def schema(self) -> ObjectSchema:
        """Return the attributes of the object or list."""
        return await self.schemas.get(self.name, target=self.kind.target)

    def query(
        self,
        filter: AnyFilter | None = None,
        *,
        sorts: Sorts = None,
        view: object = None,
        limit: int | None = None,
        page_size: int = MAX_PAGE_SIZE,
    ) -> Paginator[R_co]:
        """Return the matching rows in pages."""
        _check_view(filter, view)
        size = size_within(check_page_size(page_size), check_limit(limit))

        filter, sorts = _kept(filter), _kept(sorts)
        located = self if self.is_located else None

        async def fetch(offset: Token) -> Unread[R_co]:
            nonlocal located
            start = offset if isinstance(offset, int) else 0
            if located is None:
                located = await self.located()
            while True:
                try:
                    asked = await located.conditions(filter, sorts, view=view)
                    response, parts = await located.send_query({**asked, "limit": size, "offset": start})
                    break
                except (NotFound, CoercionError, FilterError) as error:
                    located = await located.renamed(error)  # which ends the loop unless the name was a title
            return Unread(size=response.size, offset=start, parts=parts, has_more=lambda count: count == size)

        return Paginator(
            fetch,
            first=0,
            step=size,
            limit=limit,
            identify=_id_of,
            describe=lambda: _described(self.name, filter, view, sorts),
        )

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
        sealed: bool = False,
    ) -> Scan[R_co]:
        """Return the matching rows, each exactly once: the oldest first, or as they arrive if they are read in parallel.

        Sealed ones are for a caller who needs the values of a few of them alone; see `decode_sealed`.
        """
        _check_view(filter, view)
        check_count(1, parallel=parallel)
        options = ScanOptions(
            limit=check_limit(limit),
            page_size=check_page_size(page_size),
            resume=resume,
            parallel=parallel,
            ordered=ordered,
            is_view=view is not None,
        )

        filter = _kept(filter)

        async def conditions() -> Mapping[str, Any]:
            needs_schema = view is not None or not (filter is None or isinstance(filter, Mapping))
            rows = await (self.checked() if needs_schema else self.located())
            return await rows.conditions(filter, view=view)

        pipeline = self.session.pipeline
        return Scan(
            partial(self.fetch_page, sealed=sealed),
            self.name,
            conditions,
            options,
            max_queries=lambda: pipeline.limits.queries.cap,
            now=pipeline.clock.time,
            describe=lambda: _described(self.name, filter, view),
        )

    async def conditions(
        self, filter: AnyFilter | None, sorts: Sorts = None, *, view: object = None
    ) -> dict[str, Any]:
        """Return the part of a query's body that says which rows, and in which order."""
        asked = await compiled(self.schemas, self.name, filter, sorts, target=self.kind.target)
        if view is None:
            return asked.body
        return {**asked.body, "filter_view_id": await self._view_id(view)}

    async def _view_id(self, view: object) -> str:
        if not isinstance(view, str) or is_uuid(view.strip()):
            return resource_id(view, "view_id")
        views = await self.schemas.views(self.name, target=self.kind.target)
        ids = views.get(folded(view), ())
        if len(ids) == 1:
            return ids[0]
        if ids:
            raise ConfigurationError(
                f"{len(ids)} views of {self.name} are called {view!r}: {', '.join(ids)}; give the id of one"
            )
        raise UnknownName(f"view of {self.name}", view, suggestions=near(view, views), available=tuple(views))

    async def get_many(self, references: Iterable[object]) -> Found[R_co]:
        """Return the rows of these ids in the order given; `missing` has the ids that do not exist."""
        ids = [await self.id_of(reference) for reference in as_list(references, self.kind.plural)]
        unique = list(dict.fromkeys(ids))
        found: dict[str, R_co] = {}
        for start in range(0, len(unique), _IDS_PER_QUERY):
            chunk = unique[start : start + _IDS_PER_QUERY]
            filter = {self.kind.id_slug: {"$in": chunk}}
            page = await self.page({"limit": len(chunk), "offset": 0, "filter": filter})
            found.update((row.id, row) for row in page)
        missing = tuple(id_ for id_ in unique if id_ not in found)
        return Found(tuple(found[id_] for id_ in ids if id_ in found), missing)

    async def page(self, body: Mapping[str, Any]) -> Sequence[R_co]:
        """Return the rows of one query in Attio's own form."""
        return await (await self.fetch_page(body))()

    async def fetch_page(
        self, body: Mapping[str, Any], *, sealed: bool = False
    ) -> Callable[[], Awaitable[Sequence[R_co]]]:
        """Send a query in Attio's own form, and return the function that reads its rows."""
        _, parts = await self.run(lambda rows: rows.send_query(body, sealed=sealed))
        return lambda: parts().all()

    async def first(self, filter: AnyFilter | None = None, sorts: Sorts = None) -> R_co | None:
        """Return the first matching row, or None. One request."""
        return await self.query(filter, sorts=sorts, limit=1, page_size=1).first()

    async def get(self, reference: object) -> R_co:
        """Return one row."""
        id_ = await self.id_of(reference)
        schema = await self.schemas.for_reading(self.name, target=self.kind.target)
        return await self._send(self.kind.get, schema, id_)

    async def explain(self, filter: AnyFilter) -> str:
        """Return the JSON of a filter and what its names were resolved to, for people to read."""
        return await explained(self.schemas, self.name, filter, target=self.kind.target)

    # Writing

    async def encode(
        self,
        values: Mapping[str, object],
        *,
        validate: bool = True,
        is_new: bool = False,
        note: Callable[[str], None] | None = None,
    ) -> Encoded:
        """Return the schema, and the values by slug in Attio's shape; those of a new row have all that is required."""
        check_values(values)
        if not validate and not self.held_names:  # encoded before, as the rows of a job are
            return await self.schemas.for_reading(self.name, target=self.kind.target), dict(values)
        return await encode_values(
            self.schemas,
            self.name,
            {self.held_names.get(name, name): value for name, value in values.items()},
            validate=validate,
            target=self.kind.target,
            mode=EncodeMode(is_new=is_new, note=note),
        )

    async def create(
        self,
        values: Mapping[str, object],
        *,
        place: Mapping[str, str] | None = None,
        validate: bool = True,
        retry: bool = True,
    ) -> R_co:
        """Create a row, at most once even if the response is lost; `place` goes beside the values.

        With `retry=False` a lost response is an error, so that what is returned was created by this call for certain.
        """
        schema, data = await self.encode(values, validate=validate, is_new=True)

        async def create() -> R_co:
            return await self._send(self.kind.create, schema, body=self._body(data, place))

        key = find_unique_key(schema, data) if retry else None
        with suggest_on_failure(self.schemas, self.name, target=self.kind.target):
            return await create_once(self.session.pipeline, key, create, self.first)

    async def upsert(
        self,
        values: Mapping[str, object],
        *,
        match: str | None = None,
        place: Mapping[str, str] | None = None,
        validate: bool = True,
        nulls: Nulls = "clear",
    ) -> R_co:
        """Create a row, or update the one with the same `match` attribute or the same `place`."""
        schema, data = await self.encode(without_nulls(values, nulls), validate=validate)
        matching: dict[str, Any] = {}
        if match is not None:
            matching["matching_attribute"] = _match_slug(schema, data, match) if validate else match
        with suggest_on_failure(self.schemas, self.name, target=self.kind.target):
            return await self._send(self.kind.upsert, schema, body=self._body(data, place), **matching)

    async def update(
        self,
        reference: object,
        values: Mapping[str, object],
        *,
        multiselect: Multiselect,
        validate: bool,
        nulls: Nulls = "clear",
    ) -> R_co:
        """Set values of a row; other attributes keep theirs."""
        check_multiselect(multiselect)
        id_ = await self.id_of(reference)
        values = without_nulls(values, nulls)
        schema, data = await self.encode(values, validate=validate)
        if multiselect == "overwrite":
            return await self._write(self.kind.overwrite, id_, data, schema)
        if not validate:
            return await self._append(id_, data, schema)
        cleared = cleared_by(
            {self.held_names.get(name, name): value for name, value in values.items()}, schema
        )
        reject_empty({slug: value for slug, value in data.items() if slug not in cleared})
        return await self.append(id_, data, schema)

    async def append(self, id_: str, data: Mapping[str, Any], schema: ObjectSchema | None) -> R_co:
        """Set encoded values, append those of multiselect attributes, and clear attributes that are given none.

        A request that appends (PATCH) cannot clear. One that overwrites (PUT) can, and is the same for attributes that
        hold one value, so there is a second request only where values are appended, too.
        """
        cleared = {slug: value for slug, value in data.items() if value == []}
        kept = {slug: value for slug, value in data.items() if slug not in cleared}
        if not cleared:
            return await self._append(id_, data, schema)
        if schema is not None and all(map(schema.is_single, kept)):
            return await self._write(self.kind.overwrite, id_, data, schema)
        await self._append(id_, kept, schema)
        return await self._write(self.kind.overwrite, id_, cleared, schema)

    async def _append(self, id_: str, data: Mapping[str, Any], schema: ObjectSchema | None) -> R_co:
        repeatable = schema is not None and all(map(schema.is_single, data))
        return await self._write(self.kind.update, id_, data, schema, repeatable=repeatable)

    async def _write(
        self,
        endpoint: Endpoint,
        id_: str,
        data: Mapping[str, Any],
        schema: ObjectSchema | None,
        *,
        repeatable: bool | None = None,
    ) -> R_co:
        with suggest_on_failure(self.schemas, self.name, target=self.kind.target):
            return await self._send(endpoint, schema, id_, body=self._body(data), repeatable=repeatable)

    async def delete(self, reference: object) -> None:
        """Delete a row for good."""
        await self.session.execute(self.kind.delete, self.name, await self.id_of(reference))

    async def edit(
        self,
        reference: object,
        *,
        set: Mapping[str, object] | None,
        add: Mapping[str, object] | None,
        remove: Mapping[str, object] | None,
        clear: Iterable[str],
        merge: bool = False,
    ) -> R_co:
        """Set, add, remove and clear values of a row in one write."""
        edit = await build_edit(
            self.schemas,
            self.name,
            set=set,
            add=add,
            remove=remove,
            clear=clear,
            merge=merge,
            target=self.kind.target,
        )
        if edit.is_append:
            return await self.update(reference, edit.append_values(), multiselect="append", validate=False)
        current = await self.get(reference) if edit.needs_current_values else None
        data = edit.overwrite_values(current)
        return await self.update(reference, data, multiselect="overwrite", validate=False)

    def _body(self, data: Mapping[str, Any], place: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {**(place or {}), self.kind.values_key: data}  # entry_values is required, even if empty

    async def _send(
        self,
        endpoint: Endpoint,
        schema: ObjectSchema | None,
        *path: str,
        repeatable: bool | None = None,
        **fields: Any,
    ) -> R_co:
        row = await self.session.call(
            endpoint.operation,
            build(endpoint, self.name, *path, **fields),
            lambda body: decode_one(body, self.kind.type, schema),
            repeatable=repeatable,
        )
        await self._describe([row], schema)
        return row

    async def _describe(self, rows: Iterable[AttributeMapping], schema: ObjectSchema | None) -> None:
        """Give rows a schema that has all their attributes; it is read again for those that it lacks."""
        for row in rows:
            if schema is not None and not row.is_described:
                row.describe_by(await self.schemas.newer(schema, row.undescribed, target=self.kind.target))

    async def send_query(
        self, body: Mapping[str, Any], *, sealed: bool = False
    ) -> tuple[Response, Callable[[], PageReader[R_co]]]:
        """Send a query and return its page, unread. A schema that is not cached is fetched at the same time."""
        operation, target = self.kind.query.operation, self.kind.target
        request = build(self.kind.query, self.name, body=body, is_page=True)
        schema = self.schemas.peek(self.name, target=target)
        with suggest_on_failure(self.schemas, self.name, target=target):
            if schema is not None:
                response = await self.session.send(operation, request)
            else:
                response, schema = await alongside(
                    lambda: self.session.send(operation, request),
                    lambda: self.schemas.for_reading(self.name, target=target),
                )

        def read(part: bytes) -> list[R_co]:
            return decode_many(part, self.kind.type, schema)

        def read_sealed(part: bytes) -> list[R_co]:
            return decode_sealed(part, self.kind.type)

        async def finish(part: Sequence[R_co]) -> None:
            await self._describe(part, schema)

        reader = partial(PageReader[R_co], self.session, operation, request, response)
        return response, partial(reader, read_sealed) if sealed else partial(reader, read, finish=finish)


_id_of: Callable[[AttributeMapping], str] = attrgetter(
    "id"
)  # of each row of every page: without a frame of Python


def _kept(given: T) -> T:
    """Return a filter or sorts as they are now: every page needs them, and the caller may use a dict for something else."""
    kept: Any = list(cast("Iterator[object]", given)) if isinstance(given, Iterator) else given
    with suppress(RecursionError):  # what holds itself cannot be sent either, which sending says
        kept = _copied(kept)
    return cast("T", kept)


def _copied(given: Any) -> Any:
    """Return JSON data in lists and dicts of its own, in less than half the time of `deepcopy`."""
    if isinstance(given, dict):
        return {key: _copied(value) for key, value in cast("dict[object, object]", given).items()}
    if isinstance(given, list):
        return [_copied(value) for value in cast("list[object]", given)]
    return given


def _check_view(filter: object, view: object) -> None:
    if filter is not None and view is not None:
        raise ConfigurationError(
            "filter and view exclude each other, since a view is a saved filter; give one of them"
        )


def _described(name: str, filter: AnyFilter | None, view: object, sorts: Sorts = None) -> str:
    where = "" if filter is None else f" where {shortened(filter)}"
    where += "" if view is None else f" of view {view!r}"
    return f"{name}{where}" + ("" if sorts is None else f" sorted by {sorts!r}")


def check_page_size(page_size: int) -> int:
    """Return `page_size`, after checking it.

    Raises:
        ConfigurationError: It is not from 1 to 500. Nothing was sent.
    """
    check_range(1, MAX_PAGE_SIZE, page_size=page_size)
    return page_size


def without_nulls(values: Mapping[str, object], nulls: Nulls) -> Mapping[str, object]:
    """Return the values to write, without None if that is to leave attributes alone.

    Raises:
        ConfigurationError: `nulls` is neither "clear" nor "skip". Nothing was sent.
    """
    check_choice("nulls", nulls, ("clear", "skip"))
    check_values(values)
    return (
        values if nulls == "clear" else {name: value for name, value in values.items() if value is not None}
    )


def check_multiselect(multiselect: str) -> None:
    """Check the way to write multiselect attributes.

    Raises:
        ConfigurationError: It is neither "append" nor "overwrite". Nothing was sent.
    """
    check_choice("multiselect", multiselect, ("append", "overwrite"))


def _match_slug(schema: ObjectSchema | None, data: Mapping[str, Any], match: str) -> str:
    slug = unique_attribute(schema, match).slug if schema else match
    if not data.get(slug):
        raise CoercionError.single(slug, None, None, "has no value to match on", "give a value for it")
    return slug


_QUOTED_NAME = re.compile(r"""["'`]([^"'`]+)["'`]""")
_NAME_AFTER_COLON = re.compile(r": (\S+?)\.?$")
_MAX_SUGGESTIONS = 3


@contextmanager
def suggest_on_failure(
    schemas: SchemaCache, name: str, *, target: AttributeTarget = "objects"
) -> Generator[None]:
    """Add what the cached schema knows to an error that the block raises: near matches, or the slug of an attribute."""
    try:
        yield
    except (ValueNotFound, UniquenessConflict) as error:
        known = schemas.peek(name, target=target) or (standard_schema(name) if target == "objects" else None)
        if known is None:
            raise
        if isinstance(error, UniquenessConflict):
            attribute = known.lookup(error.attribute or "")
            error.attribute = error.attribute if attribute is None else attribute.slug
        elif not error.is_missing_record:
            error.suggestions = suggest(error.message, known)
        raise


def suggest(message: str, schema: ObjectSchema) -> tuple[str, ...]:
    """Return the slugs and option titles that are close to a name in the message, except names that exist."""
    names = _QUOTED_NAME.findall(message) or _NAME_AFTER_COLON.findall(message)
    options = [title for each in schema.attributes.values() for title in each.option_titles or ()]
    by_folded = {folded(title): title for title in reversed(options)}
    found: list[str] = []
    for name in names:
        if name in schema.attributes or name in options:
            continue
        found += schema.suggest(name)
        found += [by_folded[match] for match in near(name, by_folded)]
    return tuple(dict.fromkeys(found))[:_MAX_SUGGESTIONS]
