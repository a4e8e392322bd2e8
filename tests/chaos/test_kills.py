"""A job that is killed with SIGKILL at random points ends as if it had not been. At length: `make chaos`."""

from pathlib import Path

import pytest

from .killed_run import survive
from .work import work

pytestmark = pytest.mark.full


@pytest.mark.parametrize("kind", ["upsert", "keyless"])
def test_a_job_that_is_killed_ends_as_if_it_was_not(tmp_path: Path, kind: str) -> None:
    after = survive(tmp_path, work(kind, 100), kills=3, seed=1)
    assert after.problems == []
    assert after.kills >= 1  # a later one may find the job done already
