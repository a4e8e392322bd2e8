"""Several processes run one job within one rate; when one of them dies, the others finish its rows."""

from pathlib import Path

import pytest

from tests.postgres import running_postgres
from tests.redis_server import needs_redis, running_redis

from .shared_run import run_shared
from .work import work

pytestmark = pytest.mark.full


@needs_redis
def test_the_others_finish_the_rows_of_a_process_that_dies(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    pytest.importorskip("psycopg")
    with running_postgres() as postgres, running_redis() as redis:
        after = run_shared(
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
    assert after.rate_limited <= 3  # none, unless this machine is very busy
