"""`demo`: it keeps its promises, says so when it could not, and prints commands that run."""

import csv
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from attio_async._cli.commands import demo
from attio_async._cli.errors import Refusal
from tests.cli.support import run_command

BASH = "/bin/bash"


@pytest.mark.full
def test_everything_goes_as_promised_and_the_commands_printed_run(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTIO_")}
    environment |= {"COLUMNS": "80", "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )

    shown = run(sys.executable, "-m", "attio_async", "demo")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert max(map(len, shown.stdout.splitlines())) <= 80
    assert "NOT as promised" not in shown.stdout
    told = " ".join(shown.stdout.replace("│", " ").split())
    for promise in (
        "kill -9 and resume killed after 4",
        "each of 120 once",
        "180 rows at 2",
        "8 requests rate-limited and sent again, 60 of 60 rows written",
        "Ada Lovelace ['ada@example.com']",
        "181 people in attio-demo/people-export.csv",
    ):
        assert promise in told
    with (tmp_path / "attio-demo" / "people-export.csv").open(newline="", encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 181

    block = shown.stdout.partition("These commands work on it:\n\n")[2].partition("\n\n")[0]
    commands = re.sub(r" \\\n\s+", " ", block).splitlines()
    assert [re.search(r"attio-async (\w+)", command)[1] for command in commands] == [  # type: ignore[index]
        "get",
        "query",
        "import",
        "export",
    ]
    results = [run(BASH, "-c", command) for command in commands]
    assert [result.returncode for result in results] == [0, 0, 0, 0], [each.stderr for each in results]
    got, queried, planned, _ = (result.stdout for result in results)
    assert "ada@example.com" in got
    assert queried.count("\n") == 1 + 5
    assert "52 to update, 128 unchanged" in planned
    assert (tmp_path / "attio-demo" / "companies.jsonl").read_text().count("\n") == 121
    as_printed = run(BASH, "-c", block)  # with the lines continued, as it is pasted
    assert as_printed.returncode == 0, as_printed.stderr


def test_a_broken_promise_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "_STEPS", demo._STEPS[:1])
    monkeypatch.setattr(demo, "_PROGRAM", "print('Ada Lovelace')\nraise SystemExit(1)\n")
    assert demo.run_demo(folder / "attio-demo") == 1
    assert "NOT as promised: a program of ten lines" in capsys.readouterr().out
    before = (folder / "attio-demo" / "workspace.json").read_bytes()
    assert demo.run_demo(folder / "attio-demo") == 1  # the files of an earlier demo are replaced
    assert (folder / "attio-demo" / "workspace.json").read_bytes() != before


def test_the_folder_of_a_demo_that_was_killed_is_used_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "_STEPS", ())
    assert demo.run_demo(folder / "my demo") == 0
    (folder / "my demo" / "workspace.json").unlink()
    assert demo.run_demo(folder / "my demo") == 0
    (folder / "my demo" / "workspace.json").unlink()
    (folder / "my demo" / "program.py").write_text("mine")
    with pytest.raises(Refusal, match="has other files"):
        demo.run_demo(folder / "my demo")


def test_the_program_has_ten_lines_that_fit_the_screen() -> None:
    lines = [line for line in demo._PROGRAM.splitlines() if line]
    assert len(lines) == 10
    assert max(map(len, lines)) < 80


def test_a_command_is_wrapped_between_its_options() -> None:
    words = [
        "attio-async",
        "import",
        "a" * 30,
        "--object",
        "people",
        "--match",
        "b c",
        "--plan",
        "--x",
        "d" * 9,
    ]
    assert demo._wrapped(words) == (
        f"attio-async import {'a' * 30} --object people \\\n    --match 'b c' --plan --x {'d' * 9}"
    )


def test_a_folder_of_others_is_left_alone(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "diary.txt").write_text("dear diary")
    result = run_command("demo", "--out", "mine")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "mine has other files; give --out FOLDER, or remove it" in result.stderr
    with pytest.raises(Refusal, match="cannot be created"):
        demo.run_demo(folder / "mine" / "diary.txt" / "folder")


def test_the_sample_is_shipped_and_made_up() -> None:
    for name, column in {"companies.csv": "Domains", "people.csv": "Company"}.items():
        text = (files("attio_async._cli") / "sample" / name).read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines(keepends=True)))
        values = ";".join(f"{row[column]};{row.get('Email addresses', '')}" for row in rows).casefold()
        hosts = [
            re.split(r"//|@|/|\?", value)[1 if "//" in value or "@" in value else 0]
            for value in values.split(";")
        ]
        assert len(rows) >= 120
        assert all(host.strip().endswith(".example.com") for host in hosts if host.strip())
