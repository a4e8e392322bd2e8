"""The Python blocks of the documentation pass `mypy --strict`, as they do in the code of a reader."""

import ast
import contextlib
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
NAME = re.compile(r"# (\w+)\.py\n")

HEAD = """\
from attio_async import Attio
from attio_async.testing import FakeAttio


async def page(attio: Attio, fake: FakeAttio) -> None:
"""
"""Blocks without a file name follow each other in one function, since many await at the top, as notebooks do."""

UNCHECKED = {"operations"}
"""A page that calls everything once, with results of `first` that its own data makes certain."""

ALLOWED = (
    "import-not-found",  # of libraries that are not installed here, and modules that a command writes
    "import-untyped",
    "untyped-decorator",
    "name-defined",  # names that the text around a block tells, such as a receiver
    "no-redef",  # blocks that show the same thing in two ways
)


def modules(page: Path) -> dict[str, str]:
    """Return the modules of a page by name. All pages are checked at once, so each has the name of its page in it."""
    prefix = "page_" + re.sub(r"\W", "_", page.relative_to(DOCS).with_suffix("").as_posix())
    named: dict[str, str] = {}
    unnamed: list[str] = []
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if name := NAME.match(block):
            named[name[1]] = block
        else:
            with contextlib.suppress(SyntaxError):  # decorators without a function
                ast.parse(block)
                unnamed.append(block)
    imports = re.compile(rf"^from ({'|'.join(named)}) import", re.MULTILINE)
    found = {
        f"{prefix}__{name}": imports.sub(rf"from {prefix}__\1 import", code) for name, code in named.items()
    }
    if unnamed:
        found[prefix] = HEAD + textwrap.indent("\n".join(unnamed), "    ")
    return found


@pytest.mark.full
def test_the_blocks_of_all_pages_pass_a_type_checker(tmp_path: Path) -> None:
    found = {
        name: code
        for page in DOCS.rglob("*.md")
        if page.stem not in UNCHECKED
        for name, code in modules(page).items()
    }
    assert len(found) > 50
    for name, code in found.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    options = ["--strict", "--config-file=", "--allow-redefinition-new", "--local-partial-types"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *(f"--disable-error-code={code}" for code in ALLOWED), "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
