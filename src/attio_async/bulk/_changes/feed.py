"""What changed in the records of an object since the last time somebody looked.

The API has no such question: records say when they were created, and each value since when it holds, but nothing lists
what is new. So a sweep reads all records and compares them with a snapshot.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs
import msgspec

from ..._limits.gate import priority
from ..._records.models import Record
from ..._schema import ObjectSchema, id_part
from ..._workspace.arguments import as_list
from ..._workspace.identity import identify
from ..._workspace.rows import MAX_PAGE_SIZE, Rows
from ..._workspace.scan import Scan
from ...errors import ConfigurationError
from .._export.export import chosen
from .diff import image_of
from .events import (
    Change,
    change_of,
)
from .snapshot import Sweep, SweepState

_AT_ONCE = 200
"""How many changes are taken from the file together."""
_DOUBTFUL = 100
"""How many records that did not come up are looked for by id together."""


@attrs.define
class _Walk:
    """A sweep under way."""

    sweep: Sweep
    watched: Mapping[str, str]
    scan: Scan[Record]
    after: str = ""


class Changes:
    """The changes of an object's records since the last sweep. Async context manager, and async iterator.

    One ``async for`` is one sweep: first the changes that were not confirmed, then those of the sweep that was
    interrupted, or of a new one. What was given and not confirmed with `ack` is given again when the file is opened the
    next time, and what was confirmed never again. Of one record changes come in the order of their time; records come
    in the order of their creation, and deletions come last.

    Args:
        rows: The records.
        state: The file.
        select: The attributes to watch; all when None.
        baseline: Whether the first sweep only takes stock.
    """

    def __init__(
        self,
        rows: Rows[Record],
        state: str | PathLike[str],
        *,
        select: Iterable[str] | None = None,
        baseline: bool = False,
    ) -> None:
        self._rows = rows
        self._state = Path(state)
        self._select = None if select is None else as_list(select, "select")
        self._baseline = baseline
        self._snapshot: SweepState | None = None
        self._walk: _Walk | None = None
        self._schema = ObjectSchema(rows.name, ())
        self._found: deque[Change] = deque()
        self._given = 0
        self._is_over = False

    def __repr__(self) -> str:
        return f"<Changes of {self._rows.name} in {self._state}>"

    async def __aenter__(self) -> Self:
        """Open the file.

        Raises:
            ConfigurationError: It is something else, in use by another process, or cannot be made.
        """
        snapshot = SweepState(self._state)
        await snapshot.open()
        self._snapshot = snapshot
        self._walk, self._given, self._is_over = None, 0, False
        self._found.clear()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        snapshot, self._snapshot = self._snapshot, None
        if snapshot is not None:
            await snapshot.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        """The next change.

        Raises:
            ConfigurationError: The file is about other records.
            StopAsyncIteration: The sweep is complete; going on begins another.
            AttioError: Reading failed; going on tries that again.
        """
        while True:
            if self._walk is None and not self._is_over:
                self._walk = await self._begun()
            if self._found or await self._load():
                break
            if self._walk is None:
                self._is_over = False
                raise StopAsyncIteration
            await self._step(self._walk)
        change = self._found.popleft()
        self._given = change.place
        return change

    async def ack(self, *changes: Change) -> None:
        """Confirm these changes, for good: they are not given again, even if the process dies right after."""
        places = [change.place for change in changes]
        await self._opened.confirm(places)

    async def ack_through(self, change: Change) -> None:
        """Confirm this change and all that were given before it."""
        await self._opened.confirm_through(change.place)

    @property
    def _opened(self) -> SweepState:
        if self._snapshot is None:
            raise ConfigurationError("the state file is not open: use `async with`")
        return self._snapshot

    async def _load(self) -> bool:
        """Take changes that are noted from the file; whether there are any."""
        noted = await self._opened.waiting(self._given, _AT_ONCE)
        self._found.extend(change_of(self._rows.name, place, one, self._schema) for place, one in noted)
        return bool(self._found)

    async def _step(self, walk: _Walk) -> None:
        """Bring the sweep one page further."""
        self._walk = None  # whatever goes wrong here is begun again from what is in the file
        with priority("bulk"):
            if walk.sweep.phase == "scanning":
                self._walk = await self._scan(walk)
            else:
                self._walk = await self._look_for_the_rest(walk)
        self._is_over = self._walk is None

    async def _begun(self) -> _Walk:
        identity = await identify(self._rows.session)
        self._rows.schemas.forget(self._rows.name)  # slugs may be others now
        schema = self._schema = await self._rows.schemas.get(self._rows.name)
        watched = {found.slug: found.id or found.slug for found in chosen(schema, self._select)}
        objects = {id_part(found.raw.get("id"), "object_id") for found in schema.attributes.values()}
        selected = None if self._select is None else sorted(watched.values())
        subject = msgspec.json.encode([identity.workspace_id, sorted(objects), selected]).decode()
        sweep = await self._opened.begin(subject, watched.values(), quiet_first=self._baseline)
        return _Walk(sweep, watched, self._rows.scan(page_size=MAX_PAGE_SIZE, resume=sweep.token))

    async def _scan(self, walk: _Walk) -> _Walk:
        page: list[Record] = []
        async for record in walk.scan:
            page.append(record)
            if len(page) == MAX_PAGE_SIZE:
                break
        if page:
            await self._take(walk, page, walk.scan.token)
            return walk
        await self._opened.enter("deleting")
        return attrs.evolve(walk, sweep=attrs.evolve(walk.sweep, phase="deleting"))

    async def _look_for_the_rest(self, walk: _Walk) -> _Walk | None:
        """Ask for records that did not come up by their ids: what is not found so either is gone."""
        ids = await self._opened.unseen(walk.sweep, walk.after, _DOUBTFUL)
        if not ids:
            await self._opened.enter("none")
            return None
        found = await self._rows.get_many(ids)
        await self._take(walk, found.records, None)
        await self._opened.drop(walk.sweep, found.missing, at=self._now())
        return attrs.evolve(walk, after=ids[-1])

    async def _take(self, walk: _Walk, page: Iterable[Record], token: str | None) -> None:
        images = (image_of(record, walk.watched) for record in page)
        await self._opened.take(walk.sweep, images, at=self._now(), token=token)

    def _now(self) -> float:
        return self._rows.session.pipeline.clock.time()
