"""`sync`: a file or a query, and what left it."""

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from attio_async._cli.commands.sync import QueryOptions
from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_attribute("companies", "plan", "text")
        fake.seed.add_attribute("companies", "mrr", "number")
        fake.seed.add_attribute("companies", "churned", "checkbox")
        fake.seed.add_list("vip", "VIP", "companies")
        fake.seed.add_attribute("vip", "tier", "text")


def source(*rows: tuple[object, ...], header: str = "Domains,Plan,MRR,Name,Owner of it") -> str:
    with Path("companies.csv").open("w", newline="", encoding="utf-8") as file:
        file.write(header + "\n")
        csv.writer(file).writerows(rows)
    return "companies.csv"


def row(number: int, plan: str = "Pro") -> tuple[object, ...]:
    return (f"c{number}.example.com", plan, number, f"Name {number}", "x")


def sync(*arguments: str, code: int = 0) -> Result:
    result = run_command("sync", *arguments, "--embedded", "ws.json")
    assert result.exit_code == code, result.output
    return result


def of_companies(*arguments: str, code: int = 0) -> Result:
    return sync(*arguments, "--object", "companies", "--match", "domains", "--owned", "plan,mrr", code=code)


def companies() -> dict[str, Any]:
    with embedded_workspace(Path("ws.json")) as fake:
        found = [record["values"] for record in fake.records("companies")]
    return {
        values["domains"][0]["domain"]: [
            (values[slug] or [{"value": None}])[0]["value"] for slug in ("plan", "mrr", "name", "churned")
        ]
        for values in found
    }


def test_a_file_is_planned_and_applied() -> None:
    file = source(*map(row, range(12)))
    planned = of_companies(file, "--plan")
    assert planned.stdout.splitlines()[:2] == ["sync companies: 12 create", "  row 2: create"]
    assert companies() == {}
    assert "companies: 12 created" in of_companies(file, "--state", "s.db").stderr
    assert companies()["c3.example.com"] == ["Pro", 3, None, None]
    assert "companies: 12 unchanged" in of_companies(file, "--state", "s.db").stderr


def test_what_left_the_source_is_cleared_or_flagged_or_deleted() -> None:
    state = ("--state", "s.db", "--max-missing-ratio", "0.5")
    of_companies(source(*map(row, range(4))), *state)
    assert (
        "2 flagged, 2 unchanged"
        in of_companies(source(row(0), row(1)), "--missing", "flag:churned", *state).stderr
    )
    assert companies()["c2.example.com"] == ["Pro", 2, None, True]
    planned = of_companies(
        source(row(0), row(1)), "--missing", "clear", *state, "--plan", "--json", "--details"
    )
    plan = json.loads(planned.stdout)
    assert (plan["clear"], plan["unchanged"]) == (2, 2)
    assert [each["action"] for each in plan["rows"]] == ["clear", "clear"]
    scope = ("--scope", "F.mrr >= 3")
    assert "1 cleared" in of_companies(source(row(0), row(1)), "--missing", "clear", *state, *scope).stderr
    delete = ("--missing", "delete", *state)
    assert "give --yes" in of_companies(source(row(0), row(1)), *delete, code=2).stderr
    assert len(companies()) == 4
    assert "2 deleted" in of_companies(source(row(0), row(1)), *delete, "--yes").stderr
    assert sorted(companies()) == ["c0.example.com", "c1.example.com"]


def test_a_guard_ends_with_an_exit_code() -> None:
    of_companies(source(*map(row, range(20))), "--state", "s.db")
    file = source(*map(row, range(10)))
    result = of_companies(file, "--state", "s.db", "--missing", "delete", code=1)
    assert "stopped: 10 of 20 rows left the source, and max_missing_ratio is 0.1" in result.stderr
    assert len(companies()) == 20


def test_failures_are_told_and_kept() -> None:
    file = source(row(0), ("c1.example.com", "Pro", "many", "", ""))
    result = of_companies(file, "--dead-letters", "failed.jsonl", "--json", code=1)
    assert "row 3: " in result.stderr
    report = json.loads(result.stdout)
    assert (report["created"], report["failed"]) == (1, 1)
    assert json.loads(Path("failed.jsonl").read_text(encoding="utf-8"))["label"] == 3


def test_a_column_is_mapped_and_an_owned_attribute_needs_one() -> None:
    file = source(("c0.example.com", "Pro"), header="Site,Plan")
    assert "no column for mrr" in of_companies(file, "--map", "Site=domains", code=2).output
    sync(file, "--object", "companies", "--match", "domains", "--owned", "plan", "--map", "Site=domains")
    assert companies()["c0.example.com"][0] == "Pro"


def test_a_column_that_only_resembles_an_attribute_is_not_read() -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_attribute("people", "plan", "text")
    Path("people.csv").write_text("Email,Plan,Mobile\na@example.com,Pro,020 7946 0000\n", "utf-8")
    arguments = ("people.csv", "--object", "people", "--match", "email_addresses", "--owned", "plan")
    assert "people: 1 created" in sync(*arguments).stderr
    said = sync(*arguments, "--map", "Mobile=phone_numbers", code=1).stderr
    assert "does not say its country" in said  # what is asked for is read


