"""Every hint can be followed: the mistake raises it, and what it says to do works."""

import inspect
from pathlib import Path
from typing import Any

import anyio
import pytest

from attio_async._cli.workspace import embedded_workspace
from attio_async.errors import AttioError
from tests.cli.support import run_command

from . import cases
from .cases import Case, Command, World
from .more_cases import MORE_CASES, MORE_COMMANDS, RUN_CASES
from .templates import hints, pattern

CASES = [*cases.CASES, *MORE_CASES]
COMMANDS = [*cases.COMMANDS, *MORE_COMMANDS]


def test_every_hint_of_the_source_is_followed() -> None:
    known = {case.hint for case in (*CASES, *RUN_CASES, *COMMANDS)}
    found = hints()
    assert {hint: module for hint, module in found.items() if hint not in known} == {}
    assert sorted(hint for hint in known if hint not in found) == []


@pytest.mark.full
@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("case", CASES, ids=[case.hint[:60] for case in CASES])
async def test_a_hint_is_followed(case: Case, tmp_path: Path) -> None:
    world = await World.create(tmp_path)
    with pytest.raises((AttioError, ValueError, TypeError, KeyError)) as failed:
        await _done(case.mistake(world))
    assert pattern(case.hint).search(_said(failed.value)), _said(failed.value)
    await _done(case.advice(await World.create(tmp_path)))


@pytest.mark.full
@pytest.mark.parametrize("case", RUN_CASES, ids=[case.hint[:60] for case in RUN_CASES])
def test_a_hint_is_followed_by_commands(case: Case, tmp_path: Path) -> None:
    with pytest.raises((AttioError, ValueError)) as failed:
        case.mistake(anyio.run(World.create, tmp_path))
    assert pattern(case.hint).search(str(failed.value)), str(failed.value)
    case.advice(anyio.run(World.create, tmp_path))


def _said(error: BaseException) -> str:
    return f"{error}\n{getattr(error, 'hint', '')}"


async def _done(result: Any) -> None:
    """Await what may be awaited, one after the other."""
    if isinstance(result, tuple):
        for each in result:
            await _done(each)
    elif inspect.isawaitable(result):
        done = await result
        assert not getattr(done, "failures", ()), done.failures


FILES = {
    "empty.db": b"",
    "people.csv": b"email_addresses\nada@example.com\n",
    "more.csv": b"name,domains\nC,c.example.com\n",
    "nouns.csv": b"name\nB\n",
    "twice.csv": b"name,firm,domains\nB,C,b.example.com\n",
    "nameless.csv": b"name,,domains\nB,C,b.example.com\n",
    "quote.csv": b'name,domains\n"B,b.example.com\nC,c.example.com\n',
    "quotes.csv": b'name,domains\n"B ""the"" bee",b.example.com\n',
    "mixed.csv": "name,domains\nZoë,a.example.com\n".encode() + b"Caf\xe9,b.example.com\n",
    "dos.csv": "name,domains\nfür,a.example.com\n".encode("cp850"),
    "latin.csv": b"name,domains\nCaf\xe9,b.example.com\n",
}


@pytest.mark.full
@pytest.mark.parametrize("command", COMMANDS, ids=[command.hint[:60] for command in COMMANDS])
def test_a_hint_of_the_command_line_is_followed(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
        fake.seed.add_list("sales", "Sales", parent="companies")
        ids = [str(record["id"]["record_id"]) for record in fake.records("companies")]
    Path("rows.csv").write_text("name,domains\nB,b.example.com\n")
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    Path("ids.csv").write_text(f"record_id,name\n{ids[0]},New\n")
    Path("parents.csv").write_text("domains\nacme.example.com\n")
    with embedded_workspace(Path("other.json")) as other:
        other.seed.add_attribute("companies", "tier", "text")
    run_command("schema", "pull", "--out", "schema.toml", "--embedded", "other.json")
    failed = run_command(*command.mistake.split())
    assert failed.exit_code == 2, failed.stderr
    assert pattern(command.hint).search(failed.stderr.replace("\n", " ")), failed.stderr
    for followed in command.advice:
        done = run_command(*followed.split())
        assert done.exit_code == 0, done.stderr
