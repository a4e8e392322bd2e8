"""Objects and lists as tables of SQLite: a row for each record or entry, a column for each attribute.

An attribute with one value is a column with that value: a text, a number, a truth value, the title of an option, the id
of a record or actor. One with several is an array, a location an object. Lists have the columns `parent_object` and
`parent_record_id` besides.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
import msgspec

from .schema import Attribute, Kind, ListType, Record, Value
from .state import Workspace

_JSON = "ATTIO_JSON"
_BOOLEAN = "ATTIO_BOOLEAN"
_NUMBERS = frozenset({"number", "currency", "rating"})
_SCALARS = {
    "currency": "currency_value",
    "record-reference": "target_record_id",
    "actor-reference": "referenced_actor_id",
    "domain": "domain",
    "email-address": "email_address",
    "phone-number": "phone_number",
    "interaction": "interacted_at",
    "personal-name": "full_name",
}
"""The property that stands for the value; of other types that is `value`."""

_HIDDEN = frozenset({"active_from", "active_until", "created_by_actor", "attribute_type"})

sqlite3.register_converter(_JSON, msgspec.json.decode)
sqlite3.register_converter(_BOOLEAN, lambda stored: stored == b"1")


@attrs.frozen
class Column:
    """A column: its name, its type, and what it holds of a record."""

    name: str
    type: str
    read: Callable[[Record], Any]


@attrs.frozen
class Table:
    """An object or a list as a table."""

    kind: Kind
    columns: Mapping[str, Column]
    """By name in lower case: SQL does not tell them apart."""

    def definition(self) -> str:
        """The statement that makes it."""
        columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in self.columns.values())
        return f"CREATE TABLE {quoted(self.kind.slug)} ({columns})"

    def insertion(self, columns: Sequence[Column]) -> str:
        """The statement that puts a row with these columns into it."""
        names = ", ".join(quoted(column.name) for column in columns)
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {quoted(self.kind.slug)} ({names}) VALUES ({marks})"  # noqa: S608 - names are quoted


def tables(workspace: Workspace) -> dict[str, Table]:
    """All tables by name in lower case; where an object and a list share one, the object has it."""
    found: dict[str, Table] = {}
    for kind in (*workspace.data.objects.values(), *workspace.data.lists.values()):
        columns: dict[str, Column] = {}
        for column in _columns(kind):
            columns.setdefault(column.name.lower(), column)
        found.setdefault(kind.slug.lower(), Table(kind, columns))
    return found


def quoted(name: str) -> str:
    """A name as SQL takes any."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _columns(kind: Kind) -> Iterator[Column]:
    if isinstance(kind, ListType):
        yield Column("parent_object", "TEXT", lambda entry: entry.about.object)
        yield Column("parent_record_id", "TEXT", lambda entry: entry.about.record_id)
    for attribute in kind.attributes.values():
        if not attribute.is_archived:
            yield Column(attribute.slug, _type(attribute), _reader(attribute))


def _type(attribute: Attribute) -> str:
    if attribute.is_multiselect or attribute.type == "location":
        return _JSON
    if attribute.type == "checkbox":
        return _BOOLEAN
    return "NUMERIC" if attribute.type in _NUMBERS else "TEXT"


def _reader(attribute: Attribute) -> Callable[[Record], Any]:
    scalar = _scalar(attribute)

    def read(record: Record) -> Any:
        values: Iterable[Value] = record.values.get(attribute.slug, ())
        found = [scalar(value) for value in values]
        if attribute.is_multiselect:
            return msgspec.json.encode(found).decode()
        if not found:
            return None
        return msgspec.json.encode(found[0]).decode() if attribute.type == "location" else found[0]

    return read


def _scalar(attribute: Attribute) -> Callable[[Value], Any]:
    if attribute.type in ("select", "status"):
        key = "option" if attribute.type == "select" else "status"
        titles = {choice.id: choice.title for choice in attribute.choices}
        return lambda value: titles[value[key]]
    if attribute.type == "location":
        return lambda value: {name: part for name, part in value.items() if name not in _HIDDEN}
    name = _SCALARS.get(attribute.type, "value")
    return lambda value: value[name]
