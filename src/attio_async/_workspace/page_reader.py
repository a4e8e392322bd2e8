"""A long list read in parts, so that neither others on the event loop nor memory wait for the whole of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, Self, TypeVar

from anyio.lowlevel import checkpoint

from attio_async_api.operations import Operation

from .._pagination.chunks import envelopes
from .._transport.backends import no_response
from .._transport.gzip import DamagedBody
from .._transport.messages import Request, Response
from .session import PARSE_ERRORS, Session, parse_body

T = TypeVar("T")


class PageReader(Generic[T]):
    """What an answer lists, a few results at a time, each part unpacked and decoded when it is asked for.

    What is looked at right after it was decoded is still at hand for the processor: reading 500 records costs a
    quarter less than with all of them decoded first (`benchmarks/served.py`). Others have their turns between parts.

    An answer that turns out to be damaged is asked for once more; what was given is not given again.

    Raises:
        DecodeError: The answer is not what the API documents.
        TransportError: The second answer is damaged, too.
    """

    def __init__(
        self,
        session: Session,
        operation: Operation,
        request: Request,
        response: Response,
        read: Callable[[bytes], Sequence[T]],
    ) -> None:
        self._session = session
        self._operation = operation
        self._request = request
        self._response = response
        self._read = read
        self._envelopes = envelopes(response.steps())
        self._given = 0
        self._to_skip = 0
        self._is_second = False
        self._damage: DamagedBody | None = None

    async def all(self) -> Sequence[T]:
        """All of it in one list."""
        found: list[T] = []
        async for part in self:
            found += part
        return found

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[T]:
        await checkpoint()
        while True:
            if self._damage is not None:  # also when asking again was cancelled
                await self._ask_again(self._damage)
            try:
                part = self._next()
            except DamagedBody as error:
                self._damage = error
            else:
                break
        if part is None:
            raise StopAsyncIteration
        return part

    def _next(self) -> Sequence[T] | None:
        while (envelope := next(self._envelopes, None)) is not None:
            try:
                found = self._read(envelope)
            except PARSE_ERRORS:  # it was cut in the wrong place, or is no answer at all
                found = self._whole()
            part = found[self._to_skip :]
            self._to_skip = max(0, self._to_skip - len(found))
            if part:
                self._given += len(part)
                return part
        return None

    def _whole(self) -> Sequence[T]:
        found = parse_body(self._request, self._response, self._read)
        nothing: Iterator[bytes] = iter(())
        self._envelopes, self._to_skip = nothing, self._given
        return found

    async def _ask_again(self, error: DamagedBody) -> None:
        if self._is_second:
            raise no_response(self._request, str(error)) from None
        self._response = await self._session.send(self._operation, self._request)
        self._envelopes = envelopes(self._response.steps())
        self._is_second, self._to_skip, self._damage = True, self._given, None
