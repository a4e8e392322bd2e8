"""SQL over objects and lists, as the vendor documents it, and its bounds."""

import signal
import subprocess
import sys
from typing import Any

import msgspec
import pytest

from attio_async.testing._query import sql as runner, sql_worker


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run queries without a process of their own, which takes a fifth of a second each."""

    def answered(job: bytes) -> bytes:
        return msgspec.json.encode(sql_worker.answer(msgspec.json.decode(job)))

    monkeypatch.setattr(runner, "_answered", answered)


def sql(api, query: str):
    return api("POST", "/v2/sql", {"sql": query})


def rows(api, query: str) -> list[dict[str, Any]]:
    return sql(api, query).data["rows"]


@pytest.fixture
def fake(fake):
    fake.seed.add_attribute("companies", "size", "number")
    fake.seed.add_attribute("companies", "is_customer", "checkbox")
    fake.seed.add_attribute("companies", "kind", "select", options=["Old", "New"])
    acme = fake.seed.add_record(
        "companies",
        {"name": "Acme", "domains": ["acme.com", "acme.org"], "size": 5, "is_customer": True, "kind": "Old"},
    )
    fake.seed.add_record(
        "companies", {"name": "Beta", "size": 2.5, "is_customer": False, "funding_raised_usd": 100}
    )
    place = {"target_object": "companies", "target_record_id": acme["id"]["record_id"]}
    fake.seed.add_record(
        "people", {"name": "Lovelace, Ada", "company": place, "primary_location": "Paris, FR"}
    )
    fake.seed.add_record("people", {"name": "Hopper, Grace"})
    fake.seed.add_list("leads", parent="companies")
    fake.seed.add_attribute("leads", "stage", "status", options=["One", "Two"])
    fake.seed.add_entry("leads", acme["id"]["record_id"], {"stage": "Two"})
    return fake


@pytest.mark.usefixtures("in_process")
def test_columns_have_the_types_of_their_attributes(api) -> None:
    query = "SELECT name, domains, size, is_customer, kind, funding_raised_usd FROM companies ORDER BY name"
    assert rows(api, query) == [
        {
            "name": "Acme",
            "domains": ["acme.com", "acme.org"],
            "size": 5,
            "is_customer": True,
            "kind": "Old",
            "funding_raised_usd": None,
        },
        {
            "name": "Beta",
            "domains": [],
            "size": 2.5,
            "is_customer": False,
            "kind": None,
            "funding_raised_usd": 100,
        },
    ]


SELECTS = [
    ("select count(*) as n from companies", [{"n": 2}]),
    ("select count(*) as n from objects.companies", [{"n": 2}]),
    ("select count(*) as n from lists.leads", [{"n": 1}]),
    ("select count(*) as n from users", [{"n": 0}]),
    ("select sum(size) as total, max(name) as last from companies", [{"total": 7.5, "last": "Beta"}]),
    ("select name from companies where is_customer and size >= 5;", [{"name": "Acme"}]),
    ("select upper(name) as big from COMPANIES where name ilike '%ET%'", [{"big": "BETA"}]),
    (
        (
            "select p.name.full_name as name, c.name as at from people p left join companies c on c.record_id = "
            "p.company.entity_instance_id order by 1"
        ),
        [{"name": "Ada Lovelace", "at": "Acme"}, {"name": "Grace Hopper", "at": None}],
    ),
    (
        "select stage, c.name from lists.leads l join companies c on c.record_id = l.parent_record.entity_instance_id",
        [{"stage": "Two", "name": "Acme"}],
    ),
    (
        (
            "with members as (select name, unnest(team) as member from companies) "
            "select m.name as company, p.name.full_name as person from members m "
            "join people p on p.record_id = m.member.entity_instance_id"
        ),
        [{"company": "Acme", "person": "Ada Lovelace"}],
    ),
    ("select d from (select unnest(domains) as d from companies)", [{"d": "acme.com"}, {"d": "acme.org"}]),
    (
        "select kind, count(*) as n from companies group by kind having kind is not null",
        [{"kind": "Old", "n": 1}],
    ),
    (
        "select primary_location.locality as l from people where primary_location is not null",
        [{"l": "Paris"}],
    ),
    ("with x as (select name from companies) select count(*) as n from x", [{"n": 2}]),
    ("select name from companies where size > (select avg(size) from companies)", [{"name": "Acme"}]),
    ("/* é */ (select 1 as n) -- one", [{"n": 1}]),
    ("select count(*) as n from duckdb_secrets()", [{"n": 0}]),
    ("select 'ab'::blob as b", [{"b": "\\x6162"}]),
    ("select 1 as one union select 2 order by one desc", [{"one": 2}, {"one": 1}]),
    (
        "select name, rank() over (order by size) as r from companies order by r limit 1",
        [{"name": "Beta", "r": 1}],
    ),
    ("select now() as t", [{"t": "2026-01-01T00:00:00.000000000Z"}]),
    ("select current_date as d, current_timestamp = now() as same", [{"d": "2026-01-01", "same": True}]),
    ("select count(*) as n from people where created_at > now() - interval 1 day", [{"n": 2}]),
    (
        "select date_trunc('month', created_at) as m from people limit 1",
        [{"m": "2026-01-01T00:00:00.000000000Z"}],
    ),
    (
        "select 1.50::decimal(9, 2) as d, 'nan'::double as n, time '12:00' as t, [1.0] as l",
        [{"d": 1.5, "n": None, "t": "12:00:00", "l": [1]}],
    ),
    (
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3) select max(i) as m from n",
        [{"m": 3}],
    ),
]


@pytest.mark.usefixtures("in_process")
def test_selects(api) -> None:
    assert [(query, rows(api, query)) for query, _ in SELECTS] == SELECTS


@pytest.mark.usefixtures("in_process")
def test_a_reference_is_a_struct_of_two_ids(api, fake) -> None:
    (found,) = rows(api, "select company, record_id from people where company is not null")
    (acme, _) = fake.records("companies")
    assert found["company"] == {
        "entity_definition_id": acme["id"]["object_id"],
        "entity_instance_id": acme["id"]["record_id"],
    }


@pytest.mark.usefixtures("in_process")
def test_the_information_schema_describes_objects_and_lists(api) -> None:
    tables = rows(api, "select table_schema, table_name from information_schema.tables order by 1, 2")
    assert [tuple(one.values()) for one in tables] == [
        ("lists", "leads"),
        *(("objects", slug) for slug in ("companies", "deals", "people", "users", "workspaces")),
    ]
    columns = rows(
        api,
        "select column_name, data_type from information_schema.columns where table_name = 'leads'",
    )
    types = {one["column_name"]: one["data_type"] for one in columns}
    assert types["entry_id"] == types["stage"] == "VARCHAR"
    assert types["parent_record"] == "STRUCT(entity_definition_id VARCHAR, entity_instance_id VARCHAR)"
    assert types["created_at"] == "TIMESTAMP WITH TIME ZONE"


@pytest.mark.usefixtures("in_process")
def test_interactions_and_archived_attributes_have_no_column(api) -> None:
    api("PATCH", "/v2/objects/companies/attributes/size", {"data": {"is_archived": True}})
    for column in ("size", "first_interaction"):
        assert sql(api, f"select {column} from companies").refusal == (400, "filter_error"), column


INVALID = [
    "delete from companies",
    "insert into companies (name) values ('x')",
    "update companies set name = 'x'",
    "drop table companies",
    "create table x (y int)",
    "attach ':memory:' as other",
    "pragma version",
    "vacuum",
    "begin",
    "select 1; select 2",
    "select 1; drop table companies",
    "explain select 1",
    "describe companies",
    "show tables",
    "/* all */ (summarize companies)",
    "with gone as (delete from companies returning *) select * from gone",
    "with new as (insert into users (user_id) values ('x') returning *) select * from new",
    "set threads = 4",
    "set enable_external_access = true",
    "install httpfs",
    "load httpfs",
    "copy companies to 'companies.csv'",
    "export database 'x'",
    "call pragma_version()",
    "select * from read_csv('/etc/hosts')",
    "select * from read_text('/etc/hosts')",
    "select * from glob('/*')",
    "select * from '/etc/hosts'",
    "select * from job",
    "select name from planets",
    "select colour from companies",
    "select name from companies where name = ?",
    "select name from leads",
    "not sql",
    " ",
    "select '\0",
    "select 1 from companies where size > 'x'",
]


@pytest.mark.usefixtures("in_process")
def test_invalid_sql_is_refused(api, fake) -> None:
    before = fake.to_json()
    assert [query for query in INVALID if sql(api, query).refusal != (400, "filter_error")] == []
    assert fake.to_json() == before


@pytest.mark.usefixtures("in_process")
def test_two_columns_of_one_name_are_not_modelled(api) -> None:
    query = "select a.name, b.name from companies a, companies b"
    assert sql(api, query).refusal == (501, "not_modelled")


@pytest.mark.usefixtures("in_process")
def test_too_many_rows_are_refused(api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_MAX_ROWS", 1)
    assert "more than 1 rows" in sql(api, "select name from companies").json["message"]
    assert len(rows(api, "select name from companies limit 1")) == 1


def test_queries_without_an_end_or_a_bound_are_stopped(api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of them can be interrupted inside of a process."""
    monkeypatch.setattr(runner, "_TIMEOUT_S", 1.0)
    for query in (
        "select len(range(3000000000)) as n",
        "select count(*) as n from range(90000000000) where random() > 2",
    ):
        answer = sql(api, query)
        assert answer.refusal == (400, "filter_error"), query
        assert "memory" in answer.json["message"] or "1 seconds" in answer.json["message"]


