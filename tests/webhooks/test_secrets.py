"""Secrets of webhooks in a private file."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import cast

import anyio
import pytest

from attio_async.errors import ConfigurationError
from attio_async.webhooks import FileSecrets

pytestmark = pytest.mark.anyio


async def test_secrets_are_kept_in_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    secrets = FileSecrets(path)
    assert await secrets.get("a") is None
    await secrets.put("a", "first-secret")
    await secrets.put("b", " second-secret\n")
    assert await FileSecrets(path).known() == {"a": "first-secret", "b": "second-secret"}
    assert await secrets.get("b") == "second-secret"
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "first-secret" not in repr(secrets)
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.json"]  # noqa: ASYNC240 - a test may block


async def test_a_file_of_something_else_is_refused_and_left_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    for content in ("Dear Ada", "[]", '{"a": 1}'):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(ConfigurationError, match="not a valid file of webhook secrets"):
            await FileSecrets(path).put("a", "1")
        assert path.read_text(encoding="utf-8") == content


async def test_a_secret_that_is_empty_or_not_a_text_is_refused(tmp_path: Path) -> None:
    secrets = FileSecrets(tmp_path / "secrets.json")
    for secret in cast("list[str]", ["", " ", None, 5]):
        with pytest.raises(ConfigurationError, match="a webhook's secret must"):
            await secrets.put("one", secret)
    assert await secrets.known() == {}


async def test_an_empty_file_that_others_can_read_becomes_private(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.touch(0o644)
    await FileSecrets(path).put("a", "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_several_stores_of_one_file_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    stores = [FileSecrets(path) for _ in range(3)]
    async with anyio.create_task_group() as group:
        for number in range(60):
            group.start_soon(stores[number % 3].put, f"w{number}", "x")
    assert len(await stores[0].known()) == 60


_WRITER = """
import anyio, sys
from attio_async.webhooks import FileSecrets

async def main():
    for number in range(20):
        await FileSecrets(sys.argv[1]).put(f"{sys.argv[2]}-{number}", "x")

anyio.run(main)
"""


@pytest.mark.full
def test_several_processes_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(number)]) for number in range(3)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(json.loads(path.read_text("utf-8"))) == 60