def test_the_source_is_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect("warehouse.db") as connection:
        connection.execute(
            "CREATE TABLE accounts AS SELECT 'c1.example.com' AS site, 'Pro' AS plan, 7 AS mrr"
        )
    connection.close()
    query = (
        "--query",
        "SELECT site, plan, mrr, 1 AS other FROM accounts",
        "--map",
        "site=domains",
        "--skip",
        "other",
    )
    of_companies("--source", "warehouse.db", *query)
    assert companies()["c1.example.com"][:2] == ["Pro", 7]
    monkeypatch.setenv("WAREHOUSE", "sqlite:///warehouse.db")
    assert "1 unchanged" in of_companies("--source", "env:WAREHOUSE", *query).stderr
    with embedded_workspace(Path("ws.json")) as fake:
        record_id = fake.records("companies")[0]["id"]["record_id"]
    listed = ("--list", "vip", "--owned", "tier", "--source", "warehouse.db", "--query")
    sync(
        *listed,
        "SELECT site, 'A' AS tier FROM accounts",
        "--parent-match",
        "domains",
        "--map",
        "site=domains",
    )
    again = sync(*listed, f"SELECT '{record_id}' AS parent_record, 'A' AS tier FROM accounts")
    assert "vip: 1 unchanged" in again.stderr
    unknown = sync(
        *listed, "SELECT 'x.example.com' AS domains, 'A' AS tier", "--parent-match", "domains", code=1
    )
    assert "none of companies has 'x.example.com' as domains" in unknown.stderr


@pytest.mark.parametrize(
    ("columns", "arguments", "message"),
    [
        (
            "'a' AS x, 'b' AS y, 1 AS mrr",
            ("--map", "x=plan", "--map", "y=Plan"),
            "both give values of 'plan'",
        ),
        ("'a' AS Plan, 1 AS mrr", ("--set", "plan=b"), "both give values of 'plan'"),
        (
            "'a' AS tier, 1 AS mrr",
            ("--map", "teir=plan"),
            "--map: unknown column 'teir'; the query has domains",
        ),
        ("'a' AS plan, 1 AS mrr, 2 AS y", ("--skip", "z"), "--skip: unknown column 'z'"),
        ("'a' AS plan", (), "no column for mrr"),
    ],
)
def test_the_columns_of_a_query_have_to_fit(columns: str, arguments: tuple[str, ...], message: str) -> None:
    Path("warehouse.db").touch()
    query = f"SELECT 'c1.example.com' AS domains, {columns}"
    result = of_companies("--source", "warehouse.db", "--query", query, *arguments, code=2)
    assert message in result.stderr
    assert companies() == {}


def test_the_parents_of_a_query_are_found_in_any_form() -> None:
    of_companies(source(row(0), row(1)))
    with embedded_workspace(Path("ws.json")) as fake:
        ids = [record["id"]["record_id"] for record in fake.records("companies")]
    Path("warehouse.db").touch()
    listed = ("--list", "vip", "--owned", "tier", "--source", "warehouse.db", "--query")
    rows = (
        "SELECT 'https://www.C0.example.com/about' AS Domains, 'A' AS tier",
        "SELECT 'no domain', 'B'",
        "SELECT NULL, 'C'",
    )
    result = sync(*listed, " UNION ALL ".join(rows), "--parent-match", "domains", code=1)
    assert "vip: 1 created, 2 failed" in result.stderr
    assert "row no domain: domains (domain): 'no domain' is not a valid domain" in result.stderr
    assert "1 created" in sync(*listed, f"SELECT '{ids[1].upper()}' AS parent_record, 'B' AS tier").stderr


def test_a_file_fills_a_list() -> None:
    of_companies(source(row(0), row(1)))
    file = source(("c0.example.com", "A"), header="domains,tier")
    arguments = (
        "--list",
        "vip",
        "--parent-match",
        "domains",
        "--owned",
        "tier",
        "--missing",
        "delete",
        "--state",
        "v.db",
    )
    assert "vip: 1 created" in sync(file, *arguments).stderr
    file = source(("c1.example.com", "B"), header="domains,tier")
    assert "vip: 1 created, 1 deleted" in sync(file, *arguments, "--max-missing-ratio", "1", "--yes").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either --object or --list"),
        (("--object", "companies"), "--object needs --match"),
        (("--list", "vip", "--match", "domains"), "--list takes no --match"),
        (("--object", "companies", "--match", "domains"), "give either FILE, or --query"),
        (("--object", "companies", "--match", "domains", "x.csv", "--query", "SELECT 1"), "give either FILE"),
        (("--object", "companies", "--match", "domains", "x.csv", "--missing", "drop"), "--missing must be"),
        (("--object", "companies", "--match", "domains", "x.csv", "--missing", "clear"), "needs --state"),
        (("--object", "companies", "--match", "domains", "x.db", "--state", "x.db"), "are the same file"),
        (("--object", "companies", "--match", "domains", "x.csv"), "x.csv cannot be read"),
        (("--object", "companies", "--match", "domains", "--query", "SELECT 1"), "--query needs --source"),
        (
            ("--object", "companies", "--match", "domains", "--query", "SELECT 1", "--source", "env:NOTHING"),
            "has no variable 'NOTHING'",
        ),
    ],
)
def test_wrong_usage_is_explained(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGSERVICE", raising=False)
    assert message in sync(*arguments, code=2).output


@pytest.mark.parametrize(
    "database",
    ["postgresql://me:secret@db/x", "postgresql://db/x?password=secret", "host=db Password = secret"],
)
def test_a_password_in_an_argument_is_refused(database: str) -> None:
    result = of_companies("--source", database, "--query", "SELECT 1", code=2)
    assert "--source has a password" in result.output
    assert "secret" not in result.output


def test_without_a_database_the_variables_of_libpq_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICE", "warehouse")
    assert QueryOptions(query="SELECT 1").database() == ""
    assert QueryOptions(query="SELECT 1", source="service=warehouse").database() == "service=warehouse"
