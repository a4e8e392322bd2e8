"""The samples on the page about edits, notes and files run."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.support import trio_when_full

from attio_async import Attio, Location
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

PAGE = (Path(__file__).parents[2] / "docs" / "records.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def names_of(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "sample"}
    exec(BLOCKS[number], names)
    return names


@pytest.fixture
def attio() -> Attio:
    return FakeAttio(clock=VirtualClock()).client()


async def test_an_edit_keeps_the_rest_of_the_location(attio: Attio) -> None:
    values = {"primary_location": Location(locality="Paris", country_code="FR"), "description": "Boots"}
    acme = await attio.companies.create(values)
    edited = await names_of(0)["move_to_lyon"](attio, acme.id)
    assert str(edited["primary_location"]) == "Lyon, FR"
    assert (edited["categories"], edited["description"]) == (["B2B"], None)


async def test_the_last_notes(attio: Attio) -> None:
    acme = await attio.companies.create({"name": "Acme"})
    for number in range(5):
        await attio.notes.create(acme, title=str(number), content="")
    assert [note.title for note in await names_of(1)["last_notes"](attio, acme)] == ["4", "3", "2"]


async def test_files(attio: Attio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("offer.pdf").write_bytes(b"%PDF" * 100_000)  # noqa: ASYNC240 - before the loop has other tasks
    acme = await attio.companies.create({"name": "Acme"})
    assert await names_of(2)["files"](attio, acme) == 400_000
    assert [file.name for file in await attio.files.list(acme)] == ["offer.pdf", "offer.pdf", "hello.txt"]
