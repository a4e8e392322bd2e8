"""The code of docs/models.md and docs/schema.md runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.models._generate import generate
from attio_async.testing import FakeAttio

from .test_generate import loaded

pytestmark = pytest.mark.anyio

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


async def test_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(blocks("models.md", "python")[0], names)
    fake = FakeAttio()
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    async with fake.client() as attio:
        deal = await names["sell"](attio)
        assert deal.value == 900
        await names["report"](attio)
        exec(blocks("models.md", "python")[2], names)
        assert await names["commissions"](attio) == [90]
    assert capsys.readouterr().out == "Rollout 900 Lead\n"


async def test_a_schema_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(blocks("schema.md", "python")[0], names)
    file = tmp_path / "attio.toml"
    file.write_text(blocks("schema.md", "toml")[0], encoding="utf-8")
    fake, other = FakeAttio(), FakeAttio()
    async with fake.client() as attio, other.client() as production:
        await names["agree"](attio, file)
        assert capsys.readouterr().out == blocks("schema.md", "text")[0]
        await names["copy"](attio, production)
        titles = [option.title for option in await production.attributes("deals").options("tier").list()]
    assert titles == ["Gold", "Silver"]


async def test_models_of_an_own_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeAttio()
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    fake.seed.add_list("sales", "Sales", parent="deals")
    fake.seed.add_attribute("sales", "stage", "status", options=["New"])
    deal = fake.seed.add_record(
        "deals", {"name": "Big", "value": 900, "stage": "Lead", "owner": "jane@example.com"}
    )
    fake.seed.add_entry("sales", deal["id"]["record_id"], {"stage": "New"})
    async with fake.client() as attio:
        (tmp_path / "crm.py").write_text(
            generate(await attio.workspace_schema.pull(), version="1.0"), encoding="utf-8"
        )
        sample = blocks("models.md", "python")[1]
        body = "".join(f"    {line}\n" for line in sample.splitlines() if not line.startswith("from"))
        names: dict[str, Any] = {"SalesEntry": loaded(tmp_path / "crm.py").SalesEntry}
        exec(f"async def run(attio):\n{body}", names)
        await names["run"](attio)
    assert capsys.readouterr().out == "New\n"
