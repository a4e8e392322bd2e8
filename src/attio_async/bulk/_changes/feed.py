"""One stream of the changes of a workspace, from webhooks and from sweeps.

The API cannot be asked for changes: a record says when it was created, and each value since when it holds, but no
endpoint lists what is new. So a sweep reads everything and compares it with a snapshot. An event of a webhook is only a
hint: what it is about is read again by id, and compared in the same way. So it does not matter which events are lost,
repeated or late, and a change that both find is told once.
"""

import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, Self, cast

import anyio
import attrs
import msgspec

from ..._limits.gate import priority
from ..._utils.checks import check_at_least, check_choice, check_count
from ..._utils.concurrency import within
from ..._utils.public import public
from ..._utils.text import show
from ..._workspace.arguments import as_list, slug_or_id
from ..._workspace.entries import ENTRIES, ENTRY_HISTORY
from ..._workspace.merges import Merges
from ..._workspace.records import RECORD_HISTORY, RECORDS
from ..._workspace.rows import Rows
from ..._workspace.scan import PARALLEL
from ..._workspace.schema_cache import SchemaCache
from ..._workspace.session import Session
from ...errors import ConfigurationError
from ...webhooks import (
    CommentDeleted,
    CommentEvent,
    Event,
    ListEntryDeleted,
    ListEntryEvent,
    NoteDeleted,
    NoteEvent,
    On,
    RecordDeleted,
    RecordEvent,
    RecordMerged,
    TaskDeleted,
    TaskEvent,
    WebhookReceiver,
)
from .events import AnyChange, Change, Merged, R_co
from .snapshot import FeedState, Hint, Sweep
from .sources import ITEM_KINDS, CommentSource, FeedSource, ListedSource, RowSource

_CHANGES_PER_READ = 200
_HINTS_PER_READ = 200
_IDS_PER_HINTS = 100
"""The most things that are read for the hints of webhooks in one go."""
_MISSING_PER_READ = 100
"""Things that a sweep did not meet and that are read by id in one go."""

Also = Literal["notes", "tasks", "comments"]
"""The things besides records and entries that a feed follows."""

Followed = Iterable[object] | Mapping[str, Iterable[str] | None]
"""Objects or lists by slug, title or id; or a mapping of each to the attributes to watch, None for all."""

RECORD_EVENTS = ("record.created", "record.updated", "record.deleted", "record.merged")
ENTRY_EVENTS = ("list-entry.created", "list-entry.updated", "list-entry.deleted")
ITEM_EVENTS: Mapping[str, Sequence[str]] = {
    "notes": ("note.created", "note.updated", "note-content.updated", "note.deleted"),
    "tasks": ("task.created", "task.updated", "task.deleted"),
    "comments": ("comment.created", "comment.resolved", "comment.unresolved", "comment.deleted"),
}
"""The types of events by what a feed follows."""

_EVENTS = (RecordEvent, ListEntryEvent, NoteEvent, TaskEvent, CommentEvent)
_DELETIONS = (RecordDeleted, ListEntryDeleted, NoteDeleted, TaskDeleted, CommentDeleted)


