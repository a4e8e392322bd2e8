"""Rows of CSV and JSONL files, each with the line it starts on.

A file is read twice: `scan` reads every byte before anything is written, so that an unreadable file stops the import at
the start and not in the middle; iterating over the `ImportTable` that it returns then yields the rows, with one in
memory at a time.
"""

import codecs
import csv
import re
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast

import attrs

from ..._utils.json import parse_json
from ..._utils.text import folded
from ..errors import Refusal

_DELIMITERS = (",", ";", "\t")

_SAMPLE_LINES = 200

_JSONL_ENDINGS = frozenset({".jsonl", ".ndjson", ".json"})

# A lone carriage return ends a line too: spreadsheets on old systems wrote nothing else.
_PHYSICAL_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")

_FOREIGN_FORMATS = {
    b"PK\x03\x04": "is a spreadsheet or an archive, not text; export it as CSV (UTF-8) first",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet, not text; export it as CSV (UTF-8) first",
    codecs.BOM_UTF16_LE: "is UTF-16, not UTF-8; save it as CSV (UTF-8) first",
    codecs.BOM_UTF16_BE: "is UTF-16, not UTF-8; save it as CSV (UTF-8) first",
}


@attrs.frozen
class Line:
    """One row: the line it starts on, and its cells by column or the reason why it cannot be read."""

    number: int
    cells: Mapping[str, object] = attrs.field(factory=dict[str, object])
    problem: str | None = None


@attrs.frozen
class TableSource:
    """A seekable file of bytes, and its name in messages."""

    name: str
    file: IO[bytes]


@attrs.frozen
class ImportTable:
    """A scanned file: its columns and number of rows. Iterating reads the rows, as often as wanted."""

    source: TableSource
    columns: tuple[str, ...]
    count: int
    delimiter: str | None
    """The text between the cells of a CSV file; None for JSONL."""

    def __iter__(self) -> Iterator[Line]:
        if self.delimiter is None:
            return _jsonl_lines(self.source)
        return _csv_lines(self.source, self.delimiter)


@contextmanager
def open_source(path: str) -> Generator[TableSource]:
    """Open the file at `path`, or standard input for `-`, ready to be read twice.

    A stream that cannot be rewound is copied to a temporary file that nobody else can open.

    Raises:
        Refusal: The file cannot be read.
    """
    if path == "-":
        with _spooled(sys.stdin.buffer) as spooled:
            yield TableSource("standard input", spooled)
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror or error}") from error
    with file:
        if file.seekable():
            yield TableSource(path, file)
            return
        with _spooled(file) as spooled:
            yield TableSource(path, spooled)


@contextmanager
def _spooled(stream: IO[bytes]) -> Generator[IO[bytes]]:
    with tempfile.TemporaryFile() as spool:
        shutil.copyfileobj(stream, spool)
        yield spool


def scan(source: TableSource) -> ImportTable:
    """Read all of a file and return its columns and number of rows.

    Raises:
        Refusal: The file is empty, not UTF-8, neither CSV nor JSONL, repeats a column, has values outside of columns,
            or has a quote that is never closed.
    """
    head = _head(source)
    if Path(source.name).suffix.lower() in _JSONL_ENDINGS or head.startswith(b"{"):
        if head.startswith(b"["):
            raise Refusal(f"{source.name} holds a JSON array; write one JSON object per line (JSONL) instead")
        return _scan_jsonl(source)
    return _scan_csv(source)


def _head(source: TableSource) -> bytes:
    """Return the start of the file without its byte order mark and leading blanks."""
    try:
        source.file.seek(0)
        head = source.file.read(4096)
    except OSError as error:
        raise Refusal(f"{source.name} cannot be read: {error.strerror or error}") from error
    for magic, explanation in _FOREIGN_FORMATS.items():
        if head.startswith(magic):
            raise Refusal(f"{source.name} {explanation}")
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