def test_a_worker_ends_though_nobody_waits_for_it() -> None:
    code = (
        "from attio_async.testing._query import sql_worker as worker; worker._MAX_SECONDS = 1; worker.main()"
    )
    query = "select count(*) as n from range(90000000000) where random() > 2"
    job = {"query": query, "now": "2026-01-01T00:00:00.000000000Z", "max_rows": 1, "tables": []}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=msgspec.json.encode(job),
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout) == (-signal.SIGALRM, b"")


def test_without_duckdb_the_message_names_the_extra(api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "find_spec", lambda _: None)
    answer = sql(api, "select 1")
    assert answer.refusal == (501, "not_modelled")
    assert answer.json["message"] == 'FakeAttio needs DuckDB for SQL; run: pip install "attio-async[testing]"'


def test_invalid_bodies_are_refused(api) -> None:
    for body in ({}, {"sql": 5}, {"sql": ""}, {"sql": "select 1", "more": 1}):
        assert api("POST", "/v2/sql", body).refusal == (400, "validation_type")


@pytest.mark.usefixtures("in_process")
def test_quoted_names(api, fake) -> None:
    fake.seed.add_object('odd "one"')
    fake.seed.add_attribute('odd "one"', 'what "is" it', "text")
    fake.seed.add_record('odd "one"', {'what "is" it': "x"})
    assert rows(api, 'select "what ""is"" it" from "odd ""one"""') == [{'what "is" it': "x"}]


@pytest.mark.anyio
async def test_the_client_runs_sql(fake) -> None:
    async with fake.client() as attio:
        assert await attio.sql("select name from companies where size = 5") == [{"name": "Acme"}]
