"""The queries that the vendor documents run as they stand on the mirror's tables and on the fake's SQL, with equal rows.

https://docs.attio.com/sql/guides/querying-with-sql, https://docs.attio.com/sql/available-data
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from attio_async.testing import FakeAttio
from attio_async.testing._query import sql as runner, sql_worker

from .shapes import read_tables

pytestmark = pytest.mark.anyio

QUERIES = {
    "basics": "SELECT name, value FROM deals WHERE value > 50000 ORDER BY value DESC;",
    "a list and its records": """
        SELECT lists.sales.entry_id, companies.name
        FROM lists.sales
        JOIN companies
          ON companies.record_id = lists.sales.parent_record.entity_instance_id;""",
    "references to several objects": """
        SELECT companies.name AS company, referred_person.name.full_name AS referrer
        FROM companies
        JOIN people AS referred_person
          ON referred_person.record_id = companies.referred_by.entity_instance_id
          AND companies.referred_by.entity_definition_id = '{people}'
        UNION ALL
        SELECT companies.name, referred_company.name
        FROM companies
        JOIN companies AS referred_company
          ON referred_company.record_id = companies.referred_by.entity_instance_id
          AND companies.referred_by.entity_definition_id = '{companies}'
        ORDER BY company, referrer;""",
    "arrays of references": """
        WITH person_deals AS (
          SELECT name, unnest(associated_deals) AS deal FROM people
        )
        SELECT person_deals.name.full_name AS person, deals.name AS deal
        FROM person_deals
        JOIN deals ON deals.record_id = person_deals.deal.entity_instance_id
        ORDER BY person, deal;""",
    "arrays in a subquery": """
        SELECT deals.name, deals.value, member.full_name
        FROM deals
        JOIN (SELECT name AS member, unnest(associated_deals) AS deal FROM people) AS members
          ON members.deal.entity_instance_id = deals.record_id
        ORDER BY 1, 3;""",
    "arrays of several objects": """
        WITH allies AS (SELECT name AS company, unnest(allies) AS ally FROM companies)
        SELECT allies.company, people.name.full_name AS ally FROM allies
        JOIN people ON people.record_id = allies.ally.entity_instance_id
          AND allies.ally.entity_definition_id = '{people}'
        UNION ALL
        SELECT allies.company, companies.name FROM allies
        JOIN companies ON companies.record_id = allies.ally.entity_instance_id
          AND allies.ally.entity_definition_id = '{companies}'
        ORDER BY 1, 2;""",
    "tables": """
        SELECT table_schema, table_name FROM information_schema.tables
        WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
        ORDER BY table_schema, table_name;""",
    "columns": """
        SELECT table_schema, table_name, column_name, ordinal_position, data_type, is_nullable
        FROM information_schema.columns
        WHERE table_schema IN ('objects', 'lists')
        ORDER BY table_schema, table_name, ordinal_position;""",
    "pg_catalog": """
        SELECT nspname, relname, attname, attnum
        FROM pg_catalog.pg_attribute
        JOIN pg_catalog.pg_class ON pg_class.oid = attrelid
        JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname IN ('objects', 'lists')
        ORDER BY nspname, relname, attnum;""",
    "types": """
        SELECT name, size, value, is_customer, kind, kinds, stars, founded, seen, owner, home, domains, created_at
        FROM companies ORDER BY name;""",
    "groups": "SELECT stage, count(*) AS n, sum(value) AS total FROM deals GROUP BY stage ORDER BY stage;",
    "times": "SELECT count(*) AS n FROM companies WHERE seen >= TIMESTAMPTZ '2026-03-01 00:00:00Z';",
}


@pytest.fixture
def anyio_backend() -> str:
    """Nothing here depends on the event loop."""
    return "asyncio"


@pytest.fixture(scope="module")
def fake() -> FakeAttio:
    fake = FakeAttio()
    seed = fake.seed
    for slug, type in (
        ("size", "number"),
        ("value", "currency"),
        ("is_customer", "checkbox"),
        ("stars", "rating"),
        ("founded", "date"),
        ("seen", "timestamp"),
        ("owner", "actor-reference"),
        ("home", "location"),
    ):
        seed.add_attribute("companies", slug, type)
    seed.add_attribute("companies", "kind", "select", options=["Old", "New"])
    seed.add_attribute("companies", "kinds", "select", options=["Big", "Small"], multiselect=True)
    seed.add_attribute(
        "companies", "referred_by", "record-reference", allowed_objects=["people", "companies"]
    )
    seed.add_attribute(
        "companies",
        "allies",
        "record-reference",
        multiselect=True,
        allowed_objects=["people", "companies"],
    )
    seed.add_list("sales", parent="companies")
    seed.add_attribute("sales", "fit", "select", options=["Good", "Bad"])

    def ref(slug: str, record: dict[str, Any]) -> dict[str, str]:
        return {"target_object": slug, "target_record_id": record["id"]["record_id"]}

    owner = "ada@fake-workspace.example.com"
    acme = seed.add_record(
        "companies",
        {
            "name": "Acme",
            "domains": ["acme.com", "acme.org"],
            "size": 12.3456,
            "value": "1000000.5",
            "is_customer": True,
            "kind": "Old",
            "kinds": ["Big", "Small"],
            "stars": 4,
            "founded": "1999-12-31",
            "seen": "2026-03-01T10:11:12.123456Z",
            "owner": owner,
            "home": "1 Main Street, Paris, FR",
        },
    )
    ada = seed.add_record("people", {"name": "Lovelace, Ada"})
    grace = seed.add_record("people", {"name": "Hopper, Grace", "company": ref("companies", acme)})
    beta = seed.add_record(
        "companies",
        {
            "name": "Beta",
            "referred_by": ref("people", ada),
            "allies": [ref("people", grace), ref("companies", acme)],
        },
    )
    seed.add_record("companies", {"name": "Gamma", "referred_by": ref("companies", beta), "size": -0.0001})
    for name, value, people in (
        ("Small", 10, [ada]),
        ("Large", 75_000, [ada, grace]),
        ("Huge", 99_999.99, []),
    ):
        seed.add_record(
            "deals",
            {
                "name": name,
                "value": value,
                "stage": "Lead",
                "owner": owner,
                "associated_people": [ref("people", one) for one in people],
            },
        )
    seed.add_entry("sales", acme["id"]["record_id"], {"fit": "Good"})
    seed.add_entry("sales", beta["id"]["record_id"], {})
    return fake


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the fake's queries without a process of their own, which takes a fifth of a second each."""

    def answered(job: bytes) -> bytes:
        return msgspec.json.encode(sql_worker.answer(msgspec.json.decode(job)))

    monkeypatch.setattr(runner, "_answered", answered)


