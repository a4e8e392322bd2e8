"""The three ways the API gives results in pages, told by the table of operations and handled here alone."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from attio_async_api.operations import Operation

from .._pagination.paginator import (
    Page,
    Paginator,
    Token,
    Unread,
    check_limit,
    size_within,
)
from .._transport.messages import Request, Response
from ..errors import ConfigurationError
from .page_reader import PageReader
from .session import Session, parse_body

T = TypeVar("T")

Build = Callable[..., Mapping[str, Any]]
Read = Callable[[bytes], Sequence[T]]

_USUAL = 500
"""What most endpoints have as their default, asked of those that document none."""

_ROUND = 5
"""A server that cuts a page shorter than it was asked for does so at a round number."""


def paginate(
    session: Session,
    operation: Operation,
    build: Build,
    read: Read[T],
    *,
    limit: int | None = None,
    page_size: int | None = None,
) -> Paginator[T]:
    """All results of an operation that lists.

    Args:
        session: Where to send.
        operation: Says how pages are asked for, and how large they may be.
        build: Makes the request; is given `limit` and `offset` or `cursor` where the operation takes them.
        read: Makes the results of the answer's body.
        limit: The most results.
        page_size: How many results a page holds; by default the largest there is.

    Raises:
        ConfigurationError: `page_size` is not a size the endpoint knows, or `limit` is negative.
    """

    async def ready() -> tuple[Build, Read[T]]:
        return build, read

    return prepared(session, operation, ready, limit=limit, page_size=page_size)


def prepared(
    session: Session,
    operation: Operation,
    prepare: Callable[[], Awaitable[tuple[Build, Read[T]]]],
    *,
    limit: int | None = None,
    page_size: int | None = None,
) -> Paginator[T]:
    """As `paginate`, where something must be fetched before a page can be asked for or read."""
    size = max_page_size(operation) if page_size is None else check_page_size(operation, page_size)
    if size is not None:
        size = size_within(size, check_limit(limit), least=operation.min_limit or 1)

    async def answered(token: Token) -> tuple[Request, Response, Read[T]]:
        build, read = await prepare()
        request = Request.built(build(**_position(operation, token, size)), is_page=True)
        return request, await session.send(operation, request), read

    async def fetch(token: Token) -> Page[T]:
        request, response, read = await answered(token)
        found = await PageReader(session, operation, request, response, read).all()
        if operation.paging is None:
            return Page(found)
        cursor = parse_body(request, response, lambda body: _next_cursor(body, token))
        return Page(found, cursor=cursor, has_more=cursor is not None)

    async def counted_off(token: Token) -> Unread[T]:
        request, response, read = await answered(token)
        return Unread(
            size=response.size,
            offset=token if isinstance(token, int) else 0,
            parts=lambda: PageReader(session, operation, request, response, read),
            has_more=lambda count: _may_have_more(operation, count, size),
        )

    if operation.paging in {None, "cursor"}:
        return Paginator(fetch, limit=limit)
    return Paginator(counted_off, first=0, step=size, limit=limit, identify=_identity)


def _identity(result: object) -> Hashable:
    """What tells one result from another; what has no id is never taken for another."""
    return getattr(result, "id", None) or object()


def max_page_size(operation: Operation) -> int | None:
    """Return the largest page the endpoint documents, or a usual one; None if it knows no page sizes."""
    most = operation.max_limit or operation.default_limit
    return _USUAL if most is None and operation.paging not in {None, "cursor"} else most


def check_page_size(operation: Operation, page_size: int) -> int | None:
    """Return `page_size`; None if the endpoint knows no page sizes.

    Raises:
        ConfigurationError: The endpoint does not take that size. Nothing was sent.
    """
    most, least = max_page_size(operation), operation.min_limit or 1
    if most is None:
        return None
    if not least <= page_size <= most:
        raise ConfigurationError(f"page_size must be from {least} to {most}, not {page_size!r}")
    return page_size


def _position(operation: Operation, token: Token, size: int | None) -> dict[str, Any]:
    if operation.paging is None:
        return {}
    name = "cursor" if operation.paging == "cursor" else "offset"
    return {name: token} if size is None else {name: token, "limit": size}


def _may_have_more(operation: Operation, count: int, size: int | None) -> bool:
    """Whether another page may follow one with so many results."""
    documented = operation.max_limit or operation.default_limit
    return count == size or (not documented and count > 0 and count % _ROUND == 0)


class _Pagination(msgspec.Struct):
    next_cursor: str | None = None


class _CursorEnvelope(msgspec.Struct):
    pagination: _Pagination | None = None


_envelope = msgspec.json.Decoder(_CursorEnvelope)


def _next_cursor(body: bytes, this: Token) -> str | None:
    """What names the next page; a page may be empty and yet not be the last."""
    pagination = _envelope.decode(body).pagination
    cursor = (pagination.next_cursor or None) if pagination else None
    if cursor is not None and cursor == this:
        raise TypeError("its next page is the same page again")
    return cursor
