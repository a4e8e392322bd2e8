"""The code of docs/segment.md and docs/botpress.md runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio, VirtualClock
from tests.examples.support import example

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs"


def block(page: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "document"}
    found = re.search(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    exec(found[1], names)
    return names


async def test_segment(capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeAttio(clock=VirtualClock())
    async with fake.client() as attio:
        await block("segment.md")["write"](attio, example("segment/destination.py"))
    assert capsys.readouterr().out.splitlines() == [
        "identify ['people', 'users'] None",
        "group ['companies', 'workspaces'] None",
    ]


async def test_botpress(capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeAttio(clock=VirtualClock())
    async with fake.client() as attio:
        await block("botpress.md")["talk"](attio, example("botpress/actions.py"))
        (company,) = await attio.companies.query()
        assert set(company["domains"]) == {"example.com", "acme.example.com"}
    assert capsys.readouterr().out.splitlines()[-1] == "1 False"
