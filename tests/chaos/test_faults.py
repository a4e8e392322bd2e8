"""A job with one in twenty requests failing, in every way there is, ends as it should, and its report adds up."""

from functools import partial

import anyio
import pytest

from .faulty_run import run_with_faults
from .work import work


@pytest.mark.parametrize("kind", ["upsert", "update", "keyless"])
def test_one_request_in_twenty_fails(kind: str, anyio_backend: str) -> None:
    after = anyio.run(partial(run_with_faults, work(kind, 150), share=0.05), backend=anyio_backend)
    assert after.problems == []
    assert after.faults >= 5
