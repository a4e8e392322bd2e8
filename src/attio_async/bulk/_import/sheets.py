"""The rows of spreadsheets and Parquet files, which need libraries of their own."""

import json
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from decimal import Decimal
from typing import IO, Any, NamedTuple, cast

from ...errors import ConfigurationError
from .._export.parquet import OTHER_COLUMN

_ROWS_PER_BATCH = 1_000


class SheetRow(NamedTuple):
    """The row of a sheet, by its number there."""

    number: int
    cells: list[object]
    problem: str | None = None


def pick_sheet(file: IO[bytes], name: str, wanted: str | None) -> Callable[[], Iterator[Any]]:
    """Return what yields the rows of a spreadsheet that have values, with their numbers.

    Args:
        file: The file.
        name: Its name in messages.
        wanted: The sheet; None if only one has rows.

    Raises:
        ConfigurationError: The library is not installed, the file is not a spreadsheet, or the sheet is not certain.
    """
    try:
        from python_calamine import (  # noqa: PLC0415 - an extra
            CalamineError,
            CalamineWorkbook,
            WorksheetNotFound,
            ZipError,
        )
    except ImportError:
        raise ConfigurationError(
            f"{name} is a spreadsheet; install attio-async[xlsx] to read it, or save it as CSV"
        ) from None
    file.seek(0)
    with _damage_told(name, "a spreadsheet"):
        try:
            book = CalamineWorkbook.from_filelike(cast("Any", file))
        except (CalamineError, ZipError, ValueError):
            if _has_password(file):
                raise ConfigurationError(f"{name} is protected by a password; save it without one") from None
            raise
        filled = [each for each in book.sheet_names if book.get_sheet_by_name(each).total_height]
    if wanted is None and len(filled) > 1:
        raise ConfigurationError(
            f"{name} has several sheets with rows: {', '.join(map(repr, filled))}; choose one with --sheet"
        )
    with _damage_told(name, "a spreadsheet"):
        try:
            sheet = book.get_sheet_by_name(wanted if wanted is not None else (filled or book.sheet_names)[0])
        except WorksheetNotFound:
            known = ", ".join(map(repr, book.sheet_names))
            raise ConfigurationError(f"{name}: unknown sheet {wanted!r}; it has {known}") from None

    def rows() -> Iterator[SheetRow]:
        with _damage_told(name, "a spreadsheet"):
            blanks = [None] * (sheet.start[1] if sheet.start else 0)
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                found = [*blanks, *map(_plain, cells)]
                if any(cell is not None for cell in found):
                    yield SheetRow(number, found)

    return rows


@contextmanager
def _damage_told(name: str, kind: str) -> Generator[None]:
    """Turn what a library raises about a damaged file, which may be anything, into an error that names the file.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    try:
        yield
    except ConfigurationError:
        raise
    except Exception as error:
        raise ConfigurationError(f"{name} is not {kind} that can be read: {error}") from error


def _plain(cell: object) -> object:
    """Return a cell as it was typed: whole numbers without a point, midnight as a day, and nothing for blanks."""
    if isinstance(cell, str):
        return cell if cell.strip() else None
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else Decimal(repr(cell))
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == time() else cell.isoformat(" ")
    return cell


def _has_password(file: IO[bytes]) -> bool:
    """Return whether a spreadsheet is encrypted, which the library does not tell of a file without a path."""
    file.seek(0)
    if not zipfile.is_zipfile(file):
        file.seek(0)
        return (
            "EncryptedPackage".encode("utf-16-le") in file.read()
        )  # the part of the file with all others in it
    try:
        with zipfile.ZipFile(file) as parts:
            return b"encryption-data" in parts.read("META-INF/manifest.xml")  # of OpenDocument
    except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return False  # it has no such part, or is damaged


def parquet_rows(
    file: IO[bytes], name: str
) -> tuple[tuple[str, ...], Callable[[], Iterator[Mapping[str, object]]]]:
    """Return the columns of a Parquet file, and what yields its rows.

    Raises:
        ConfigurationError: The library is not installed, or the file is not Parquet or has two columns of one name.
    """
    try:
        from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigurationError(f"{name} is Parquet; install attio-async[parquet] to read it") from None
    file.seek(0)
    with _damage_told(name, "a Parquet file"):
        parquet: Any = ParquetFile(cast("Any", file))

    def rows() -> Iterator[Mapping[str, object]]:
        with _damage_told(name, "a Parquet file"):
            for batch in parquet.iter_batches(batch_size=_ROWS_PER_BATCH):
                for row in batch.to_pylist():
                    yield _with_others(row, row.pop(OTHER_COLUMN, None))

    columns = [column for column in parquet.schema_arrow.names if column != OTHER_COLUMN]
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise ConfigurationError(f"{name} has two columns {twice!r}; rename one of them")
    return tuple(columns), rows


def _with_others(row: dict[str, Any], others: str | None) -> Mapping[str, object]:
    """Return a row with the values that did not fit the types of their columns when it was exported."""
    for slug, values in json.loads(others).items() if others else ():
        if isinstance(row.get(slug), list):
            row[slug] += values
        elif row.get(slug) is None:
            row[slug] = values if len(values) > 1 else values[0]
    return row
