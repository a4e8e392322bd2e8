"""Every record of an object as JSONL or CSV, streamed."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal, TextIO

import attrs

from .cells import guard, to_cell, to_json
from .progress import show_progress
from .workspace import find_object, refused_if_failing

if TYPE_CHECKING:
    from ..client import Attio
    from ..records import Record
    from ..schema import Attribute

__all__ = ["ExportResult", "plain_record", "run_export"]

Format = Literal["jsonl", "csv"]

_BY_AGE = ({"attribute": "created_at", "direction": "asc"},)
"""Pages are cut by number: in this order, records made meanwhile come last and push no other off its page."""


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
) -> ExportResult:
    """Write every record of an object to `file`; progress goes to `stream`.

    Raises:
        Refusal: There is no such object. Nothing was written.
        AttioError: Reading failed; what was written so far is not all.
    """
    target, _ = await find_object(attio, name)
    with refused_if_failing():
        schema = await attio.schema(target.api_slug)
    attributes = [
        found for found in schema.attributes.values() if not found.is_archived and found.slug != "record_id"
    ]
    write = _csv_writer(file, attributes, separator) if format == "csv" else _jsonl_writer(file, attributes)
    clock, before, count = attio.options.clock, attio.limiter.stats(), 0
    started = clock.monotonic()
    with show_progress(stream, clock, f"{target.api_slug} exported") as progress:
        async for record in attio.records(target.api_slug).query(sorts=_BY_AGE):
            write(record)
            count += 1
            progress.advance()
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
