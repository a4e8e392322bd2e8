"""The code of docs/models.md runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest

from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


async def test_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    exec(BLOCKS[0], names)
    fake = FakeAttio()
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    async with fake.client() as attio:
        deal = await names["sell"](attio)
        assert deal.value == 900
        await names["report"](attio)
    assert capsys.readouterr().out == "Rollout 900 Lead\n"
