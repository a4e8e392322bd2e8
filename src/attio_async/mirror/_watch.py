"""The reports of a mirror that is brought up to date whenever a feed tells of changes, and completely from time to time."""

import math
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Self

import anyio
import attrs

from .._utils.clock import Clock
from .._utils.concurrency import within
from ..bulk._changes.events import Change, Deleted, Merged
from ..bulk._changes.feed import DeliveryFeed
from ..errors import NotFound, PermissionDenied
from ..webhooks import (
    Event,
    ListAttributeEvent,
    ListEvent,
    ObjectAttributeEvent,
    WebhookReceiver,
    WorkspaceMemberCreated,
)
from ._report import RefreshReport
from ._sources import MirrorSource
from ._target import OtherShape

_SETTLE_S = 0.5
"""The time in which deliveries gather, so that a burst becomes one sweep."""
_REST = 4
"""The pause after a sweep of what was told, in times of its duration: a DuckDB file is copied as a whole for its readers."""
_RETRY_PAUSE_S = 10.0
_MAX_COLLECTED = 10_000
_FEW = 1_000
_SHARE_OF_ROWS = 5
"""More than this part of all rows are read faster by reading everything: 500 rows come in one page, and 100 by their ids."""

RESHAPING_EVENTS = (
    *("list.created", "list.updated", "list.deleted", "list-attribute.created", "list-attribute.updated"),
    *("object-attribute.created", "object-attribute.updated", "workspace-member.created"),
)
"""The types of events that only a complete refresh can follow."""
_RESHAPING = (ListEvent, ListAttributeEvent, ObjectAttributeEvent, WorkspaceMemberCreated)


@attrs.define
class Told:
    """The changes that a feed has told since the last sweep.

    Attributes:
        ids: The ids of the things by the id of their object or list, or the name of their resource; each with True if it is
            told to be gone.
        into: The records that others were merged into, by the ids of those.
        last: The last change.
        count: The number of things.
    """

    ids: dict[str, dict[str, bool]] = attrs.field(factory=dict[str, dict[str, bool]])
    into: dict[str, str] = attrs.field(factory=dict[str, str])
    last: Change | None = None

    def add(self, change: Change) -> None:
        """Add a change."""
        known = self.ids.setdefault(change.object, {})
        is_gone = isinstance(change, Deleted | Merged)
        known[change.record_id] = is_gone or known.get(change.record_id, False)
        if isinstance(change, Merged):
            self.into[change.record_id] = change.into
        self.last = change

    @property
    def count(self) -> int:
        """The number of things."""
        return sum(map(len, self.ids.values()))


Follow = Callable[[Sequence[MirrorSource]], Awaitable[None]]
MakeFeed = Callable[[Sequence[MirrorSource], Callable[[], None]], DeliveryFeed]


