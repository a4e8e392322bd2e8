"""The shapes of the mirror's tables, and the rows of records, entries and other things. Pure.

Tables and columns are those of Attio's own SQL: the schemas `objects` and `lists`, a column for each attribute, references
as structs, and multiselect attributes as arrays. A cell holds a value exactly, or not at all: what does not fit its column is
in `_other_values`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from functools import cache, partial
from types import GenericAlias, SimpleNamespace
from typing import Any, Final, Literal, NamedTuple, cast

import attrs
import msgspec

from .._records.models import AttributeMapping, Entry, raw_values
from .._schema import Attribute, ObjectSchema
from ..values._types import ADDRESS_PARTS

Kind = Literal["text", "boolean", "bigint", "decimal", "date", "timestamp", "struct"]
Row = tuple[Any, ...]
"""The cells of a row, one for each of `Table.columns`: str, bool, int, Decimal, date, datetime in UTC, a dict for a struct, and
a list for an array."""

OTHER_VALUES: Final = "_other_values"
REFERENCE: Final = ("entity_definition_id", "entity_instance_id")
"""The members of a reference to a record, as Attio's SQL calls them: the id of the object, and that of the record."""

_DIGITS, _DECIMALS = 38, 4
_STEP = Decimal(1).scaleb(-_DECIMALS)
_LIMIT = Decimal(10) ** (_DIGITS - _DECIMALS)
_WIDE = Context(prec=_DIGITS + 2)
_BIGINT_LIMIT = 2**63
_HISTORY = ("active_from", "active_until", "created_by_actor")
_ABOUT = frozenset({*_HISTORY, "attribute_type", "currency_code"})
"""The fields that values have beside what is in them."""
_MISFIT = (AttributeError, KeyError, TypeError, ValueError, ArithmeticError)
_NUMBER = re.compile(r"[-+]?[0-9]{1,60}(\.[0-9]{0,60})?")
"""A number that is written as text."""
_FRACTION = re.compile(r"[.,](\d+)")

_ACTOR = ("referenced_actor_type", "referenced_actor_id")
_NAME = ("first_name", "last_name", "full_name")
_COORDINATES = ("latitude", "longitude")
_LOCATION = (*ADDRESS_PARTS, *_COORDINATES)

_DUCKDB: Mapping[str, str] = {
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "bigint": "BIGINT",
    "decimal": f"DECIMAL({_DIGITS},{_DECIMALS})",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
}
_POSTGRES: Mapping[str, str] = {
    "text": "text",
    "boolean": "boolean",
    "bigint": "bigint",
    "decimal": f"numeric({_DIGITS},{_DECIMALS})",
    "date": "date",
    "timestamp": "timestamp with time zone",
}


@attrs.frozen
class ColumnType:
    """The type of a column, whatever the database: a kind of value, or an array of them. Members of structs are texts."""

    kind: Kind
    members: tuple[str, ...] = ()
    is_array: bool = False

    @property
    def duckdb(self) -> str:
        """The type in DuckDB."""
        name = _DUCKDB.get(self.kind) or f"STRUCT({', '.join(f'{one} VARCHAR' for one in self.members)})"
        return f"{name}[]" if self.is_array else name

    @property
    def postgres(self) -> str:
        """The type in PostgreSQL, where structs and arrays are `jsonb`."""
        return "jsonb" if self.is_json else _POSTGRES[self.kind]

    @property
    def is_json(self) -> bool:
        """True if it is a struct or an array, which PostgreSQL holds as JSON."""
        return self.is_array or self.kind == "struct"

    def arrow(self, pa: Any) -> Any:
        """Return the type in Arrow; `pa` is the module pyarrow."""
        scalars: Mapping[str, Callable[[], Any]] = {
            "text": pa.string,
            "boolean": pa.bool_,
            "bigint": pa.int64,
            "decimal": lambda: pa.decimal128(_DIGITS, _DECIMALS),
            "date": pa.date32,
            "timestamp": lambda: pa.timestamp("us", tz="UTC"),
            "struct": lambda: pa.struct([(one, pa.string()) for one in self.members]),
        }
        found = scalars[self.kind]()
        return pa.list_(found) if self.is_array else found


