"""Rows of files, each with the line it starts on: text in any usual encoding, spreadsheets and Parquet.

A file is read twice: opening it reads every byte before anything is written, so that an unreadable file stops an import
at the start and not in the middle; iterating over the `ImportTable` then yields the rows, with one in memory at a time.
"""

import codecs
import csv
import io
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import IO, Literal, NamedTuple, cast, get_args

import attrs

from ..._storage.files import naming_file, open_to_read
from ..._utils.checks import check_choice, check_count
from ..._utils.json import iter_json_array, parse_json
from ..._utils.public import public
from ..._utils.text import folded
from ...errors import ConfigurationError
from .sheets import parquet_rows, pick_sheet

FileFormat = Literal["csv", "jsonl", "json", "xlsx", "parquet"]
"""The forms of files; "csv" has any delimiter, "json" is an array, and "xlsx" is any spreadsheet."""

_DELIMITERS = (",", ";", "\t", "|")
_DELIMITER_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_SEP_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_SAMPLE_LINES = 200
_MAX_CELL_LENGTH = 2**31 - 1

_FORMAT_OF_ENDING: Mapping[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xlsb": "xlsx",
    ".xls": "xlsx",
    ".ods": "xlsx",
}
_FORMAT_OF_START: Mapping[bytes, FileFormat] = {
    b"PK\x03\x04": "xlsx",
    b"\xd0\xcf\x11\xe0": "xlsx",
    b"PAR1": "parquet",
}
_ENCODING_OF_MARK = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
}
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_WORD_OF_OTHER_SCRIPT = re.compile(rb"[\xc0-\xff]{4}")
_CONTINUATIONS = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0)) + "\x80-\x9f"
_MISREAD = re.compile(
    rf"[\xc2\xc3][{re.escape(_CONTINUATIONS)}]|\xe2[\u20ac\x80][{re.escape(_CONTINUATIONS)}]"
)
"""Characters of the languages of western Europe in UTF-8, read as Windows-1252 or Latin-1."""
_WORD = re.compile(r'[^ \t\r\n,;|"]+')
_CHUNK_BYTES = 1 << 20
_ERROR_CHUNK_BYTES = 1 << 16
_MAX_EXPONENT = 1_000


@public
@attrs.frozen
class ImportLine:
    """One row: the line it is at, and its cells by column, or the reason why it cannot be read.

    The line of one of several files is a text such as "b.csv:3".
    """

    number: int | str
    cells: Mapping[str, object] = attrs.field(factory=dict[str, object])
    problem: str | None = None


@attrs.frozen
class TableSource:
    """A seekable file of bytes, and its name in messages."""

    name: str
    file: IO[bytes]


@public
@attrs.frozen
class ImportTable:
    """A file that was read once: its columns and number of rows. Iterating reads the rows, as often as wanted.

    Attributes:
        name: The file in messages.
        format: The form of the file.
        columns: The columns, without those that have neither a name nor a value.
        count: The number of rows.
        encoding: The encoding of a text file; None for others.
        delimiter: The text between the cells of a CSV file; None for others.
        guess: The encoding that was taken without certainty, as a sentence; None if it is certain.
        misread: The first line whose text looks like UTF-8 that was read in another encoding, as a sentence; None
            without one. The text is taken as it is.
    """

    name: str
    format: FileFormat
    columns: tuple[str, ...]
    count: int
    encoding: str | None = None
    delimiter: str | None = None
    guess: str | None = None
    misread: str | None = None
    _rows: Callable[[], Iterator[ImportLine]] = attrs.field(alias="rows", repr=False, eq=False, kw_only=True)

    @property
    def has_cells(self) -> bool:
        """True if several values stand in one cell, as in a spreadsheet; JSON and Parquet have lists."""
        return self.format in {"csv", "xlsx"}

    @property
    def is_export(self) -> bool:
        """True if `export` wrote the file: it begins with the id of each record or entry."""
        return self.columns[:1] in {("record_id",), ("entry_id",)}

    def __iter__(self) -> Iterator[ImportLine]:
        return self._rows()

    def __str__(self) -> str:
        details = [self.format.upper() if self.format != "xlsx" else "spreadsheet"]
        if self.delimiter is not None:
            details.append(_DELIMITER_NAMES.get(self.delimiter, repr(self.delimiter)))
        if self.encoding is not None:
            details.append(_ENCODING_NAMES.get(self.encoding, self.encoding))
        return f"{self.name} ({', '.join(details)})"


