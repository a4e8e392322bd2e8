"""Scans: all records, each exactly once, although others write meanwhile.

A scan reads one window of time, from the oldest record on, or several windows at once; see `window`.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import anyio
import attrs
import msgspec

from .._pagination.prefetch import Prefetcher
from .._pagination.window import TimeWindow, WindowQuery, WindowToken
from .._records.models import AttributeMapping, detached
from .._storage.spool import Spool
from .._utils.public import public
from ..errors import ConfigurationError

R = TypeVar("R", bound=AttributeMapping)

PARALLEL = 32
"""Pages that jobs for many rows read at once: all that the limit of reads allows, if each takes 0.3 s."""

_MIN_PAGES_TO_SPLIT = 2.0
"""What is shorter is read by two pages at most."""

_MAX_EVEN_PAGES = 8
"""Pages for each that is read at once. If a window seemed to have more, its last page was rather part of a burst, such
as an import, whose end is found sooner by cutting off more than half."""

_FULL_SHARE = 0.5
_LEAN_SHARE = 0.25
"""From which part of a page on it counts as full, and up to which as lean."""

_MAX_LEAN_PAGES = 2
"""Lean pages for each page that is read at once, beside one for each full page. So much may guesses cost."""

_MAX_DECODED_PAGES = 4
"""Pages that wait as records, which take twenty times the memory of those that wait as they arrived."""

Decode = Callable[[], Awaitable[Sequence[R]]]
SendQuery = Callable[[Mapping[str, Any]], Awaitable[Decode[R]]]
"""Sends the body of a query and returns, once the answer is there, the function that reads its records."""

_ReadConditions = Callable[[], Awaitable[Mapping[str, Any]]]


class _ScanToken(WindowToken, omit_defaults=True, kw_only=True):
    """The position of a scan: that in its only window, or those in all of its `windows`.

    Attributes:
        scan: The object or list.
        windows: The positions in several windows.
        query: The digest of the filter or view; None as long as they were not needed.
    """

    scan: str
    windows: list[WindowToken] | None = None
    query: str | None = None


@attrs.frozen(kw_only=True)
class ScanOptions:
    """The choices of a scan.

    Attributes:
        limit: The most records to return; all when None.
        page_size: The records of a page.
        resume: The token of an earlier scan.
        parallel: The most pages to read at once.
        ordered: True to return the oldest first, although pages are read at once.
        is_view: True if the conditions are those of a saved view.
    """

    limit: int | None = None
    page_size: int = 500
    resume: str | None = None
    parallel: int = 1
    ordered: bool = False
    is_view: bool = False


@attrs.define(eq=False)
class _ScanBatch(Generic[R]):
    """New records of a page; `load` reads them back if they are in the spool."""

    window: TimeWindow[R]
    records: Sequence[R]
    load: Decode[R] | None = None


class _Source(Generic[R]):
    """The pages of a query.

    Attributes:
        options: The choices of the scan.
        max_queries: Returns how many queries may run at a time.
        now: Returns the time.
        digest: That of the conditions, or of those of the scan to resume; None if neither is known.
    """

    def __init__(
        self,
        send: SendQuery[R],
        read_conditions: _ReadConditions,
        options: ScanOptions,
        *,
        max_queries: Callable[[], float],
        now: Callable[[], float],
        digest: str | None,
    ) -> None:
        self._send = send
        self._read_conditions = read_conditions
        self._conditions: Mapping[str, Any] | None = None
        self.options = options
        self.max_queries = max_queries
        self.now = now
        self.digest = digest

    async def prepare(self) -> None:
        """Read the conditions, unless they are known.

        Raises:
            ConfigurationError: The scan to resume had other conditions.
        """
        if self._conditions is None:
            conditions = await self._read_conditions()
            digest = _digest(conditions)
            if self.digest not in {None, digest}:
                raise ConfigurationError(
                    "the token is of a scan with another filter or view; give the same one, or leave resume out"
                )
            self._conditions, self.digest = conditions, digest

    async def fetch(self, window: TimeWindow[R]) -> tuple[WindowQuery, Decode[R]]:
        """Send the next query of a window; return it, and the function that reads its answer."""
        query = window.query()
        return query, await self._send(query.body(self._conditions or {}))


@public
class Scan(Generic[R]):
    """All matching records, each once: an async iterator. Making one sends nothing.

    Every record that exists during the whole scan is returned, whatever others create or delete meanwhile, the oldest
    first. Each page is one request and repeats at least one record of the page before.

    With `parallel`, windows of creation time are read at once, and a full one is split for those who have nothing to
    read. Such a scan is an async context manager, at whose end nothing is left running, and returns records as they
    arrive unless it is `ordered`. Other scans read ahead of the loop in such a block.

    `token` is the position after the last record; a new scan with ``resume=token`` continues there.
    """

    def __init__(
        self,
        send: SendQuery[R],
        name: str,
        read_conditions: _ReadConditions,
        options: ScanOptions,
        *,
        max_queries: Callable[[], float],
        now: Callable[[], float],
        describe: Callable[[], str] | None = None,
    ) -> None:
        self._name = name
        self._describe = describe or (lambda: name)
        self._left = options.limit
        token = _ScanToken(scan=name) if options.resume is None else _parse_token(options.resume, name)
        self._source = _Source(
            send, read_conditions, options, max_queries=max_queries, now=now, digest=token.query
        )
        self._windows = [
            TimeWindow[R](each, options.page_size, is_view=options.is_view)
            for each in token.windows or [token]
        ]
        self._batch: _ScanBatch[R] | None = None
        self._records: Iterator[R] = iter(())
        self._ahead: _ReadAhead[R] | None = None

    def __repr__(self) -> str:
        return f"<Scan of {self._describe()}>"

    @property
    def token(self) -> str:
        """The position after the last record, as a text that `resume` takes."""
        windows = [window.token() for window in self._windows if not window.is_settled]
        token = _ScanToken(scan=self._name, query=self._source.digest)
        if len(windows) != 1 or windows[0].before is not None:
            token.windows = windows
        else:
            token = msgspec.structs.replace(token, **msgspec.structs.asdict(windows[0]))
        return msgspec.json.encode(token).decode()

    def pages(self) -> AsyncIterator[Sequence[R]]:
        """Iterate over the pages of records that were not returned yet. After each, `token` is the position behind it."""
        return _ScanPages(self._next_page)

    def stop(self) -> None:
        """Begin no further page in this block: the loop ends after those that are being read, and misses none of them."""
        if self._ahead is not None:
            self._ahead.stop()

    async def __aenter__(self) -> Self:
        self._ahead = _ReadAhead(self._source, self._windows, self._left)
        await self._ahead.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        ahead, self._ahead = self._ahead, None
        if ahead is None:
            return
        try:
            await ahead.aclose()
        finally:
            self._settle(is_read=next(self._records, None) is None)
            self._windows = [window.rewound() for window in self._windows]
            self._records = iter(())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> R:
        while self._left != 0:
            for record in self._records:
                self._give(record)
                return record
            await self._load()
        raise StopAsyncIteration

    async def _next_page(self) -> Sequence[R]:
        """Return the rest of the page, or the next one.

        Raises:
            StopAsyncIteration: There are no more.
        """
        while self._left != 0:
            if page := list(islice(self._records, self._left)):
                for record in page:
                    self._give(record)
                if self._left != 0:
                    self._settle()
                return page
            await self._load()
        raise StopAsyncIteration

    def _give(self, record: R) -> None:
        if self._batch is not None:
            self._batch.window.give(record)
        if self._left is not None:
            self._left -= 1

    def _settle(self, *, is_read: bool = True) -> None:
        """Note that all of the current page was given."""
        batch, self._batch = self._batch, None
        if batch is not None and is_read:
            batch.window.unsettled -= 1

    async def _load(self) -> None:
        """Load the next records.

        Raises:
            StopAsyncIteration: There are no more.
        """
        self._settle()
        if self._ahead is None and self._source.options.parallel > 1:
            raise ConfigurationError("parallel needs a block; write async with ...scan(parallel=n) as scan")
        await self._source.prepare()
        batch = await (self._next() if self._ahead is None else self._ahead.next())
        if batch is None:
            raise StopAsyncIteration
        self._batch, self._records = batch, iter(batch.records)

    async def _next(self) -> _ScanBatch[R] | None:
        while (window := next((each for each in self._windows if not each.is_over), None)) is not None:
            query, decode = await self._source.fetch(window)
            if new := window.take(query, await decode()):
                window.unsettled += 1
                return _ScanBatch(window, new)
        return None


class _ScanPages(Generic[R]):
    """The pages of a scan; see `Scan.pages`."""

    def __init__(self, read: Callable[[], Awaitable[Sequence[R]]]) -> None:
        self._read = read

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sequence[R]:
        return await self._read()


class _ReadAhead(Generic[R]):
    """Reads pages of several windows at once, ahead of `next`. An async context manager, as `Prefetcher` is."""

    def __init__(self, source: _Source[R], windows: list[TimeWindow[R]], limit: int | None) -> None:
        options = source.options
        is_sequential = options.is_view or (options.ordered and limit is not None)
        self._parallel = 1 if is_sequential else options.parallel
        self._source = source
        self._windows = windows
        self._to_read = limit
        self._busy = 0
        self._full = self._lean = 0
        self._is_ready = self._is_stopping = self._is_ended = False
        self._failure: Exception | None = None
        self._changed = anyio.Event()
        self._room = anyio.Semaphore(_MAX_DECODED_PAGES)
        self._kept: dict[TimeWindow[R], deque[_ScanBatch[R]]] | None = {} if options.ordered else None
        self._spool = Spool()
        self._prefetcher = Prefetcher[_ScanBatch[R] | None](
            self._fetch,
            lambda batch: batch is None,
            ahead=self._parallel,
            max_concurrent=self._parallel,
            in_order=False,
        )

    async def __aenter__(self) -> Self:
        await self._prefetcher.__aenter__()
        return self

    async def aclose(self) -> None:
        """Cancel what is being read, and wait for its end."""
        try:
            await self._prefetcher.aclose()
        finally:
            await self._spool.aclose()

    def stop(self) -> None:
        """Begin no further page."""
        self._is_stopping = True
        self._wake()

    async def next(self) -> _ScanBatch[R] | None:
        """Return the next new records; None after the last."""
        self._is_ready = True
        self._wake()
        while True:
            if self._kept is not None and (batch := await self._first_kept(self._kept)) is not None:
                return batch
            if self._is_ended:
                return None
            batch = await self._arrived()
            if batch is None:
                continue  # what was kept is still to be given
            if self._kept is None:
                return batch
            self._kept.setdefault(batch.window, deque()).append(batch)
            if batch.window is not self._windows[0]:
                await self._store(batch)

    async def _arrived(self) -> _ScanBatch[R] | None:
        """Return what arrived next. After an error, the next call reads on."""
        while True:
            batch = await self._prefetcher.next()
            if batch is None:
                self._is_ended = True
                return None
            if batch.records:
                self._room.release()
                return batch
            failure, self._failure = self._failure, None
            if failure is not None:
                raise failure

    # In order

    async def _first_kept(self, kept: dict[TimeWindow[R], deque[_ScanBatch[R]]]) -> _ScanBatch[R] | None:
        """Take out the next records of the oldest window, if they are there."""
        self._drop_settled()
        while self._windows:
            window = self._windows[0]
            if waiting := kept.get(window):
                batch = waiting[0]
                if batch.load is not None:
                    batch.records, batch.load = await batch.load(), None
                return waiting.popleft()
            kept.pop(window, None)
            if not window.is_settled:
                return None
            self._drop_settled()
        return None

    async def _store(self, batch: _ScanBatch[R]) -> None:
        data, read = detached(batch.records)
        stored = await self._spool.put(data)

        async def load() -> Sequence[R]:
            return read(await stored())

        batch.records, batch.load = (), load

    # Reading

    async def _fetch(self, _: int) -> _ScanBatch[R] | None:
        while (window := self._claim()) is None:
            if self._is_exhausted():
                return None
            await self._changed.wait()
        self._busy += 1
        window.is_busy = True
        try:
            return await self._read(window)
        except Exception as error:  # noqa: BLE001 - raised where the caller waits
            self._failure = self._failure or error
            return _ScanBatch(window, ())
        finally:
            self._busy -= 1
            window.is_busy = False
            self._wake()

    async def _read(self, window: TimeWindow[R]) -> _ScanBatch[R]:
        query, decode = await self._source.fetch(window)
        await self._room.acquire()
        new: Sequence[R] = ()
        try:
            new = window.take(query, await decode())
        finally:
            if not new:
                self._room.release()
        if new:
            window.unsettled += 1
        self._full += len(new) >= _FULL_SHARE * query.size
        self._lean += len(new) < _LEAN_SHARE * query.size
        if self._to_read is not None:
            self._to_read -= len(new)
        return _ScanBatch(window, new)

    def _is_exhausted(self) -> bool:
        """Return True if nothing is being read, and nothing is to be read any more."""
        is_enough = self._is_stopping or (self._to_read is not None and self._to_read <= 0)
        return not self._busy and (is_enough or all(window.is_over for window in self._windows))

    def _claim(self) -> TimeWindow[R] | None:
        """Return a window to read a page of, perhaps the later half of another one; None if there is none now."""
        if not self._is_ready or self._is_stopping or self._failure is not None:
            return None
        if self._busy >= max(1, min(self._parallel, self._source.max_queries())):
            return None
        if self._to_read is not None and self._to_read <= self._busy * self._source.options.page_size:
            return None
        waiting = next((each for each in self._windows if not (each.is_busy or each.is_over)), None)
        return self._split() if waiting is None else waiting

    def _split(self) -> TimeWindow[R] | None:
        self._drop_settled()
        if self._lean > _MAX_LEAN_PAGES * self._parallel + self._full:
            return None
        now = datetime.fromtimestamp(self._source.now(), UTC)
        are_even = self._lean <= _LEAN_SHARE * self._full
        known = [place for place, window in enumerate(self._windows) if are_even or window.is_measured]
        place = max(known, key=lambda place: self._windows[place].pages_left(now), default=0)
        left = self._windows[place].pages_left(now) if known else 0
        if left < _MIN_PAGES_TO_SPLIT:
            return None
        is_burst = left > _MAX_EVEN_PAGES * self._parallel
        later = self._windows[place].split(now, left**-0.5 if is_burst else 0.5)
        if later is not None:
            self._windows.insert(place + 1, later)
        return later

    def _drop_settled(self) -> None:
        self._windows[:] = [window for window in self._windows if not window.is_settled]

    def _wake(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()


def _digest(conditions: Mapping[str, Any]) -> str:
    return blake2b(
        msgspec.json.encode(conditions, order="deterministic", enc_hook=repr), digest_size=16
    ).hexdigest()


def _parse_token(token: str, name: str) -> _ScanToken:
    try:
        state = msgspec.json.decode(token, type=_ScanToken)
    except (
        msgspec.DecodeError,
        RecursionError,
        TypeError,
        UnicodeError,
    ):  # the last two for what is not a text
        raise ConfigurationError("resume is not a valid token; give the token of an earlier scan") from None
    if state.scan != name:
        raise ConfigurationError(
            f"the token is of a scan of {state.scan!r}; resume {name!r} with a token of its own"
        )
    return state