_TEXT = ColumnType("text")
_TIMESTAMP = ColumnType("timestamp")
_REFERENCE_TYPE = ColumnType("struct", REFERENCE)


@attrs.frozen
class Column:
    """A column of a table. `attribute_id` is the id of its attribute, which survives renames; empty if it has none."""

    name: str
    type: ColumnType
    attribute_id: str = ""


_OTHERS = Column(OTHER_VALUES, _TEXT)
_OBJECT_KEYS = (Column("record_id", _TEXT),)
_LIST_KEYS = (Column("entry_id", _TEXT), Column("parent_record", _REFERENCE_TYPE))

SYSTEM_COLUMNS: Final = (
    Column("_first_seen", _TIMESTAMP),
    Column("_last_changed", _TIMESTAMP),
    Column("_synced_at", _TIMESTAMP),
)
"""The columns that the mirror adds behind those that a row is read into."""

_OF_TARGETS = ("_changed_at", "_origins", "rowid", "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid")
"""The names of columns that staged rows, DuckDB and PostgreSQL have beside those of a table."""

DELETED_COLUMNS: Final = (
    Column("table_schema", _TEXT),
    Column("table_name", _TEXT),
    Column("id", _TEXT),
    Column("_deleted_at", _TIMESTAMP),
    Column("_merged_into", _TEXT),
)
"""The columns of the table of what is gone: where it was, when its absence was seen, and what it was merged into."""


class AttributeReader(NamedTuple):
    """The way from the values of an attribute type to cells.

    Attributes:
        type: The type of the column; that of a multiselect attribute is an array of it.
        fields: The fields of a value that are read.
        cell: Returns the cell of a value, which has these fields as attributes, or None for a null. Raises one of
            `_MISFIT` where the value does not fit exactly.
    """

    type: ColumnType
    fields: tuple[str, ...]
    cell: Callable[[Any], Any]


@attrs.frozen
class TableField:
    """The part of a row that is read from one attribute."""

    name: str
    type: ColumnType
    attribute_type: str
    reader: AttributeReader
    decode: Callable[[msgspec.Raw], list[Any]]


