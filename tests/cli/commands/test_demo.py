"""`demo`: it keeps its promises, and says so when it could not."""

import csv
import re
from collections.abc import Awaitable, Callable
from importlib.resources import files
from pathlib import Path

import pytest

from attio_async._cli.commands.demo import run_demo
from attio_async._cli.errors import Refusal
from attio_async.testing import FakeAttio, Limits, VirtualClock
from tests.cli.support import workspace

pytestmark = pytest.mark.anyio

Demonstrate = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def demonstrate(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Demonstrate:
    monkeypatch.setenv("COLUMNS", "160")

    async def run(fake: FakeAttio, folder: Path | None = None) -> tuple[int, str]:
        code = await run_demo(folder, fake)
        return code, capsys.readouterr().out

    return run


async def test_everything_goes_as_promised_in_under_a_minute(
    demonstrate: Demonstrate, tmp_path: Path
) -> None:
    fake = workspace()
    before = fake.clock.monotonic()
    code, text = await demonstrate(fake, tmp_path / "out")
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


async def test_being_rate_limited_breaks_the_promise(demonstrate: Demonstrate) -> None:
    fake = FakeAttio(clock=VirtualClock(), limits=Limits(writes=10), latency=0.04)
    code, text = await demonstrate(fake)
    assert code == 1
    assert "NOT as promised: import companies.csv" in text


async def test_records_that_exist_already_break_the_promise(demonstrate: Demonstrate) -> None:
    fake = workspace()
    fake.seed.add_record("companies", {"domains": ["mc2-consulting.example.com"]})
    await fake.clock.sleep(1)
    code, text = await demonstrate(fake)
    assert code == 1
    assert "119 created, 1 updated" in text


async def test_an_impossible_folder_is_refused(demonstrate: Demonstrate, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="cannot be created"):
        await demonstrate(workspace(), tmp_path / "file" / "folder")


def test_the_sample_is_shipped_and_made_up() -> None:
    for name, column in {"companies.csv": "Domains", "people.csv": "Company"}.items():
        text = (files("attio_async._cli") / "sample" / name).read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines(keepends=True)))
        values = ";".join(f"{row[column]};{row.get('Email addresses', '')}" for row in rows).casefold()
        hosts = [
            re.split(r"//|@|/|\?", value)[1 if "//" in value or "@" in value else 0]
            for value in values.split(";")
        ]
        assert len(rows) >= 120
        assert all(host.strip().endswith(".example.com") for host in hosts if host.strip())
