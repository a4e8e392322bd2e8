"""The code of the page on syncs runs as printed."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import running_postgres
from tests.support import trio_when_full

from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

PAGE = Path(__file__).parents[2] / "docs" / "sync.md"


def sample() -> dict[str, Any]:
    """Return the names that the samples define."""
    names: dict[str, Any] = {"__name__": "document"}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    return names


@pytest.mark.full
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_sync_runs_from_any_machine() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("companies", "plan", "text")
    fake.seed.add_attribute("companies", "mrr", "number")
    rows = [{"domains": "c0.example.com", "plan": "Pro", "mrr": 1}]
    with running_postgres() as database:
        async with fake.client() as attio:
            assert (await sample()["from_any_machine"](attio, database, rows)).created == 1


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_samples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("companies", "plan", "text")
    fake.seed.add_attribute("companies", "mrr", "number")
    fake.seed.add_attribute("companies", "churned", "checkbox")
    fake.seed.add_list("big_accounts", parent="companies")
    with sqlite3.connect("warehouse.db") as connection:
        connection.execute(
            "CREATE TABLE accounts AS SELECT 'c0.example.com' AS domain, 'Pro' AS plan, 0 AS mrr"
        )
    connection.close()
    monkeypatch.setenv("WAREHOUSE_URL", "warehouse.db")
    names = sample()
    rows = [{"domains": f"c{n}.example.com", "plan": "Pro", "mrr": n * 500} for n in range(12)]
    async with fake.client() as attio:
        await names["nightly"](attio, rows)
        await names["nightly"](
            attio, [*rows[:10], {**rows[10], "plan": "Team"}, {**rows[11], "domains": "new.example.com"}]
        )
        assert (await names["follow"](attio)).created == 10
        assert (await names["warehouse"](attio)).unchanged == 1
    said = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("  ")]
    assert said == [
        "sync companies: 12 create",
        "12 0 0 0",
        "sync companies: 1 create, 1 update, 1 clear, 10 equal",
        "1 1 1 0",
    ]