@attrs.frozen(kw_only=True)
class FeedOptions:
    """The things that a feed follows, and how; see `Attio.feed`."""

    objects: Mapping[str, Sequence[str] | None] = attrs.field(factory=dict[str, Sequence[str] | None])
    lists: Mapping[str, Sequence[str] | None] = attrs.field(factory=dict[str, Sequence[str] | None])
    also: Sequence[str] = ()
    history: Sequence[str] = ()
    receiver: WebhookReceiver | None = None
    sweep_every: float | None = None
    baseline: bool = False
    parallel: int = PARALLEL
    is_swept: bool = True
    """False if it follows webhooks alone, for a caller that sweeps and keeps what is read, such as a mirror."""
    on_hint: Callable[[], None] | None = None
    """Called when a webhook has told of something."""
    name: str = ""
    """The name of the handler; by default that of the state file."""

    @classmethod
    def checked(
        cls,
        *,
        objects: Followed,
        lists: Followed,
        also: Iterable[str],
        history: Iterable[str],
        receiver: WebhookReceiver | None,
        sweep_every: float | None,
        baseline: bool,
        parallel: int,
    ) -> Self:
        """Return the options, after checking them.

        Raises:
            ConfigurationError: They follow nothing, or contradict each other.
        """
        if sweep_every is not None:
            check_at_least(0.001, sweep_every=sweep_every)
        check_count(1, parallel=parallel)
        made = cls(
            objects=_followed(objects, "objects", "an object"),
            lists=_followed(lists, "lists", "a list"),
            also=as_list(also, "also"),
            history=as_list(history, "history"),
            receiver=receiver,
            sweep_every=sweep_every,
            baseline=baseline,
            parallel=parallel,
        )
        for name in made.also:
            check_choice("also", name, tuple(ITEM_KINDS))
        if not (made.objects or made.lists or made.also):
            raise ConfigurationError("a feed needs something to follow; give objects, lists or also")
        if "comments" in made.also and not (made.objects or made.lists):
            raise ConfigurationError(
                "comments are found on the records and entries of the feed; give objects or lists, too"
            )
        for path in made.history:
            made.owner_of(path)
        return made

    def owner_of(self, path: str) -> str:
        """Return the object or list of an attribute that is given as ``"deals.stage"``.

        Raises:
            ConfigurationError: The feed does not follow it.
        """
        for name in (*self.objects, *self.lists):
            if str(path).startswith(f"{name}.") and path != f"{name}.":
                return name
        raise ConfigurationError(
            f"history has {show(path)}; write an object or list of the feed, a dot and an attribute, such as 'deals.stage'"
        )


def _followed(given: Followed, argument: str, what: str) -> Mapping[str, Sequence[str] | None]:
    if isinstance(given, Mapping):
        selected = cast("Mapping[str, Iterable[str] | None]", given)
        return {
            slug_or_id(name, what): None if select is None else as_list(select, f"{argument}[{name!r}]")
            for name, select in selected.items()
        }
    return {slug_or_id(name, what): None for name in as_list(given, argument)}


@attrs.define
class _Walk:
    """A sweep over a source in progress; `after` is the last of the missing ids that were read."""

    source: FeedSource
    after: str = ""


