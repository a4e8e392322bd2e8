"""The pure parts bring neither an event loop, nor HTTP, nor a database."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["verify", "parse", "sign", "RecordUpdated", "equals"])
def test_the_pure_parts_load_nothing_heavy(name: str) -> None:
    code = f"from attio_async.webhooks import {name}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint({"anyio", "asyncio", "httpx", "sqlite3", "trio", "uvicorn"})


def test_every_public_name_is_found() -> None:
    from attio_async import webhooks

    assert set(webhooks.__all__) <= set(dir(webhooks))
    for name in webhooks.__all__:
        assert getattr(webhooks, name) is getattr(webhooks, name)
    with pytest.raises(AttributeError, match="nonsense"):
        webhooks.nonsense  # noqa: B018
