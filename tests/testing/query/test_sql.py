"""SQL over records: the supported subset, and refusals of the rest."""

from typing import Any

import pytest


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
    ("select count(*) as n from users", [{"n": 0}]),
    ("select sum(size) as total, max(name) as last from companies", [{"total": 7.5, "last": "Beta"}]),
    ("select name from companies where is_customer and size >= 5;", [{"name": "Acme"}]),
    ("select upper(name) as big from COMPANIES where name like '%et%'", [{"big": "BETA"}]),
    (
        "select p.name, c.name as at from people p left join companies c on c.record_id = company order by 1",
        [{"name": "Ada Lovelace", "at": "Acme"}, {"name": "Grace Hopper", "at": None}],
    ),
    (
        'select "stage", c.name from leads join companies c on c.record_id = leads.parent_record_id',
        [{"stage": "Two", "name": "Acme"}],
    ),
    (
        "select kind, count(*) as n from companies group by kind having kind is not null",
        [{"kind": "Old", "n": 1}],
    ),
    ("select value from companies, json_each(domains)", [{"value": "acme.com"}, {"value": "acme.org"}]),
    ("select json_extract(primary_location, '$.locality') as l from people limit 1", [{"l": "Paris"}]),
    ("with x as (select name from companies) select count(*) as n from x", [{"n": 2}]),
    ("select name from companies where size > (select avg(size) from companies)", [{"name": "Acme"}]),
    ("select 1 as one union select 2 order by one desc", [{"one": 2}, {"one": 1}]),
    ("select name, rank() over (order by size) as r from companies limit 1", [{"name": "Beta", "r": 1}]),
    ("select now() as t", [{"t": "2026-01-01T00:00:00.000000000Z"}]),
    ("select primary_location from people where primary_location is null", [{"primary_location": None}]),
]


def test_selects(api) -> None:
    assert [(query, rows(api, query)) for query, _ in SELECTS] == SELECTS


INVALID = [
    "delete from companies",
    "insert into companies (name) values ('x')",
    "update companies set name = 'x'",
    "drop table companies",
    "create table x (y)",
    "attach ':memory:' as other",
    "pragma user_version",
    "vacuum",
    "begin",
    "select 1; select 2",
    "select 1; drop table companies",
    "explain select 1",
    "select name from planets",
    "select colour from companies",
    "select * from sqlite_master",
    "select * from pragma_table_info('companies')",
    "select name from companies where name ilike 'a%'",
    "select name from companies where name = ?",
    "not sql",
    " ",
    "select '\0'",
    "select a.name as x, b.name as y from companies a, companies b where a.size > 'x' limit 'y'",
]


def test_invalid_sql_is_refused(api, fake) -> None:
    before = fake.to_json()
    assert [query for query in INVALID if sql(api, query).refusal != (400, "filter_error")] == []
    assert fake.to_json() == before


NOT_MODELLED = [
    "select random()",
    "select load_extension('x')",
    "select current_timestamp",
    "select date('now')",
    "select regexp_replace(name, 'a', 'b') from companies",
    "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n",
    "select a.name, b.name from companies a, companies b",
]


def test_sql_of_attio_only_is_not_modelled(api) -> None:
    assert [query for query in NOT_MODELLED if sql(api, query).refusal != (501, "not_modelled")] == []


def test_an_endless_query_is_refused(api, fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attio_async.testing._query.sql._MAX_STEPS", 100_000)
    for number in range(60):
        fake.seed.add_record("pets", {"n": number}) if number else fake.seed.add_object("pets")
        if number == 0:
            fake.seed.add_attribute("pets", "n", "number")
    answer = sql(
        api, "select count(*) as n from pets a, pets b, pets c, pets d where a.n + b.n + c.n + d.n = 7"
    )
    assert answer.refusal == (400, "filter_error")
    assert "complex" in answer.json["message"]


def test_too_many_rows_are_refused(api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attio_async.testing._query.sql._MAX_ROWS", 1)
    assert "more than 1 rows" in sql(api, "select name from companies").json["message"]
    assert len(rows(api, "select name from companies limit 1")) == 1


def test_invalid_bodies_are_refused(api) -> None:
    for body in ({}, {"sql": 5}, {"sql": ""}, {"sql": "select 1", "more": 1}):
        assert api("POST", "/v2/sql", body).refusal == (400, "validation_type")


def test_archived_attributes_have_no_column(api) -> None:
    api("PATCH", "/v2/objects/companies/attributes/size", {"data": {"is_archived": True}})
    assert sql(api, "select size from companies").refusal == (400, "filter_error")


def test_quoted_names(api, fake) -> None:
    fake.seed.add_object('odd "one"')
    fake.seed.add_attribute('odd "one"', 'what "is" it', "text")
    fake.seed.add_record('odd "one"', {'what "is" it': "x"})
    assert rows(api, 'select "what ""is"" it" from "odd ""one"""') == [{'what "is" it': "x"}]


@pytest.mark.anyio
async def test_the_client_runs_sql(fake) -> None:
    async with fake.client() as attio:
        assert await attio.sql("select name from companies where size = 5") == [{"name": "Acme"}]
