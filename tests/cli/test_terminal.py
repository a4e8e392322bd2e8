"""Every command in a terminal of 40, 80 and 200 columns, in pipes, without colour, and with a reader that has gone."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main
from rich.cells import cell_len

from attio_async._cli import workspace
from attio_async._cli.app import app
from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command, walk
from tests.cli.terminal import Ended, in_pipes, in_terminal

WIDTHS = (40, 80, 200)
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;0-9]*m")
ID = "00000000-0000-4000-8000-000000000000"

COMMANDS: Mapping[str, tuple[str, int]] = {
    "api": ("GET /v2/self", 0),
    "attributes": ("deals", 0),
    "changes": ("deals --state deals.db", 0),
    "completion": ("bash", 0),
    "create": ("deals name=Tap stage=Lead owner=jo@example.com", 0),
    "delete": ("companies/example.com --yes", 0),
    "demo": ("--out people.csv", 2),
    "doctor": ("--profile none", 2),
    "engine dead": ("", 2),
    "engine init": ("", 2),
    "engine retry": ("--all", 2),
    "engine run": ("push --tenant acme", 2),
    "engine status": ("", 2),
    "engine tenants add": ("acme", 2),
    "engine tenants list": ("", 2),
    "engine tenants pause": ("acme", 2),
    "engine tenants remove": ("acme --yes", 2),
    "engine tenants resume": ("acme", 2),
    "engine worker": ("", 2),
    "export": ("deals", 0),
    "file delete": (f"{ID} --yes", 2),
    "file download": (ID, 2),
    "file list": ("companies/example.com", 0),
    "file upload": ("companies/example.com people.csv", 0),
    "get": ("people/ada@example.com", 0),
    "import": ("people.csv --object people --match email_addresses", 0),
    "lists": ("", 0),
    "login": ("--base-url ftp://example.com", 2),
    "logout": ("none", 2),
    "members": ("", 0),
    "merge": ("companies/example.com companies/example.org --yes", 0),
    "mirror forget": (f"none.duckdb {ID} --yes", 2),
    "mirror refresh": ("crm.duckdb", 0),
    "mirror sql": ("none.duckdb none", 2),
    "mirror status": ("none.duckdb", 2),
    "mirror watch": ("crm.duckdb --every never", 2),
    "models check": ("people.csv", 2),
    "models pull": ("--out crm.py", 0),
    "note create": ("companies/example.com Hello", 0),
    "note list": ("companies/example.com", 0),
    "objects": ("", 0),
    "profiles": ("", 0),
    "query": ("people", 0),
    "schema apply": ("none.toml --yes", 2),
    "schema check": ("attio.toml", 3),
    "schema copy": ("--from-embedded ws.json --to-embedded ws.json --yes", 0),
    "schema plan": ("attio.toml", 0),
    "schema pull": ("--out new.toml", 0),
    "search": ("Lovelace", 0),
    "serve": ("--port 0 --load none.yaml", 2),
    "sql": ("none", 2),
    "sync": ("people.csv --object people --match email_addresses --owned name", 0),
    "task create": ("Call --due friday", 0),
    "task done": (ID, 1),
    "task list": ("", 0),
    "edit": ("companies/example.com", 0),
    "update": ("companies/example.com name=Other", 0),
    "upsert": ("companies domains=example.com name=Other", 0),
    "webhooks ensure": ("https://example.com/hooks record.created", 0),
    "webhooks list": ("", 0),
    "webhooks listen": ("--port 0", 2),
    "webhooks replay": ("none.jsonl --to https://example.com", 2),
    "whoami": ("", 0),
}
"""The arguments of a run of each command, and its exit code."""

TABLES = {"attributes", "get", "lists", "members", "mirror refresh", "objects", "query", "search", "whoami"}
"""Commands that print a table on a terminal."""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a workspace and what the commands read."""
    monkeypatch.setattr(workspace, "_EMBEDDED_LATENCY_S", 0.0)
    folder = tmp_path / "room"
    folder.mkdir()
    with embedded_workspace(folder / "ws.json") as fake:
        for domain in ("example.com", "example.org"):
            fake.seed.add_record(
                "companies", {"name": f"The \x1b[31mred\x9b company {domain}", "domains": [domain]}
            )
        person = {
            "name": "Lovelace, Ada",
            "email_addresses": ["ada@example.com"],
            "job_title": "Analyst " * 20,
        }
        fake.seed.add_record("people", person)
        fake.seed.add_member("jo@example.com", "Jo", "Doe")
        deal = {"name": "Pump", "stage": "Lead", "value": 12_000, "owner": "jo@example.com"}
        fake.seed.add_record("deals", deal)
        fake.seed.add_list("sales", parent="companies")
    (folder / "people.csv").write_text("name,email_addresses\nGrace Hopper,grace@example.com\n")
    (folder / "attio.toml").write_text(
        '[objects.deals]\nsingular = "Deal"\nplural = "Deals"\n[objects.deals.attributes.zip]\ntitle = "Zip"\ntype = "text"\n'
    )
    return folder


