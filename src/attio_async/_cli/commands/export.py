"""Every record of an object into a file: from what was asked for on the command line to what the library does."""

from pathlib import Path
from typing import IO, TYPE_CHECKING, TextIO

from ...bulk._export.export import ExportResult
from ...bulk._export.formats import (
    Csv,
    Format,
    FormatName,
    format_of,
)
from ...errors import AttioError
from ..errors import Refusal
from ..expressions import selected
from ..progress import ProgressDisplay, show_progress
from ..workspace import find_object, refused_if_failing

if TYPE_CHECKING:
    from ..._client import Attio
    from ...query import Filter


async def run_export(
    attio: "Attio",
    name: str,
    target: Path | IO[bytes],
    *,
    format: FormatName,
    separator: str,
    stream: TextIO,
    filter: "Filter | None" = None,
    select: str | None = None,
    resume: bool = False,
) -> ExportResult:
    """Write the records of an object to `target`, each once whatever others write meanwhile; progress to `stream`.

    Args:
        attio: The workspace.
        name: The object's slug or id.
        target: Where to write.
        format: One JSON object per line, one row, or typed columns.
        separator: What stands between several values in one CSV cell.
        stream: Where to say how far it is.
        filter: Which records; all when there is none.
        select: Slugs or titles of the attributes to write, separated by commas; those in use when not given.
        resume: Whether to go on where an earlier export stopped, and to keep what is there if this one stops.

    Raises:
        Refusal: There is no such object or attribute, or the filter cannot work. Nothing was written.
        AttioError: Reading failed; what was written so far is not all.
    """
    found, _ = await find_object(attio, name)
    records = attio.records(found.api_slug)
    with refused_if_failing():
        attributes = selected(await records.schema(), select)
    with show_progress(stream, attio.settings.clock, f"{found.api_slug} exported") as progress:
        shown = _Shown(progress)
        try:
            return await records.export(
                target,
                format=_style(format, separator),
                filter=filter,
                select=[attribute.slug for attribute in attributes],
                resume=resume,
                on_progress=shown.advance_to,
            )
        except AttioError as error:
            if shown.records:
                raise
            raise Refusal(str(error)) from error


def _style(format: FormatName, separator: str) -> Format:
    return Csv(separator) if format == "csv" else format_of(format, None)


class _Shown:
    """What the progress has been told."""

    def __init__(self, progress: ProgressDisplay) -> None:
        self.records = 0
        self._progress = progress

    def advance_to(self, records: int) -> None:
        for _ in range(records - self.records):
            self._progress.advance()
        self.records = records
