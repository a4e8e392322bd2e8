"""The changes of an object's records, or a list's entries, since the last sweep.

The API cannot be asked for changes: a record says when it was created, and each value since when it holds, but no
endpoint lists what is new. So a sweep reads all records and compares them with a snapshot.
"""

import os
from collections import deque
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self

import attrs

from ..._limits.gate import priority
from ..._records.models import Entry, Record
from ..._schema import ObjectSchema, owner_ids
from ..._utils.public import public
from ..._utils.text import show
from ..._workspace.arguments import as_list
from ..._workspace.identity import identify
from ..._workspace.rows import MAX_PAGE_SIZE, Rows
from ..._workspace.scan import Scan
from ...errors import ConfigurationError
from .._export.rows import select_attributes
from .diff import image_of
from .events import AnyChange, Change, R, change_of
from .snapshot import Sweep, SweepState

_CHANGES_PER_READ = 200
_MISSING_PER_QUERY = 100
"""Records that the scan did not meet and that are read by id with one query."""


@attrs.define
class _Walk:
    """A sweep in progress."""

    sweep: Sweep
    watched: Mapping[str, str]
    scan: Scan[Any]
    after: str = ""


@public
class Changes(Generic[R]):
    """The changes of an object's records, or a list's entries, since the last sweep. Async context manager, and async iterator.

    One ``async for`` is one sweep: first the changes that were not confirmed, then those of the sweep that was
    interrupted, or of a new one. A change that was not confirmed with `ack` is given again when the file is opened the
    next time; a confirmed one never again. The changes of one record come in the order of their time; records come in
    the order of their creation, and deletions come last.
    """

    def __init__(
        self,
        rows: Rows[R],
        state: str | PathLike[str],
        *,
        select: Iterable[str] | None = None,
        baseline: bool = False,
    ) -> None:
        """Create the result of `Records.changes` and `Entries.changes`.

        Args:
            rows: The records or entries.
            state: The state file.
            select: The attributes to watch; all when None.
            baseline: Whether the first sweep only takes the snapshot.
        """
        self._rows = rows
        if not isinstance(state, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
            raise ConfigurationError(f"state must be the path of a file, not {show(state)}")
        self._path = Path(state)
        self._select = None if select is None else as_list(select, "select")
        self._baseline = baseline
        self._opened: SweepState | None = None
        self._walk: _Walk | None = None
        self._schema = ObjectSchema(rows.name, ())
        self._found: deque[AnyChange[R]] = deque()
        self._given = 0
        self._is_over = False

    def __repr__(self) -> str:
        return f"<Changes of {self._rows.name} in {self._path}>"

    async def __aenter__(self) -> Self:
        """Open the state file.

        Raises:
            ConfigurationError: The file holds something else, belongs to another process, or cannot be created.
        """
        state = SweepState(self._path)
        await state.open()
        self._opened = state
        self._walk, self._given, self._is_over = None, 0, False
        self._found.clear()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        state, self._opened = self._opened, None
        if state is not None:
            await state.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AnyChange[R]:
        """Return the next change.

        Raises:
            ConfigurationError: The file is about other records.
            StopAsyncIteration: The sweep is complete; iterating further begins another.
            AttioError: Reading failed; iterating further retries it.
        """
        while True:
            if self._walk is None and not self._is_over:
                self._walk = await self._begin()
            if self._found or await self._load():
                break
            if self._walk is None:
                self._is_over = False
                raise StopAsyncIteration
            await self._advance(self._walk)
        change = self._found.popleft()
        self._given = change.place
        return change

    async def ack(self, *changes: Change) -> None:
        """Confirm these changes for good: they are not given again, even if the process dies right after."""
        await self._state.confirm([change.place for change in changes])

    async def ack_through(self, change: Change) -> None:
        """Confirm this change and all that were given before it."""
        await self._state.confirm_through(change.place)

    @property
    def _state(self) -> SweepState:
        if self._opened is None:
            raise ConfigurationError("the state file is not open; use `async with`")
        return self._opened

    async def _load(self) -> bool:
        """Load unconfirmed changes from the file and return True if there are any."""
        stored = await self._state.unconfirmed(self._given, _CHANGES_PER_READ)
        self._found.extend(change_of(self._rows.name, place, one, self._schema) for place, one in stored)
        return bool(self._found)

    async def _begin(self) -> _Walk:
        identity = await identify(self._rows.session)
        located = await self._rows.located()
        located.schemas.forget(located.name, target=located.kind.target)  # slugs may have changed
        self._rows = await located.checked()
        schema = self._schema = await self._rows.schema()
        watched = {found.slug: found.id or found.slug for found in select_attributes(schema, self._select)}
        subject = {
            **owner_ids(schema.attributes.values()),
            "workspace": identity.workspace_id,
            "choice of attributes": None if self._select is None else sorted(watched.values()),
        }
        sweep = await self._state.begin(subject, watched.values(), baseline=self._baseline)
        return _Walk(sweep, watched, self._rows.scan(page_size=MAX_PAGE_SIZE, resume=sweep.token))

    async def _advance(self, walk: _Walk) -> None:
        """Advance the sweep by one page."""
        self._walk = None  # after a failure the sweep resumes from the file
        with priority("bulk"):
            if walk.sweep.phase == "scanning":
                self._walk = await self._scan(walk)
            else:
                self._walk = await self._find_missing(walk)
        self._is_over = self._walk is None

    async def _scan(self, walk: _Walk) -> _Walk:
        page: list[Record | Entry] = []
        async for record in walk.scan:
            page.append(record)
            if len(page) == MAX_PAGE_SIZE:
                break
        if page:
            await self._take(walk, page, walk.scan.token)
            return walk
        await self._state.enter("deleting")
        return attrs.evolve(walk, sweep=attrs.evolve(walk.sweep, phase="deleting"))

    async def _find_missing(self, walk: _Walk) -> _Walk | None:
        """Read records that the scan did not meet by their ids; those that do not exist either are deleted."""
        ids = await self._state.unseen(walk.sweep, walk.after, _MISSING_PER_QUERY)
        if not ids:
            await self._state.enter("none")
            return None
        found = await self._rows.get_many(ids)
        await self._take(walk, found.records, None)
        await self._state.drop(walk.sweep, found.missing, at=self._now())
        return attrs.evolve(walk, after=ids[-1])

    async def _take(self, walk: _Walk, page: Iterable[Record | Entry], token: str | None) -> None:
        images = [image_of(record, walk.watched) for record in page]
        await self._state.take(walk.sweep, images, at=self._now(), token=token)

    def _now(self) -> float:
        return self._rows.session.pipeline.clock.time()
