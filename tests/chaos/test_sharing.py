"""Several processes do one job within one budget; what one of them leaves behind when it dies the others finish."""

from pathlib import Path

import pytest

from tests._core.redis_server import needs_redis, running_redis
from tests.postgres import running_postgres

from .sharing import shared
from .works import work


@needs_redis
def test_what_one_process_leaves_the_others_finish(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    pytest.importorskip("psycopg")
    with running_postgres() as postgres, running_redis() as redis:
        after = shared(
            tmp_path,
            work("create", 300),
            postgres=postgres,
            redis=redis.url,
            processes=3,
            rate=150,
            reads_input=False,
        )
    assert after.problems == []
    assert after.told[0]
    assert after.refused <= 3  # none, unless this machine is very busy
