"""Run a SELECT over the objects and lists of a workspace, by DuckDB in a process of its own.

A process can be bounded: it ends after 30 seconds and has a limited amount of memory, whatever the query does.
"""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import attrs
import msgspec

from .._errors import filter_error, missing_extra, not_modelled
from .._schema import CHOICE_KEYS, FakeAttribute, FakeRecord, Kind, ListType
from .._values.read import LOCATION, NAME
from .._workspace.workspace import Workspace

_WORKER = Path(__file__).with_name("sql_worker.py")
_TIMEOUT_S = 30.0
_MAX_ROWS = 100_000
_MAX_QUERY_CHARACTERS = 100_000
_RUNNING = threading.BoundedSemaphore(2)
"""The workers that run at a time: each may take much memory."""

_REFERENCE = {"entity_definition_id": "VARCHAR", "entity_instance_id": "VARCHAR"}
_AMOUNT = "DECIMAL(38,4)"
_PARTS: Mapping[str, Sequence[str]] = {
    "actor-reference": ("referenced_actor_type", "referenced_actor_id"),
    "location": LOCATION,
    "personal-name": NAME,
}
"""The properties of values that are structs."""

_TYPES: Mapping[str, object] = {
    "checkbox": "BOOLEAN",
    "currency": _AMOUNT,
    "date": "DATE",
    "number": _AMOUNT,
    "rating": "BIGINT",
    "record-reference": _REFERENCE,
    "timestamp": "TIMESTAMPTZ",
    **{type: dict.fromkeys(names, "VARCHAR") for type, names in _PARTS.items()},
}
"""The types of columns, as DuckDB's `from_json` takes them; that of other attributes is VARCHAR."""

_PROPERTIES = {
    "currency": "currency_value",
    "domain": "domain",
    "email-address": "email_address",
    "phone-number": "phone_number",
}
"""The property that stands for a value; for other types it is `value`."""


@attrs.frozen
class SqlColumn:
    """A column: its name, its type, and the function that reads it from a row."""

    name: str
    type: object
    read: Callable[[FakeRecord], Any]


def job_of(workspace: Workspace, query: str, now: str) -> bytes:
    """Return the job of a worker that runs a query: the query, and the tables with their rows.

    Raises:
        ApiProblem: 400, the query is too long; 501, DuckDB is not installed.
    """
    if find_spec("duckdb") is None:
        raise missing_extra("SQL", "DuckDB")
    if len(query) > _MAX_QUERY_CHARACTERS:
        raise filter_error(f"The query has more than {_MAX_QUERY_CHARACTERS} characters.")
    tables = list(_tables(workspace, query, now))
    return msgspec.json.encode({"query": query, "now": now, "max_rows": _MAX_ROWS, "tables": tables})


def select(job: bytes) -> list[dict[str, Any]]:
    """Return the rows that a SELECT finds. It takes a while, and needs the workspace no longer.

    Raises:
        ApiProblem: 400, the query is not a valid SELECT, or it finds or does too much.
    """
    with _RUNNING:
        answer = msgspec.json.decode(_answered(job))
    if "error" in answer:
        raise filter_error(str(answer["error"]))
    if "not_modelled" in answer:
        raise not_modelled(str(answer["not_modelled"]))
    rows: list[dict[str, Any]] = answer["rows"]
    return rows


def _answered(job: bytes) -> bytes:
    """Return the answer of a worker to a job."""
    # -P: the folder of the worker is not searched for modules.
    command = [sys.executable, "-P", str(_WORKER)]
    try:
        done = subprocess.run(  # noqa: S603 - the command is fixed
            command,
            input=job,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise filter_error(f"The query was stopped after {_TIMEOUT_S:g} seconds.") from None
    except subprocess.CalledProcessError:
        raise filter_error("The query needs too much memory.") from None
    return done.stdout


def _tables(workspace: Workspace, query: str, now: str) -> Iterator[dict[str, Any]]:
    """Yield all tables, with the rows of those that the query may read."""
    text = query.casefold()
    for schema, kinds in (
        ("objects", workspace.data.objects.values()),
        ("lists", workspace.data.lists.values()),
    ):
        for kind in kinds:
            columns = _distinct(_columns(workspace, kind))
            is_read = kind.slug.casefold() in text or not kind.slug.isidentifier() or "query" in text
            records = workspace.records(kind) if is_read else ()
            yield {
                "schema": schema,
                "name": kind.slug,
                "types": {column.name: column.type for column in columns},
                "rows": [
                    {column.name: column.read(record) for column in columns}
                    for record in records
                    if not workspace.is_merging(record.id, now)
                ],
            }


def _distinct(columns: Iterable[SqlColumn]) -> list[SqlColumn]:
    """Return the columns, of those whose names differ in case alone the first one."""
    found: dict[str, SqlColumn] = {}
    for column in columns:
        found.setdefault(column.name.lower(), column)
    return list(found.values())


def _columns(workspace: Workspace, kind: Kind) -> Iterator[SqlColumn]:
    """Yield the columns of an object or list. Interactions and archived attributes have none."""
    row_id = f"{kind.row_noun}_id"
    yield SqlColumn(row_id, "VARCHAR", lambda record: record.id)
    if isinstance(kind, ListType):
        yield SqlColumn(
            "parent_record",
            _REFERENCE,
            lambda entry: _reference(workspace, entry.about.object, entry.about.record_id),
        )
    for attribute in kind.attributes.values():
        if not attribute.is_archived and attribute.type != "interaction" and attribute.slug != row_id:
            type = _TYPES.get(attribute.type, "VARCHAR")
            yield SqlColumn(
                attribute.slug,
                [type] if attribute.is_multiselect else type,
                _reader(workspace, attribute),
            )


def _reader(workspace: Workspace, attribute: FakeAttribute) -> Callable[[FakeRecord], Any]:
    scalar = _scalar(workspace, attribute)

    def read(record: FakeRecord) -> Any:
        values: Iterable[Mapping[str, Any]] = record.values.get(attribute.slug, ())
        found = [scalar(value) for value in values]
        return found if attribute.is_multiselect else next(iter(found), None)

    return read


def _scalar(workspace: Workspace, attribute: FakeAttribute) -> Callable[[Mapping[str, Any]], Any]:
    """Return the function that reads one value of an attribute."""
    key = CHOICE_KEYS.get(attribute.type)
    if key is not None:
        titles = {choice.id: choice.title for choice in attribute.choices}
        return lambda value: titles[value[key]]
    if attribute.type == "record-reference":
        return lambda value: _reference(workspace, value["target_object"], value["target_record_id"])
    if attribute.type in _PARTS:
        names = _PARTS[attribute.type]
        return lambda value: {name: value[name] for name in names}
    name = _PROPERTIES.get(attribute.type, "value")
    return lambda value: value[name]


def _reference(workspace: Workspace, object_slug: str, record_id: str) -> dict[str, str]:
    """Return a reference to a record as SQL shows it."""
    return {
        "entity_definition_id": workspace.data.objects[object_slug].id,
        "entity_instance_id": record_id,
    }