class Watch:
    """The reports of sweeps: complete ones at their time, and between them those of what webhooks tell.

    Args:
        refresh: Refreshes everything, and calls a function with what is read before it is.
        read_again: Reads again what was told. Returns None if nothing of it is in the mirror, and raises `OtherShape` if the
            tables have to change first.
        make_feed: Makes the feed of what a complete refresh reads, which calls a function for each delivery.
        receiver: The receiver of the feed.
        clock: The source of time.
        every: Seconds from the end of a complete refresh to the next one.
        name: The name of the handler of events about the schema.
    """

    def __init__(
        self,
        refresh: Callable[[Follow], Awaitable[RefreshReport]],
        read_again: Callable[[Told], Awaitable[RefreshReport | None]],
        make_feed: MakeFeed,
        receiver: WebhookReceiver,
        clock: Clock,
        *,
        every: float,
        name: str,
    ) -> None:
        self._refresh_all = refresh
        self._read_again = read_again
        self._make_feed = make_feed
        self._receiver = receiver
        self._clock = clock
        self._every = every
        self._name = name
        self._feed: DeliveryFeed | None = None
        self._followed: Mapping[str, object] = {}
        self._sources: Sequence[MirrorSource] = ()
        self._left_out: Collection[str] = ()
        self._told = Told()
        self._reports: deque[RefreshReport] = deque()
        self._news = anyio.Event()
        self._must_refresh = False
        self._max_told = _FEW
        self._refresh_at = self._sweep_at = -math.inf

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> RefreshReport:
        """Return the report of the next sweep, which begins when it is due."""
        while not self._reports:
            now = self._clock.monotonic()
            if now >= self._refresh_at:
                await self._refresh()
            elif not self._news.is_set():
                await within(self._refresh_at - now, self._clock, self._news.wait)
                self._sweep_at = max(self._sweep_at, self._clock.monotonic() + _SETTLE_S)
            elif now < self._sweep_at:
                await self._clock.sleep(min(self._sweep_at, self._refresh_at) - now)
            elif self._must_refresh:
                self._refresh_at = now
            else:
                await self._sweep()
        return self._reports.popleft()

    async def aclose(self) -> None:
        """Stop following the feed."""
        feed, self._feed, self._followed = self._feed, None, {}
        self._receiver.off(self._on_reshaping)
        if feed is not None:
            await feed.aclose()

    async def _refresh(self) -> None:
        """Refresh everything, which takes in what was told before."""
        self._must_refresh = False
        try:
            report = await self._refresh_all(self._follow)
        except Exception:
            now = self._clock.monotonic()
            self._must_refresh, self._news = True, anyio.Event()
            self._refresh_at, self._sweep_at = now + self._every, now + _RETRY_PAUSE_S
            raise
        self._reports.append(report)
        self._refresh_at = self._clock.monotonic() + self._every
        self._max_told = max(_FEW, sum(table.read for table in report.tables) // _SHARE_OF_ROWS)
        self._news.set()  # there may be deliveries from meanwhile, or from an earlier run
        await self._confirm()
        if self._feed is not None:
            await self._feed.forget_seen()
        self._left_out = {each.name for each in report.left_out}
        await self._follow(self._sources)

    async def _sweep(self) -> None:
        """Read again what the feed tells now."""
        self._news = anyio.Event()
        is_done = False
        try:
            await self._collect()
            await self._read_told()
            await self._confirm()
            is_done = True
        except (OtherShape, NotFound, PermissionDenied):
            self._refresh_at = now = self._clock.monotonic()
            self._sweep_at = now + _RETRY_PAUSE_S
        except Exception:
            self._sweep_at = self._clock.monotonic() + _RETRY_PAUSE_S
            raise
        finally:
            if not is_done:
                self._news.set()

    async def _read_told(self) -> None:
        if self._told.last is None:
            return
        if self._told.count > self._max_told:
            raise OtherShape
        start = self._clock.monotonic()
        report = await self._read_again(self._told)
        now = self._clock.monotonic()
        self._sweep_at = now + _REST * (now - start)
        if report is not None:
            self._reports.append(report)

    async def _collect(self) -> None:
        if self._feed is not None:
            async for change in self._feed:
                self._told.add(change)
                if self._told.count >= _MAX_COLLECTED:
                    self._news.set()
                    break

    async def _confirm(self) -> None:
        """Confirm what the mirror has committed."""
        last = self._told.last
        if last is not None and self._feed is not None:
            await self._feed.ack_through(last)
        self._told = Told()

    async def _follow(self, sources: Sequence[MirrorSource]) -> None:
        """Follow what a refresh is about to read, so that nothing happens unnoticed in between."""
        self._sources = sources
        read = [each for each in sources if each.table.name not in self._left_out]
        followed = {each.table.id: each.table.table.schema for each in read}
        if self._feed is not None and followed == self._followed:
            return
        await self.aclose()
        feed = self._make_feed(read, self._wake)
        await feed.__aenter__()
        self._feed, self._followed = feed, followed
        self._receiver.on(*_RESHAPING, name=self._name)(self._on_reshaping)

    async def _on_reshaping(self, event: Event) -> None:
        """Refresh everything soon. It is the handler of the receiver."""
        del event
        self._must_refresh = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
