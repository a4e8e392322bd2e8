"""Tables of the mirror, filled from a client and written to a DuckDB."""

from collections.abc import Iterable
from typing import Any

import duckdb

from attio_async import Attio
from attio_async.mirror._tables import RESOURCES, Row, Table, resource_row, resource_table, row_of, table_of


def quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


async def read_tables(attio: Attio) -> list[tuple[Table, list[Row]]]:
    """Return all objects and lists of a workspace, and what is listed beside them."""
    objects = {each.api_slug: str(each.id) for each in await attio.objects.list()}
    found: list[tuple[Table, list[Row]]] = []
    for slug in objects:
        table = table_of(await attio.schema(slug), "objects", slug, objects)
        found.append((table, [row_of(record, table) async for record in attio.records(slug).query()]))
    for each in await attio.lists.list():
        table = table_of(await attio.schema(each.api_slug, target="lists"), "lists", each.api_slug, objects)
        found.append((table, [row_of(entry, table) async for entry in attio.entries(each.api_slug).query()]))
    lists: dict[str, list[Any]] = {
        "members": await attio.workspace_members.list(),
        "notes": [each async for each in attio.notes.list()],
        "tasks": [each async for each in attio.tasks.list()],
        "meetings": [each async for each in attio.meetings.list()],
        "comments": [],
    }
    assert lists.keys() == RESOURCES.keys()
    for name, items in lists.items():
        table = resource_table(name, objects)
        found.append((table, [resource_row(item.raw, table) for item in items]))
    return found


def duckdb_of(tables: Iterable[tuple[Table, list[Row]]]) -> duckdb.DuckDBPyConnection:
    """Return a database with these tables, in the vendor's default schema."""
    database = duckdb.connect(":memory:", config={"autoload_known_extensions": "false"})
    database.execute(
        "SET TimeZone = 'UTC'; CREATE SCHEMA objects; CREATE SCHEMA lists; CREATE SCHEMA mirror; SET schema = 'objects'"
    )
    for table, rows in tables:
        place = f"{table.schema}.{quoted(table.name)}"
        columns = ", ".join(f"{quoted(column.name)} {column.type.duckdb}" for column in table.columns)
        database.execute(f"CREATE TABLE {place} ({columns})")
        fill(database, table, rows)
    return database


def fill(database: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    """Insert rows into their table."""
    if rows:
        marks = ", ".join(f"CAST(? AS {column.type.duckdb})" for column in table.columns)
        database.executemany(f"INSERT INTO {table.schema}.{quoted(table.name)} VALUES ({marks})", rows)
