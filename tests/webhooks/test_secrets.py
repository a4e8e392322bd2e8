"""Secrets of webhooks in a private file."""

import os
import stat
from pathlib import Path

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
