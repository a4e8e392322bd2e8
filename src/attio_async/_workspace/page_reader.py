"""Reading of a large page in parts, so that other tasks and memory need not wait for the whole of it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Generic, Self, TypeVar

from anyio.lowlevel import checkpoint

from attio_async_api.operations import Operation

from .._transport.backends import no_response
from .._transport.gzip import DamagedBody
from .._transport.messages import Request, Response
from .session import PARSE_ERRORS, Session, parse_body

T = TypeVar("T")

_PREFIX, _SUFFIX = b'{"data":[', b"]}"

_CHUNK_BYTES = 64 * 1024
"""Large enough that switching tasks costs little beside the reading."""

_COMMON_BYTES = 16
"""How many bytes the objects of a list must begin with alike: a brace, a quoted key, and what belongs to it."""


class PageReader(Generic[T]):
    """The results of one response, a few at a time. Each part is decompressed and decoded when it is asked for.

    Results that are used right after they were decoded are still in the processor's cache: reading 500 records costs
    a quarter less than decoding all of them first (`benchmarks/served.py`). Other tasks run between the parts.

    If the body turns out to be damaged, the request is sent once more, and the results already returned are skipped.

    Raises:
        DecodeError: The body is not what the API documents.
        TransportError: The second body is damaged, too.
    """

    def __init__(
        self,
        session: Session,
        operation: Operation,
        request: Request,
        response: Response,
        read: Callable[[bytes], Sequence[T]],
        *,
        finish: Callable[[Sequence[T]], Awaitable[None]] | None = None,
    ) -> None:
        self._session = session
        self._operation = operation
        self._request = request
        self._response = response
        self._read = read
        self._finish = finish
        self._envelopes = split_envelope(response.steps())
        self._returned = 0
        self._to_skip = 0
        self._is_second = False
        self._damage: DamagedBody | None = None

    async def all(self) -> Sequence[T]:
        """Return all results in one list."""
        found: list[T] = []
        async for part in self:
            found += part
        return found

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[T]:
        await checkpoint()
        while True:
            if self._damage is not None:  # still set if the second request was cancelled
                await self._send_again(self._damage)
            try:
                part = self._next()
            except DamagedBody as error:
                self._damage = error
            else:
                break
        if part is None:
            raise StopAsyncIteration
        if self._finish is not None:
            await self._finish(part)
        return part

    def _next(self) -> Sequence[T] | None:
        while (envelope := next(self._envelopes, None)) is not None:
            try:
                found = self._read(envelope)
            except PARSE_ERRORS:  # cut inside an object, or not what the API documents
                found = self._read_whole()
            part = found[self._to_skip :]
            self._to_skip = max(0, self._to_skip - len(found))
            if part:
                self._returned += len(part)
                return part
        return None

    def _read_whole(self) -> Sequence[T]:
        found = parse_body(self._request, self._response, self._read)
        nothing: Iterator[bytes] = iter(())
        self._envelopes, self._to_skip = nothing, self._returned
        return found

    async def _send_again(self, error: DamagedBody) -> None:
        if self._is_second:
            raise no_response(self._request, str(error)) from None
        self._response = await self._session.send(self._operation, self._request)
        self._envelopes = split_envelope(self._response.steps())
        self._is_second, self._to_skip, self._damage = True, self._returned, None


def split_envelope(pieces: Iterable[bytes], size: int = _CHUNK_BYTES) -> Iterator[bytes]:
    """Yield an envelope as several, each with a part of its list; the envelope itself if it cannot be cut.

    Cuts are made before what begins as the first object of the list does. No string can contain that, since quotes in
    strings are escaped. Nested objects could begin alike: then a chunk is not valid JSON, because opening and closing
    brackets balance only between the objects of the list. The caller must be prepared for that.

    Args:
        pieces: The envelope, in pieces of any size. Each is taken after the chunks before it were used.
        size: The size of a chunk, in bytes.
    """
    pieces, rest = iter(pieces), b""
    for piece in pieces:
        rest += piece
        if len(rest) > size:
            break
    begin = rest[: len(_PREFIX) + _COMMON_BYTES]
    if len(rest) <= size or not begin.startswith(_PREFIX + b'{"'):
        yield b"".join((rest, *pieces))
        return
    separator, start = b"}," + begin[len(_PREFIX) :], len(_PREFIX)
    for piece in chain((b"",), pieces):
        rest, start = rest[start:] + piece, 0
        # Cut by a view and a position: a piece may be a whole page, of which each slice would be another copy.
        view = memoryview(rest)
        while (end := _cut_at(rest, start, separator, size)) >= 0:
            yield b"".join((_PREFIX, view[start : end + 1], _SUFFIX))
            start = end + 2
    yield _PREFIX + rest[start:]


def _cut_at(text: bytes, start: int, separator: bytes, size: int) -> int:
    """Return where to cut: `size` behind the start or later, else as late as possible; -1 if that cannot be."""
    if len(text) - start < size:
        return -1
    end = text.find(separator, start + size)
    return end if end >= 0 else text.rfind(separator, start)