@public
class Feed(Generic[R_co]):
    """The changes of a workspace, each told until it is confirmed, and never after that. Async iterator and context manager.

    ::

        async with attio.feed("feed.db", objects=["deals"], receiver=receiver, sweep_every=3600) as feed:
            async for change in feed:
                await handle(change)
                await change.ack()

    The file is opened by ``async with``, or by the first step of ``async for``; `aclose` closes it. A change that was
    not confirmed is told again when the file is opened the next time. The changes of one record come in the order of
    their time.
    """

    def __init__(
        self,
        session: Session,
        schemas: SchemaCache,
        merges: Merges,
        state: str | PathLike[str] | None,
        options: FeedOptions,
    ) -> None:
        """Create the result of `Attio.feed`. Without a file its state ends with it."""
        if state is not None and not isinstance(state, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"state must be the path of a file, not {show(state)}")
        self._session = session
        self._schemas = schemas
        self._merges = merges
        self._path = None if state is None else Path(state)
        self._options = options
        self._opened: FeedState | None = None
        self._sources: list[FeedSource] = []
        self._is_described = False
        self._round: deque[FeedSource] = deque()
        self._walk: _Walk | None = None
        self._is_over = False
        self._next_sweep = 0.0
        self._has_hints = True
        self._is_turn_of_hints = True
        self._hinted = anyio.Event()
        self._found: deque[AnyChange[Any]] = deque()
        self._given = 0

    def __repr__(self) -> str:
        options = self._options
        return f"<Feed of {', '.join((*options.objects, *options.lists, *options.also))} in {self._path}>"

    @property
    def subscriptions(self) -> tuple[On, ...]:
        """The subscriptions of a webhook for this feed: ``await attio.webhooks.create(url, feed.subscriptions)``."""
        return (
            *(On(event, object=name) for name in self._options.objects for event in RECORD_EVENTS),
            *(On(event, list=name) for name in self._options.lists for event in ENTRY_EVENTS),
            *(On(event) for name in self._options.also for event in ITEM_EVENTS[name]),
        )

    # Lifecycle

    async def __aenter__(self) -> Self:
        """Open the state file.

        Raises:
            ConfigurationError: The file holds something else, belongs to another process, or cannot be created.
        """
        if self._opened is not None:
            raise ConfigurationError("this feed is already open; make another one, with a file of its own")
        await self._open()
        return self

    async def _open(self) -> None:
        state = FeedState(self._path, keeps_images=self._options.is_swept)
        await state.open()
        self._sources = self._make_sources(state)
        self._is_described, self._is_over = False, False
        self._round.clear()
        self._found.clear()
        self._walk, self._given, self._next_sweep = None, 0, 0.0
        self._has_hints, self._is_turn_of_hints, self._hinted = True, True, anyio.Event()
        self._opened = state
        if self._options.receiver is not None:
            name = self._options.name or (self._path.name if self._path else "")
            self._options.receiver.on(*_EVENTS, name=f"feed {name}")(self._on_event)

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the state file. Changes that were not confirmed are told when it is opened again."""
        state, self._opened = self._opened, None
        if self._options.receiver is not None:
            self._options.receiver.off(self._on_event)
        if state is not None:
            await state.aclose()

    def _make_sources(self, state: FeedState) -> list[FeedSource]:
        options = self._options
        unfolded: dict[str, list[str]] = {}
        for path in options.history:
            owner = options.owner_of(path)
            unfolded.setdefault(owner, []).append(path.removeprefix(f"{owner}."))
        rows = [
            RowSource(
                Rows(self._session, self._schemas, name, kind),
                history,
                select,
                unfolded.get(name, ()),
                state,
                parallel=options.parallel,
            )
            for followed, kind, history in (
                (options.objects, RECORDS, RECORD_HISTORY),
                (options.lists, ENTRIES, ENTRY_HISTORY),
            )
            for name, select in followed.items()
        ]
        items = [
            CommentSource(self._session, rows, state)
            if name == "comments"
            else ListedSource(self._session, ITEM_KINDS[name])
            for name in dict.fromkeys(options.also)
        ]
        return [*rows, *items]

    @property
    def _state(self) -> FeedState:
        if self._opened is None:
            raise ConfigurationError(
                "the feed is not open; confirm its changes inside its `async with` or while you iterate"
            )
        return self._opened

    # Telling

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AnyChange[R_co]:
        """Return the next change, and wait for it if `sweep_every` is given.

        Raises:
            ConfigurationError: The file is about another workspace or other attributes.
            StopAsyncIteration: The sweep is complete; iterating further begins another.
            AttioError: Reading failed; iterating further retries it.
        """
        if self._opened is None:
            await self._open()
        while not self._found:
            if not self._is_described:
                await self._describe()
            if await self._load() or await self._take_turn():
                continue
            if not self._options.is_swept:
                if self._has_hints:
                    continue
                raise StopAsyncIteration
            if self._walk is not None:
                await self._advance(self._walk)
            elif self._round:
                await self._begin(self._round[0])
            elif self._is_over:
                self._is_over = False
                raise StopAsyncIteration
            else:
                await self._wait()
        change = self._found.popleft()
        self._given = change.place
        return change

    async def ack(self, *changes: Change) -> None:
        """Confirm these changes for good, in one write: they are not told again, even if the process dies right after."""
        await self._state.confirm([change.place for change in changes])

    async def ack_through(self, change: Change) -> None:
        """Confirm this change and all that were told before it."""
        state = self._state
        if not self._is_described:
            await self._describe()
        await state.confirm_through(self._numbers, change.place)

    async def latest(self, *changes: Change) -> list[R_co | None]:
        """Return the records and others that these changes are about as the feed saw them last, in the same order.

        One that is gone is None. Reads the state file alone.
        """
        state = self._state
        found: dict[tuple[str, str], Any] = {}
        for source in self._sources:
            ids = {change.record_id for change in changes if change.object == source.name}
            if ids:
                images = await state.images(source.sweep, ids)
                found |= {(source.name, id_): source.item(image) for id_, image in images.items()}
        return [found.get((change.object, change.record_id)) for change in changes]

    async def _confirm(self, place: int) -> None:
        await self._state.confirm([place])

    @property
    def _numbers(self) -> list[int]:
        return [source.sweep.source for source in self._sources]

    async def _load(self) -> bool:
        """Load unconfirmed changes from the file and return True if there are any."""
        stored = await self._state.unconfirmed(self._numbers, self._given, _CHANGES_PER_READ)
        by_number = {source.sweep.source: source for source in self._sources}
        changes = [by_number[number].change(place, one, self._confirm) for place, number, one in stored]
        for change in changes:
            if isinstance(change, Merged):
                await self._merges.add(change.into, change.record_id)
        self._found.extend(changes)
        return bool(self._found)

    # Sweeps

    async def _describe(self) -> None:
        for source in self._sources:
            await self._follow(source)
        self._is_described = True

    async def _follow(self, source: FeedSource) -> Sweep:
        """Find the source in the workspace as it is now, and its position in the file."""
        subject = await source.describe()
        source.sweep = await self._state.follow(source.key, subject, baseline=self._options.baseline)
        return source.sweep

    async def _wait(self) -> None:
        """Wait for an event or for the time of the next sweep, and begin it."""
        clock = self._session.pipeline.clock
        left = self._next_sweep - clock.monotonic()
        if left > 0:
            await within(left, clock, self._hinted.wait)
            return
        self._round.extend(self._sources)
        if self._options.sweep_every is not None:
            self._next_sweep = clock.monotonic() + self._options.sweep_every

    async def _begin(self, source: FeedSource) -> None:
        source.sweep = await self._state.begin(await self._follow(source))
        source.start()
        self._walk = _Walk(source)

    async def _advance(self, walk: _Walk) -> None:
        """Advance the sweep by some pages."""
        self._walk = None  # after a failure the sweep resumes from the file
        source = walk.source
        with priority("bulk"):
            if source.sweep.phase == "scanning":
                await self._scan(source)
            elif not await self._find_missing(walk):
                self._end(source)
                return
        self._walk = walk

    def _end(self, source: FeedSource) -> None:
        self._round.remove(source)
        self._is_over = not self._round and self._options.sweep_every is None

    async def _scan(self, source: FeedSource) -> None:
        """Read on until changes are found or a webhook told of some, or all was read."""
        is_stopped = False
        async with source.ahead():
            while (page := await source.page()) is not None:
                is_stopped |= self._has_hints | await self._state.take(
                    source.sweep, page.found, {}, at=self._now(), token=page.token, scanned=True
                )
                if is_stopped and not source.stop():
                    break
        if not is_stopped:
            source.sweep = await self._state.enter(source.sweep, "deleting")

    async def _find_missing(self, walk: _Walk) -> bool:
        """Read what the scan did not meet by id; what does not exist either is deleted. Return False after the last."""
        source = walk.source
        ids = await self._state.unseen(source.sweep, walk.after, _MISSING_PER_READ)
        if not ids:
            source.sweep = await self._state.enter(source.sweep, "none")
            return False
        await self._take_by_id(source, {id_: Hint(id_, is_end=True) for id_ in ids}, ())
        walk.after = ids[-1]
        return True

    # Hints

    async def _on_event(self, event: Event) -> None:
        """Keep the event of a webhook as a hint. It is the handler of the receiver."""
        state, hints = self._opened, _hints_of(event)
        if state is None or not hints:  # the sweep that begins the next run finds what happened
            return
        await state.hint(hints)
        self._has_hints = True
        self._hinted.set()
        if self._options.on_hint is not None:
            self._options.on_hint()

    async def _take_turn(self) -> bool:
        """Follow hints, and return True if there were any. Every other time it is the turn of the sweep."""
        is_turn, self._is_turn_of_hints = self._is_turn_of_hints, False  # also if one cannot be read
        if is_turn and await self._follow_hints():
            return True
        self._is_turn_of_hints = True
        return False

    async def _follow_hints(self) -> bool:
        """Read again what webhooks told of, and return True if there was anything."""
        if not self._has_hints:
            return False
        self._has_hints, self._hinted = False, anyio.Event()
        stored = await self._state.hints(_HINTS_PER_READ)
        if not stored:
            return False
        self._has_hints = True
        _, owner, _ = stored[0]
        source = next((source for source in self._sources if source.owner == owner), None)
        wanted: dict[str, Hint] = {}
        places: list[int] = []
        for place, about, hint in stored:
            if about == owner and len(wanted) < _IDS_PER_HINTS:
                known = wanted.get(hint.own_id, hint)
                wanted[hint.own_id] = Hint(
                    hint.own_id,
                    is_end=hint.is_end or known.is_end,
                    into=hint.into or known.into,
                    actor=hint.actor or known.actor,
                )
                places.append(place)
        if source is None:
            await self._state.forget_hints(places)
        else:
            await self._take_by_id(source, wanted, places)
        return True

    async def _take_by_id(
        self, source: FeedSource, wanted: Mapping[str, Hint], places: Collection[int]
    ) -> None:
        reading = await source.read(list(wanted))
        # One that is gone without an event that says why is left to the sweep, which meets what it was merged into.
        ended = [wanted[id_] for id_ in reading.gone if wanted[id_].is_end]
        gone = {hint.own_id: await self._with_successor(hint) for hint in ended}
        await self._state.take(source.sweep, reading.found, gone, at=self._now(), hints=places)
        for id_, hint in gone.items():
            if hint.into:
                await self._merges.add(hint.into, id_)

    async def _with_successor(self, hint: Hint) -> Hint:
        """Return the hint with the record that this one was merged into, as far as this program has seen."""
        if hint.into:
            return hint
        into = await self._merges.follow(hint.own_id)
        return msgspec.structs.replace(hint, into="" if into == hint.own_id else into)

    def _now(self) -> float:
        return self._session.pipeline.clock.time()


class DeliveryFeed(Feed[Any]):
    """A feed of what webhooks tell, for a caller that sweeps and keeps what is read. Its loop ends when nothing is left.

    What exists is told as created, whenever it is another than it was told last; no change has a record.
    """

    async def forget_seen(self) -> None:
        """Tell what is delivered from now on, whatever was told before: a sweep has seen everything anew."""
        await self._state.forget_seen()


def _hints_of(event: Event) -> list[tuple[str, Hint]]:
    """Return the things that an event is about, each with the id of its object or list."""
    owner = _owner_of(event)
    found = [(owner, Hint(event.id))]
    actor = (event.actor.type, event.actor.id) if event.actor is not None else None
    if isinstance(event, RecordMerged):
        old = Hint(event.duplicate_record_id, is_end=True, into=event.record_id, actor=actor)
        found.append((event.duplicate_object_id or owner, old))
    elif isinstance(event, _DELETIONS):
        found = [(owner, Hint(event.id, is_end=True, actor=actor))]
    return [(owner, hint) for owner, hint in found if owner and hint.own_id]


def _owner_of(event: Event) -> str:
    """Return the id of the object or list that an event is about; the name of notes and others."""
    match event:
        case RecordEvent():
            return event.object_id
        case ListEntryEvent():
            return event.list_id
        case NoteEvent():
            return "notes"
        case TaskEvent():
            return "tasks"
        case CommentEvent():
            return "comments"
        case _:
            return ""