def answered_by(fake: FakeAttio, query: str) -> list[dict[str, Any]]:
    """Return the rows that the fake's `/v2/sql` finds. A client would wait, since two queries a second are allowed."""
    headers = {"Authorization": f"Bearer {fake.token}"}
    answer = fake.handle("POST", "/v2/sql", headers, msgspec.json.encode({"sql": query}))
    found = msgspec.json.decode(answer.body)
    assert answer.status == 200, found
    rows: list[dict[str, Any]] = found["data"]["rows"]
    return rows


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows as the API writes them."""
    return [sql_worker._plain(row) for row in rows]


def is_mirrors_own(row: dict[str, Any]) -> bool:
    """Return True for a table or column that only a mirror has."""
    schema = row.get("table_schema") or row.get("nspname")
    column = row.get("column_name") or row.get("attname") or ""
    return schema == "mirror" or column.startswith("_")


@pytest.mark.full
async def test_the_vendors_queries_find_the_same_rows_in_both(fake: FakeAttio, tmp_path: Path) -> None:
    async with fake.client() as attio, attio.mirror(tmp_path / "crm.duckdb", also=["tasks"]) as mirror:
        await mirror.refresh()
        ids = {each.api_slug: str(each.id) for each in await attio.objects.list()}
        for name, query in QUERIES.items():
            asked = query.format(**ids)
            mirrored = plain(await mirror.sql(asked))
            answered = answered_by(fake, asked)
            assert answered, name
            assert [row for row in mirrored if not is_mirrors_own(row)] == answered, name


@pytest.mark.full
async def test_all_cells_are_equal(fake: FakeAttio, tmp_path: Path) -> None:
    async with fake.client() as attio, attio.mirror(tmp_path / "crm.duckdb") as mirror:
        await mirror.refresh()
        for table, rows in await read_tables(attio):
            if table.schema == "mirror":
                continue
            columns = ", ".join(
                f'"{column.name}"' for column in table.columns if column.name != "_other_values"
            )
            query = f'SELECT {columns} FROM {table.schema}."{table.name}" ORDER BY "{table.key}"'
            answered = answered_by(fake, query)
            assert plain(await mirror.sql(query)) == answered, table.name
            assert len(rows) == len(answered)
            assert [row[-1] for row in rows] == [None] * len(rows)
