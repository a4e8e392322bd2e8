"""Records as Parquet, with columns typed by the schema.

A Parquet file cannot be appended to, because its index comes last. So pages are kept as Arrow messages, one after the
other, and turned into row groups when all of them are there. The row groups are the same however often the export
was interrupted.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from pathlib import Path
from types import UnionType
from typing import IO, Any

import attrs

from attio_async_api.json_data import to_plain

from ..._records.models import AttributeMapping, Entry, Record
from ..._schema import Attribute
from ..._utils.public import public
from ...errors import ConfigurationError
from ...values import (
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
)
from .rows import ENTRY_KEYS, RECORD_KEYS, KeyAttribute, select_attributes

OTHER_COLUMN = "_other_values"
"""The column for values that do not fit their own: a JSON object from slugs to lists of values; nearly always null."""
_CURRENCY_DIGITS, _CURRENCY_DECIMALS = 38, 4
_WIDE_CONTEXT = Context(prec=60)
_INT32_LIMIT = 2**31
_MISFIT = (TypeError, ValueError, ArithmeticError)


@attrs.frozen
class ParquetColumn:
    """One column: the attribute, its Arrow type, and the function that converts a value to a cell."""

    attribute: Attribute
    type: Any
    convert: Callable[[Any], Any]

    def cell(self, record: AttributeMapping) -> tuple[Any, list[Any]]:
        """Return the cell of a record, and the values that do not fit."""
        fitting: list[Any] = []
        misfits: list[Any] = []
        for value in self._values(record):
            if fitting and not self.attribute.is_multiselect:
                misfits.append(value)
                continue
            try:
                fitting.append(self.convert(value))
            except _MISFIT:
                misfits.append(value)
        if self.attribute.is_multiselect:
            return fitting, misfits
        return (fitting[0] if fitting else None), misfits

    def _values(self, record: AttributeMapping) -> list[Any]:
        if isinstance(self.attribute, KeyAttribute):
            return [self.attribute.read(record)]
        return record.all(self.attribute.slug)


def make_column(arrow: Any, attribute: Attribute) -> ParquetColumn:
    """Return the column of an attribute; a column of text if its type is newer than this package."""
    make_type, convert = _COLUMN_TYPES.get(attribute.type, (_string_type, _text))
    kind = make_type(arrow)
    return ParquetColumn(attribute, arrow.list_(kind) if attribute.is_multiselect else kind, convert)


class ParquetEncoder:
    """Encodes records with these attributes.

    Raises:
        ConfigurationError: pyarrow is not installed, or the compression is unknown.
    """

    def __init__(self, attributes: Sequence[Attribute], *, rows_per_group: int, compression: str) -> None:
        try:
            import pyarrow as pa  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra
            from pyarrow import parquet  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
        except ImportError:
            message = 'Parquet needs pyarrow: pip install "attio-async[parquet]"'
            raise ConfigurationError(message) from None
        self._arrow: Any = pa
        self._parquet: Any = parquet
        if compression not in {"none", *self._codecs()}:
            known = ", ".join(self._codecs())
            raise ConfigurationError(f"compression must be none or one of {known}, not {compression!r}")
        self._compression = compression
        self._rows_per_group = rows_per_group
        self._columns = [make_column(self._arrow, attribute) for attribute in attributes]
        self.schema = self._schema()

    def _codecs(self) -> list[str]:
        names = ("zstd", "snappy", "gzip", "brotli", "lz4")
        return [name for name in names if self._arrow.Codec.is_available(name)]

    def _schema(self) -> Any:
        text = self._arrow.string()
        fields: list[Any] = []
        for column in self._columns:
            attribute = column.attribute
            if isinstance(attribute, KeyAttribute):
                fields.append(self._arrow.field(attribute.slug, column.type, nullable=False))
                continue
            about = {"attribute_id": attribute.id, "title": attribute.title, "type": attribute.type}
            fields.append(self._arrow.field(attribute.slug, column.type, metadata=about))
        return self._arrow.schema([*fields, self._arrow.field(OTHER_COLUMN, text)])

    def head(self) -> bytes:
        """Return nothing: Arrow messages need no head."""
        return b""

    def rows(self, records: Sequence[AttributeMapping], /) -> bytes:
        """Return the page as one Arrow message."""
        return bytes(self.batch(records).serialize()) if records else b""

    def batch(self, records: Sequence[AttributeMapping]) -> Any:
        """Return records as an Arrow record batch."""
        misfits_by_row: list[dict[str, Any]] = [{} for _ in records]
        arrays = [self._array(column, records, misfits_by_row) for column in self._columns]
        others = [json.dumps(row) if row else None for row in misfits_by_row]
        arrays.append(self._arrow.array(others, self._arrow.string()))
        return self._arrow.record_batch(arrays, schema=self.schema)

    def table(self, records: Sequence[AttributeMapping]) -> Any:
        """Return records as an Arrow table."""
        return self._arrow.Table.from_batches([self.batch(records)], self.schema)

    def _array(
        self,
        column: ParquetColumn,
        records: Sequence[AttributeMapping],
        misfits_by_row: Sequence[dict[str, Any]],
    ) -> Any:
        cells: list[Any] = []
        for record, others in zip(records, misfits_by_row, strict=True):
            cell, misfits = column.cell(record)
            cells.append(cell)
            if misfits:
                others[column.attribute.slug] = [to_plain(value) for value in misfits]
        return self._arrow.array(cells, column.type)

    def assemble(self, part: Path, target: IO[bytes], /) -> None:
        """Write the file from a part that holds the Arrow messages."""
        with self._parquet.ParquetWriter(target, self.schema, compression=self._compression) as writer:
            for group in self._groups(part):
                writer.write_table(group, row_group_size=self._rows_per_group)

    def _groups(self, part: Path) -> Iterator[Any]:
        table, size = self._arrow.Table, self._rows_per_group
        waiting: list[Any] = []
        for batch in self._batches(part):
            waiting.append(batch)
            while sum(each.num_rows for each in waiting) >= size:
                whole = table.from_batches(waiting, self.schema)
                yield whole.slice(0, size).combine_chunks()
                waiting = whole.slice(size).to_batches()
        if waiting:
            yield table.from_batches(waiting, self.schema).combine_chunks()

    def _batches(self, part: Path) -> Iterator[Any]:
        ipc = self._arrow.ipc
        with self._arrow.OSFile(str(part)) as messages:
            end = messages.size()
            while messages.tell() < end:
                yield ipc.read_record_batch(ipc.read_message(messages), self.schema)


@public
def to_arrow(records: Iterable[Record | Entry]) -> Any:
    """Return records of one object, or entries of one list, as a pyarrow table, with columns typed by their schema.

    pandas and polars make frames of it without looking at the values: `polars.from_arrow(table)`,
    `table.to_pandas(types_mapper=pandas.ArrowDtype)`. The columns are those of a Parquet export: decimals, dates,
    timestamps in UTC, lists, and structs for values with parts. Needs pyarrow.

    Args:
        records: The records, such as the result of a query; at least one, since they bring the schema.

    Raises:
        ConfigurationError: pyarrow is not installed, no record was given, or their attributes could not be read.
    """
    found = list(records)
    schema = found[0].schema if found else None
    if schema is None:
        problem = "their attributes could not be read" if found else "no record is given"
        raise ConfigurationError(f"to_arrow takes the types of columns from records, and {problem}")
    keys = ENTRY_KEYS if isinstance(found[0], Entry) else RECORD_KEYS
    columns = [*keys, *select_attributes(schema, None)]
    encoder = ParquetEncoder(columns, rows_per_group=1, compression="none")
    return encoder.table(found)


def _of(kind: type | UnionType, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a conversion of values of this kind; others do not fit."""

    def checked(value: Any) -> Any:
        if not isinstance(value, kind):
            raise TypeError
        return convert(value)

    return checked