@attrs.frozen
class Table:
    """The shape of a table.

    Attributes:
        schema: "objects", "lists" or "mirror".
        name: The slug of the object or list, or the name of the resource.
        columns: Its columns in order: the id, what is read from the API, and `_other_values`. The mirror adds
            `SYSTEM_COLUMNS` to them.
        objects: The ids of all objects by their slugs and ids, which references lead to.
        fields: What is read from attributes.
        known: The slugs of attributes whose values are in columns.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    objects: Mapping[str, str] = attrs.field(repr=False, eq=False, factory=dict[str, str])
    fields: tuple[TableField, ...] = attrs.field(repr=False, eq=False, default=())
    known: frozenset[str] = attrs.field(repr=False, eq=False, default=frozenset[str]())

    @property
    def key(self) -> str:
        """The name of the column that identifies a row."""
        return self.columns[0].name


def table_of(
    schema: ObjectSchema, kind: Literal["objects", "lists"], name: str, objects: Mapping[str, str]
) -> Table:
    """Return the table of an object or list.

    Interactions and archived attributes have no column, as in Attio's SQL, nor have attributes whose type is unknown, or
    whose name another column or the database has; their values are in `_other_values`.

    Args:
        schema: The attributes.
        kind: "objects" or "lists", which is also the schema of the table.
        name: The slug of the object or list.
        objects: The ids of all objects by slug.
    """
    ids = {**{each: each for each in objects.values()}, **objects}
    keys = _OBJECT_KEYS if kind == "objects" else _LIST_KEYS
    fields = tuple(_fields(schema.attributes.values(), keys, ids))
    attributes = [Column(one.name, one.type, schema.attributes[one.name].id) for one in fields]
    known = frozenset((*(column.name for column in keys), *(one.name for one in fields)))
    return Table(kind, name, (*keys, *attributes, _OTHERS), ids, fields, known)


def _fields(
    attributes: Iterable[Attribute], keys: Iterable[Column], objects: Mapping[str, str]
) -> Iterator[TableField]:
    """Yield the fields of attributes that have a column. Databases ignore the case of names, and the first one wins."""
    taken = {*_OF_TARGETS, *(column.name for column in (*keys, _OTHERS, *SYSTEM_COLUMNS))}
    for attribute in attributes:
        name, reader = attribute.slug, _reader(attribute.type, objects)
        if reader is None or attribute.is_archived or name.lower() in taken or "\0" in name:
            continue
        taken.add(name.lower())
        type = attrs.evolve(reader.type, is_array=attribute.is_multiselect)
        yield TableField(name, type, attribute.type, reader, _decoder(attribute.type, reader.fields))


def row_of(record: AttributeMapping, table: Table) -> Row:
    """Return the row of a record or entry: the cells of `Table.columns`, with what fits none of them in the last one."""
    raws = raw_values(record)
    others: dict[str, list[Any]] = {}
    cells: list[Any] = [record.id]
    if isinstance(record, Entry):
        cells.append(_parent(record, table.objects, others))
    for field in table.fields:
        raw = raws.get(field.name)
        values = _EMPTY if raw is None else _values(field, raw, others)
        cells.append(list(values) if field.type.is_array else (values[0] if values else None))
    for slug in raws.keys() - table.known:
        found = [_without_history(value) for value in _items(raws[slug]) if value is not None]
        if found:
            others[slug] = found
    cells.append(_to_json(others) if others else None)
    return tuple(cells)


_EMPTY: Sequence[Any] = ()


def _values(field: TableField, raw: msgspec.Raw, others: dict[str, list[Any]]) -> Sequence[Any]:
    """Return the cells of an attribute's values, and add the values that do not fit to the others."""
    try:
        values = [field.reader.cell(value) for value in field.decode(raw)]
    except (*_MISFIT, msgspec.DecodeError):
        pass  # such as a value of another type, or an amount with too many digits
    else:
        if None not in values and (len(values) <= 1 or field.type.is_array):
            return values
    return _fitting(field.name, _items(raw), partial(_cell, field), others, is_array=field.type.is_array)


def _fitting(
    name: str,
    items: Iterable[Any],
    convert: Callable[[Any], Any],
    others: dict[str, list[Any]],
    *,
    is_array: bool,
) -> list[Any]:
    """Return the cells of those items that fit, and add the rest to the others. A null is nothing."""
    cells: list[Any] = []
    misfits: list[Any] = []
    for item in items:
        try:
            cell = convert(item)
            if cell is None and _is_null(item):
                continue
            if cell is None or (cells and not is_array):
                raise ValueError
            cells.append(cell)
        except _MISFIT:
            misfits.append(_without_history(item))
    if misfits:
        others[name] = misfits
    return cells


def _is_null(item: Any) -> bool:
    """Return True if nothing is in a value but what belongs to its attribute."""
    return item is None or all(
        part is None or name in _ABOUT for name, part in cast("dict[str, Any]", item).items()
    )


def _cell(field: TableField, item: Any) -> Any:
    """Return the cell of a decoded value of any shape.

    Raises:
        Exception: One of `_MISFIT`: it does not fit.
    """
    if item["attribute_type"] != field.attribute_type:
        raise ValueError
    return field.reader.cell(SimpleNamespace(**{name: item.get(name) for name in field.reader.fields}))


@cache
def _decoder(attribute_type: str, fields: tuple[str, ...]) -> Callable[[msgspec.Raw], list[Any]]:
    """Return the function that decodes values of a type, with nothing but these fields."""
    literal: Any = Literal  # of a variable, which type checkers cannot follow
    shape = msgspec.defstruct(
        "Value",
        [("attribute_type", literal[attribute_type]), *((name, Any, None) for name in fields)],
        gc=False,
    )
    return msgspec.json.Decoder(GenericAlias(list, (shape,)), float_hook=Decimal).decode


_whole = msgspec.json.Decoder(float_hook=Decimal)  # a number keeps every digit of its text


