"""A job of whose requests one in twenty fails, in all the ways there are, ends right, and its report adds up."""

from functools import partial

import anyio
import pytest

from .hindering import hindered
from .works import work


@pytest.mark.parametrize("kind", ["upsert", "update", "keyless"])
def test_one_request_in_twenty_fails(kind: str, anyio_backend: str) -> None:
    after = anyio.run(partial(hindered, work(kind, 300), share=0.05), backend=anyio_backend)
    assert after.problems == []
    assert after.faults >= 5