@pytest.fixture(scope="module")
def embeddable() -> set[str]:
    return {
        path
        for path, command in walk(typer.main.get_command(app))
        if any(param.name == "embedded" for param in command.params)
    }


class _Runs:
    """Runs commands, each in a fresh copy of the same folder."""

    def __init__(self, room: Path, embeddable: set[str]) -> None:
        self._room = room
        self._embeddable = embeddable
        self._count = 0

    def __call__(self, run: Any, command: str, *more: str, **options: Any) -> Ended:
        self._count += 1
        folder = self._room.parent / str(self._count)
        shutil.copytree(self._room, folder)
        embedded = ["--embedded", "ws.json"] if command in self._embeddable else []
        arguments = [*command.split(), *COMMANDS[command][0].split(), *embedded, *more]
        if command == "login" and run is in_terminal:
            options |= {"answer": b"token\n"}
        ended: Ended = run(*arguments, folder=folder, **options)
        return ended


@pytest.fixture
def runs(room: Path, embeddable: set[str]) -> _Runs:
    in_process = (
        ("query", "people"),
        ("import", "people.csv", "--object", "people", "--plan"),
        ("export", "people"),
    )
    for arguments in in_process:  # so that what they load is there in every fork
        run_command(*arguments, "--embedded", str(room / "ws.json"))
    return _Runs(room, embeddable)


def test_every_command_is_in_the_table() -> None:
    assert {path for path, _ in walk(typer.main.get_command(app))} == set(COMMANDS)


@pytest.mark.full
@pytest.mark.parametrize("columns", WIDTHS)
def test_help_fits_every_terminal(tmp_path: Path, columns: int) -> None:
    misfits = {}
    for command in ("", "webhooks", *COMMANDS):
        ended = in_terminal(*command.split(), "--help", folder=tmp_path, columns=columns)
        # Lines to copy, exit codes, and options with choices stay whole.
        folded = [
            line
            for line in ended.lines
            if not re.match(r"    (?:attio-async|\d+|eval) |  (?:-\w, )?--[\w-]+ \S+$", line)
        ]
        too_long = [line for line in folded if len(line.rstrip()) > min(columns, 100)]
        piped = in_pipes(*command.split(), "--help", folder=tmp_path, columns=columns)
        if ended.code or too_long or "\x1b" in ended.out or piped.out != "\n".join(ended.lines):
            misfits[command] = (ended.code, too_long)
    assert not misfits


@pytest.mark.full
@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("colour", [{}, {"NO_COLOR": "1"}], ids=["colour", "no-colour"])
def test_every_command_in_a_terminal(runs: _Runs, columns: int, colour: dict[str, str]) -> None:
    misfits = {}
    for command, (_, code) in COMMANDS.items():
        ended = runs(in_terminal, command, columns=columns, **colour)
        progress = "\r" if command in {"import", "sync"} else ""
        odd = [line for line in ended.lines if re.search(rf"[^\x20-\x7e\xa0-\U0010ffff\t{progress}]", line)]
        drawn = {cell_len(line) for line in ended.lines if line.startswith(("┏", "│", "└"))}
        if (
            ended.code != code
            or len(drawn) > 1  # the edges are straight
            or max(drawn, default=0) > columns
            or odd
            or (colour and COLOUR.search(ended.out))
            or "Traceback" in ended.out
        ):
            misfits[command] = (ended.code, drawn, odd, ended.out[-300:])
    assert not misfits


