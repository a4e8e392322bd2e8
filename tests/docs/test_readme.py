"""The code in the documents runs as printed."""

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_first_sample_runs_as_printed(tmp_path: Path) -> None:
    program = tmp_path / "sample.py"
    program.write_text(BLOCKS[0], encoding="utf-8")
    with FakeAttio(token="printed").serve(port=0) as server:
        done = subprocess.run(
            [sys.executable, "-W", "error", program],
            env={"ATTIO_API_KEY": "printed", "ATTIO_BASE_URL": server.url},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    connected, ada = done.stdout.splitlines()
    assert connected.startswith("Connected to ")
    assert ada == "Ada Lovelace ['ada@acme.example.com'] Acme"


def test_the_sample_of_questions(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[1], names)
    fake = FakeAttio()
    fake.seed.add_member("jane@acme.example.com", "Jane", "Doe")
    fake.seed.add_record(
        "companies", {"name": "Acme", "domains": ["acme.example.com"], "foundation_date": "2021-05-01"}
    )
    for name, value, stage in (("Small", 100, "Lead"), ("Big", 900, "Lead"), ("Won", 950, "Won 🎉")):
        deal = {"name": name, "value": value, "stage": stage, "owner": "jane@acme.example.com"}
        fake.seed.add_record("deals", deal)
    person = fake.seed.add_record(
        "people", {"email_addresses": ["ada@acme.example.com"], "job_title": "Engineer"}
    )
    asyncio.run(names["ask"](fake.client()))
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Big 900", "1", "['Acme']", person["id"]["record_id"], person["id"]["record_id"]]


def test_the_sample_of_many_rows(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[2], names)
    fake = FakeAttio()
    asyncio.run(names["sync"](fake.client()))
    assert capsys.readouterr().out.splitlines()[-1] == "50 0 0 0"


def test_the_sample_test_passes() -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[3], names)
    asyncio.run(names["test_signup"]())


def test_no_sample_is_left_out() -> None:
    assert len(BLOCKS) == 4


def test_links_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            is_generated = target.startswith("reference/") or target in {
                "skill.md",
                "security-policy.md",
            }  # checked on the staged pages
            assert is_generated or (document.parent / target).exists(), f"{document.name} links to {target}"