_text = _of(str, str)
_optional_text = _of(str | None, lambda text: text)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    number = float(value)
    if number != value:  # a whole number with more digits than a float holds
        raise ValueError
    return number


def _currency(value: Decimal) -> Decimal:
    amount = value.quantize(Decimal(1).scaleb(-_CURRENCY_DECIMALS), context=_WIDE_CONTEXT)
    if amount != value or abs(amount) >= 10 ** (_CURRENCY_DIGITS - _CURRENCY_DECIMALS):
        raise ValueError
    return amount


def _rating(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT32_LIMIT <= value < _INT32_LIMIT:
        raise TypeError
    return value


def _exactly(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError
        return value

    return convert


def _texts(value: attrs.AttrsInstance) -> Mapping[str, Any]:
    return {part: _optional_text(text) for part, text in attrs.asdict(value).items()}


def _record(value: RecordRef) -> Mapping[str, Any]:
    return {"target_object": _text(value.object), "target_record_id": _text(value.record_id)}


def _actor(value: ActorRef) -> Mapping[str, Any]:
    kind, identity = _optional_text(value.type), _optional_text(value.id)
    return {"referenced_actor_type": kind, "referenced_actor_id": identity}


def _interaction(value: Interaction) -> Mapping[str, Any]:
    return {
        "interaction_type": _optional_text(value.type),
        "interacted_at": value.at,
        "owner_actor": None if value.owner is None else _of(ActorRef, _actor)(value.owner),
    }


def _string_type(arrow: Any) -> Any:
    return arrow.string()


def _timestamp_type(arrow: Any) -> Any:
    return arrow.timestamp("us", tz="UTC")


def _texts_type(*names: str) -> Callable[[Any], Any]:
    return lambda arrow: arrow.struct([(name, arrow.string()) for name in names])


_actor_type = _texts_type("referenced_actor_type", "referenced_actor_id")


def _interaction_type(arrow: Any) -> Any:
    parts = [
        ("interaction_type", arrow.string()),
        ("interacted_at", _timestamp_type(arrow)),
        ("owner_actor", _actor_type(arrow)),
    ]
    return arrow.struct(parts)


_COLUMN_TYPES: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "actor-reference": (_actor_type, _of(ActorRef, _actor)),
    "checkbox": (lambda arrow: arrow.bool_(), _exactly(bool)),
    "currency": (
        lambda arrow: arrow.decimal128(_CURRENCY_DIGITS, _CURRENCY_DECIMALS),
        _of(Decimal, _currency),
    ),
    "date": (lambda arrow: arrow.date32(), _exactly(date)),
    "interaction": (_interaction_type, _of(Interaction, _interaction)),
    "location": (_texts_type(*(field.name for field in attrs.fields(Location))), _of(Location, _texts)),
    "number": (lambda arrow: arrow.float64(), _number),
    "personal-name": (
        _texts_type(*(field.name for field in attrs.fields(PersonName))),
        _of(PersonName, _texts),
    ),
    "rating": (lambda arrow: arrow.int32(), _rating),
    "record-reference": (_texts_type("target_object", "target_record_id"), _of(RecordRef, _record)),
    "timestamp": (_timestamp_type, _exactly(datetime)),
}
