"""Records as Parquet, with columns typed by the schema.

A Parquet file cannot be continued: what says where everything is comes last. So pages are kept as Arrow messages, one
after the other, and made into row groups when all of them are there. However often reading was interrupted,
the row groups are the same.
"""

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from ..errors import ConfigurationError
from ..records import Record
from ..schema import Attribute
from .export_columns import Column, column_of
from .export_values import to_json

__all__ = ["OTHER", "ParquetEncoder"]

OTHER = "_other_values"
"""The column for what does not fit its own: a JSON object from slugs to lists of values; nearly always null."""


class ParquetEncoder:
    """Writes records with these attributes.

    Raises:
        ConfigurationError: pyarrow is not installed, or knows no such compression.
    """

    def __init__(self, attributes: Sequence[Attribute], *, rows_per_group: int, compression: str) -> None:
        try:
            # Untyped: pyarrow's own annotations are partial.
            self._arrow: Any = import_module("pyarrow")
            self._parquet: Any = import_module("pyarrow.parquet")
        except ImportError:
            raise ConfigurationError("writing Parquet needs pyarrow: install attio-async[parquet]") from None
        if compression not in {"none", *self._codecs()}:
            known = ", ".join(self._codecs())
            raise ConfigurationError(f"the compression is none or one of {known}, not {compression!r}")
        self._compression = compression
        self._rows_per_group = rows_per_group
        self._columns = [column_of(self._arrow, attribute) for attribute in attributes]
        self.schema = self._schema()

    def _codecs(self) -> list[str]:
        names = ("zstd", "snappy", "gzip", "brotli", "lz4")
        return [name for name in names if self._arrow.Codec.is_available(name)]

    def _schema(self) -> Any:
        text = self._arrow.string()
        fields = [self._arrow.field("record_id", text, nullable=False)]
        for column in self._columns:
            attribute = column.attribute
            about = {"attribute_id": attribute.id, "title": attribute.title, "type": attribute.type}
            fields.append(self._arrow.field(attribute.slug, column.type, metadata=about))
        return self._arrow.schema([*fields, self._arrow.field(OTHER, text)])

    def head(self) -> bytes:
        """Nothing: a message needs none before it."""
        return b""

    def rows(self, records: Sequence[Record], /) -> bytes:
        """The page as one Arrow message."""
        if not records:
            return b""
        unfitting: list[dict[str, Any]] = [{} for _ in records]
        arrays = [self._arrow.array([record.id for record in records], self._arrow.string())]
        arrays += [self._array(column, records, unfitting) for column in self._columns]
        others = [json.dumps(row) if row else None for row in unfitting]
        arrays.append(self._arrow.array(others, self._arrow.string()))
        batch = self._arrow.record_batch(arrays, schema=self.schema)
        return bytes(batch.serialize())

    def _array(self, column: Column, records: Sequence[Record], unfitting: Sequence[dict[str, Any]]) -> Any:
        cells: list[Any] = []
        for record, others in zip(records, unfitting, strict=True):
            cell, misfits = column.cell(record)
            cells.append(cell)
            if misfits:
                others[column.attribute.slug] = [to_json(value) for value in misfits]
        return self._arrow.array(cells, column.type)

    def assemble(self, spool: Path, target: IO[bytes], /) -> None:
        """Write the file from the messages that `rows` gave."""
        with self._parquet.ParquetWriter(target, self.schema, compression=self._compression) as writer:
            for group in self._groups(spool):
                writer.write_table(group, row_group_size=self._rows_per_group)

    def _groups(self, spool: Path) -> Iterator[Any]:
        table, size = self._arrow.Table, self._rows_per_group
        waiting: list[Any] = []
        for batch in self._batches(spool):
            waiting.append(batch)
            while sum(each.num_rows for each in waiting) >= size:
                whole = table.from_batches(waiting, self.schema)
                yield whole.slice(0, size).combine_chunks()
                waiting = whole.slice(size).to_batches()
        if waiting:
            yield table.from_batches(waiting, self.schema).combine_chunks()

    def _batches(self, spool: Path) -> Iterator[Any]:
        ipc = self._arrow.ipc
        with self._arrow.OSFile(str(spool)) as messages:
            end = messages.size()
            while messages.tell() < end:
                yield ipc.read_record_batch(ipc.read_message(messages), self.schema)
