"""The tests on the pages about testing pass as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODULES = dict(re.findall(r"```python\n# (test_\w+\.py)\n(.*?)```", PAGE + CONTRIBUTING, re.DOTALL))


def test_every_sample_has_a_name() -> None:
    assert len(MODULES) == PAGE.count("```python") + 1 > 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_samples_pass(tmp_path: Path, backend: str) -> None:
    for name, code in MODULES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        f"import pytest\n\n\n@pytest.fixture\ndef anyio_backend():\n    return {backend!r}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("ATTIO_")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