@public
@attrs.frozen(kw_only=True)
class ImportReader:
    """Reads files of rows: CSV with any delimiter, JSONL, JSON arrays, spreadsheets and Parquet.

    Whatever is not given is found out. An encoding that the file does not state for certain is told in
    `ImportTable.guess`. Spreadsheets need the extra `xlsx`, and Parquet the extra `parquet`::

        with ImportReader(encoding="cp1252").open("people.csv") as table:
            print(table.columns, table.count)

    Attributes:
        format: The form of the file.
        encoding: The encoding of a text file, by any name that Python knows.
        delimiter: The character between the cells of a CSV file.
        sheet: The sheet of a spreadsheet; needed where several have rows.
        skip_lines: Lines, or rows of a sheet, before the header, such as a title.
    """

    format: FileFormat | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    skip_lines: int = 0

    def __attrs_post_init__(self) -> None:
        if self.format is not None:
            check_choice("format", self.format, get_args(FileFormat))
        if self.delimiter is not None and (
            not isinstance(cast("object", self.delimiter), str)
            or len(self.delimiter) != 1
            or self.delimiter in '"\r\n'
        ):
            raise ConfigurationError(f"delimiter must be one character, not {self.delimiter!r}")
        if self.encoding is not None:
            try:
                bytes(4).decode(self.encoding, "replace")  # which finds text encodings alone
            except (LookupError, ValueError, TypeError):
                raise ConfigurationError(
                    f"unknown encoding {self.encoding!r}; give one such as 'utf-8' or 'cp1252'"
                ) from None
        check_count(0, skip_lines=self.skip_lines)

    @contextmanager
    def open(self, path: str | os.PathLike[str]) -> Generator[ImportTable]:
        """Open the file at `path`, or standard input for "-", and read it once.

        A stream that cannot be rewound is copied to a temporary file that nobody else can open.

        Raises:
            ConfigurationError: The file cannot be read, or not as a table.
        """
        with open_source(os.fspath(path)) as source:
            yield self.read(source.file, name=source.name)

    def read(self, file: IO[bytes], *, name: str = "rows") -> ImportTable:
        """Read a seekable file of bytes once; it has to stay open while the rows are used.

        Raises:
            ConfigurationError: The file cannot be read as a table: it is empty, repeats a column, has values outside of
                columns, or a quote that is never closed.
        """
        source = TableSource(name, file)
        head = _head(source)
        if not head.strip():
            raise ConfigurationError(f"{name} is empty")
        match self.format or _format(name, head):
            case "xlsx":
                rows = pick_sheet(file, name, self.sheet)
                return self._with_header(
                    "xlsx", name, lambda: (row for row in rows() if row.number > self.skip_lines)
                )
            case "parquet":
                columns, parquet = parquet_rows(file, name)
                return self._of_objects("parquet", name, lambda: _counted(parquet()), columns=columns)
            case "json" | "jsonl":
                return self._json(source, self._encoding(source, head))
            case _:
                return self._csv(source, self._encoding(source, head))

    def _encoding(self, source: TableSource, head: bytes) -> "_Encoding":
        if self.encoding is not None:
            mark = codecs.BOM_UTF8 if head.startswith(codecs.BOM_UTF8) else b""
            return _Encoding(self.encoding, start=len(mark))
        return _detect_encoding(source, head)

    def _json(self, source: TableSource, encoding: "_Encoding") -> ImportTable:
        start = next((text.lstrip() for text in _text_chunks(source, encoding) if text.strip()), "")
        if start.startswith("[") and self.format != "jsonl":
            return self._of_objects(
                "json", source.name, lambda: _json_array(source, encoding), encoding=encoding
            )
        return self._of_objects(
            "jsonl", source.name, lambda: _jsonl_lines(source, encoding), encoding=encoding
        )

    def _of_objects(
        self,
        format: FileFormat,
        name: str,
        rows: Callable[[], Iterator[ImportLine]],
        *,
        columns: Iterable[str] = (),
        encoding: "_Encoding | None" = None,
    ) -> ImportTable:
        found = dict.fromkeys(columns)
        count, misread = 0, _MisreadText(name)
        problem = ""
        for line in rows():
            count += 1
            found.update(dict.fromkeys(line.cells))
            misread.look(line.number, (*line.cells, *line.cells.values()))
            problem = problem or (f"line {line.number} {line.problem}" if line.problem else "")
        if problem and not found:
            raise ConfigurationError(f"{name}: {problem}, and no line can be read")
        if not count and not found:
            raise ConfigurationError(f"{name} is empty")
        named = ("", None) if encoding is None else (encoding.name, encoding.guess)
        return ImportTable(
            name,
            format,
            tuple(found),
            count,
            encoding=named[0] or None,
            guess=named[1],
            misread=misread.sentence,
            rows=rows,
        )

    def _csv(self, source: TableSource, encoding: "_Encoding") -> ImportTable:
        csv.field_size_limit(max(csv.field_size_limit(), _MAX_CELL_LENGTH))
        lines = list(islice(_text_lines(source, encoding), self.skip_lines, self.skip_lines + _SAMPLE_LINES))
        stated = _SEP_LINE.fullmatch(lines[0]) if lines else None
        skipped = self.skip_lines + (stated is not None)
        found = detect_delimiter(lines[1:] if stated else lines)
        delimiter = self.delimiter or (stated[1] if stated else found)

        def records() -> Iterator[_Record]:
            return _csv_records(source, encoding, delimiter, skipped)

        table = self._with_header("csv", source.name, records)
        return attrs.evolve(table, encoding=encoding.name, delimiter=delimiter, guess=encoding.guess)

    @staticmethod
    def _with_header(
        format: FileFormat, name: str, records: Callable[[], "Iterator[_Record]"]
    ) -> ImportTable:
        """Return the table of records whose first has the names of the columns."""
        every = records()
        header = next(every, None)
        if header is None:
            raise ConfigurationError(f"{name} is empty")
        if header.problem:
            raise ConfigurationError(f"{name}: line {header.number}, the header, {header.problem}")
        names = _told_apart("" if cell is None else str(cell).strip() for cell in header.cells)
        nameless = [position for position, column in enumerate(names) if not column]
        count, misread = 0, _MisreadText(name)
        misread.look(header.number, header.cells)
        for record in every:
            count += 1
            misread.look(record.number, record.cells)
            for position in nameless:
                if position < len(record.cells) and not _is_blank(record.cells[position]):
                    where = f"column {position + 1} has no name, but a value in line {record.number}"
                    raise ConfigurationError(f"{name}: {where}; name it in the header")

        def rows() -> Iterator[ImportLine]:
            again = records()
            next(again)
            return _named(again, names)

        columns = tuple(filter(None, names))
        return ImportTable(name, format, columns, count, misread=misread.sentence, rows=rows)


