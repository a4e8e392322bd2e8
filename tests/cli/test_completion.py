"""Completion of commands, options and names by a shell."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main

from attio_async._cli.app import app
from attio_async._cli.completion import commands
from attio_async._cli.completion.answer import answer, complete, split_line
from attio_async._cli.completion.commands import KINDS, make_table
from attio_async._cli.completion.names import Names, cache_folder, chosen_names_file, write_private
from attio_async.testing import FakeAttio
from tests.cli.support import run_command, walk

NAMED = re.compile(r"SLUG|NAME|ID|FILE|OBJECT|LIST|PROFILE|F\.\.\.")
"""Names of arguments that a shell may complete."""

FREE_TEXT = {
    '"COLUMN=SLUG"',
    "FILE_ID",
    "MODULE:NAME",
    "[MODULE:NAME]",
    "ID...",
    "JSON|@FILE",
    "NAME=VALUE",
    "OBJECT.SLUG",
    "TASK_ID",
    "ignore|clear|delete|flag:SLUG",
}
"""Those of them that it cannot."""

NAMES: Names = {
    "objects": {
        "companies": {
            "title": "Companies",
            "attributes": {
                "domains": {"title": "Domains", "is_unique": True, "is_writable": True},
                "record_id": {"title": "Record ID", "is_unique": True, "is_writable": False},
            },
        },
        "deals": {
            "title": "Deals",
            "attributes": {
                "name": {"title": "Deal name", "is_writable": True},
                "stage": {"title": "Stage", "is_writable": True, "options": ["Lead", "In Progress"]},
                "created_at": {"title": "Created at", "is_writable": False},
            },
        },
    },
    "lists": {
        "sales": {
            "title": "Sales pipeline",
            "parents": ["companies"],
            "attributes": {"tier": {"title": "Tier", "is_writable": True, "options": ["A", "B"]}},
        }
    },
}


@pytest.fixture(scope="module")
def table() -> commands.Table:
    return make_table(typer.main.get_command(app))


@pytest.fixture
def known(folder: Path, monkeypatch: pytest.MonkeyPatch, table: commands.Table) -> Path:
    """A folder where the names of the workspace of a token, and the commands, are known."""
    monkeypatch.setenv("ATTIO_API_KEY", "test-token")
    monkeypatch.setattr("attio_async._cli.completion.answer.command_table", lambda _: table)
    file = chosen_names_file(None, os.environ)
    assert file is not None
    write_private(file, NAMES)
    return folder


def completed(text: str) -> list[str] | None:
    """Return the texts that are offered at the end of a line; None if a file is expected."""
    found = complete(split_line(f"attio-async {text}"))
    return None if found is None else [each.text for each in found]


def test_what_may_follow_a_line(known: Path) -> None:
    assert known.is_dir()
    misfits = {}
    for line, expected in {
        "que": ["query"],
        "webhooks l": ["list", "listen"],
        "unknown ": [],
        "--ver": ["--version"],
        "query people --col": ["--columns"],
        "query people --limit 5 --limi": [],
        "query people --sort name --sor": ["--sort"],
        "query people --format js": ["json", "jsonl"],
        "query people --format=c": ["--format=csv"],
        "query people --limit ": [],
        "query ": ["companies", "deals", "sales"],
        "query -- de": ["deals"],
        "query --limit 5 sa": ["sales"],
        "query sales --profile none ": [],
        "query de --embedded ws.json": None,
        "query --embedded ws.json de": [],
        "get comp": ["companies/"],
        "get companies/": [],
        "merge companies/a comp": ["companies/"],
        "query deals --columns na": ["name"],
        "query deals --columns name,": ["name,stage", "name,created_at"],
        "query 'sales pipeline' --columns t": ["tier"],
        "query deals --sort cr": ["created_at"],
        "query deals --sort=name:d": ["--sort=name:desc"],
        "query deals 'F.st": ["F.stage"],
        'query deals \'(F.name == "x") & ~F.cre': ['(F.name == "x") & ~F.created_at'],
        "query deals 5": [],
        "create deals ": ["name=", "stage="],
        "create deals name=x st": ["stage="],
        "create deals stage=In": ["stage=In Progress"],
        "create deals stage=Lead;In": ["stage=Lead;In Progress"],
        "update deals/x stage+=L": ["stage+=Lead"],
        "upsert companies --match ": ["domains"],
        "upsert sales --parent comp": ["companies/"],
        "import leads.csv --object comp": ["companies"],
        "import leads.csv --list ": ["sales"],
        "import leads.csv --list sales --parent-match ": ["domains"],
        "import leads.csv --match companies=": ["companies=domains"],
        "import leads.csv --object companies --match d": ["domains"],
        "import le": None,
        "import leads.csv other": None,
        "query people -o fi": None,
        "completion f": ["fish"],
        "note create deals/x text more": [],
    }.items():
        found = completed(line)
        if found != expected:
            misfits[line] = found
    assert not misfits


def test_a_line_is_split_as_a_shell_does() -> None:
    misfits = {}
    for text, expected in {
        "a b": (("a",), "b", ""),
        "a ": (("a",), "", ""),
        r"a b\ c": (("a",), "b c", ""),
        "a 'b c' d": (("a", "b c"), "d", ""),
        "a '' d": (("a", ""), "d", ""),
        "a 'b c": (("a",), "b c", "'"),
        r'a "b \"c': (("a",), 'b "c', '"'),
        "a b'c d'e": (("a",), "bc de", ""),
        "a b\\": (("a",), "b", ""),
    }.items():
        if (found := split_line(text)) != expected:
            misfits[text] = found
    assert not misfits


def test_what_a_title_holds_cannot_become_a_command(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert known.is_dir()
    options = ["In Progress", "$(touch x)", "it's", 'a "b"', "a\nb", "\x1b[2J"]
    attributes = {"stage": {"is_writable": True, "options": options}}
    file = chosen_names_file(None, os.environ)
    assert file is not None
    write_private(file, {"objects": {"deals": {"attributes": attributes}}})
    misfits = {}
    for shell, line, part, expected in [
        ("bash", "stage=", "", [r"In\ Progress", r"\$\(touch\ x\)", r"it\'s", r"a\ \"b\""]),
        ("bash", "stage=In", "stage=In", [r"stage=In\ Progress"]),
        ("bash", '"stage=', "stage=", ["stage=In Progress", "stage=it's"]),
        ("bash", "'stage=", "stage=", ["stage=In Progress", "stage=$(touch x)", 'stage=a "b"']),
        (
            "fish",
            "stage=",
            "",
            ["stage=In Progress\t", "stage=$(touch x)\t", "stage=it's\t", 'stage=a "b"\t'],
        ),
    ]:
        assert answer([shell, f"attio-async create deals {line}", part]) == 0
        if (found := capsys.readouterr().out.splitlines()) != expected:
            misfits[shell, line] = found
    assert not misfits


def test_the_profile_decides_whose_names_are_offered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_command("completion", "bash").exit_code == 0
    fake = FakeAttio()
    fake.seed.add_list("sales", parent="companies")
    with fake.serve() as server:
        logged_in = run_command("login", "work", "--base-url", server.url, stdin="test-token")
        assert logged_in.exit_code == 0, logged_in.stderr
    assert completed("query sa") == ["sales"]
    assert completed("query sales --profile work --columns st") == []
    assert "stage" in (completed("query deals --profile work --columns ") or ())
    assert completed("upsert people --match ") == ["email_addresses"]
    assert completed("query deals --profile ") == ["work"]
    monkeypatch.setenv("ATTIO_API_KEY", "another-token")
    assert completed("query sa") == []
    assert completed("query --profile work sa") == ["sales"]
    for file in (folder / "cache").rglob("*"):
        assert file.stat().st_mode & 0o077 == 0
        assert file.is_dir() or b"test-token" not in file.read_bytes()
    monkeypatch.delenv("ATTIO_API_KEY")
    run_command("logout", "work")
    assert completed("query sa") == []


def test_commands_remember_what_they_have_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder.is_dir()
    assert run_command("completion", "bash").exit_code == 0
    fake = FakeAttio()
    fake.seed.add_list("sales", parent="companies")
    with fake.serve() as server:
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        monkeypatch.setenv("ATTIO_API_KEY", "test-token")
        assert run_command("attributes", "deals").exit_code == 0
        assert completed("create deals stage=L") == ["stage=Lead", "stage=Lost"]
        assert completed("query sa") == []
        assert run_command("lists").exit_code == 0
        assert completed("query sa") == ["sales"]
        assert run_command("query", "deals").exit_code == 0
        assert completed("create deals stage=L") == ["stage=Lead", "stage=Lost"], "the options stay known"
        offers = {"singular_noun": "Offer", "plural_noun": "Offers", "api_slug": "offers"}
        for method, path, data in [
            ("POST", "/v2/objects", offers),
            ("PATCH", "/v2/objects/offers", {"api_slug": "bids"}),
        ]:
            body = json.dumps({"data": data})
            assert run_command("api", method, path, "--json-body", body).exit_code == 0
            assert run_command("objects").exit_code == 0
            assert completed("query " + data["api_slug"]) == [data["api_slug"]]
        assert completed("query bi") == ["bids"]
        assert completed("query of") == [], "the earlier name is forgotten"


def test_an_embedded_workspace_leaves_no_names_behind(folder: Path) -> None:
    assert run_command("query", "people", "--embedded", "ws.json").exit_code == 0
    assert not (folder / "cache").exists()


def test_a_cache_that_is_broken_or_cannot_be_written_is_done_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder.is_dir()
    monkeypatch.setenv("ATTIO_API_KEY", "test-token")
    file = chosen_names_file(None, os.environ)
    assert file is not None
    file.parent.mkdir(parents=True)
    for content in ("", "{", "[]", '{"objects": 5}'):
        file.write_text(content)
        assert completed("query ") == []
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    assert completed("que") == ["query"]


class TestTable:
    def test_it_is_made_again_when_the_code_is_newer(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert folder.is_dir()
        made: list[bool] = []

        def root() -> Any:
            made.append(True)
            return typer.main.get_command(app).get_command(None, "query")

        def command_table() -> commands.Table:
            return commands.command_table(root)

        assert [command_table()["help"] for _ in range(3)] == [
            "Show the records or entries that match a filter."
        ] * 3
        assert len(made) == 1
        (file,) = cache_folder().iterdir()
        file.write_text("{")
        command_table()
        monkeypatch.setattr(commands, "_stamp", lambda: "newer")
        command_table()
        assert len(made) == 3

    def test_it_has_every_command_and_option(self, table: commands.Table) -> None:
        missing = []
        for path, command in walk(typer.main.get_command(app)):
            entry: Any = table
            for name in path.split():
                entry = entry["commands"][name]
            options = {name for param in command.params for name in param.opts if name.startswith("-")}
            if options | {"--help", "-h"} != set(entry["options"]):
                missing.append(path)
        assert missing == []

    def test_what_completes_each_argument_is_decided(self) -> None:
        undecided = {
            param.metavar: f"{path} {param.name}"
            for path, command in walk(typer.main.get_command(app))
            for param in command.params
            if NAMED.search(param.metavar or "")
            and param.metavar not in KINDS
            and param.metavar not in FREE_TEXT
        }
        assert undecided == {}


def test_the_script_of_each_shell(folder: Path) -> None:
    assert folder.is_dir()
    for shell in ("bash", "zsh", "fish", "powershell"):
        assert f"__complete {shell} " in run_command("completion", shell).stdout
    assert run_command("completion", "csh").exit_code == 2


def environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(os.path.abspath(part) for part in sys.path if part),  # noqa: PTH100
        "XDG_CACHE_HOME": str(folder / "cache"),
    }


@pytest.mark.full
def test_an_answer_is_quick_and_loads_no_command_line(known: Path) -> None:
    code = (
        "import sys; sys.argv = ['attio-async', '__complete', 'bash', 'attio-async query deals --columns na', 'na']\n"
        "from attio_async._cli import main\n"
        "try: main()\n"
        "finally: print([m for m in ('typer', 'rich', 'httpx', 'anyio', 'attrs', 'msgspec', 'inspect') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, env=environment(known), capture_output=True, check=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environment(known), capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.splitlines() == ["name", "[]"]
    # The time on the clock depends on what else the machine does, and is in the documentation.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.2
