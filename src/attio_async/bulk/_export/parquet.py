"""Records as Parquet, with columns typed by the schema.

A Parquet file cannot be continued: what says where everything is comes last. So pages are kept as Arrow messages, one
after the other, and made into row groups when all of them are there. However often reading was interrupted,
the row groups are the same.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Context, Decimal
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import attrs

from ..._records.models import Record
from ..._schema import Attribute
from ...errors import ConfigurationError
from ...values import (
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
)
from .json import to_json

_DIGITS, _FRACTION = 38, 4


_WIDE = Context(prec=60)


_INT32 = 2**31


_MISFIT = (TypeError, ValueError, ArithmeticError)


@attrs.frozen
class ParquetColumn:
    """One column: the attribute, its Arrow type, and what makes a cell of a value."""

    attribute: Attribute
    type: Any
    fit: Callable[[Any], Any]

    def cell(self, record: Record) -> tuple[Any, list[Any]]:
        """What the record has there, and the values that do not fit."""
        fitting: list[Any] = []
        misfits: list[Any] = []
        for value in record.all(self.attribute.slug):
            if fitting and not self.attribute.is_multiselect:
                misfits.append(value)
                continue
            try:
                fitting.append(self.fit(value))
            except _MISFIT:
                misfits.append(value)
        if self.attribute.is_multiselect:
            return fitting, misfits
        return (fitting[0] if fitting else None), misfits


def column_of(arrow: Any, attribute: Attribute) -> ParquetColumn:
    """The column of an attribute; of a type that is newer than this package, a column of text."""
    make, fit = _KINDS.get(attribute.type, (_string, _text))
    kind = make(arrow)
    return ParquetColumn(attribute, arrow.list_(kind) if attribute.is_multiselect else kind, fit)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _optional_text(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    number = float(value)
    if number != value:  # a whole number with more digits than a float holds
        raise ValueError
    return number


def _currency(value: Any) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError
    amount = value.quantize(Decimal(1).scaleb(-_FRACTION), context=_WIDE)
    if amount != value or abs(amount) >= 10 ** (_DIGITS - _FRACTION):
        raise ValueError
    return amount


def _rating(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT32 <= value < _INT32:
        raise TypeError
    return value


def _checkbox(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _date(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError
    return value


def _timestamp(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError
    return value


def _name(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, PersonName):
        raise TypeError
    return {part: _optional_text(text) for part, text in attrs.asdict(value).items()}


def _location(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Location):
        raise TypeError
    return {part: _optional_text(text) for part, text in attrs.asdict(value).items()}


def _record(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, RecordRef):
        raise TypeError
    return {"target_object": _text(value.object), "target_record_id": _text(value.record_id)}


def _actor(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, ActorRef):
        raise TypeError
    kind, identity = _optional_text(value.type), _optional_text(value.id)
    return {"referenced_actor_type": kind, "referenced_actor_id": identity}


def _interaction(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Interaction):
        raise TypeError
    return {
        "interaction_type": _optional_text(value.type),
        "interacted_at": value.at,
        "owner_actor": None if value.owner is None else _actor(value.owner),
    }


def _string(arrow: Any) -> Any:
    return arrow.string()


def _moment(arrow: Any) -> Any:
    return arrow.timestamp("us", tz="UTC")


def _texts(*names: str) -> Callable[[Any], Any]:
    return lambda arrow: arrow.struct([(name, arrow.string()) for name in names])


_actor_type = _texts("referenced_actor_type", "referenced_actor_id")


def _interaction_type(arrow: Any) -> Any:
    parts = [
        ("interaction_type", arrow.string()),
        ("interacted_at", _moment(arrow)),
        ("owner_actor", _actor_type(arrow)),
    ]
    return arrow.struct(parts)


_KINDS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "actor-reference": (_actor_type, _actor),
    "checkbox": (lambda arrow: arrow.bool_(), _checkbox),
    "currency": (lambda arrow: arrow.decimal128(_DIGITS, _FRACTION), _currency),
    "date": (lambda arrow: arrow.date32(), _date),
    "interaction": (_interaction_type, _interaction),
    "location": (_texts(*(field.name for field in attrs.fields(Location))), _location),
    "number": (lambda arrow: arrow.float64(), _number),
    "personal-name": (_texts(*(field.name for field in attrs.fields(PersonName))), _name),
    "rating": (lambda arrow: arrow.int32(), _rating),
    "record-reference": (_texts("target_object", "target_record_id"), _record),
    "timestamp": (_moment, _timestamp),
}


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

    def _array(
        self, column: ParquetColumn, records: Sequence[Record], unfitting: Sequence[dict[str, Any]]
    ) -> Any:
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
