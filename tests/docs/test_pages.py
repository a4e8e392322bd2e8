"""The tests on the pages about testing pass as printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PLUGINS = ("-p", "anyio", "-p", "attio_async.pytest_plugin")
MODULES = dict(re.findall(r"```python\n# (test_\w+\.py)\n(.*?)```", PAGE + CONTRIBUTING, re.DOTALL))


def test_every_sample_has_a_name() -> None:
    assert len(MODULES) == PAGE.count("```python") + 1 > 1


def test_the_samples_pass_on_asyncio_and_trio(tmp_path: Path) -> None:
    for name, code in MODULES.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(
        'import pytest\n\n\n@pytest.fixture(params=["asyncio", "trio"])\ndef anyio_backend(request):\n'
        "    return request.param\n",
        encoding="utf-8",
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTIO_")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", *PLUGINS],
        cwd=tmp_path,
        env=environment
        | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # the plugins of others take a second to load
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