def _items(raw: msgspec.Raw) -> list[Any]:
    """Return the values of an attribute in any shape; as a text what no decoder reads."""
    found: object
    try:
        found = _whole.decode(raw)
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError):
        text = bytes(raw).decode(errors="replace")
        try:
            found = json.loads(text, parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            found = text
    return _as_list(found)


def _as_list(found: object) -> list[Any]:
    return list(cast("list[object]", found)) if isinstance(found, list) else [found]


def _without_history(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    return {name: part for name, part in fields.items() if name not in _HISTORY}


_exact = msgspec.json.Encoder(decimal_format="number", order="sorted")


def _to_json(value: Any) -> str:
    """Return JSON text in which nothing is rounded, the same for the same value."""
    try:
        return _exact.encode(value).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which only an escape can hold
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def _text(value: Any) -> str | None:
    """Return a text that all databases can hold; PostgreSQL takes no null characters, and UTF-8 no half of a surrogate pair."""
    if value is None:
        return None
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    if not value.isascii():
        value.encode()
    return value


def _decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    if type(value) not in {int, Decimal} and not _NUMBER.fullmatch(value):
        raise ValueError
    number = Decimal(value)
    if not abs(number) < _LIMIT:
        raise ValueError
    exact = number.quantize(_STEP, context=_WIDE)
    if exact != number:
        raise ValueError
    return exact + 0  # without the sign of -0


def _rating(value: Any) -> int | None:
    if value is None:
        return None
    number = value if type(value) is int else _decimal(value)
    if number is None or number != int(number) or not -_BIGINT_LIMIT <= number < _BIGINT_LIMIT:
        raise ValueError
    return int(number)


def _boolean(value: Any) -> bool | None:
    return value if value is None or isinstance(value, bool) else _BOOLEANS[value]


_BOOLEANS = {"true": True, "false": False}


def _timestamp(value: Any) -> datetime | None:
    """Return a time in UTC; one with nanoseconds does not fit."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    if any(int(digits[6:] or 0) for digits in _FRACTION.findall(value)):
        raise ValueError
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _date(value: Any) -> date | None:
    if value is None:
        return None
    if len(value) == len("2026-01-31"):
        return date.fromisoformat(value)
    moment = _timestamp(value)
    if moment is None or moment.time() != time():
        raise ValueError
    return moment.date()


def _title(choice: Any) -> str | None:
    """Return the title of an option or a status."""
    if choice is None or isinstance(choice, str):
        return _text(choice)
    title = _text(choice["title"])
    if title is None:
        raise ValueError
    return title


def _coordinate(value: Any) -> str | None:
    return format(Decimal(value), "f") if type(value) in {int, Decimal} else _text(value)


def _struct(*members: str) -> AttributeReader:
    """Return the reader of values with several texts, each of which may be null."""
    converts = [_coordinate if name in _COORDINATES else _text for name in members]

    def cell(value: Any) -> dict[str, str | None]:
        return {name: convert(getattr(value, name)) for name, convert in zip(members, converts, strict=True)}

    return AttributeReader(ColumnType("struct", members), members, cell)


def _scalar(kind: Kind, field: str, convert: Callable[[Any], Any]) -> AttributeReader:
    def cell(value: Any) -> Any:
        return convert(getattr(value, field))

    return AttributeReader(ColumnType(kind), (field,), cell)


_READERS: Mapping[str, AttributeReader] = {
    "actor-reference": _struct(*_ACTOR),
    "checkbox": _scalar("boolean", "value", _boolean),
    "currency": _scalar("decimal", "currency_value", _decimal),
    "date": _scalar("date", "value", _date),
    "domain": _scalar("text", "domain", _text),
    "email-address": _scalar("text", "email_address", _text),
    "location": _struct(*_LOCATION),
    "number": _scalar("decimal", "value", _decimal),
    "personal-name": _struct(*_NAME),
    "phone-number": _scalar("text", "phone_number", _text),
    "rating": _scalar("bigint", "value", _rating),
    "select": _scalar("text", "option", _title),
    "status": _scalar("text", "status", _title),
    "text": _scalar("text", "value", _text),
    "timestamp": _scalar("timestamp", "value", _timestamp),
}
"""By attribute type; a record reference needs the ids of objects, and an interaction has no column."""


def _reader(attribute_type: str, objects: Mapping[str, str]) -> AttributeReader | None:
    """Return the reader of an attribute type; None if its values have no column."""
    if attribute_type != "record-reference":
        return _READERS.get(attribute_type)

    def cell(value: Any) -> dict[str, str] | None:
        if value.target_record_id is None:
            return None
        return _reference(objects, value.target_object, value.target_record_id)

    return AttributeReader(_REFERENCE_TYPE, ("target_object", "target_record_id"), cell)


def _reference(objects: Mapping[str, str], target: Any, record_id: Any) -> dict[str, str]:
    """Return a reference to a record. One to an unknown object does not fit."""
    id_ = _text(record_id)
    if id_ is None:
        raise TypeError
    return dict(zip(REFERENCE, (objects[target], id_), strict=True))


def _parent(entry: Entry, objects: Mapping[str, str], others: dict[str, list[Any]]) -> dict[str, str] | None:
    """Return the reference of an entry to its record."""
    try:
        return _reference(objects, entry.parent_object, entry.parent_record_id)
    except _MISFIT:
        found = {"target_object": entry.parent_object, "target_record_id": entry.parent_record_id}
        others["parent_record"] = [found]
        return None


def history_row(id_: str, raw: Mapping[str, Any], table: Table) -> Row:
    """Return the row of a value that an attribute had over time.

    Args:
        id_: The id of the record or entry.
        raw: The value as the API sent it, with numbers that keep every digit.
        table: The table of the history.
    """
    (field,) = table.fields
    others: dict[str, list[Any]] = {}

    def fit(name: str, given: Any, convert: Callable[[Any], Any]) -> Any:
        found = _fitting(name, () if given is None else (given,), convert, others, is_array=False)
        return found[0] if found else None

    actor: Any = raw.get("created_by_actor")
    by: Mapping[str, Any] = cast("dict[str, Any]", actor) if isinstance(actor, dict) else {}
    cells = (
        fit("value", raw, partial(_cell, field)),
        *(fit(name, raw.get(name), _timestamp) for name in ("active_from", "active_until")),
        *(fit(f"actor_{name}", by.get(name), _text) for name in ("type", "id")),
    )
    return (id_, *cells, _to_json(others) if others else None)


@attrs.frozen
class _Part:
    """A column of a resource: the fields it is read from, and the function that makes a cell of them, or of each item."""

    name: str
    type: ColumnType
    sources: tuple[str, ...]
    convert: Callable[..., Any]


@attrs.frozen
class _Resource:
    """A thing that is listed beside records and entries: the part of its id that is its own, and its columns."""

    id: str
    parts: tuple[_Part, ...]


def resource_table(name: str, objects: Mapping[str, str]) -> Table:
    """Return the table of members, notes, tasks, comments or meetings, in the schema `mirror`.

    Args:
        name: One of `RESOURCES`.
        objects: The ids of all objects by slug.
    """
    resource = RESOURCES[name]
    columns = (
        Column(resource.id, _TEXT),
        *(Column(part.name, part.type) for part in resource.parts),
        _OTHERS,
    )
    return Table("mirror", name, columns, {**{each: each for each in objects.values()}, **objects})


def resource_row(raw: Mapping[str, Any], table: Table) -> Row:
    """Return the row of a member, note, task, comment or meeting, as the API sent it."""
    resource = RESOURCES[table.name]
    others: dict[str, list[Any]] = {}
    cells: list[Any] = [raw["id"][resource.id]]
    for part in resource.parts:
        given = [raw.get(source) for source in part.sources]
        if part.type.is_array:
            items = _as_list(given[0])
            convert = partial(part.convert, table.objects)
        else:
            items = [given] if any(one is not None for one in given) else []
            convert = partial(_spread, part, table.objects)
        found = _fitting(part.name, (one for one in items if one is not None), convert, others, is_array=True)
        cells.append(found if part.type.is_array else (found[0] if found else None))
    known = {"id", *(source for part in resource.parts for source in part.sources)}
    others.update((name, [value]) for name, value in raw.items() if name not in known and value is not None)
    cells.append(_to_json(others) if others else None)
    return tuple(cells)


def _spread(part: _Part, objects: Mapping[str, str], given: Sequence[Any]) -> Any:
    return part.convert(objects, *given)


def _single(name: str, kind: Kind, convert: Callable[[Any], Any]) -> _Part:
    def single(_: object, value: Any) -> Any:
        return convert(value)

    return _Part(name, ColumnType(kind), (name,), single)


def _texts(
    name: str, *members: str, renamed: Mapping[str, str] | None = None, is_array: bool = False
) -> _Part:
    """Return the column of an object of texts, or of a list of them; a boolean becomes "true" or "false"."""
    names = renamed or {}

    def convert(_: object, value: Any) -> dict[str, str | None]:
        parts = {member: value.get(names.get(member, member)) for member in members}
        return {
            member: _text(_WORDS[part] if isinstance(part, bool) else part) for member, part in parts.items()
        }

    return _Part(name, ColumnType("struct", members, is_array), (name,), convert)


_WORDS = {True: "true", False: "false"}
_AS_ACTOR = {"referenced_actor_type": "type", "referenced_actor_id": "id"}


def _record(name: str, target: str, record_id: str, *, is_array: bool = False, source: str = "") -> _Part:
    """Return the column of a reference to a record, or of a list of them."""

    def convert(objects: Mapping[str, str], value: Any) -> dict[str, str]:
        return _reference(objects, value[target], value[record_id])

    type = attrs.evolve(_REFERENCE_TYPE, is_array=is_array)
    return _Part(name, type, (source or name,), convert)


def _timestamps(*names: str) -> Iterator[_Part]:
    return (_single(name, "timestamp", _timestamp) for name in names)


def _strings(*names: str) -> Iterator[_Part]:
    return (_single(name, "text", _text) for name in names)


RESOURCES: Final[Mapping[str, _Resource]] = {
    "members": _Resource(
        "workspace_member_id",
        (
            *_strings("first_name", "last_name", "avatar_url", "email_address", "access_level"),
            *_timestamps("created_at"),
        ),
    ),
    "notes": _Resource(
        "note_id",
        (
            _Part("parent_record", _REFERENCE_TYPE, ("parent_object", "parent_record_id"), _reference),
            *_strings("title", "meeting_id", "content_plaintext", "content_markdown"),
            _texts("tags", "type", "workspace_member_id", "object", "record_id", is_array=True),
            _texts("created_by_actor", *_ACTOR, renamed=_AS_ACTOR),
            *_timestamps("created_at"),
        ),
    ),
    "tasks": _Resource(
        "task_id",
        (
            *_strings("content_plaintext"),
            *_timestamps("deadline_at", "completed_at"),
            _single("is_completed", "boolean", _boolean),
            _record("linked_records", "target_object_id", "target_record_id", is_array=True),
            _texts("assignees", *_ACTOR, is_array=True),
            _texts("created_by_actor", *_ACTOR, renamed=_AS_ACTOR),
            *_timestamps("created_at"),
        ),
    ),
    "comments": _Resource(
        "comment_id",
        (
            *_strings("thread_id", "content_plaintext"),
            _record("parent_record", "object_id", "record_id", source="record"),
            _texts("entry", "list_id", "entry_id"),
            *_timestamps("resolved_at"),
            _texts("resolved_by", *_ACTOR, renamed=_AS_ACTOR),
            _texts("author", *_ACTOR, renamed=_AS_ACTOR),
            *_timestamps("created_at"),
        ),
    ),
    "meetings": _Resource(
        "meeting_id",
        (
            *_strings("title", "description"),
            _single("is_all_day", "boolean", _boolean),
            _texts("start", "datetime", "timezone", "date"),
            _texts("end", "datetime", "timezone", "date"),
            _texts("participants", "status", "is_organizer", "email_address", "name", is_array=True),
            _record("linked_records", "object_id", "record_id", is_array=True),
            _texts("created_by_actor", *_ACTOR, renamed=_AS_ACTOR),
            *_timestamps("created_at"),
        ),
    ),
}
"""The tables of the schema `mirror` that are read from lists of their own."""
