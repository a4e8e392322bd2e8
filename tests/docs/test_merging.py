"""The samples on the page about merging run."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio

PAGE = (Path(__file__).parents[2] / "docs" / "merging.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
PRINTED = re.findall(r"```\n(name: .*?)```", PAGE, re.DOTALL)[0]


def test_a_plan_is_printed_before_the_merge(capsys: pytest.CaptureFixture[str]) -> None:
    fake, names = FakeAttio(), {"__name__": "sample"}
    exec(BLOCKS[0], names)
    keep = fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    others = {"name": "Acme Inc", "domains": ["acme.example.org"], "description": "Boots"}
    drop = fake.seed.add_record("companies", others)
    ids = [each["id"]["record_id"] for each in (keep, drop)]
    merged: Any = names["merge_companies"]
    assert asyncio.run(merged(fake.client(), *ids)) is None
    assert sorted(capsys.readouterr().out.split("\n")) == sorted(PRINTED.split("\n"))


def test_old_ids_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTIO_API_KEY", "test-token")
    fake, names = FakeAttio(), {"__name__": "sample"}
    exec(BLOCKS[1], names)
    keep, drop = (
        fake.seed.add_record("companies", {"name": name})["id"]["record_id"] for name in ("Acme", "Acme Inc")
    )
    with_store: Any = names["attio"]

    async def run() -> str:
        names["attio"] = client = fake.client(merges=with_store.merges)
        await client.companies.merge(keep, drop)
        found: Any = await names["current"](drop)  # type: ignore[operator]
        await with_store.merges.aclose()
        return str(found["name"])

    assert asyncio.run(run()) == "Acme"