def join_tables(tables: Sequence[ImportTable]) -> ImportTable:
    """Return the rows of several files as one table; a column that a file lacks is blank there.

    Raises:
        ConfigurationError: The files have different forms, or one has two columns of the same name.
    """
    first = tables[0]
    if any(table.has_cells != first.has_cells for table in tables):
        raise ConfigurationError(
            "files of cells and files of JSON or Parquet cannot be imported as one; import one kind at a time"
        )
    for table in tables:
        for column, count in Counter(map(folded, table.columns)).items():
            if count > 1:
                raise ConfigurationError(
                    f"{table.name} has {count} columns {column!r}, which differ in case alone; rename one of them"
                )
    spelling = {folded(column): column for table in reversed(tables) for column in table.columns}
    columns = dict.fromkeys(spelling[folded(column)] for table in tables for column in table.columns)

    def rows() -> Iterator[ImportLine]:
        for table in tables:
            for line in table:
                cells = {spelling[folded(column)]: cell for column, cell in line.cells.items()}
                yield ImportLine(f"{table.name}:{line.number}", cells, line.problem)

    guesses = [f"{table.name} {table.guess}" for table in tables if table.guess]
    return attrs.evolve(
        first,
        name=", ".join(table.name for table in tables),
        columns=tuple(columns),
        count=sum(table.count for table in tables),
        guess="; ".join(guesses) or None,
        misread="; ".join(table.misread for table in tables if table.misread) or None,
        rows=rows,
    )


class _Encoding(NamedTuple):
    name: str
    guess: str | None = None
    start: int = 0
    """The bytes of a byte order mark that the encoding does not have."""

    def __str__(self) -> str:
        return _ENCODING_NAMES.get(self.name, self.name)


