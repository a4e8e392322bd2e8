"""Run a SELECT over the records of a workspace, by SQLite: read-only, bounded and deterministic."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import attrs
import msgspec

from .._errors import ApiProblem, filter_error, not_modelled
from .._schema import (
    CHOICE_KEYS,
    FakeAttribute,
    FakeRecord,
    Kind,
    ListType,
    Value,
)
from .._workspace.workspace import Workspace

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
"""The property that stands for a value; for other types it is `value`."""

_HIDDEN = frozenset({"active_from", "active_until", "created_by_actor", "attribute_type"})

_MAX_ROWS = 100_000
_STEPS = 10_000
_MAX_STEPS = 30_000_000
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 50_000_000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_FUNCTIONS = frozenset(
    """
    -> ->> abs avg cast coalesce concat count cume_dist dense_rank first_value glob group_concat ifnull iif instr
    json json_array_length json_each json_extract json_type lag last_value lead length like lower ltrim max min now
    nth_value ntile nullif percent_rank printf rank replace round row_number rtrim sign string_agg substr substring
    sum total trim typeof unicode upper
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
"""The deterministic functions: none of them depends on the machine or its clock."""

_TABLE_FUNCTIONS = frozenset({"json_each", "json_tree"})

sqlite3.register_converter(_JSON, msgspec.json.decode)
sqlite3.register_converter(_BOOLEAN, lambda stored: stored == b"1")


@attrs.frozen
class SqlColumn:
    """A column: its name, its type, and the function that reads it from a row."""

    name: str
    type: str
    read: Callable[[FakeRecord], Any]


@attrs.frozen
class SqlTable:
    """An object or list as a table."""

    kind: Kind
    columns: Mapping[str, SqlColumn]
    """By name in lower case, as SQL ignores case."""

    def definition(self) -> str:
        """Return the statement that creates the table."""
        columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in self.columns.values())
        return f"CREATE TABLE {quoted(self.kind.slug)} ({columns})"

    def insertion(self, columns: Sequence[SqlColumn]) -> str:
        """Return the statement that inserts a row with these columns."""
        names = ", ".join(quoted(column.name) for column in columns)
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {quoted(self.kind.slug)} ({names}) VALUES ({marks})"  # noqa: S608 - names are quoted


def tables(workspace: Workspace) -> dict[str, SqlTable]:
    """Return all tables by name in lower case; if an object and a list share one, that of the object."""
    found: dict[str, SqlTable] = {}
    for kind in (*workspace.data.objects.values(), *workspace.data.lists.values()):
        columns: dict[str, SqlColumn] = {}
        for column in _columns(kind):
            columns.setdefault(column.name.lower(), column)
        found.setdefault(kind.slug.lower(), SqlTable(kind, columns))
    return found


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _columns(kind: Kind) -> Iterator[SqlColumn]:
    if isinstance(kind, ListType):
        yield SqlColumn("parent_object", "TEXT", lambda entry: entry.about.object)
        yield SqlColumn("parent_record_id", "TEXT", lambda entry: entry.about.record_id)
    for attribute in kind.attributes.values():
        if not attribute.is_archived:
            yield SqlColumn(attribute.slug, _type(attribute), _reader(attribute))


def _type(attribute: FakeAttribute) -> str:
    if attribute.is_multiselect or attribute.type == "location":
        return _JSON
    if attribute.type == "checkbox":
        return _BOOLEAN
    return "NUMERIC" if attribute.type in _NUMBERS else "TEXT"


def _reader(attribute: FakeAttribute) -> Callable[[FakeRecord], Any]:
    scalar = _scalar(attribute)

    def read(record: FakeRecord) -> Any:
        values: Iterable[Value] = record.values.get(attribute.slug, ())
        found = [scalar(value) for value in values]
        if attribute.is_multiselect:
            return msgspec.json.encode(found).decode()
        if not found:
            return None
        return msgspec.json.encode(found[0]).decode() if attribute.type == "location" else found[0]

    return read


def _scalar(attribute: FakeAttribute) -> Callable[[Value], Any]:
    key = CHOICE_KEYS.get(attribute.type)
    if key is not None:
        titles = {choice.id: choice.title for choice in attribute.choices}
        return lambda value: titles[value[key]]
    if attribute.type == "location":
        return lambda value: {name: part for name, part in value.items() if name not in _HIDDEN}
    name = _SCALARS.get(attribute.type, "value")
    return lambda value: value[name]


