"""What files of records are written as."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal, Protocol, runtime_checkable

import attrs
import msgspec

from ..._records.models import Record
from ..._schema import Attribute
from ...errors import ConfigurationError
from .csv import guard, to_cell
from .json import native, plain_record

FormatName = Literal["jsonl", "csv", "parquet"]


class Encoder(Protocol):
    """Turns records into the bytes of one file, a page at a time."""

    def head(self) -> bytes:
        """What comes before the first record."""
        ...

    def rows(self, records: Sequence[Record], /) -> bytes:
        """What one page of records becomes."""
        ...


@runtime_checkable
class Assembling(Protocol):
    """An encoder whose file can only be made when all rows are there."""

    def assemble(self, spool: Path, target: IO[bytes], /) -> None:
        """Write the file from what `rows` gave."""
        ...


@attrs.frozen
class Jsonl:
    """One JSON object per line: amounts of money as strings, so that no digit is lost, dates as ISO 8601 in UTC."""

    def encoder(self, attributes: Sequence[Attribute]) -> Encoder:
        """What writes records with these attributes."""
        return _JsonlEncoder(attributes)


@attrs.frozen
class Csv:
    """A column per attribute, in UTF-8; a cell that a spreadsheet would run as a formula starts with an apostrophe.

    Attributes:
        separator: What stands between several values in one cell.
    """

    separator: str = ";"

    def __attrs_post_init__(self) -> None:
        if not self.separator or '"' in self.separator:
            raise ConfigurationError("the separator must be one or more characters, and no quote")

    def encoder(self, attributes: Sequence[Attribute]) -> Encoder:
        """What writes records with these attributes."""
        return _CsvEncoder(attributes, self.separator)


def _positive(_: object, attribute: "attrs.Attribute[Any]", value: int) -> None:
    if value < 1:
        raise ConfigurationError(f"{attribute.name} must be at least 1, not {value}")


@attrs.frozen
class Parquet:
    """Typed columns: decimals, dates, timestamps in UTC, lists, and structs for what has parts. Needs pyarrow.

    Attributes:
        rows_per_group: How many rows a row group holds; as many are in memory when the file is put together.
        compression: As pyarrow names it, such as "zstd", "snappy" or "none".
    """

    rows_per_group: int = attrs.field(default=10_000, validator=_positive)
    compression: str = "zstd"

    def encoder(self, attributes: Sequence[Attribute]) -> Encoder:
        """What writes records with these attributes.

        Raises:
            ConfigurationError: pyarrow is not installed, or knows no such compression.
        """
        from .parquet import ParquetEncoder  # noqa: PLC0415 - an extra

        return ParquetEncoder(
            attributes, rows_per_group=self.rows_per_group, compression=self.compression.lower()
        )


Format = Jsonl | Csv | Parquet

_FORMATS: dict[str, type[Format]] = {"jsonl": Jsonl, "csv": Csv, "parquet": Parquet}


def format_of(given: FormatName | Format | None, target: object) -> Format:
    """The format that is meant; without any, the one that the file's name ends with, else JSONL.

    Raises:
        ConfigurationError: There is no such format.
    """
    if isinstance(given, Jsonl | Csv | Parquet):
        return given
    if given is None:
        suffix = Path(target).suffix[1:].lower() if isinstance(target, str | Path) else ""
        return _FORMATS.get(suffix, Jsonl)()
    if given not in _FORMATS:
        raise ConfigurationError(f"the format is one of {', '.join(_FORMATS)}, not {given!r}")
    return _FORMATS[given]()


class _JsonlEncoder:
    def __init__(self, attributes: Sequence[Attribute]) -> None:
        self._attributes = attributes

    def head(self) -> bytes:
        return b""

    def rows(self, records: Sequence[Record], /) -> bytes:
        return b"".join(_json.encode(plain_record(record, self._attributes)) + b"\n" for record in records)


_json = msgspec.json.Encoder()


class _CsvEncoder:
    def __init__(self, attributes: Sequence[Attribute], separator: str) -> None:
        self._attributes = attributes
        self._separator = separator

    def head(self) -> bytes:
        return _csv([["record_id", *(found.slug for found in self._attributes)]])

    def rows(self, records: Sequence[Record], /) -> bytes:
        return _csv([[record.id, *self._cells(record)] for record in records])

    def _cells(self, record: Record) -> list[str]:
        return [to_cell(native(record, found), self._separator) for found in self._attributes]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([guard(cell) for cell in row] for row in rows)
    return text.getvalue().encode()
