"""A mirror in PostgreSQL: its tables, its readers and writers, and what it refuses."""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from tests.postgres import running_postgres

from attio_async.errors import ConfigurationError, StorageError
from attio_async.mirror import MirrorFile
from attio_async.testing import FakeAttio

pytestmark = [pytest.mark.anyio, pytest.mark.full]


@pytest.fixture
def anyio_backend() -> str:
    """Nothing here depends on the event loop."""
    return "asyncio"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as words:
        parts = dict(word.split("=", 1) for word in words.split())
        yield f"postgresql://{parts['user']}:secret@/{parts['dbname']}?host={quote(parts['host'])}"


@pytest.fixture
def address(server: str, request: pytest.FixtureRequest) -> str:
    """Return an address with schemas of the test's own."""
    return f"{server}#{re.sub('[^a-z]', '', request.node.name)[-20:]}_"


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_attribute("companies", "size", "number")
    fake.seed.add_attribute("companies", "tags", "select", options=["a", "b"], multiselect=True)
    fake.seed.add_list("sales", "Sales", parent="companies")
    acme = fake.seed.add_record(
        "companies", {"name": 'A\\c\t"m"e', "domains": ["acme.com"], "size": 1.0001, "tags": ["a", "b"]}
    )
    fake.seed.add_record("companies", {"name": "Beta"})
    fake.seed.add_entry("sales", acme["id"]["record_id"])
    fake.seed.add_record("people", {"name": "Lovelace, Ada"})
    return fake


def execute(address: str, statement: str) -> list[tuple[Any, ...]]:
    conninfo, _, prefix = address.partition("#")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'UTC'")
        found = connection.execute(statement.replace("crm_", prefix).encode())
        return found.fetchall() if found.description else []


async def test_cells_are_exact(fake: FakeAttio, address: str) -> None:
    fake.seed.add_attribute("companies", "seen", "timestamp")
    fake.seed.add_record("companies", {"name": "Gamma", "seen": "2026-01-31T10:00:00.123456789Z"})
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        (acme, _, gamma) = await mirror.sql(
            "SELECT * FROM companies WHERE name LIKE '%a' OR size > 1 ORDER BY 1 = 1, name"
        )
    assert acme["name"] == 'A\\c\t"m"e'
    assert acme["size"] == Decimal("1.0001")
    assert acme["tags"] == ["a", "b"]
    assert acme["created_by"] == {"referenced_actor_type": "system", "referenced_actor_id": None}
    assert acme["created_at"].tzinfo is not None
    assert gamma["seen"] is None
    assert "123456789Z" in gamma["_other_values"]
    types = execute(
        address,
        "SELECT column_name, data_type, numeric_precision, numeric_scale FROM information_schema.columns"
        " WHERE table_schema = 'crm_objects' AND table_name = 'companies'",
    )
    assert {"record_id": "text", "size": "numeric", "tags": "jsonb", "created_by": "jsonb"}.items() <= {
        name: kind for name, kind, *_ in types
    }.items()
    assert ("size", "numeric", 38, 4) in types
    assert ("seen", "timestamp with time zone", None, None) in types


