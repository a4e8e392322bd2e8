"""The formats of exported files."""

import csv
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal, Protocol, runtime_checkable

import attrs
import msgspec

from ..._records.models import AttributeMapping
from ..._schema import Attribute
from ..._utils.checks import at_least, check_choice
from ..._utils.public import public
from ..._utils.text import show
from ...errors import ConfigurationError
from .csv import guard, replace_controls, to_cell
from .rows import RECORD_KEYS, encodable_rows, native_value

FormatName = Literal["jsonl", "csv", "parquet"]


@public
class Encoder(Protocol):
    """Encodes records as the bytes of one file, a page at a time."""

    def head(self) -> bytes:
        """Return what comes before the first record."""
        ...

    def rows(self, records: Sequence[AttributeMapping], /) -> bytes:
        """Return a page of records as bytes."""
        ...


@runtime_checkable
class AssemblingEncoder(Protocol):
    """An encoder whose file is assembled when all rows are there."""

    def assemble(self, part: Path, target: IO[bytes], /) -> None:
        """Write the file from a part that holds the bytes of all rows."""
        ...


@public
@attrs.frozen
class Jsonl:
    """One JSON object per line: currency amounts as strings, so that no digit is lost, dates as ISO 8601 in UTC."""

    def encoder(self, attributes: Sequence[Attribute], keys: Sequence[Attribute] = RECORD_KEYS) -> Encoder:
        """Return an encoder for rows with these attributes, after the columns that tell which row it is."""
        return _JsonlEncoder([*keys, *attributes])


def _is_text(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
    if not isinstance(value, str):
        raise ConfigurationError(f"{attribute.name} must be text, not {show(value)}")


@public
@attrs.frozen
class Csv:
    """A column per attribute, in UTF-8. A cell that a spreadsheet would run as a formula starts with an apostrophe.

    Attributes:
        separator: What stands between several values in one cell.
        formulas: "escape" puts the apostrophe there and replaces control characters, which a terminal would obey; "keep"
            writes every cell as it is. Phone numbers never get an apostrophe.
    """

    separator: str = attrs.field(default=";", validator=_is_text)
    formulas: Literal["escape", "keep"] = "escape"

    def __attrs_post_init__(self) -> None:
        check_choice("formulas", self.formulas, ("escape", "keep"))
        if not self.separator or '"' in self.separator:
            raise ConfigurationError(f"separator must be text without quotes, not {self.separator!r}")

    def encoder(self, attributes: Sequence[Attribute], keys: Sequence[Attribute] = RECORD_KEYS) -> Encoder:
        """Return an encoder for rows with these attributes, after the columns that tell which row it is."""
        return _CsvEncoder([*keys, *attributes], self)


@public
@attrs.frozen
class Parquet:
    """Typed columns: decimals, dates, timestamps in UTC, lists, and structs for values with parts. Needs pyarrow.

    Attributes:
        rows_per_group: The rows of a row group; as many are in memory when the file is assembled.
        compression: A name of pyarrow's, such as "zstd", "snappy" or "none".
    """

    rows_per_group: int = attrs.field(default=10_000, validator=at_least(1))
    compression: str = attrs.field(default="zstd", validator=_is_text)

    def encoder(self, attributes: Sequence[Attribute], keys: Sequence[Attribute] = RECORD_KEYS) -> Encoder:
        """Return an encoder for rows with these attributes, after the columns that tell which row it is.

        Raises:
            ConfigurationError: pyarrow is not installed, or the compression is unknown.
        """
        from .parquet import ParquetEncoder  # noqa: PLC0415 - an extra

        return ParquetEncoder(
            [*keys, *attributes], rows_per_group=self.rows_per_group, compression=self.compression.lower()
        )


Format = Jsonl | Csv | Parquet

_FORMATS: dict[str, type[Format]] = {"jsonl": Jsonl, "csv": Csv, "parquet": Parquet}
_ENDINGS = {**_FORMATS, "ndjson": Jsonl, "": Jsonl}


def choose_format(given: FormatName | Format | None, target: str | os.PathLike[str] | IO[bytes]) -> Format:
    """Return the format; without any, the one of the file's suffix. What has no suffix is JSONL.

    Raises:
        ConfigurationError: The format or the suffix is unknown.
    """
    if isinstance(given, Jsonl | Csv | Parquet):
        return given
    if given is None:
        suffix = Path(target).suffix[1:].lower() if isinstance(target, str | os.PathLike) else ""
        if suffix not in _ENDINGS:
            raise ConfigurationError(
                f"{show(str(target))} has the ending of another format; "
                "use .jsonl, .csv or .parquet, or give the format"
            )
        return _ENDINGS[suffix]()
    check_choice("format", given, _FORMATS)
    return _FORMATS[given]()


_CONTROLS = re.compile(rb"\x7f|\xc2[\x80-\x9f]")
"""The control characters that JSON need not escape, in UTF-8."""


class _JsonlEncoder:
    def __init__(self, attributes: Sequence[Attribute]) -> None:
        self._plain = encodable_rows(attributes)
        self._encode = msgspec.json.Encoder().encode

    def head(self) -> bytes:
        return b""

    def rows(self, records: Sequence[AttributeMapping], /) -> bytes:
        lines = b"".join(self._encode(self._plain(record)) + b"\n" for record in records)
        return _CONTROLS.sub(_escaped, lines) if b"\xc2" in lines or b"\x7f" in lines else lines


class _CsvEncoder:
    def __init__(self, attributes: Sequence[Attribute], format: Csv) -> None:
        self._attributes = attributes
        self._format = format

    def head(self) -> bytes:
        return self._lines([[found.slug for found in self._attributes]])

    def rows(self, records: Sequence[AttributeMapping], /) -> bytes:
        return self._lines([self._cells(record) for record in records])

    def _cells(self, record: AttributeMapping) -> list[str]:
        return [to_cell(native_value(record, found), self._format.separator) for found in self._attributes]

    def _lines(self, rows: Sequence[Sequence[str]]) -> bytes:
        if self._format.formulas == "escape":
            rows = [[guard(cell, self._format.separator) for cell in row] for row in rows]
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        written = text.getvalue()
        return (replace_controls(written) if self._format.formulas == "escape" else written).encode()


def _escaped(control: "re.Match[bytes]") -> bytes:
    return b"\\u%04x" % ord(control[0].decode())
