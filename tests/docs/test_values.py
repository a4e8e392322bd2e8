"""The code of the page on values runs as printed."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.support import trio_when_full

from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

PAGE = Path(__file__).parents[2] / "docs" / "values.md"


async def test_the_samples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "document"}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(block, names)
    await names["tidy"](FakeAttio(clock=VirtualClock()).client())
    assert capsys.readouterr().out.splitlines() == ["None"]
