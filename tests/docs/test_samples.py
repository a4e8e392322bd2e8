"""The samples of pages whose code stands alone run as printed, and print what the page says they print.

A block runs with the names of the blocks above it, and with `attio`, a client of a fake that has some records. A block
marked `text` right below is what it prints.
"""

import ast
import asyncio
import contextlib
import io
import re
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from attio_async import Attio
from attio_async.testing import FakeAttio, VirtualClock

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```python\n(.*?)```(?:\n+```text\n(.*?)```)?", re.DOTALL)
PAGES = ("index.md",)


def workspace() -> FakeAttio:
    """Return a workspace with what the pages speak of."""
    return FakeAttio(clock=VirtualClock(), token="test-token")


@pytest.mark.parametrize("page", PAGES)
def test_the_samples_run_and_print_what_they_say(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert blocks
    asyncio.run(run(blocks, page))


async def run(blocks: list[tuple[str, str]], page: str) -> None:
    fake = workspace()
    async with fake.client() as attio:
        names: dict[str, Any] = {"__name__": "document", "attio": attio, "fake": fake, "Attio": Attio}
        for number, (block, expected) in enumerate(blocks, 1):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                await execute(compiled(block, f"{page}, sample {number}"), names)
            if expected:
                assert printed.getvalue() == expected, f"{page}, sample {number}"


def compiled(block: str, name: str) -> CodeType:
    code: CodeType = compile(block, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


async def execute(code: CodeType, names: dict[str, Any]) -> None:
    result = eval(code, names)
    if asyncio.iscoroutine(result):
        await result
