"""The public names are loaded when they are used, and the pure ones load nothing heavy."""

import subprocess
import sys

import pytest

from attio_async import webhooks


def test_the_pure_names_load_no_event_loop_no_http_and_no_database() -> None:
    code = (
        "from attio_async.webhooks import RecordUpdated, equals, parse, sign, verify\n"
        "import sys\nprint('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()).isdisjoint({"anyio", "asyncio", "httpx", "sqlite3", "trio", "uvicorn"})


def test_every_public_name_is_found() -> None:
    assert set(webhooks.__all__) <= set(dir(webhooks))
    for name in webhooks.__all__:
        assert getattr(webhooks, name) is getattr(webhooks, name)
    with pytest.raises(AttributeError, match="nonsense"):
        webhooks.nonsense  # noqa: B018
