"""Every value comes back exactly from a column, or is in `_other_values`."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pytest
from hypothesis import given, settings
from pyarrow import parquet
from tests.postgres import running_postgres

from attio_async._records.models import Entry, Record, decode_one
from attio_async._schema import Attribute, ObjectSchema
from attio_async.mirror import _postgres
from attio_async.mirror._sources import history_table
from attio_async.mirror._tables import (
    REFERENCE,
    RESOURCES,
    Row,
    Table,
    history_row,
    resource_row,
    resource_table,
    row_of,
    table_of,
)
from attio_async.mirror._target import CellOrigin, MirroredTable, StagedRow

from .shapes import duckdb_of, fill
from .values import OBJECTS, SCHEMA, TABLE, cell_meaning, meaning, raw_records, records_of

Raws = list[dict[str, list[dict[str, Any]]]]
HISTORY = ("active_from", "active_until", "created_by_actor")
NAMES = [column.name for column in TABLE.columns]


def check_exact(raws: Raws, rows: Sequence[Row]) -> None:
    """Check the rows that a database returned against the values that the API sent."""
    assert len(rows) == len(raws)
    for number, (raw, row) in enumerate(zip(raws, rows, strict=True)):
        cells = dict(zip(NAMES, row, strict=True))
        others = json.loads(cells["_other_values"] or "{}", parse_float=Decimal)
        assert cells["record_id"] == f"r{number}"
        for slug, values in raw.items():
            attribute = SCHEMA.attributes.get(slug, Attribute(slug))
            expected = list(others.pop(slug, []))
            cell = cells.get(slug)
            fitting = [] if cell is None else cell if attribute.is_multiselect else [cell]
            for value in values:
                fields = {name: part for name, part in value.items() if name not in HISTORY}
                if fields in expected:
                    expected.remove(fields)
                    continue
                if all(
                    fields[name] is None for name in fields if name not in {"attribute_type", "currency_code"}
                ):
                    if fitting and cell_meaning(fitting[0]) == {}:
                        fitting.pop(0)
                    continue  # a null is nothing, or a struct of nothing
                assert value["attribute_type"] == attribute.type
                assert cell_meaning(fitting.pop(0)) == meaning(attribute, value)
            assert (expected, fitting) == ([], [])
        assert others == {}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb_of([(TABLE, [])]) as database:
        yield database


def check_in_duckdb(database: duckdb.DuckDBPyConnection, raws: Raws) -> None:
    rows = [row_of(record, TABLE) for record in records_of(raws)]
    database.execute("TRUNCATE things")
    fill(database, TABLE, rows)
    found: list[Row] = database.execute("SELECT * FROM things ORDER BY CAST(record_id[2:] AS INT)").fetchall()
    assert found == rows
    assert [[type(cell) for cell in row] for row in found] == [[type(cell) for cell in row] for row in rows]
    check_exact(raws, found)


@settings(max_examples=15)
@given(raw_records())
def test_every_value_comes_back_or_is_in_the_other_values(
    database: duckdb.DuckDBPyConnection, raws: Raws
) -> None:
    check_in_duckdb(database, raws)


@pytest.mark.full
@settings(max_examples=300)
@given(raw_records())
def test_many_values_come_back_or_are_in_the_other_values(
    database: duckdb.DuckDBPyConnection, raws: Raws
) -> None:
    check_in_duckdb(database, raws)


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[Any]]:
    shape = _postgres._columns((*TABLE.columns, *_postgres._STAGED_COLUMNS))
    with running_postgres() as words, psycopg.connect(words, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        connection.execute(f"CREATE TABLE things ({shape})".encode(), ())
        yield connection


@pytest.mark.full
@settings(max_examples=300)
@given(raw_records())
def test_many_values_come_back_from_postgres(postgres: psycopg.Connection[Any], raws: Raws) -> None:
    rows = [row_of(record, TABLE) for record in records_of(raws)]
    staged = _postgres._staged_cells(MirroredTable("things", TABLE), map(StagedRow, rows))
    postgres.execute("TRUNCATE things")
    with postgres.cursor() as cursor, cursor.copy("COPY things FROM STDIN") as copy:
        for cells in staged:
            copy.write_row(cells)
    found: list[Row] = [
        each[:-2] for each in postgres.execute("SELECT * FROM things ORDER BY substr(record_id, 2)::int")
    ]
    assert found == rows
    check_exact(raws, found)


@pytest.mark.full
def test_ids_and_actors_with_null_characters_are_escaped_for_postgres(
    postgres: psycopg.Connection[Any],
) -> None:
    cells = ("r\0", *[None] * (len(TABLE.columns) - 1))
    origin = CellOrigin("2026-01-31T10:00:00Z", "app\0", "a\0b")
    (staged,) = _postgres._staged_cells(
        MirroredTable("things", TABLE), [StagedRow(cells, None, origin, {"x\0": origin})]
    )
    postgres.execute("TRUNCATE things")
    _postgres._copy(postgres, "things", [staged])
    found = postgres.execute("SELECT record_id, _origins FROM things").fetchone()
    kept = ["2026-01-31T10:00:00Z", r"app\u0000", r"a\u0000b"]
    assert found == (r"r\u0000", {":row": kept, r"x\u0000": kept})


@pytest.mark.full
@settings(max_examples=300)
@given(raw_records())
def test_many_values_come_back_from_parquet(
    database: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory, raws: Raws
) -> None:
    file = tmp_path_factory.getbasetemp() / "things.parquet"
    rows = [row_of(record, TABLE) for record in records_of(raws)]
    database.execute("TRUNCATE things")
    fill(database, TABLE, rows)
    database.execute(
        f"COPY (SELECT * FROM things ORDER BY CAST(record_id[2:] AS INT)) TO '{file}' (FORMAT parquet)"
    )
    table = parquet.read_table(file)
    assert table.schema.types == [column.type.arrow(pa) for column in TABLE.columns]
    found: list[Row] = [tuple(each.values()) for each in table.to_pylist()]
    assert found == rows
    check_exact(raws, found)


def row(table: Table, values: object, **ids: object) -> dict[str, Any]:
    """Return the row of one record as a dict."""
    cls = Entry if "entry_id" in ids else Record
    named = "entry_values" if cls is Entry else "values"
    more = {name: ids.pop(name) for name in ("parent_object", "parent_record_id") if name in ids}
    body = json.dumps({"data": {"id": ids or {"record_id": "r"}, **more, named: values}})
    return dict(
        zip(
            (column.name for column in table.columns),
            row_of(decode_one(body.encode(), cls), table),
            strict=True,
        )
    )


def value(type: str, **fields: object) -> dict[str, object]:
    return {"attribute_type": type, **fields}


MISFITS = [
    ("number", "0.00001", '{"value":0.00001}'),
    ("number", "12345678901234567890123456789012345", '{"value":12345678901234567890123456789012345}'),
    ("number", "1e400", '{"value":1E+400}'),
    ("rating", "2.5", '{"value":2.5}'),
    ("rating", "9223372036854775808", '{"value":9223372036854775808}'),
    ("timestamp", '"2026-01-31T10:00:00.123456789Z"', '{"value":"2026-01-31T10:00:00.123456789Z"}'),
    ("timestamp", '"0000-01-31T10:00:00Z"', '{"value":"0000-01-31T10:00:00Z"}'),
    ("date", '"2026-01-31T10:00:00Z"', '{"value":"2026-01-31T10:00:00Z"}'),
    ("text", '"a\\u0000"', '{"value":"a\\u0000"}'),
    ("text", "5", '{"value":5}'),
    ("checkbox", "1", '{"value":1}'),
]


@pytest.mark.parametrize(("type", "given", "kept"), MISFITS)
def test_what_does_not_fit_is_kept_as_it_came(type: str, given: str, kept: str) -> None:
    table = table_of(ObjectSchema("things", [Attribute("x", type=type)]), "objects", "things", {})
    written = f'{{"attribute_type":"{type}","active_from":"2026-01-01T00:00:00Z","value":{given}}}'
    body = f'{{"data":{{"id":{{"record_id":"r"}},"values":{{"x":[{written}]}}}}}}'
    _, cell, others = row_of(decode_one(body.encode(), Record), table)
    assert cell is None
    assert others == f'{{"x":[{{"attribute_type":"{type}",{kept[1:]}]}}'


def test_references_with_null_characters_are_misfits() -> None:
    table = table_of(
        ObjectSchema("things", [Attribute("x", type="record-reference", is_multiselect=True)]),
        "objects",
        "things",
        OBJECTS,
    )
    odd = value("record-reference", target_object="people", target_record_id="r\0")
    usual = value("record-reference", target_object="people", target_record_id="r")
    found = row(table, {"x": [odd, usual]})
    assert found["x"] == [dict(zip(REFERENCE, (OBJECTS["people"], "r"), strict=True))]
    assert json.loads(found["_other_values"]) == {"x": [odd]}


@pytest.mark.parametrize(
    ("given", "expected", "others"),
    [
        ({"value": Decimal("1.0001")}, [Decimal("1.0001"), None, None, None], None),
        (
            {
                "value": Decimal("1.00001"),
                "active_from": "2026-01-31T10:00:00.000000000Z",
                "active_until": "2026-01-31T10:00:00.000000001Z",
                "created_by_actor": {"type": "system\0", "id": "a"},
            },
            [None, datetime(2026, 1, 31, 10, tzinfo=UTC), None, None],
            {
                "value": [{"attribute_type": "number", "value": 1.00001}],
                "active_until": ["2026-01-31T10:00:00.000000001Z"],
                "actor_type": ["system\0"],
            },
        ),
        ({"value": None, "active_from": 5}, [None, None, None, None], {"active_from": [5]}),
    ],
)
def test_values_of_a_history_are_exact(given: dict[str, Any], expected: list[Any], others: Any) -> None:
    table = table_of(ObjectSchema("things", [Attribute("x", type="number")]), "objects", "things", {})
    history = history_table(MirroredTable("things", table), table.fields[0]).table
    id_, *cells, actor_id, misfits = history_row("r", {"attribute_type": "number", **given}, history)
    assert (id_, cells, actor_id) == ("r", expected, given.get("created_by_actor", {}).get("id"))
    assert (misfits and json.loads(misfits)) == others


def test_a_single_value_attribute_with_two_values_keeps_both() -> None:
    table = table_of(ObjectSchema("things", [Attribute("x")]), "objects", "things", {})
    found = row(table, {"x": [value("text", value="a"), value("text", value="b")]})
    assert found["x"] == "a"
    assert json.loads(found["_other_values"]) == {"x": [value("text", value="b")]}


def test_attributes_without_a_column_are_in_the_other_values() -> None:
    attributes = [
        Attribute("record_id"),
        Attribute("Name"),
        Attribute("name"),
        Attribute("_synced_at"),
        Attribute("_origins"),
        Attribute("rowid"),
        Attribute("XMIN"),
        Attribute("old", is_archived=True),
        Attribute("seen", type="interaction"),
        Attribute("newer", type="hologram"),
    ]
    table = table_of(ObjectSchema("things", attributes), "objects", "things", {})
    assert [column.name for column in table.columns] == ["record_id", "Name", "_other_values"]
    slugs = [*(each.slug for each in attributes), "undescribed"]
    found = row(table, {slug: [value("text", value=slug)] for slug in slugs})
    assert (found["record_id"], found["Name"]) == ("r", "Name")
    assert json.loads(found["_other_values"]) == {slug: [value("text", value=slug)] for slug in slugs[2:]}


def test_an_entry_refers_to_its_record_by_the_ids_of_both() -> None:
    table = table_of(ObjectSchema("sales", [Attribute("entry_id")]), "lists", "sales", OBJECTS)
    ids = {"entry_id": "e", "parent_record_id": "r"}
    assert row(table, {}, **ids, parent_object="people") == {
        "entry_id": "e",
        "parent_record": {"entity_definition_id": OBJECTS["people"], "entity_instance_id": "r"},
        "_other_values": None,
    }
    unknown = row(table, {}, **ids, parent_object="planets")
    assert unknown["parent_record"] is None
    assert json.loads(unknown["_other_values"]) == {
        "parent_record": [{"target_object": "planets", "target_record_id": "r"}]
    }


RAW_RESOURCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "members": (
        {
            "id": {"workspace_member_id": "m"},
            "first_name": "Ada",
            "created_at": "2026-01-31T10:00:00.000000000Z",
            "new": 1,
        },
        {
            "first_name": "Ada",
            "created_at": datetime(2026, 1, 31, 10, tzinfo=UTC),
            "_other_values": '{"new":[1]}',
        },
    ),
    "notes": (
        {
            "id": {"note_id": "n"},
            "parent_object": "people",
            "parent_record_id": "r",
            "title": "\ud800",
            "tags": [{"type": "record", "object": "people", "record_id": "t"}, "odd"],
            "created_by_actor": {"type": "system", "id": None},
        },
        {
            "parent_record": {"entity_definition_id": OBJECTS["people"], "entity_instance_id": "r"},
            "tags": [{"type": "record", "workspace_member_id": None, "object": "people", "record_id": "t"}],
            "created_by_actor": {"referenced_actor_type": "system", "referenced_actor_id": None},
            "_other_values": '{"tags":["odd"],"title":[["\\ud800"]]}',
        },
    ),
    "tasks": (
        {
            "id": {"task_id": "t"},
            "is_completed": False,
            "deadline_at": "2026-01-31T10:00:00.000000001Z",
            "linked_records": [{"target_object_id": "people", "target_record_id": "r"}],
            "assignees": [{"referenced_actor_type": "workspace-member", "referenced_actor_id": "m"}],
        },
        {
            "is_completed": False,
            "linked_records": [{"entity_definition_id": OBJECTS["people"], "entity_instance_id": "r"}],
            "assignees": [{"referenced_actor_type": "workspace-member", "referenced_actor_id": "m"}],
            "_other_values": '{"deadline_at":[["2026-01-31T10:00:00.000000001Z"]]}',
        },
    ),
    "comments": (
        {
            "id": {"comment_id": "c"},
            "record": {"object_id": OBJECTS["people"], "record_id": "r"},
            "entry": {"list_id": "l", "entry_id": "e"},
        },
        {
            "parent_record": {"entity_definition_id": OBJECTS["people"], "entity_instance_id": "r"},
            "entry": {"list_id": "l", "entry_id": "e"},
        },
    ),
    "meetings": (
        {
            "id": {"meeting_id": "m"},
            "start": {"datetime": "2026-01-31T10:00:00.000000000+01:00", "timezone": "Europe/Paris"},
            "participants": [
                {"status": "accepted", "is_organizer": True, "email_address": "ada@example.com"}
            ],
            "linked_records": [{"object_slug": "people", "object_id": "nowhere", "record_id": "r"}],
        },
        {
            "start": {
                "datetime": "2026-01-31T10:00:00.000000000+01:00",
                "timezone": "Europe/Paris",
                "date": None,
            },
            "participants": [
                {
                    "status": "accepted",
                    "is_organizer": "true",
                    "email_address": "ada@example.com",
                    "name": None,
                }
            ],
            "linked_records": [],
            "_other_values": '{"linked_records":[{"object_id":"nowhere","object_slug":"people","record_id":"r"}]}',
        },
    ),
}


def test_resources_have_tables_too() -> None:
    assert RAW_RESOURCES.keys() == RESOURCES.keys()
    for name, (raw, expected) in RAW_RESOURCES.items():
        table = resource_table(name, OBJECTS)
        found = dict(zip((column.name for column in table.columns), resource_row(raw, table), strict=True))
        assert found.pop(table.key) == next(iter(raw["id"].values()))
        assert {column: cell for column, cell in found.items() if cell not in (None, [])} == {
            column: cell for column, cell in expected.items() if cell != []
        }, name
