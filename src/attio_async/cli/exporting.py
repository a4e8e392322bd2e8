"""Every record of an object as JSONL or CSV, streamed."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO

import attrs

from .asking import selected
from .cells import guard, to_cell, to_json
from .progress import show_progress
from .workspace import find_object, refused_if_failing

if TYPE_CHECKING:
    from ..client import Attio
    from ..query import Filter
    from ..records import Record
    from ..schema import Attribute

__all__ = ["ExportResult", "plain_record", "run_export"]

Format = Literal["jsonl", "csv"]


@attrs.frozen(kw_only=True)
class ExportResult:
    """What was written, and what it took."""

    object: str
    records: int
    requests: int
    rate_limited: int
    seconds: float


async def run_export(
    attio: "Attio",
    name: str,
    file: IO[bytes],
    *,
    format: Format,
    separator: str,
    stream: TextIO,
    filter: "Filter | None" = None,
    select: str | None = None,
) -> ExportResult:
    """Write the records of an object to `file`, each once whatever others write meanwhile; progress to `stream`.

    Args:
        attio: The workspace.
        name: The object's slug or id.
        file: Where to write.
        format: One JSON object per line, or one row.
        separator: What stands between several values in one CSV cell.
        stream: Where to say how far it is.
        filter: Which records; all when there is none.
        select: Slugs or titles of the attributes to write, separated by commas; those in use when not given.

    Raises:
        Refusal: There is no such object or attribute, or the filter cannot work. Nothing was written.
        AttioError: Reading failed; what was written so far is not all.
    """
    target, _ = await find_object(attio, name)
    records = attio.records(target.api_slug)
    clock, before, count = attio.options.clock, attio.limiter.stats(), 0
    started = clock.monotonic()
    with refused_if_failing():
        attributes = selected(await records.schema(), select)
        found = records.scan(filter)
        record = await anext(found, None)
    write = _csv_writer(file, attributes, separator) if format == "csv" else _jsonl_writer(file, attributes)
    with show_progress(stream, clock, f"{target.api_slug} exported") as progress:
        while record is not None:
            write(record)
            count += 1
            progress.advance()
            record = await anext(found, None)
    now = attio.limiter.stats()
    return ExportResult(
        object=target.api_slug,
        records=count,
        requests=now.requests - before.requests,
        rate_limited=now.rate_limited - before.rate_limited,
        seconds=clock.monotonic() - started,
    )


def plain_record(record: "Record", attributes: Sequence["Attribute"]) -> dict[str, Any]:
    """The record's id and every attribute, as JSON data."""
    return {"record_id": record.id} | {found.slug: to_json(_native(record, found)) for found in attributes}


def _native(record: "Record", attribute: "Attribute") -> object:
    return record.all(attribute.slug) if attribute.is_multiselect else record.first(attribute.slug)


def _jsonl_writer(file: IO[bytes], attributes: Sequence["Attribute"]) -> "Callable[[Record], None]":
    def write(record: "Record") -> None:
        file.write(json.dumps(plain_record(record, attributes), ensure_ascii=False).encode() + b"\n")

    return write


def _csv_writer(
    file: IO[bytes], attributes: Sequence["Attribute"], separator: str
) -> "Callable[[Record], None]":
    def put(cells: Sequence[str]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerow(map(guard, cells))
        file.write(text.getvalue().encode())

    def write(record: "Record") -> None:
        put([record.id, *(to_cell(_native(record, found), separator) for found in attributes)])

    put(["record_id", *(found.slug for found in attributes)])
    return write