@attrs.define
class _MisreadText:
    """Finds text that looks like UTF-8 that was read as Windows-1252 or Latin-1, such as "GrÃ¶ÃŸe"."""

    _name: str
    _first: str = ""
    _others: int = 0

    def look(self, number: int | str, texts: Sequence[object]) -> None:
        """Look at the texts of a line."""
        try:
            text = "\n".join(cast("Sequence[str]", texts))
        except TypeError:  # other values than texts
            text = "\n".join(each for each in texts if isinstance(each, str))
        if text.isascii() or not _MISREAD.search(text):
            return
        word = next(filter(_is_misread, _WORD.findall(text)), None)
        if word is not None:
            self._others += bool(self._first)
            looks = "which looks like UTF-8 that was read as Windows-1252"
            self._first = self._first or f"{self._name}: line {number} has {word!r}, {looks}"

    @property
    def sentence(self) -> str | None:
        """The place of the first one, and the number of lines; None without one."""
        others = f"; lines like it: {self._others + 1:,}" if self._others else ""
        return f"{self._first}{others}" if self._first else None


def _is_misread(word: str) -> bool:
    if not _MISREAD.search(word):
        return False
    for encoding in ("cp1252", "latin-1"):
        try:
            word.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


class _Record(NamedTuple):
    number: int
    cells: "list[str] | list[object]"
    problem: str | None = None


@contextmanager
def open_source(path: str) -> Generator[TableSource]:
    """Open the file at `path`, or standard input for `-`, ready to be read twice.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    if path == "-":
        with _spooled(sys.stdin.buffer) as spooled:
            yield TableSource("standard input", spooled)
        return
    with open_to_read(path) as file:
        if file.seekable():
            yield TableSource(path, file)
            return
        with _spooled(file) as spooled:
            yield TableSource(path, spooled)


@contextmanager
def _spooled(stream: IO[bytes]) -> Generator[IO[bytes]]:
    with tempfile.TemporaryFile() as spool:
        with naming_file(f"a copy of the input in {tempfile.gettempdir()}"):
            shutil.copyfileobj(stream, spool)
            spool.flush()
        yield spool


def _head(source: TableSource) -> bytes:
    try:
        source.file.seek(0)
        return source.file.read(4096)
    except OSError as error:
        raise ConfigurationError(f"{source.name} cannot be read: {error.strerror or error}") from error


def _format(name: str, head: bytes) -> FileFormat:
    for start, format in _FORMAT_OF_START.items():
        if head.startswith(start):
            return format
    ending = Path(name).suffix.lower()
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"{"):
        return "jsonl"
    if ending in {".csv", ".tsv", ".txt"}:
        return "csv"
    known = _FORMAT_OF_ENDING.get(ending)
    if known in {"xlsx", "parquet"}:
        raise ConfigurationError(
            f"{name} has the ending of another form of file; rename it, or give its format"
        )
    return known or ("json" if text.startswith((b"[{", b"[\n", b"[\r", b"[ ")) else "csv")


def _detect_encoding(source: TableSource, head: bytes) -> _Encoding:
    """Return the encoding of a text file.

    Raises:
        ConfigurationError: It is not certain, and not a usual one either.
    """
    for mark, name in _ENCODING_OF_MARK.items():
        if head.startswith(mark):
            return _Encoding(name)
    zeros = [head[0::2].count(0), head[1::2].count(0)]
    if max(zeros) > len(head) // 5 and min(zeros) * 10 < max(zeros):
        name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        return _Encoding(name, "taken as UTF-16, since every other byte is zero")
    source.file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := source.file.read(_CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _western(source)
    return _Encoding("utf-8")


def _western(source: TableSource) -> _Encoding:
    """Return Windows-1252 if nothing speaks against it.

    Raises:
        ConfigurationError: The file has characters of UTF-8, bytes that Windows-1252 does not have, or words of
            another script.
    """
    other: _NotUTF8 | None = None
    doubt: ConfigurationError | None = None
    has_utf8 = False
    for number, line in _byte_lines(source):
        if line.isascii():
            continue
        has_utf8 = has_utf8 or _MULTIBYTE.search(line) is not None
        other = other or _not_utf8(number, line)
        if has_utf8 and other is not None:
            raise ConfigurationError(
                f"{source.name}: line {other.number} is not UTF-8, and the file has characters of UTF-8: {other.place};"
                " correct the line, or state the encoding with --encoding"
            )
        doubt = doubt or _western_doubt(source.name, number, line)
    if doubt is not None:
        raise doubt
    return _Encoding("cp1252", "is not UTF-8; taken as Windows-1252, the encoding of western spreadsheets")


def _western_doubt(name: str, number: int, line: bytes) -> ConfigurationError | None:
    """Return what speaks against Windows-1252 in a line."""
    if _NOT_IN_CP1252.search(line):
        return ConfigurationError(
            f"{name}: line {number} has bytes that are neither UTF-8 nor Windows-1252; state the encoding with --encoding"
        )
    if _WORD_OF_OTHER_SCRIPT.search(line):
        return ConfigurationError(
            f"{name}: line {number} is not UTF-8, and would be no words in Windows-1252; state the encoding, as in"
            " --encoding cp1251"
        )
    return None


class _NotUTF8(NamedTuple):
    number: int
    place: str


def _not_utf8(number: int, line: bytes) -> _NotUTF8 | None:
    """Return the place of the first byte of a line that is not UTF-8, if there is one."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return _NotUTF8(number, _place(error, "utf-8"))
    return None