def select(workspace: Workspace, query: str, now: str) -> list[dict[str, Any]]:
    """Return the rows that a SELECT finds.

    Raises:
        ApiProblem: 400, the query is not a valid SELECT, or it finds or does too much; 501, the fake does not model it.
    """
    with closing(sqlite3.connect(":memory:", detect_types=sqlite3.PARSE_DECLTYPES)) as database:
        session = _Session(workspace, database, now)
        try:
            return session.run(query)
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise session.refusal(error) from None


class _Session:
    """A query. It is prepared twice: first to learn what it reads, then, with that in the tables, to run it."""

    def __init__(self, workspace: Workspace, database: sqlite3.Connection, now: str) -> None:
        self._workspace = workspace
        self._database = database
        self._now = now
        self._tables = tables(workspace)
        self._read: dict[str, set[str]] = {}
        self._refusal: ApiProblem | None = None
        self._steps = 0
        for kind, limit in _LIMITS.items():
            database.setlimit(kind, limit)
        database.create_function("now", 0, lambda: now)

    def run(self, query: str) -> list[dict[str, Any]]:
        for table in self._tables.values():
            self._database.execute(table.definition())
        self._database.execute(
            "SELECT 1 FROM json_each('[]'), json_tree('[]')"
        )  # defines the table functions
        self._database.set_authorizer(self._authorize)
        self._database.execute(f"EXPLAIN {query}").close()
        self._database.set_authorizer(None)
        for name, columns in self._read.items():
            self._fill(self._tables[name], columns)
        self._database.set_authorizer(self._authorize)
        self._database.set_progress_handler(self._is_too_much, _STEPS)
        return _rows(self._database.execute(query))

    def refusal(self, error: Exception) -> ApiProblem:
        """Return the response to an error of SQLite."""
        if self._refusal is not None:
            return self._refusal
        if self._steps > _MAX_STEPS:
            return filter_error("The query is too complex.")
        message = str(error)
        if message.startswith("no such function"):
            return not_modelled(f"this function of SQL ({message})")
        return filter_error(f"The query cannot be run: {message}. FakeAttio reads SQL as SQLite does.")

    def _authorize(self, action: int, first: str | None, second: str | None, *_: object) -> int:
        match action:
            case sqlite3.SQLITE_SELECT:
                return sqlite3.SQLITE_OK
            case sqlite3.SQLITE_READ:
                return self._authorize_read((first or "").lower(), (second or "").lower())
            case sqlite3.SQLITE_FUNCTION if (second or "").lower() in _FUNCTIONS:
                return sqlite3.SQLITE_OK
            case sqlite3.SQLITE_FUNCTION:
                self._refusal = not_modelled(f'the function "{second}" of SQL')
            case sqlite3.SQLITE_RECURSIVE:
                self._refusal = not_modelled("recursive queries of SQL")
            case _:
                self._refusal = self._refusal or filter_error("The query has to be one SELECT.")
        return sqlite3.SQLITE_DENY

    def _authorize_read(self, table: str, column: str) -> int:
        if table in self._tables:
            self._read.setdefault(table, set()).add(column)
        elif (
            column and table not in _TABLE_FUNCTIONS
        ):  # without a column, it is a name that the query itself defines
            self._refusal = filter_error(f'Cannot find object or list with slug "{table}".')
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    def _fill(self, table: SqlTable, names: Iterable[str]) -> None:
        columns = [table.columns[name] for name in sorted(names) if name in table.columns]
        columns = columns or [next(iter(table.columns.values()))]  # for COUNT(*), which reads none
        rows = ([column.read(record) for column in columns] for record in self._shown(table))
        self._database.executemany(table.insertion(columns), rows)

    def _shown(self, table: SqlTable) -> Iterable[FakeRecord]:
        for record in self._workspace.records(table.kind):
            if not self._workspace.is_merging(record.id, self._now):
                yield record

    def _is_too_much(self) -> bool:
        self._steps += _STEPS
        return self._steps > _MAX_STEPS


def _rows(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    if len(set(names)) < len(names):
        raise not_modelled("results with two columns of the same name")
    rows = cursor.fetchmany(_MAX_ROWS + 1)
    if len(rows) > _MAX_ROWS:
        raise filter_error(f"The query finds more than {_MAX_ROWS} rows.")
    return [dict(zip(names, row, strict=True)) for row in rows]
