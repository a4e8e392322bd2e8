"""Killed again and again, with duplicates, out of order, and handlers that fail: nothing is lost.

With 10,000 messages and 20 kills: `python benchmarks/run.py webhooks_crash`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests._core.redis_server import redis_server, running_redis

from .crashes import survive


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where deliveries are kept while the process that receives them dies: a file, or another process."""
    if request.param == "sqlite":
        yield str(tmp_path / "hooks.db")
        return
    pytest.importorskip("redis")
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    with running_redis() as server:
        yield server.url


def test_nothing_is_lost_and_what_was_finished_is_not_repeated(tmp_path: Path, store: str) -> None:
    after = survive(tmp_path, store, messages=400, kills=6)
    assert after.lost == set()
    assert set(after.handled) == after.sent
    assert after.repeated <= after.most_repeated