def _place(error: UnicodeDecodeError, encoding: str) -> str:
    """Return the byte that cannot be decoded, and the text before it on its line."""
    before = error.object[max(0, error.start - 40) : error.start].decode(encoding, "replace")
    before = before.splitlines()[-1] if before and not before.endswith(("\r", "\n")) else ""
    return f"byte 0x{error.object[error.start]:02x} after {before[-20:]!r}"


def _byte_lines(source: TableSource) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file in an encoding that has the characters of ASCII as they are, with their numbers."""
    source.file.seek(0)
    number = 0
    for some in source.file:
        for line in some.splitlines(keepends=True):  # which a lone carriage return ends, too
            number += 1
            yield number, line


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _told_apart(columns: Iterable[str]) -> list[str]:
    """Return the names of columns; a second column "Phone" is called "Phone (2)"."""
    names: list[str] = []
    taken: set[str] = set()
    for column in columns:
        name, count = column, 1
        while name and folded(name) in taken:
            count += 1
            name = f"{column} ({count})"
        taken.add(folded(name))
        names.append(name)
    return names


def detect_delimiter(lines: Iterable[str]) -> str:
    """Return the comma, semicolon, tab or bar that splits most of these lines into as many cells as the first.

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


def _named(records: Iterator[_Record], names: list[str]) -> Iterator[ImportLine]:
    for number, cells, problem in records:
        if problem is not None:
            yield ImportLine(number, problem=problem)
        elif len(cells) != len(names):
            yield ImportLine(number, problem=f"has {len(cells)} cells where the header has {len(names)}")
        else:
            yield ImportLine(number, {name: cell for name, cell in zip(names, cells, strict=True) if name})


def _csv_records(source: TableSource, encoding: _Encoding, delimiter: str, skipped: int) -> Iterator[_Record]:
    """Yield every record with the line it starts on. Lines of delimiters and blanks alone are left out."""
    lines = _Lines(islice(_text_lines(source, encoding), skipped, None))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if lines.exhausted or reader.line_num > start:
                raise ConfigurationError(
                    f"{source.name}: the quote that opens on line {start + skipped} is not closed in its place ({error}), so the"
                    " start of the next row is unclear; inside quotes, write a quote twice"
                ) from error
            yield _Record(start + skipped, [], f"is not valid CSV: {error}")
            continue
        if any(cell.strip() for cell in cells):
            yield _Record(start + skipped, cells)


