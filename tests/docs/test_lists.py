"""The code of the page on lists and views runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.support import trio_when_full

from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

PAGE = Path(__file__).parents[2] / "docs" / "lists.md"


async def test_the_samples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = FakeAttio(clock=VirtualClock())
    list_id = fake.seed.add_list("sales", "Sales pipeline", parent="companies")
    fake.seed.add_attribute("sales", "stage", "status", options=["Lead", "Won"])
    fake.seed.add_attribute("sales", "value", "number")
    fake.seed.add_view("deals", "Open deals")
    names: dict[str, Any] = {"__name__": "document"}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    async with fake.client() as attio:
        await names["pipeline"](attio)
        await names["open_deals"](attio)
    assert capsys.readouterr().out.splitlines() == ["Acme 1200", f"{list_id} Won", "0"]
    assert (tmp_path / "open-deals.csv").exists()
