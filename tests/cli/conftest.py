from pathlib import Path

import pytest

from tests.support import trio_when_full

anyio_backend = trio_when_full  # commands run on asyncio


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, without a token in the environment, and an editor that sets the name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/^name=.*/name=Edited/")
    for name in ("ATTIO_API_KEY", "ATTIO_BASE_URL", "ATTIO_WEBHOOK_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("attio_async._cli.workspace._EMBEDDED_LATENCY_S", 0.0)
    return tmp_path
