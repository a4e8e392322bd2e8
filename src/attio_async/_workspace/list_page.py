"""Paging: the three ways in which operations page their results, told by the table of operations.

https://docs.attio.com/rest-api/how-to/pagination
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from attio_async_api.operations import Operation

from .._pagination.page import Page, Token, Unread
from .._pagination.paginator import Paginator, check_limit, size_within
from .._transport.messages import Request, Response
from .._utils.checks import check_range
from .page_reader import PageReader
from .session import Endpoint, Session, build, parse_body

T = TypeVar("T")

Read = Callable[[bytes], Sequence[T]]
PathPart = str | Callable[[], Awaitable[str]]
Lookup = Callable[[], Awaitable[Mapping[str, object]]]

_ASSUMED_PAGE_SIZE = 500
"""The default of most endpoints, asked of those that page by offset and document no size."""

_PAGE_SIZE_STEP = 5
"""A server that returns fewer results than it was asked for returns a multiple of this."""


def paginate(
    session: Session,
    endpoint: Endpoint,
    read: Read[T],
    *path: PathPart,
    limit: int | None = None,
    page_size: int | None = None,
    look_up: Lookup | None = None,
    **fields: object,
) -> Paginator[T]:
    """Return all results of an operation that lists, in pages. Sends nothing until it is used.

    Args:
        session: Sends the requests.
        endpoint: Its operation tells how it pages, and how large a page may be.
        read: Makes the results from the body of a response.
        path: What a request is built with, besides its position. An async function is called before each request.
        limit: The most results to return; all by default.
        page_size: Results per page; by default the most that the operation allows.
        look_up: Returns further fields, whose names have to be looked up. Called once, before the first request.
        fields: What a request is built with, by name.

    Raises:
        ConfigurationError: The operation does not allow this `page_size`, or `limit` is negative. Nothing was sent.
    """
    operation = endpoint.operation
    size = max_page_size(operation) if page_size is None else check_page_size(operation, page_size)
    if size is not None:
        size = size_within(size, check_limit(limit), least=operation.min_limit or 1)

    async def send(token: Token) -> tuple[Request, Response]:
        nonlocal look_up
        if look_up is not None:
            fields.update(await look_up())
            look_up = None
        place = [part if isinstance(part, str) else await part() for part in path]
        request = build(endpoint, *place, **fields, **_position(operation, token, size), is_page=True)
        return request, await session.send(operation, request)

    async def fetch(token: Token) -> Page[T]:
        request, response = await send(token)
        found = await PageReader(session, operation, request, response, read).all()
        if operation.paging is None:
            return Page(found)
        cursor = parse_body(request, response, lambda body: _next_cursor(body, token))
        return Page(found, cursor=cursor, has_more=cursor is not None)

    async def fetch_at_offset(token: Token) -> Unread[T]:
        request, response = await send(token)
        return Unread(
            size=response.size,
            offset=token if isinstance(token, int) else 0,
            parts=lambda: PageReader(session, operation, request, response, read),
            has_more=lambda count: _may_have_more(operation, count, size),
        )

    def describe() -> str:
        return " of ".join((operation.id, *(part for part in path if isinstance(part, str))))

    if operation.paging in {None, "cursor"}:
        return Paginator(fetch, limit=limit, describe=describe)
    return Paginator(fetch_at_offset, first=0, step=size, limit=limit, identify=_identity, describe=describe)


def _identity(result: object) -> Hashable:
    """Return what tells a result from others. A result without an id equals no other."""
    return getattr(result, "id", None) or object()


def max_page_size(operation: Operation) -> int | None:
    """Return the largest page of an operation, or a usual one; None if the operation has no page size."""
    documented = operation.max_limit or operation.default_limit
    pages_by_offset = operation.paging not in {None, "cursor"}
    return _ASSUMED_PAGE_SIZE if documented is None and pages_by_offset else documented


def check_page_size(operation: Operation, page_size: int) -> int | None:
    """Return `page_size`, after checking it; None if the operation has no page size.

    Raises:
        ConfigurationError: The operation does not allow it. Nothing was sent.
    """
    most, least = max_page_size(operation), operation.min_limit or 1
    if most is None:
        return None
    check_range(least, most, page_size=page_size)
    return page_size


def _position(operation: Operation, token: Token, size: int | None) -> dict[str, Any]:
    if operation.paging is None:
        return {}
    name = "cursor" if operation.paging == "cursor" else "offset"
    return {name: token} if size is None else {name: token, "limit": size}


def _may_have_more(operation: Operation, count: int, size: int | None) -> bool:
    """Return True if a page may follow one with `count` results."""
    documented = operation.max_limit or operation.default_limit
    return count == size or (not documented and count > 0 and count % _PAGE_SIZE_STEP == 0)


class _Pagination(msgspec.Struct):
    next_cursor: str | None = None


class _CursorEnvelope(msgspec.Struct):
    pagination: _Pagination | None = None


_envelope = msgspec.json.Decoder(_CursorEnvelope)


def _next_cursor(body: bytes, current: Token) -> str | None:
    """Return the cursor of the next page; None after the last. An empty page need not be the last."""
    pagination = _envelope.decode(body).pagination
    cursor = (pagination.next_cursor or None) if pagination else None
    if cursor is not None and cursor == current:
        raise TypeError("the cursor of its next page is its own")
    return cursor
