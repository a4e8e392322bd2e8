"""Promises that hold for all commands: help with examples, dry runs, the workspace's name, and confirmation."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main

from attio_async._cli.app import app
from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command, walk

WRITING: Mapping[str, str] = {
    "api": "POST /v2/objects --json-body {}",
    "create": "companies name=Tap",
    "delete": "companies/example.com",
    "file delete": "FILE_ID",
    "file upload": "companies/example.com rows.csv",
    "import": "rows.csv --object companies --match domains",
    "merge": "companies/example.com companies/example.org",
    "note create": "companies/example.com Hello",
    "schema apply": "attio.toml",
    "schema copy": "--from-embedded other.json --to-embedded ws.json",
    "task create": "Call --due friday",
    "task done": "TASK_ID",
    "edit": "companies/example.com",
    "update": "companies/example.com name=Other",
    "upsert": "companies domains=example.com name=Other",
    "webhooks ensure": "https://example.com/hooks record.created",
}
"""The commands that change a workspace, and arguments with which they do."""

DESTRUCTIVE = {
    "api": "DELETE /v2/tasks/TASK_ID",
    **{name: WRITING[name] for name in ("file delete", "delete", "merge", "schema apply", "schema copy")},
}
"""The commands that remove something, or change what others rely on."""

NO_WORKSPACE = {
    *("completion", "demo", "doctor", "login", "logout", "profiles", "serve"),
    *("mirror forget", "mirror sql", "mirror status"),
    *("engine init", "engine worker", "engine run", "engine status", "engine dead", "engine retry"),
    *(f"engine tenants {name}" for name in ("list", "add", "pause", "resume", "remove")),
}
READING = {
    *(
        "attributes",
        "changes",
        "export",
        "file download",
        "file list",
        "get",
        "lists",
        "members",
        "note list",
    ),
    *("mirror refresh", "mirror watch"),
    *(
        "models check",
        "models pull",
        "objects",
        "query",
        "schema check",
        "schema plan",
        "schema pull",
        "search",
    ),
    *("sql", "task list", "webhooks list", "webhooks listen", "webhooks replay", "whoami"),
}
OTHER_DRY_RUN = {"sync": "--plan"}
"""Commands whose dry run has another name."""


@pytest.fixture
def ids(folder: Path) -> dict[str, str]:
    """The ids of a task and a file of a workspace with all that the commands name."""
    (folder / "rows.csv").write_text("name,domains\nGrace,grace.example.com\n")
    with embedded_workspace(Path("other.json")) as fake:
        fake.seed.add_attribute("companies", "zip", "text")
    with embedded_workspace(Path("ws.json")) as fake:
        for domain in ("example.com", "example.org"):
            fake.seed.add_record("companies", {"name": domain, "domains": [domain]})
    run_command("schema", "pull", "--out", "attio.toml", "--embedded", "other.json")
    return {
        "TASK_ID": made("task", "create", "Call")["task_id"],
        "FILE_ID": made("file", "upload", "companies/example.com", "rows.csv")["file_id"],
    }


def made(*arguments: str) -> dict[str, Any]:
    result = run_command(*arguments, "--embedded", "ws.json", "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def arguments(command: str, text: str, ids: Mapping[str, str]) -> list[str]:
    for name, identifier in ids.items():
        text = text.replace(name, identifier)
    embedded = () if "--to-embedded" in text else ("--embedded", "ws.json")
    return [*command.split(), *text.split(), *embedded]


def content() -> Any:
    """Return the content of the workspace, without what changes whenever it is saved."""
    with embedded_workspace(Path("ws.json")) as fake:
        return [fake.records(slug) for slug in ("companies", "people")], fake.to_json().count(b"webhook_id")


def test_every_command_either_reads_or_writes() -> None:
    known = {*READING, *WRITING, *NO_WORKSPACE, *OTHER_DRY_RUN}
    assert {path for path, _ in walk(typer.main.get_command(app))} == known


def test_every_command_has_an_example_in_its_help() -> None:
    missing = {
        path
        for path, command in walk(typer.main.get_command(app))
        if not re.search(rf"Examples:\n(?: +.*\n)* +.*attio-async {path}\b", str(command.help))
    }
    assert missing == set()


def test_every_command_with_results_writes_them_to_a_file() -> None:
    """Only what is printed as it happens, and what names its own files, has no --out."""
    without = {
        path
        for path, command in walk(typer.main.get_command(app))
        if not any("--out" in param.opts for param in command.params)
    }
    assert without == {
        *("changes", "mirror watch", "webhooks listen", "webhooks replay", "serve"),  # printed as it happens
        *("import", "sync"),  # --report and --dead-letters
        *(
            "login",
            "logout",
            "completion",
            "file delete",
            "engine init",
            "engine retry",
            "engine worker",
            *(f"engine tenants {name}" for name in ("add", "pause", "resume", "remove")),
            "mirror forget",
            "schema apply",
            "schema copy",
        ),  # messages and scripts
    }


def test_a_dry_run_writes_nothing_and_names_the_workspace(ids: dict[str, str]) -> None:
    before, misfits = content(), {}
    for command, text in WRITING.items():
        result = run_command(*arguments(command, text, ids), "--dry-run")
        named = result.stderr.startswith("Workspace: Fake Workspace (fake-workspace)\n")
        if result.exit_code or not named or content() != before:
            misfits[command] = result.output
    assert not misfits


def test_what_destroys_asks_or_needs_yes(ids: dict[str, str]) -> None:
    before, misfits = content(), {}
    for command, text in DESTRUCTIVE.items():
        result = run_command(*arguments(command, text, ids))
        if result.exit_code != 2 or "give --yes" not in result.stderr or content() != before:
            misfits[command] = result.output
    assert not misfits
    for command, text in DESTRUCTIVE.items():
        result = run_command(*arguments(command, text, ids), "--yes")
        if result.exit_code and command != "merge":  # whose records are deleted by then
            misfits[command] = result.output
    assert not misfits


@pytest.mark.full
def test_an_existing_file_is_refused_without_force(ids: dict[str, str]) -> None:
    misfits = {}
    for command in (
        "api GET /v2/self",
        "attributes companies",
        "export companies",
        f"file download {ids['FILE_ID']}",
        "get companies/example.com",
        "models check crm.py",
        "models pull",
        "objects",
        "query companies",
        "schema check attio.toml",
        "schema plan attio.toml",
        "schema pull",
        "search example",
        "task list",
        "whoami",
    ):
        run_command("models", "pull", "--out", "crm.py", "--embedded", "ws.json")
        file = Path("crm.py" if command == "models pull" else "out.jsonl")
        if command != "models pull":
            file.write_text("kept")
        before = file.read_text()
        there = [*command.split(), "--embedded", "ws.json", "--out", str(file)]
        refused = run_command(*there)
        if refused.exit_code != 2 or "give --force" not in refused.stderr or file.read_text() != before:
            misfits[command] = refused.output
        forced = run_command(*there, "--force")
        if forced.exit_code not in {0, 3} or forced.stdout or file.read_text() == "kept":
            misfits[command] = forced.output
        file.unlink()
    assert not misfits


@pytest.mark.full
def test_json_is_a_line_for_many_and_an_object_for_one(ids: dict[str, str]) -> None:
    assert ids
    misfits = {}
    for command, is_many in {
        "query companies": True,
        "objects": True,
        "attributes companies": True,
        "schema check attio.toml": True,
        "get companies/example.com": False,
        "whoami": False,
        "upsert companies domains=example.com": False,
        "schema plan attio.toml": False,
    }.items():
        lines = run_command(*command.split(), "--json", "--embedded", "ws.json").stdout.splitlines()
        dicts = [isinstance(json.loads(line), dict) for line in lines]
        if not all(dicts) or (not is_many and len(lines) != 1):
            misfits[command] = lines
    assert not misfits


def test_the_exit_codes_of_the_documentation_are_all_that_help_names() -> None:
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    table = set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE))
    helps = [str(command.help) for _, command in walk(typer.main.get_command(app))]
    named = {code for text in helps for code in re.findall(r"^ +(\d+) {2,}\w", text, re.MULTILINE)}
    assert table == named