class _Lines:
    """Lines, and whether all of them were read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        yield from self._lines
        self.exhausted = True


def _jsonl_lines(source: TableSource, encoding: _Encoding) -> Iterator[ImportLine]:
    for number, text in enumerate(_text_lines(source, encoding), start=1):
        if not text.strip():
            continue
        try:
            value = parse_json(text, parse_float=_exact)
        except (ValueError, RecursionError) as error:
            yield ImportLine(number, problem=f"is not a JSON object: {error}")
            continue
        yield _object_line(number, value)


def _json_array(source: TableSource, encoding: _Encoding) -> Iterator[ImportLine]:
    """Yield the items of a JSON array; one is in memory at a time."""
    try:
        items = iter_json_array(_text_chunks(source, encoding), parse_float=_exact)
        for number, value in enumerate(items, start=1):
            yield _object_line(number, value)
    except (ValueError, RecursionError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{source.name} is not a JSON array of objects: {error}") from error


def _exact(text: str) -> Decimal | str:
    """Return a number with all its digits; one that has too many to be written out is left as text."""
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent of more than 18 digits
        return text
    return number if abs(number.adjusted()) <= _MAX_EXPONENT else text


def _object_line(number: int, value: object) -> ImportLine:
    if isinstance(value, dict):
        return ImportLine(number, cast("dict[str, object]", value))
    return ImportLine(number, problem=f"is not a JSON object but {_kind(value)}")


def _counted(rows: Iterator[Mapping[str, object]]) -> Iterator[ImportLine]:
    for number, cells in enumerate(rows, start=1):
        yield ImportLine(number, cells)


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


def _text_lines(source: TableSource, encoding: _Encoding) -> Iterator[str]:
    """Yield the lines with their endings; a lone carriage return ends one too, as old systems wrote them."""
    return _text(source, encoding, io.TextIOWrapper.readline)


def _text_chunks(source: TableSource, encoding: _Encoding) -> Iterator[str]:
    """Yield the text in pieces of some size."""
    return _text(source, encoding, lambda decoded: decoded.read(_CHUNK_BYTES))


def _text(source: TableSource, encoding: _Encoding, read: Callable[[io.TextIOWrapper], str]) -> Iterator[str]:
    raw = _Unclosed(source.file, encoding.start)
    decoded = io.TextIOWrapper(cast("IO[bytes]", raw), encoding=encoding.name, newline="")
    number, is_first = 1, True
    while True:
        try:
            line = read(decoded)
        except UnicodeDecodeError as error:
            raise ConfigurationError(
                f"{source.name}: line {_undecodable_line(source, encoding)} is not {encoding}:"
                f" {_place(error, encoding.name)}; correct the line, or state another encoding with --encoding"
            ) from error
        except UnicodeError as error:  # such as UTF-16 without the mark that tells the order of its bytes
            raise ConfigurationError(
                f"{source.name} is not {encoding} ({error}); state another encoding with --encoding"
            ) from error
        if not line:
            return
        if "\0" in line:
            number += _line_ends(line[: line.index("\0")])
            raise ConfigurationError(
                f"{source.name}: line {number} has a null character, so this is not a text file"
            )
        yield line.removeprefix("\ufeff") if is_first else line
        is_first = False
        number += _line_ends(line)


def _undecodable_line(source: TableSource, encoding: _Encoding) -> int:
    """Return the number of the first line with bytes that are not of the encoding."""
    decoder = codecs.getincrementaldecoder(encoding.name)()
    raw = _Unclosed(source.file, encoding.start)
    number, last = 1, ""
    while chunk := raw.read(_ERROR_CHUNK_BYTES):
        state, is_whole = decoder.getstate(), True
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError:
            decoder.setstate(state)
            text, is_whole = _decodable(decoder, chunk), False
        number += _line_ends(last + text) - _line_ends(last)  # a line end may be in two chunks
        if not is_whole:
            break
        last = text[-1:] or last
    return number


def _decodable(decoder: codecs.IncrementalDecoder, chunk: bytes) -> str:
    """Return the text before the first byte that cannot be decoded."""
    found: list[str] = []
    with suppress(UnicodeDecodeError):
        for position in range(len(chunk)):
            found.append(decoder.decode(chunk[position : position + 1]))  # noqa: PERF401 - those before the error
    return "".join(found)


def _line_ends(text: str) -> int:
    return text.count("\n") + (text.count("\r") - text.count("\r\n") if "\r" in text else 0)


class _Unclosed(io.BufferedIOBase):
    """A file from a position on, left open by what reads it. Several may be read in turns: each has a position of its own."""

    def __init__(self, file: IO[bytes], start: int) -> None:
        self._file = file
        self._position = start

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        self._file.seek(self._position)
        found = self._file.read(-1 if size is None else size)
        self._position += len(found)
        return found

    def read1(self, size: int = -1, /) -> bytes:
        return self.read(size)
