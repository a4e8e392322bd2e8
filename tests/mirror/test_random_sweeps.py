"""Whatever changes and breaks while a mirror is refreshed, one quiet refresh makes it equal to the workspace."""

from pathlib import Path

import pytest

from .support import refreshed_at_random, replay, state_of, tables_of

pytestmark = pytest.mark.anyio


@pytest.mark.full
@pytest.mark.at_length
@pytest.mark.parametrize("seed", range(100, 140))
async def test_a_quiet_refresh_makes_the_mirror_equal(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "crm.duckdb"
    fake = await refreshed_at_random(path, seed, sweeps=5)
    async with fake.client() as fresh:
        expected = await state_of(fresh)
    assert tables_of(path) == expected
    assert replay(path) == tables_of(path, as_json=True)
