"""Write all records of an object, or entries of a list, to a file: each exactly once, and the file whole or not at all."""

import inspect
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import attrs
import msgspec

from attio_async_api.json_data import JsonData

from ..._limits.gate import priority
from ..._records.models import AttributeMapping, Entry, Record
from ..._schema import Attribute, owner_ids
from ..._storage.executor import SerialExecutor
from ..._storage.files import resolve_target
from ..._utils.checks import check_count
from ..._utils.public import public
from ..._utils.text import show
from ..._workspace.arguments import as_list
from ..._workspace.filters import AnyFilter
from ..._workspace.rows import MAX_PAGE_SIZE, Rows
from ..._workspace.scan import Scan
from ...errors import ConfigurationError, DecodeError
from .._write.options import Progress, ProgressChoice, progress_function
from .._write.report import RunMeter
from .formats import AssemblingEncoder, Encoder, Format, FormatName, choose_format
from .partial_file import ExportPosition, FreshPart, KeptPart, Part, StreamPart
from .rows import ENTRY_KEYS, RECORD_KEYS, select_attributes

ExportTarget = str | os.PathLike[str] | IO[bytes]


@public
@attrs.frozen(kw_only=True)
class ExportResult(JsonData):
    """The result of an export.

    Attributes:
        object: The slug or id of the object or list.
        records: The number of records or entries in the file.
        resumed: The number of those that an interrupted export had written before.
        requests: Requests that this client sent meanwhile, retries included.
        rate_limited: The number of these requests that were rate-limited, and retried.
        seconds: The duration.
    """

    object: str
    records: int
    resumed: int
    requests: int
    rate_limited: int
    seconds: float


async def export(
    rows: Rows[Record | Entry],
    target: ExportTarget,
    *,
    format: FormatName | Format | None,
    filter: AnyFilter | None,
    view: object,
    select: Iterable[str] | None,
    resume: bool,
    parallel: int,
    ordered: bool,
    progress: ProgressChoice,
) -> ExportResult:
    """See `Records.export`."""
    meter = RunMeter(rows.session.pipeline)
    chosen_format = choose_format(format, target)
    check_count(1, parallel=parallel)
    keys = ENTRY_KEYS if rows.kind.target == "lists" else RECORD_KEYS
    chosen_format.encoder(())  # so that a missing library is reported first
    if isinstance(target, str | os.PathLike):
        resolve_target(Path(target))
    elif not hasattr(target, "write"):
        raise ConfigurationError(f"target must be a path or an open file, not {show(target)}")
    elif hasattr(target, "encoding"):
        raise ConfigurationError(
            "target is a file that is open for text; open it for bytes, with the mode wb"
        )
    if not isinstance(progress, bool) and not callable(progress):
        raise ConfigurationError(f"progress must be True or a function, not {show(progress)}")
    slugs = None if select is None else as_list(select, "select")
    attributes = select_attributes(await rows.schema(), slugs)
    conditions = await rows.conditions(filter, view=view)
    encoder = chosen_format.encoder(attributes, keys)
    identity = _identity(rows.name, conditions, attributes, chosen_format)
    executor = SerialExecutor()
    with priority("bulk"):
        part = await executor.run(partial(_open, target, encoder, identity if resume else None))
        try:
            scan = rows.scan(
                conditions.get("filter"),
                view=conditions.get("filter_view_id"),
                page_size=MAX_PAGE_SIZE,
                resume=part.position.token,
                parallel=parallel,
                ordered=ordered,
            )
            run = _Export(encoder, part, scan, executor, on_progress=progress_function(progress), meter=meter)
            resumed, written = await run.run()
        finally:
            await executor.finish(part.abandon)
    return ExportResult(object=rows.name, records=written, resumed=resumed, **meter.totals())


def _identity(
    name: str, conditions: Mapping[str, Any], attributes: Sequence[Attribute], format: Format
) -> str:
    """Return what tells this export from others to the same file, as a JSON object."""
    return msgspec.json.encode(
        {
            **owner_ids(attributes),
            "object or list": name,
            "filter": conditions,
            "choice of attributes": [
                (each.slug, each.id, each.type, each.is_multiselect) for each in attributes
            ],
            "format": [type(format).__name__, attrs.asdict(format)],
        },
        order="deterministic",
    ).decode()


def _open(target: ExportTarget, encoder: Encoder, identity: str | None) -> Part:
    path = Path(target) if isinstance(target, str | os.PathLike) else None
    if path is None and identity is not None:
        raise ConfigurationError("an export to an open file cannot be resumed; give a path")
    if path is None and isinstance(encoder, AssemblingEncoder):
        raise ConfigurationError("Parquet needs a file of its own; give a path")
    try:
        if path is None:
            part: Part = StreamPart(target)  # type: ignore[arg-type]  # what is not a path is an open file
        else:
            part = FreshPart(path) if identity is None else KeptPart(path, identity)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
    return part


class _Export:
    """One export. The next pages are read while a page is written."""

    def __init__(
        self,
        encoder: Encoder,
        part: Part,
        scan: Scan[Any],
        executor: SerialExecutor,
        *,
        on_progress: Callable[[Progress], Awaitable[object] | None] | None,
        meter: RunMeter,
    ) -> None:
        self._encoder = encoder
        self._part = part
        self._scan = scan
        self._executor = executor
        self._on_progress = on_progress
        self._meter = meter
        self._read = self._resumed = part.position.records
        self._head = b"" if part.position.records else encoder.head()

    async def run(self) -> tuple[int, int]:
        """Write the file and return how many records were written before, and are in it now."""
        await self._write_pages()
        assemble = self._encoder.assemble if isinstance(self._encoder, AssemblingEncoder) else None
        await self._executor.run(partial(self._part.complete, assemble))
        return self._resumed, self._read

    async def _write_pages(self) -> None:
        async with self._scan as scan:
            async for page in scan.pages():
                self._read += len(page)
                await self._write(page, ExportPosition(self._read, scan.token))
        if self._head:  # there are no records
            await self._executor.run(partial(self._part.append, self._head, ExportPosition()))

    def _encoded(self, page: Sequence[AttributeMapping]) -> bytes:
        try:
            return self._encoder.rows(page)
        except RecursionError:
            raise DecodeError("a record has a value that is nested too deeply to be exported") from None

    async def _write(self, page: Sequence[AttributeMapping], position: ExportPosition) -> None:
        head, self._head = self._head, b""
        await self._executor.run(lambda: self._part.append(head + self._encoded(page), position))
        if self._on_progress is not None:
            result = self._on_progress(self._progress(position.records))
            if inspect.isawaitable(result):
                await result

    def _progress(self, done: int) -> Progress:
        seconds = self._meter.seconds
        rate = (done - self._resumed) / seconds if seconds else 0.0
        return Progress(done=done, failed=0, total=None, seconds=seconds, rate=rate, waited=0.0)