@pytest.mark.full
def test_every_command_in_pipes(runs: _Runs) -> None:
    """Check that output for programs does not depend on the width, and has no escapes and no progress."""
    misfits = {}
    for command, (_, code) in COMMANDS.items():
        narrow, wide = (runs(in_pipes, command, columns=columns) for columns in (40, 200))
        same = re.sub(r"[\d:.,-]", "", narrow.out) == re.sub(r"[\d:.,-]", "", wide.out)
        texts = narrow.out + narrow.err
        if narrow.code != code or not same or "\x1b" in texts or "\r" in texts or "━" in texts:
            misfits[command] = narrow
        if code not in {0, 3} and (narrow.out or not narrow.err):
            misfits[command] = narrow
        if command in TABLES and "\t" not in narrow.out:
            misfits[command] = narrow
    assert not misfits


@pytest.mark.full
def test_every_command_whose_reader_has_gone(runs: _Runs) -> None:
    """As `| head` does at some point of the output; the code is 141, as when a signal ends the command."""
    misfits = {}
    for command, (_, code) in COMMANDS.items():
        prints = bool(runs(in_pipes, command).out)
        ended = runs(in_pipes, command, is_reader_gone=True)
        if ended.code != (141 if prints else code) or "Traceback" in ended.err or "Exception" in ended.err:
            misfits[command] = (prints, ended)
    for arguments in (["--help"], ["query", "--help"], ["--version"]):
        ended = in_pipes(*arguments, folder=Path.cwd(), is_reader_gone=True)
        if ended != (141, "", ""):
            misfits[" ".join(arguments)] = (True, ended)
    assert not misfits


@pytest.mark.full
def test_errors_are_json_where_results_are(runs: _Runs, embeddable: set[str]) -> None:
    misfits = {}
    for command in sorted(embeddable):
        options = {
            name
            for path, each in walk(typer.main.get_command(app))
            if path == command
            for param in each.params
            for name in param.opts
        }
        if "--json" not in options:
            continue
        for more, code in ((("--unknown",), 2), (("--profile", "none"), 2)):
            ended = runs(in_pipes, command, *more, "--json")
            try:
                failure = json.loads(ended.err)
            except ValueError:
                failure = {}
            if ended.code != code or failure.get("exit_code") != code or not failure.get("message"):
                misfits[command, more] = ended
    assert not misfits


@pytest.mark.full
def test_a_pipeline_of_a_shell_ends_quietly(room: Path) -> None:
    """The output is longer than a pipe holds, so that `head` ends while it is written."""
    with embedded_workspace(room / "ws.json") as fake:
        for number in range(400):
            fake.seed.add_record("companies", {"name": f"Company {number}", "description": "x" * 10_000})
    for command in ("export companies", "query companies --json", "query companies --format csv"):
        for reader, codes in (("head -n 1", {"141 0", "0 0"}), ("sleep 0.3", {"141 0"})):
            line = f"attio-async {command} --quiet --embedded ws.json | {reader}; echo ${{PIPESTATUS[*]}}"
            done = shell(line, room)
            assert done.stderr == "", line
            # `head` may have read all before it ends.
            assert done.stdout.splitlines()[-1] in codes, line


@pytest.mark.full
def test_bash_completes_a_line(room: Path) -> None:
    """The script of bash, as readline calls it."""
    lines = "source <(attio-async completion bash); COMP_LINE='attio-async que'; COMP_POINT=15;"
    done = shell(f"{lines} _attio_async_complete attio-async que attio-async; declare -p COMPREPLY", room)
    assert (done.stdout, done.stderr) == ('declare -a COMPREPLY=([0]="query")\n', "")


def shell(line: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a line in bash, where `attio-async` is this one."""
    python = f'"{sys.executable}" -m attio_async'
    paths = os.pathsep.join(os.path.abspath(part) for part in sys.path if part)  # noqa: PTH100
    environment = {**os.environ, "PYTHONPATH": paths, "XDG_CACHE_HOME": str(folder / "cache")}
    function = f'attio-async() {{ {python} "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", function + line],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env=environment,
    )