async def test_references_are_joined(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        found = await mirror.sql(
            """
            WITH tags AS (SELECT record_id, jsonb_array_elements_text(tags) AS tag FROM companies)
            SELECT companies.size, tag FROM crm_lists.sales
            JOIN companies ON companies.record_id = parent_record ->> 'entity_instance_id'
            JOIN tags USING (record_id) ORDER BY tag
            """.replace("crm_", address.partition("#")[2])
        )
    assert found == [{"size": Decimal("1.0001"), "tag": "a"}, {"size": Decimal("1.0001"), "tag": "b"}]


async def test_one_writer_at_a_time_and_any_number_of_readers(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address) as mirror, attio.mirror(address) as second:
        await mirror.refresh()
        mirror._target.open()
        with pytest.raises(
            ConfigurationError, match="is being written by another refresh; wait for it, or stop it"
        ):
            await second.refresh()
        assert len(await second.sql("SELECT 1 AS one FROM companies")) == 2
        mirror._target.close()
        await second.refresh()


async def test_readers_see_the_last_complete_sweep_until_the_next_is_committed(
    fake: FakeAttio, address: str
) -> None:
    conninfo, _, prefix = address.partition("#")
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        with psycopg.connect(conninfo) as reader:
            reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            query = f"SELECT count(*) FROM {prefix}objects.companies".encode()
            assert reader.execute(query).fetchone() == (2,)
            fake.seed.add_record("companies", {"name": "Gamma"})
            assert (await mirror.refresh()).is_published  # the reader does not block it
            assert reader.execute(query).fetchone() == (2,)
        assert await mirror.sql("SELECT count(*) AS n FROM companies") == [{"n": 3}]


async def test_tables_are_altered_in_place(fake: FakeAttio, address: str) -> None:
    seed = fake.seed
    for slug, type in (("one", "text"), ("two", "number"), ("gone", "text")):
        seed.add_attribute("companies", slug, type)
    seed.add_record("companies", {"name": "Gamma", "one": "1", "two": 2})
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        execute(address, "CREATE VIEW crm_objects.ones AS SELECT name, one FROM crm_objects.companies")
        attributes = attio.attributes("companies")
        await attributes.update("one", api_slug="temporary")
        await attributes.update("two", api_slug="one")
        await attributes.update("temporary", api_slug="two")
        await attributes.update("gone", is_archived=True)
        report = await mirror.refresh()
        changes = {(one.column, one.change) for one in report.schema_changes}
        assert changes == {("one", "column renamed"), ("two", "column renamed"), ("gone", "column removed")}
        assert await mirror.sql("SELECT one, two FROM companies WHERE name = 'Gamma'") == [
            {"one": Decimal(2), "two": "1"}
        ]
    assert ("Gamma", "1") in execute(address, "SELECT * FROM crm_objects.ones")


async def test_the_log_follows_names_that_pass_to_others(fake: FakeAttio, address: str) -> None:
    fake.seed.add_object("things", "Thing")
    async with fake.client() as attio:
        async with attio.mirror(address, objects=["things", "companies"], lists=(), also=()) as mirror:
            await mirror.refresh()
            await attio.objects.update("things", api_slug="old")
            fake.seed.add_object("things", "Other")
            fake.seed.add_attribute("companies", "weight", "number")
            for old, new in (("size", "x"), ("weight", "size"), ("x", "weight")):
                await attio.attributes("companies").update(old, api_slug=new)
        async with attio.mirror(address, objects=["things", "companies"], lists=(), also=()) as mirror:
            await mirror.refresh()
            lines = await mirror.sql(
                "SELECT table_name, attribute, before ->> 'was' AS was FROM _changes WHERE change = 'schema' AND sweep = 2"
            )
    (old, *rest) = [(each["table_name"], each["attribute"], each["was"]) for each in lines]
    assert old[0].startswith("things_")
    assert old[2] == "objects.things"
    assert ("things", None, "") in rest
    assert [line for line in rest if line[0] == "companies"] == [
        ("companies", "weight", "size"),
        ("companies", "size", ""),
    ]


async def test_a_column_that_a_view_needs_is_not_dropped(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        execute(address, "CREATE VIEW crm_objects.sizes AS SELECT size FROM crm_objects.companies")
        await attio.attributes("companies").update("size", is_archived=True)
        with pytest.raises(
            ConfigurationError,
            match=r"cannot be written: cannot drop column size .* other objects depend on it",
        ):
            await mirror.refresh()
        execute(address, "DROP VIEW crm_objects.sizes")
        report = await mirror.refresh()
        assert report.is_resumed
        assert [one.column for one in report.schema_changes] == ["size"]


async def test_names_of_any_length_and_with_any_character(fake: FakeAttio, address: str) -> None:
    long, longer = "a" * 70, "a" * 71
    for slug in (long, longer, 'fifty % of "it"'):
        fake.seed.add_attribute("companies", slug, "text")
    fake.seed.add_object("100%", "Percent", "Percents")
    fake.seed.add_record(
        "companies", {"name": "Gamma", long: "long", longer: "longer", 'fifty % of "it"': "half"}
    )
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        (found,) = await mirror.sql("SELECT * FROM companies WHERE name = 'Gamma'")
        assert {"long", "longer", "half"} <= {cell for cell in found.values() if isinstance(cell, str)}
        assert found['fifty % of "it"'] == "half"
        assert await mirror.sql('SELECT count(*) AS n FROM "100%"') == [{"n": 0}]
        assert not (await mirror.refresh()).is_changed


async def test_who_is_forgotten_is_in_no_table(fake: FakeAttio, address: str) -> None:
    acme = fake.records("companies")[0]["id"]["record_id"]
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await attio.notes.create(attio_ref(acme), title="About Acme", content="x")
        await mirror.refresh()
        await attio.companies.delete(acme)
        assert await mirror.forget(acme) > 2
        for table in ("mirror._changes", "mirror.notes", "lists.sales", "objects.companies"):
            rows = execute(address, f"SELECT t::text FROM crm_{table} t")
            assert not [row for row in rows if acme in row[0]], table
        await mirror.refresh()
        assert await mirror.sql("SELECT count(*) AS n FROM companies") == [{"n": 1}]


async def test_who_is_forgotten_is_not_in_what_an_interrupted_refresh_left(
    fake: FakeAttio, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TimeoutError

    acme, beta = (each["id"]["record_id"] for each in fake.records("companies"))
    async with fake.client() as attio, attio.mirror(address, also=()) as mirror:
        await mirror.refresh()
        merged = await attio.companies.merge(acme, beta)
        await mirror.refresh()
        await attio.companies.update(merged, {"name": "Forget-me-not"})
        with monkeypatch.context() as patch, pytest.raises(TimeoutError):
            patch.setattr(mirror._target, "commit", fail)
            await mirror.refresh()
        await attio.companies.delete(merged)
        await mirror.forget(merged.id)
        tables = execute(
            address,
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'crm_%'",
        )
        assert len(tables) > 5
        for (table,) in tables:
            rows = execute(address, f"SELECT t::text FROM {table} t")
            assert not [row for row in rows for id_ in (acme, beta, merged.id) if id_ in row[0]], table
        assert (await mirror.refresh()).tables


def attio_ref(record_id: str) -> dict[str, str]:
    return {"target_object": "companies", "target_record_id": record_id}


async def test_a_backup_needs_no_staging_area(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        execute(address, "DROP SCHEMA crm_mirror_staging CASCADE")
        assert not (await mirror.refresh()).is_changed


async def test_the_log_is_kept_for_as_long_as_it_is_to_be(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address, retention=timedelta(days=1)) as mirror:
        await mirror.refresh()
        assert await mirror.sql("SELECT 1 AS one FROM _changes LIMIT 1")
        execute(address, "UPDATE crm_mirror._changes SET noticed_at = now() - interval '2 days'")
        await mirror.refresh()
        assert await mirror.sql("SELECT 1 AS one FROM _changes") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("DELETE FROM companies", "the query is not one SELECT, or not valid: syntax error"),
        ("SELECT 1; SELECT 2", "the query is not one SELECT, or not valid"),
        ("WITH gone AS (DELETE FROM companies RETURNING 1) SELECT * FROM gone", "the query cannot be run: "),
        ("SELECT nextval('_changes_place_seq')", "the query cannot be run: "),
        ("SELECT 1 AS a, 2 AS a", "two columns of the result are called 'a'; name one with AS"),
        (
            "SELECT generate_series(1, 10)",
            r"the query finds more than 3 rows; add a LIMIT, or raise max_rows",
        ),
        ("SELECT pg_sleep(5)", "the query was stopped after 0.1 seconds; narrow it, or give it more time"),
        ("SELECT name FROM planets", 'the query cannot be run: relation "planets" does not exist'),
    ],
)
async def test_sql_is_one_bounded_select(fake: FakeAttio, server: str, query: str, message: str) -> None:
    address = f"{server}#bounded_"
    async with fake.client() as attio, attio.mirror(address) as mirror:
        if not execute(server, "SELECT 1 WHERE to_regclass('bounded_mirror._info') IS NOT NULL"):
            await mirror.refresh()
        with pytest.raises(ConfigurationError, match=message):
            await mirror.sql(query, timeout=0.1, max_rows=3)


async def test_bounds_may_be_as_large_as_they_like(fake: FakeAttio, server: str) -> None:
    async with (
        fake.client() as attio,
        attio.mirror(f"{server}#large_bounds_", retention=timedelta.max) as mirror,
    ):
        await mirror.refresh()
        assert await mirror.sql("SELECT 1 AS one", timeout=math.inf, max_rows=10**30) == [{"one": 1}]


async def test_other_tables_are_left_alone(fake: FakeAttio, address: str) -> None:
    execute(address, "CREATE SCHEMA crm_lists; CREATE TABLE crm_lists.mine (x int)")
    async with fake.client() as attio, attio.mirror(address) as mirror:
        with pytest.raises(
            ConfigurationError,
            match=r"has other tables in a schema .*_lists'; put a prefix .* such as '#crm_'",
        ):
            await mirror.refresh()


async def test_another_format_or_workspace_is_refused(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
    other = FakeAttio()
    execute(address, "UPDATE crm_mirror._info SET workspace_id = 'other'")
    async with other.client() as attio, attio.mirror(address) as mirror:
        with pytest.raises(
            ConfigurationError, match="mirrors another workspace, other; give each workspace a prefix"
        ):
            await mirror.refresh()
    execute(address, "UPDATE crm_mirror._info SET format = 99")
    async with MirrorFile(address) as mirror:
        with pytest.raises(ConfigurationError, match="is a mirror of format 99"):
            await mirror.status()


async def test_a_password_is_never_shown(server: str) -> None:
    async with MirrorFile(f"{server}#nothing_") as mirror:
        assert "secret" not in repr(mirror)
        with pytest.raises(ConfigurationError, match="has no mirror; refresh it first") as caught:
            await mirror.status()
        assert "secret" not in str(caught.value)
    async with MirrorFile("postgresql://me:secret@127.0.0.1:1/crm") as mirror:
        with pytest.raises(
            ConfigurationError, match=r"postgresql://127.0.0.1:1/crm cannot be reached"
        ) as caught:
            await mirror.status()
        assert "secret" not in str(caught.value)
    for wrong in ("postgresql://me:secret@host:port/crm?=", f"{server}#A-b"):
        with pytest.raises(
            ConfigurationError, match=r"not a valid connection string|cannot begin the names of schemas"
        ) as caught:
            MirrorFile(wrong)
        assert "secret" not in str(caught.value)


async def test_a_lost_connection_leaves_the_last_complete_sweep(fake: FakeAttio, address: str) -> None:
    async with fake.client() as attio, attio.mirror(address) as mirror:
        await mirror.refresh()
        fake.seed.add_record("companies", {"name": "Gamma"})
        commit = mirror._target.commit

        def lose(*given: Any, **options: Any) -> Any:
            execute(
                address,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
            )
            return commit(*given, **options)

        mirror._target.commit = lose  # type: ignore[method-assign]
        with pytest.raises(StorageError):
            await mirror.refresh()
        mirror._target.commit = commit  # type: ignore[method-assign]
        assert await mirror.sql("SELECT count(*) AS n FROM companies") == [{"n": 2}]
        report = await mirror.refresh()
        assert report.is_resumed
        assert await mirror.sql("SELECT count(*) AS n FROM companies") == [{"n": 3}]
        assert (await mirror.status()).changed_at <= datetime.now(UTC)  # type: ignore[operator]
