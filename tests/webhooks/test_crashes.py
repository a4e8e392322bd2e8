"""A receiver that is killed several times, with repeated deliveries and failing handlers, loses nothing.

With 10,000 messages and 20 kills: `python benchmarks/run.py webhooks_crash`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import running_postgres
from tests.redis_server import redis_server, running_redis

from .crashes import survive

pytestmark = pytest.mark.full


@pytest.fixture(params=["sqlite", "redis", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The store that outlives the process: a file, or a server."""
    if request.param == "sqlite":
        yield str(tmp_path / "hooks.db")
        return
    if request.param == "postgres":
        with running_postgres() as conninfo:
            yield conninfo
        return
    pytest.importorskip("redis")
    if redis_server is None:
        pytest.skip("redis-server is not installed")
    with running_redis() as server:
        yield server.url


def test_nothing_is_lost_and_finished_messages_are_not_handled_again(tmp_path: Path, store: str) -> None:
    after = survive(tmp_path, store, messages=400, kills=6)
    assert after.lost == set()
    assert set(after.handled) == after.sent
    assert after.repeated <= after.most_repeated
