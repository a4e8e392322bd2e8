"""Killed with SIGKILL at random points, a job ends as if nobody had interfered. At length: `make chaos`."""

from pathlib import Path

import pytest

from .killing import survive
from .works import work


@pytest.mark.parametrize("kind", ["upsert", "keyless"])
def test_a_job_that_is_killed_ends_as_if_it_was_not(tmp_path: Path, kind: str) -> None:
    after = survive(tmp_path, work(kind, 100), kills=3, seed=1)
    assert after.problems == []
    assert after.kills >= 1  # a later one may find the job done already
