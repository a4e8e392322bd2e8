"""The demo keeps its promises, and says so when it could not."""

import csv
import io
from pathlib import Path

import pytest

from attio_async._cli.commands.demo import run_demo
from attio_async._cli.errors import Refusal
from attio_async.testing import FakeAttio, Limits, VirtualClock
from tests.cli.support import workspace

pytestmark = pytest.mark.anyio


async def demonstrated(fake: FakeAttio, folder: Path | None = None) -> tuple[int, str]:
    out = io.StringIO()
    code = await run_demo(folder, out, io.StringIO(), fake=fake)
    return code, out.getvalue()


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


async def test_everything_is_as_promised_in_under_a_minute(tmp_path: Path) -> None:
    fake = workspace()
    before = fake.clock.monotonic()
    code, text = await demonstrated(fake, tmp_path / "out")
    assert code == 0, text
    assert fake.clock.monotonic() - before < 60
    assert 429 not in {call.status for call in fake.calls}
    assert (len(fake.records("companies")), len(fake.records("people"))) == (120, 180)
    assert all(person["values"]["company"] for person in fake.records("people"))
    assert "120 created, 0 updated, 0 unchanged, 0 failed" in text
    assert "0 created, 0 updated, 180 unchanged, 0 failed" in text
    assert "of 25 writes/s" in text
    for name, count in (("companies", 120), ("people", 180)):
        with (tmp_path / "out" / f"exported-{name}.csv").open(newline="", encoding="utf-8") as file:
            assert len(list(csv.DictReader(file))) == count


async def test_a_refusal_for_the_rate_is_no_kept_promise() -> None:
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(writes=10), latency=0.04)
    code, text = await demonstrated(fake)
    assert code == 1
    assert "NOT as promised: import companies.csv" in text


async def test_a_workspace_with_records_already_is_no_kept_promise() -> None:
    fake = workspace()
    fake.seed.add_record("companies", {"domains": ["mc2-consulting.example"]})
    await fake.clock.sleep(1)
    code, text = await demonstrated(fake)
    assert code == 1
    assert "119 created, 1 updated" in text


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="cannot be made"):
        await demonstrated(workspace(), tmp_path / "file" / "folder")
