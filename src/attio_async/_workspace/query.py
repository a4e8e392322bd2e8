"""Asking for records: pages, scans, and records by their ids."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from attio_async_api.api.records import query_records
from attio_async_api.operations import QUERY_RECORDS

from .._pagination.paginator import Paginator, Token, Unread, check_limit, size_within
from .._records.models import Record, decode_records, record_id
from .._schema import ObjectSchema
from .._transport.messages import Request, Response
from .._utils.concurrency import alongside
from ..errors import ConfigurationError
from ..query import Sorts
from .filters import AnyFilter, compiled
from .page_reader import Parts
from .scan import Scan
from .schema_cache import SchemaCache
from .session import Session
from .suggestions import suggesting

MAX_PAGE = 500
_IDS_PER_QUERY = 100


@attrs.frozen
class Found(Sequence[Record]):
    """The records of `Records.get_many`, in the order they were asked for.

    `missing` holds the ids of those that do not exist.
    """

    records: tuple[Record, ...]
    missing: tuple[str, ...] = ()

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return self.records[index]

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)


@attrs.frozen
class RecordQueries:
    """The ways to ask for records of one object."""

    session: Session
    schemas: SchemaCache
    name: str

    def paginator(
        self, filter: AnyFilter | None, sorts: Sorts, limit: int | None, page_size: int
    ) -> Paginator[Record]:
        """The matching records in pages."""
        size = size_within(check_page_size(page_size), check_limit(limit))

        async def fetch(offset: Token) -> Unread[Record]:
            start = offset if isinstance(offset, int) else 0
            body = {**await self._asked(filter, sorts), "limit": size, "offset": start}
            answer = await self._answer(body)
            return Unread(
                size=answer.response.size,
                offset=start,
                parts=answer.parts,
                has_more=lambda count: count == size,
            )

        return Paginator(fetch, first=0, step=size, limit=limit, identify=lambda record: record.id)

    def scan(self, filter: AnyFilter | None, limit: int | None, page_size: int, resume: str | None) -> Scan:
        """The matching records, oldest first, each once."""
        check_page_size(page_size)

        async def conditions() -> Mapping[str, Any] | None:
            return (await self._asked(filter, None)).get("filter")

        return Scan(
            self.page, self.name, conditions, limit=check_limit(limit), page_size=page_size, resume=resume
        )

    async def by_ids(self, references: Iterable[object]) -> Found:
        """The records of these ids, in their order."""
        ids = [record_id(reference) for reference in references]
        unique = list(dict.fromkeys(ids))
        found: dict[str, Record] = {}
        for start in range(0, len(unique), _IDS_PER_QUERY):
            chunk = unique[start : start + _IDS_PER_QUERY]
            page = await self.page(
                {"limit": len(chunk), "offset": 0, "filter": {"record_id": {"$in": chunk}}}
            )
            found.update((record.id, record) for record in page)
        missing = tuple(id_ for id_ in unique if id_ not in found)
        return Found(tuple(found[id_] for id_ in ids if id_ in found), missing)

    async def _asked(self, filter: AnyFilter | None, sorts: Sorts) -> dict[str, Any]:
        """The filter and sorts in Attio's form; what needs no schema for that is not kept waiting for one."""
        return await compiled(self.schemas, self.name, filter, sorts)

    async def page(self, body: Mapping[str, Any]) -> Sequence[Record]:
        """One page."""
        return await (await self._answer(body)).parts().all()

    async def _answer(self, body: Mapping[str, Any]) -> "_Answer":
        """One page, to be read; the schema is fetched at the same time when it is not at hand."""
        request = Request.built(query_records.build_request(self.name, body=body), is_page=True)
        schema = self.schemas.peek(self.name)
        if schema is not None:
            with suggesting(self.schemas, self.name):
                response = await self.session.send(QUERY_RECORDS, request)
        else:
            with suggesting(self.schemas, self.name):
                response, schema = await alongside(
                    lambda: self.session.send(QUERY_RECORDS, request),
                    lambda: self.schemas.for_reading(self.name),
                )
        return _Answer(self.session, request, response, schema)


@attrs.frozen
class _Answer:
    """A page of records as it came."""

    session: Session
    request: Request
    response: Response
    schema: ObjectSchema | None

    def parts(self) -> Parts[Record]:
        return Parts(
            self.session,
            QUERY_RECORDS,
            self.request,
            self.response,
            lambda body: decode_records(body, self.schema),
        )


def check_page_size(page_size: int) -> int:
    """Return how many records a page is to hold.

    Raises:
        ConfigurationError: It is not from 1 to 500. Nothing was sent.
    """
    if not 1 <= page_size <= MAX_PAGE:
        raise ConfigurationError(f"page_size must be from 1 to {MAX_PAGE}, not {page_size!r}")
    return page_size
