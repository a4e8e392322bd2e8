"""The samples on the page about observability run."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_record("people", {"name": "Lovelace, Ada"})
    return fake


def test_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTIO_API_KEY", "x")
    assert names_of(2)["attio"].settings.middleware


def names_of(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "sample"}
    exec(BLOCKS[number].replace("\nAttio(middleware", "\nmade = Attio(token='x', middleware"), names)
    return names


def test_a_result_with_its_response(fake: FakeAttio, capsys: pytest.CaptureFixture[str]) -> None:
    person = fake.records("people")[0]["id"]["record_id"]
    asyncio.run(names_of(0)["main"](fake.client(), person))
    assert re.search(r"Ada.* 200 [0-9a-f-]{36} 1 0\.\d+", capsys.readouterr().out)


def test_what_a_block_costs(fake: FakeAttio) -> None:
    assert asyncio.run(names_of(1)["count"](fake.client())).bytes_received > 100


def test_middleware(fake: FakeAttio, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(fake.client(middleware=[names_of(3)["count_by_operation"]]).identify())
    assert re.match(r"get_self /v2/self 1 0\.0 200", capsys.readouterr().out)
