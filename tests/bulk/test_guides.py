"""The code of the pages on exports and changes runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs"


def blocks(name: str) -> dict[str, Any]:
    """Return the names that the code of a page defines."""
    names: dict[str, Any] = {"__name__": "document"}
    for block in re.findall(r"```python\n(.*?)```", (DOCS / name).read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    return names


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_record("people", {"name": "Lovelace, Ada"})
    fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    return fake


async def test_exports(
    fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with fake.client() as attio:
        await blocks("bulk-reads.md")["save"](attio)
    assert capsys.readouterr().out.startswith("1 0 ")
    expected = {"people.jsonl", "won.csv", "companies.parquet", "people.csv", "people.parquet"}
    assert names_in(tmp_path) == expected


async def test_changes(
    fake: FakeAttio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    follow = blocks("changes.md")["follow"]
    async with fake.client() as attio:
        ada = fake.records("people")[0]["id"]["record_id"]
        await follow(attio)
        await attio.people.update(ada, {"job_title": "Countess"})
        await follow(attio)
        await attio.people.delete(ada)
        await follow(attio)
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == f"new {ada} Ada Lovelace"
    assert second.startswith(f"{ada} job_title None -> Countess by ")
    assert third == f"gone {ada} last seen as Ada Lovelace"