def _scan_csv(source: TableSource) -> ImportTable:
    delimiter = detect_delimiter(list(islice(_text_lines(source), _SAMPLE_LINES)))
    records = _csv_records(source, delimiter)
    header = next(records, None)
    if header is None:
        raise Refusal(f"{source.name} is empty")
    if header.problem:
        raise Refusal(f"{source.name}: line {header.number}, the header, {header.problem}")
    names = [name.strip() for name in header.cells]
    _refuse_repeated(source, names)
    nameless = [position for position, name in enumerate(names) if not name]
    count = 0
    for record in records:
        count += 1
        for position in nameless:
            if position < len(record.cells) and record.cells[position].strip():
                where = f"column {position + 1} has no name, but a value in line {record.number}"
                raise Refusal(f"{source.name}: {where}; name it in the header")
    return ImportTable(source, tuple(filter(None, names)), count, delimiter)


def _refuse_repeated(source: TableSource, names: list[str]) -> None:
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        first = places.setdefault(folded(name), place)
        if name and first != place:
            raise Refusal(
                f"{source.name}: columns {first} and {place} are both called {name!r}; rename one of them"
            )


def _scan_jsonl(source: TableSource) -> ImportTable:
    columns: dict[str, None] = {}
    count = 0
    for line in _jsonl_lines(source):
        count += 1
        columns.update(dict.fromkeys(line.cells))
    if not count:
        raise Refusal(f"{source.name} is empty")
    return ImportTable(source, tuple(columns), count, None)


def detect_delimiter(lines: Iterable[str]) -> str:
    """Return the comma, semicolon or tab that splits most of these lines into as many cells as the first.

    A single column has no delimiter; then it is the comma.
    """
    text = list(lines)

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for cells in csv.reader(text, delimiter=delimiter) if cells]
        except csv.Error:  # reading the rows says where and why
            return 0.0, 0
        if not widths or widths[0] < 2:  # noqa: PLR2004 - one cell means that the delimiter is not there
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    return max(_DELIMITERS, key=score)


class _Record(NamedTuple):
    number: int
    cells: list[str]
    problem: str | None = None


def _csv_lines(source: TableSource, delimiter: str) -> Iterator[Line]:
    records = _csv_records(source, delimiter)
    header = next(records)
    names = [name.strip() for name in header.cells]
    for number, cells, problem in records:
        if problem is not None:
            yield Line(number, problem=problem)
        elif len(cells) != len(names):
            yield Line(number, problem=f"has {len(cells)} cells where the header has {len(names)}")
        else:
            yield Line(number, {name: cell for name, cell in zip(names, cells, strict=True) if name})


def _csv_records(source: TableSource, delimiter: str) -> Iterator[_Record]:
    """Yield every record with the line it starts on. Lines of delimiters and blanks alone are left out."""
    lines = _Lines(_text_lines(source))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if lines.exhausted or reader.line_num > start:
                raise Refusal(
                    f"{source.name}: the quote that opens on line {start} is not closed in its place ({error}), so the"
                    " start of the next row is unclear; inside quotes, write a quote twice"
                ) from error
            yield _Record(start, [], f"is not valid CSV: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield _Record(start, cells)


class _Lines:
    """Lines, and whether all of them were read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        yield from self._lines
        self.exhausted = True


def _jsonl_lines(source: TableSource) -> Iterator[Line]:
    for number, text in enumerate(_text_lines(source), start=1):
        if not text.strip():
            continue
        try:
            value = parse_json(text, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            yield Line(number, problem=f"is not a JSON object: {error}")
            continue
        if isinstance(value, dict):
            yield Line(number, cast("dict[str, object]", value))
        else:
            yield Line(number, problem=f"is not a JSON object but {_kind(value)}")


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "a number"


def _text_lines(source: TableSource) -> Iterator[str]:
    source.file.seek(0)
    for number, line in enumerate(source.file, start=1):
        raw = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            before = raw[max(0, error.start - 20) : error.start].decode(errors="replace")
            raise Refusal(
                f"{source.name}: line {number} is not UTF-8: byte 0x{raw[error.start]:02x} after {before!r};"
                " save the file as UTF-8 (spreadsheets call it 'CSV UTF-8')"
            ) from error
        if "\0" in text:
            raise Refusal(f"{source.name}: line {number} has a null character, so this is not a text file")
        yield from _PHYSICAL_LINE.findall(text)
