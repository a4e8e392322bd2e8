"""Imports that are planned, guarded, gone on with and repeated; several files at once."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from typer.testing import CliRunner, Result

from attio_async._cli.app import app
from attio_async._cli.errors import Refusal
from attio_async._cli.importer.models import ImportJob, ImportResult
from attio_async._cli.importer.runner import in_dependency_order, run_imports, run_replay
from attio_async.errors import ConfigurationError
from attio_async.testing import VirtualClock
from tests.cli.support import imported, table, workspace

pytestmark = pytest.mark.anyio

ROWS = "name,domains\nA,a.example\nB,b.example\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTIO_API_KEY", raising=False)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["import", *arguments, "--embedded", "ws.json"])

    return invoke


def test_a_plan_as_a_user_asks_for_it(run: Callable[..., Result]) -> None:
    Path("companies.csv").write_text(ROWS)
    assert run("companies.csv", "--match", "domains").exit_code == 0
    Path("companies.csv").write_text("name,domains\nA,a.example\nBee,b.example\nC,c.example\nD,no domain\n")
    planned = run("companies.csv", "--match", "domains", "--plan")
    assert planned.exit_code == 1
    assert planned.stdout.splitlines() == [
        "upsert companies: 1 to create, 1 to update, 1 unchanged, 1 invalid",
        "  row 3: update name: B -> Bee",
        "  row 4: create",
        planned.stdout.splitlines()[-1],
    ]
    assert "  row 5: invalid domains (domain): 'no domain' is no domain" in planned.stdout
    assert "plan, nothing was written; 2 of 4 rows would be" in planned.stderr
    done = run("companies.csv", "--match", "domains", "--json")
    summary = json.loads(done.stdout)
    assert (summary["created"], summary["updated"], summary["unchanged"], summary["failed"]) == (1, 1, 1, 1)


def test_rows_that_failed_are_given_again_after_they_were_put_right(run: Callable[..., Result]) -> None:
    Path("companies.csv").write_text(f"{ROWS}C,no domain\n")
    failed = run("companies.csv", "--match", "domains", "--dead-letters", "failed.jsonl")
    assert failed.exit_code == 1
    letter = json.loads(Path("failed.jsonl").read_text())
    assert (letter["label"], letter["attribute"]) == (4, "domains")
    assert Path("failed.jsonl").stat().st_mode & 0o777 == 0o600
    letter["values"]["domains"] = "c.example"
    Path("failed.jsonl").write_text(json.dumps(letter))
    how = ["--replay", "failed.jsonl", "--object", "companies", "--match", "domains"]
    assert f"then: attio-async import {' '.join(how)}\n" in failed.stderr
    again = run(*how, "--json")
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["created"] == 1


def test_of_several_files_each_has_its_own_dead_letters(run: Callable[..., Result]) -> None:
    Path("companies.csv").write_text(f"{ROWS}C,no domain\n")
    Path("people.csv").write_text("email_addresses,company\nann@a.example,a.example\nbob,b.example\n")
    matches = ["--match", "people=email_addresses", "--match", "companies=domains"]
    done = run(
        "people.csv", "companies.csv", *matches, "--dead-letters", "failed.jsonl", "--report", "why.csv"
    )
    assert done.exit_code == 1
    assert not Path("failed.jsonl").exists()
    assert (
        Path("why.companies.csv").read_text().count("\n")
        == Path("why.people.csv").read_text().count("\n")
        == 2
    )
    assert json.loads(Path("failed.companies.jsonl").read_text())["label"] == 4
    letter = json.loads(Path("failed.people.jsonl").read_text())
    letter["values"]["email_addresses"] = "bob@b.example"
    Path("failed.people.jsonl").write_text(json.dumps(letter))
    again = run(
        "--replay", "failed.people.jsonl", "--object", "people", "--match", "email_addresses", "--json"
    )
    assert (again.exit_code, json.loads(again.stdout)["created"]) == (
        0,
        1,
    )  # the reference to the company fits, too


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--match", "domains"], "give either FILE or --replay"),
        (["companies.csv"], "no attribute to match on for companies"),
        (["companies.csv", "--match", "domains", "--resume"], "there is no journal"),
        (["companies.csv", "--match", "domains", "--resume", "--journal", "none.db"], "there is no journal"),
        (["companies.csv", "--match", "domains", "--object", "a", "--object", "b"], "--object 2 times"),
        (["companies.csv", "--match", "domains", "--journal", "companies.csv"], "are the same file"),
        (["--replay", "no.jsonl", "--object", "companies", "--match", "domains"], "cannot be read"),
        (["--replay", "companies.csv", "--object", "companies", "--match", "domains"], "line 1 of"),
        (["--replay", "companies.csv", "--match", "domains"], "--replay needs --object"),
    ],
)
def test_what_cannot_work_is_refused(run: Callable[..., Result], arguments: list[str], reason: str) -> None:
    Path("companies.csv").write_text(ROWS)
    result = run(*arguments)
    assert result.exit_code == 2
    assert reason in result.stderr


async def test_a_journal_goes_on_and_knows_another_file(tmp_path: Path) -> None:
    fake, journal = workspace(), tmp_path / "import.db"
    first = await imported(fake, ROWS, journal=journal)
    assert (first.created, first.resumed) == (2, 0)
    writes = len(fake.calls)
    again = await imported(fake, f"{ROWS}C,c.example\n", journal=journal)
    assert (again.created, again.resumed, again.writes, again.exit_code) == (3, 2, 1, 0)
    with pytest.raises(ConfigurationError, match="row 2 of the input"):
        await imported(fake, ROWS.replace("A,", "X,"), journal=journal)
    assert len([call for call in fake.calls[writes:] if call.method == "PUT"]) == 1


async def test_too_many_failures_end_it() -> None:
    content = "name,domains\n" + "".join(f"n{n},no domain\n" for n in range(9)) + "A,a.example\n"
    result = await imported(workspace(), content, max_failures=2)
    assert result.failed > 2
    assert result.created == 0
    assert "max_failures is 2" in (result.stop_reason or "")
    assert result.exit_code == 1


async def test_what_others_refer_to_is_imported_first() -> None:
    fake = workspace()
    people = "email_addresses,company\nann@a.example,a.example\nbob@b.example,b.example\n"
    async with fake.client() as attio:
        results = await run_imports(
            attio,
            [
                (table(people, "people.csv"), ImportJob(object="people", match="email_addresses")),
                (table(ROWS, "companies.csv"), ImportJob(object="companies", match="domains")),
            ],
            stream=io.StringIO(),
        )
    assert [(result.object, result.created, result.failed) for result in results] == [
        ("companies", 2, 0),
        ("people", 2, 0),
    ]
    assert isinstance(fake.clock, VirtualClock)


async def test_each_file_is_told_of_the_columns_that_it_has() -> None:
    fake = workspace()
    people = "Mail,company\nann@a.example,a.example\n"
    renames = {"mail": "email_addresses", "Firm": "name"}

    async def both(companies: str) -> list[ImportResult]:
        async with fake.client() as attio:
            files = [
                (table(people, "people.csv"), ImportJob(object="people", match="email_addresses")),
                (table(companies, "companies.csv"), ImportJob(object="companies", match="domains")),
            ]
            jobs = [(each, attrs.evolve(job, renames=renames)) for each, job in files]
            return await run_imports(attio, jobs, stream=io.StringIO())

    assert [result.created for result in await both("firm,domains\nA,a.example\n")] == [1, 1]
    with pytest.raises(Refusal, match="no column 'Firm'"):
        await both("title,domains\nA,a.example\n")


async def test_a_replay_tells_which_row_still_fails(tmp_path: Path) -> None:
    fake, letters = workspace(), tmp_path / "failed.jsonl"
    await imported(fake, f"{ROWS}C,no domain\n", dead_letters=letters)
    async with fake.client() as attio:
        job = ImportJob(object="companies", match="domains")
        result = await run_replay(attio, letters, job, stream=io.StringIO())
    assert (result.rows, result.failed, result.failures[0].line) == (1, 1, 4)


def test_dependency_order() -> None:
    assert in_dependency_order(["a", "b", "c"], {"a": {"c"}, "b": {"x"}}) == ["b", "c", "a"]
    assert in_dependency_order(["a", "b"], {"a": {"b"}, "b": {"a"}}) == ["a", "b"]
    assert in_dependency_order(["people"], {"people": {"people", "companies"}}) == ["people"]
    assert in_dependency_order([], {}) == []
