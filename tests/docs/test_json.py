"""The samples on the page about JSON run."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_record("people", {"name": "Lovelace, Ada", "email_addresses": ["ada@example.com"]})
    return fake


def names_of(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "sample"}
    exec(BLOCKS[number], names)
    return names


def test_the_samples_of_dicts(fake: FakeAttio, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(names_of(0)["show"](fake.client()))
    assert json.loads(capsys.readouterr().out)["values"]["email_addresses"] == ["ada@example.com"]
    found = json.loads(asyncio.run(names_of(1)["report"](fake.client())))
    assert found["first"]["last_name"] == "Lovelace"
    assert len(found["people"]) == 1


def test_the_samples_of_fastapi_and_mcp(fake: FakeAttio) -> None:
    names = names_of(2)
    names["attio"] = fake.client()
    page = asyncio.run(names["people"]())
    assert len(page.items) == 1
    with pytest.raises(names["HTTPException"]) as caught:
        asyncio.run(names["person"]("00000000-0000-4000-8000-000000000000"))
    assert caught.value.detail["code"] == "not_found"
    names = names_of(3)
    names["attio"] = fake.client()
    result = asyncio.run(names["server"].call_tool("find_people", {"email": "ada@example.com"}))
    assert len(result.structured_content["result"]) == 1
    result = asyncio.run(names["server"].call_tool("create_person", {"values": {"nmae": "Ada"}}))
    assert result.structured_content["exception"] == "CoercionError"


def test_the_samples_of_schemas_and_frames(fake: FakeAttio) -> None:
    tool = asyncio.run(names_of(4)["tool"](fake.client()))
    assert "Lead" in tool["input_schema"]["properties"]["stage"]["enum"]
    frame = asyncio.run(names_of(5)["frame"](fake.client()))
    assert frame["email_addresses"].to_list() == [["ada@example.com"]]


def test_no_sample_is_left_out() -> None:
    assert len(BLOCKS) == 6
