"""Writing every record of an object to a file: each once whatever others write meanwhile, and whole or not at all."""

import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import anyio
import attrs
import msgspec

from ..._limits.gate import priority
from ..._records.models import Record
from ..._schema import Attribute, ObjectSchema
from ..._storage.files import resolve_target
from ..._utils.concurrency import alongside
from ..._workspace.arguments import as_list
from ..._workspace.filters import AnyFilter, compiled
from ..._workspace.rows import MAX_PAGE_SIZE, Rows
from ..._workspace.scan import Scan
from ...errors import ConfigurationError
from .formats import (
    Assembling,
    Encoder,
    Format,
    FormatName,
    format_of,
)
from .partial_file import (
    FreshPart,
    KeptPart,
    Mark,
    Part,
    StreamPart,
)

Target = str | os.PathLike[str] | IO[bytes]


@attrs.frozen(kw_only=True)
class ExportResult:
    """What was written, and what it took.

    Attributes:
        object: The slug or id of the object.
        records: How many records the file holds.
        resumed: How many of them were there already, from an export that had been interrupted.
        requests: Requests that this client sent meanwhile, repeats included.
        rate_limited: How many of them were refused for the rate, and repeated.
        seconds: How long it took.
    """

    object: str
    records: int
    resumed: int
    requests: int
    rate_limited: int
    seconds: float


def chosen(schema: ObjectSchema, select: Iterable[str] | None) -> list[Attribute]:
    """The attributes of these slugs, titles or ids, in that order; without any, all that are in use.

    The record's id, which always comes along, is not among them.

    Raises:
        UnknownName: There is no such attribute.
    """
    if select is None:
        found = [attribute for attribute in schema.attributes.values() if not attribute.is_archived]
    else:
        found = [schema.find(name) for name in select]
    return [each for each in {each.slug: each for each in found}.values() if each.slug != "record_id"]


async def export(
    rows: Rows[Record],
    target: Target,
    *,
    format: FormatName | Format | None,
    filter: AnyFilter | None,
    select: Iterable[str] | None,
    resume: bool,
    on_progress: Callable[[int], None] | None,
) -> ExportResult:
    """See `Records.export`."""
    if select is not None:
        select = as_list(select, "select")
    pipeline = rows.session.pipeline
    before, started = pipeline.limiter.stats(), pipeline.clock.monotonic()
    style = format_of(format, target)
    style.encoder(())  # so that a library that is missing is told of first
    if isinstance(target, str | os.PathLike):
        resolve_target(Path(target))
    attributes = chosen(await rows.schema(), select)
    encoder = style.encoder(attributes)
    condition = (await compiled(rows.schemas, rows.name, filter)).body.get("filter")
    told = _told(rows.name, condition, attributes, style)
    with priority("bulk"):
        job = _Export(
            encoder,
            part=await _blocking(_part, target, encoder, told if resume else None),
            scan=lambda token: rows.scan(condition, page_size=MAX_PAGE_SIZE, resume=token),
            on_progress=on_progress,
        )
        resumed, written = await job.run()
    now = pipeline.limiter.stats()
    return ExportResult(
        object=rows.name,
        records=written,
        resumed=resumed,
        requests=now.requests - before.requests,
        rate_limited=now.rate_limited - before.rate_limited,
        seconds=pipeline.clock.monotonic() - started,
    )


def _told(name: str, condition: Any, attributes: Sequence[Attribute], style: Format) -> str:
    """What tells this export from others that go to the same file."""
    columns = [(each.slug, each.id, each.type, each.is_multiselect) for each in attributes]
    return msgspec.json.encode(
        [name, condition, columns, type(style).__name__, attrs.asdict(style)], order="deterministic"
    ).decode()


def _part(target: Target, encoder: Encoder, told: str | None) -> Part:
    path = Path(target) if isinstance(target, str | os.PathLike) else None
    if path is None and told is not None:
        raise ConfigurationError("only a file that is given by its path can be resumed")
    if path is None and isinstance(encoder, Assembling):
        raise ConfigurationError("Parquet needs a file of its own: give a path")
    try:
        if path is None:
            part: Part = StreamPart(target)  # type: ignore[arg-type]  # what is no path is open
        else:
            part = FreshPart(path) if told is None else KeptPart(path, told)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
    return part


class _Export:
    """One export: while a page is written, the next is asked for."""

    def __init__(
        self,
        encoder: Encoder,
        *,
        part: Part,
        scan: Callable[[str | None], Scan[Record]],
        on_progress: Callable[[int], None] | None,
    ) -> None:
        self._encoder = encoder
        self._part = part
        self._scan = scan(part.mark.token)
        self._on_progress = on_progress
        self._read = part.mark.records
        self._head = b"" if part.mark.records else encoder.head()

    async def run(self) -> tuple[int, int]:
        """How many records were there, and are there now."""
        resumed = self._read
        try:
            await self._pages()
            assemble = self._encoder.assemble if isinstance(self._encoder, Assembling) else None
            await _blocking(self._part.complete, assemble)
        finally:
            with anyio.CancelScope(shield=True):
                await _blocking(self._part.abandon)
        return resumed, self._read

    async def _pages(self) -> None:
        page, mark = await self._next()
        while page:
            (next_page, next_mark), _ = await alongside(self._next, partial(self._write, page, mark))
            page, mark = next_page, next_mark
        if self._head:  # there are no records
            await _blocking(self._part.append, self._head, Mark())

    async def _next(self) -> tuple[list[Record], Mark]:
        page: list[Record] = []
        async for record in self._scan:
            page.append(record)
            if len(page) == MAX_PAGE_SIZE:
                break
        self._read += len(page)
        return page, Mark(self._read, self._scan.token)

    async def _write(self, page: Sequence[Record], mark: Mark) -> None:
        head, self._head = self._head, b""
        await _blocking(lambda: self._part.append(head + self._encoder.rows(page), mark))
        if self._on_progress is not None:
            self._on_progress(mark.records)


async def _blocking(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do what blocks in a thread of its own."""
    return await anyio.to_thread.run_sync(work, *arguments)
