"""The command line as a whole: its help, and what it needs to start."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from attio_async._cli import main
from attio_async._cli.app import app
from attio_async._cli.workspace import embedded_workspace
from attio_async._version import __version__
from tests.cli.support import run_command

COMMANDS = {
    *(
        "api",
        "attributes",
        "changes",
        "completion",
        "create",
        "delete",
        "demo",
        "doctor",
        "edit",
        "export",
        "get",
        "import",
        "lists",
        "login",
        "logout",
        "members",
        "merge",
        "objects",
        "profiles",
        "query",
        "search",
        "serve",
        "sql",
        "sync",
        "update",
        "upsert",
    ),
    *(
        "models pull",
        "models check",
        "schema pull",
        "schema plan",
        "schema apply",
        "schema check",
        "schema copy",
    ),
    *("engine init", "engine worker", "engine run", "engine status", "engine dead", "engine retry"),
    *(f"engine tenants {name}" for name in ("list", "add", "pause", "resume", "remove")),
    *("mirror refresh", "mirror watch", "mirror sql", "mirror status", "mirror forget"),
    *("note list", "note create", "task list", "task create", "task done"),
    *("file list", "file upload", "file download", "file delete"),
    *("whoami", "webhooks list", "webhooks ensure", "webhooks listen", "webhooks replay"),
}


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """Restore the handlers that `main` sets for the rest of its process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_every_command_explains_itself_and_its_exit_codes() -> None:
    misfits = {}
    for command in COMMANDS:
        result = run_command(*command.split(), "--help")
        parts = (f" {command} [OPTIONS]", "\n  Exit codes:\n    0    ", "\n    130  interrupted\n")
        if result.exit_code or not all(part in result.stdout for part in parts):
            misfits[command] = result.stdout
    assert not misfits


def test_every_option_is_documented_and_every_summary_is_whole() -> None:
    undocumented: list[str] = []
    long_summaries: list[str] = []

    def check(group: Any, prefix: str = "") -> set[str]:
        found = set()
        context = typer.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            summary = (command.help or "").splitlines()[0]
            long_summaries.extend([summary] if len(summary) > 64 or not summary.endswith(".") else [])
            undocumented.extend(f"{prefix}{name} {param.name}" for param in command.params if not param.help)
            options = [option for param in command.params for option in param.opts if option.startswith("-")]
            # typer takes a metavar that is the name of its option for the spelling of the option
            assert options == [option.lower() for option in options]
            found |= (
                check(command, f"{prefix}{name} ")
                if hasattr(command, "list_commands")
                else {f"{prefix}{name}"}
            )
        return found

    assert check(typer.main.get_command(app)) == COMMANDS
    assert (undocumented, long_summaries) == ([], [])


def test_an_unknown_command_is_answered_with_near_matches() -> None:
    for typo, meant in {
        "qury": "No such command 'qury'. Did you mean 'query'?",
        "webhooks lst": "'list'",
    }.items():
        result = run_command(*typo.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert meant in result.stderr


def test_the_help_tells_the_exit_codes_and_the_streams() -> None:
    text = re.sub(r"\s+", " ", run_command("--help").stdout)
    assert (
        "0 done 1 failed 2 nothing was done: wrong usage, file, token or configuration 130 interrupted"
        in text
    )
    assert "Data goes to standard output, messages to standard error." in text


def test_help_is_short_for_h_and_the_version_is_told() -> None:
    for command in ((), ("query",), ("webhooks", "list")):
        assert run_command(*command, "-h").stdout == run_command(*command, "--help").stdout
    assert run_command("--version").stdout.startswith(f"attio-async {__version__} on Python 3.")


def test_quiet_verbose_and_debug(folder: Path) -> None:
    assert folder.is_dir()
    with embedded_workspace(Path("ws.json")):
        pass
    whoami = ("whoami", "--embedded", "ws.json")
    told = run_command(*whoami, "--verbose").stderr
    assert re.fullmatch(r"GET /v2/self 200 \d+ ms\n", told)
    assert run_command(*whoami).stderr == ""
    query = ("query", "people", "--embedded", "ws.json")
    assert run_command(*query).stderr == "0 people\n"
    assert run_command(*query, "--quiet").stderr == ""
    refused = run_command("query", "peple", "--embedded", "ws.json", "--quiet", "--json")
    assert "did you mean 'people'" in json.loads(refused.stderr)["message"]
    assert "Traceback" in run_command("query", "peple", "--embedded", "ws.json", "--debug").stderr


def _in_process(line: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a line of a shell, where $ATTIO is this program."""
    program = f"{shlex.quote(sys.executable)} -m attio_async"
    return subprocess.run(
        ["sh", "-c", line.replace("$ATTIO", program)],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), **environment},
    )


@pytest.mark.full
def test_output_for_programs_is_utf_8_whatever_the_encoding_of_the_machine(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        record = fake.seed.add_record("companies", {"name": "株式会社", "domains": ["example.com"]})
        identifier = record["id"]["record_id"]
    misfits = {}
    for command in (
        f"api GET /v2/objects/companies/records/{identifier}",
        "changes companies --state changes.db",
        "get companies/example.com --format table",
        "query companies 'F.name == \"株式会社\"' --explain",
        "note create companies/example.com 株式会社 --dry-run",
    ):
        done = _in_process(f"$ATTIO {command} --embedded ws.json", folder, PYTHONIOENCODING="cp1252")
        if done.returncode or "株式会社" not in done.stdout.decode():
            misfits[command] = done
    assert not misfits


@pytest.mark.full
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_one_message_for_the_help_as_well(folder: Path) -> None:
    for arguments in ("--version", "--help", "query --help", "objects --embedded ws.json"):
        done = _in_process(f"$ATTIO {arguments} > /dev/full", folder)
        assert (done.returncode, done.stderr.endswith(b"No space left on device\n")) == (1, True), arguments
        assert b"Traceback" not in done.stderr


@pytest.mark.full
def test_closed_streams_are_empty(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_record("companies", {"domains": ["example.com"]})
    misfits = {}
    for line, code, told in (
        ("login <&-", 2, b"no token was given"),
        ("delete companies/example.com --embedded ws.json <&-", 2, b"give --yes"),
        ("objects --embedded ws.json >&-", 0, b""),
        ("query companies --embedded ws.json --format table >&-", 0, b"1 companies"),
        ("objects --embedded ws.json 2>&-", 0, b""),
        ("query none --embedded ws.json 2>&-", 2, b""),
    ):
        done = _in_process(f"$ATTIO {line}", folder)
        if done.returncode != code or told not in done.stderr or b"Traceback" in done.stderr:
            misfits[line] = done
    assert not misfits


@pytest.mark.full
def test_input_that_is_not_utf_8_is_refused(folder: Path) -> None:
    for arguments in ("login", "note create companies/example.com -", "api POST /v2/notes --json-body @-"):
        done = _in_process(f"printf 'caf\\351' | $ATTIO {arguments}", folder, PYTHONIOENCODING="cp1252")
        assert (done.returncode, done.stdout) == (2, b""), arguments
        assert done.stderr.startswith(b"standard input is not UTF-8"), arguments


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from attio_async._cli.app import app; app(['--help'], standalone_mode=False);"
        "print([m for m in ('attrs', 'attio_async.errors', 'httpx', 'anyio', 'msgspec', 'rich', 'uvicorn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("attio_async._cli.find_spec", lambda name: None if name == "rich" else object())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "needs rich for its command line" in captured.err
    assert 'pip install "attio-async[cli]"' in captured.err
