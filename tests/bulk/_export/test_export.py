"""Exports: whole or not at all, and resumable. Time is virtual."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import anyio
import pyarrow.parquet as pq
import pytest
from tests.bulk._export.workspaces import firms
from tests.bulk.support import Crowded

import attio_async.bulk._export.export as export_module
from attio_async import Attio, F
from attio_async.bulk import Csv, Jsonl, Parquet, Progress
from attio_async.bulk._export.parquet import OTHER_COLUMN
from attio_async.bulk._export.partial_file import KeptPart
from attio_async.errors import (
    ConfigurationError,
    FilterError,
    ServerError,
    UnknownName,
)
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock

pytestmark = pytest.mark.anyio


FORMATS = [Jsonl(), Csv(), Parquet(rows_per_group=140)]
PAGE = 100
MANY = 260


@pytest.fixture(scope="module")
def many() -> FakeAttio:
    return firms(MANY)


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_module, "MAX_PAGE_SIZE", PAGE)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class Killed(BaseException):
    """The process ends here."""


async def interrupted(attio: Attio, target: Path, after: int, **options: Any) -> None:
    def die(progress: Progress) -> None:
        if progress.done >= after:
            raise Killed

    with pytest.raises(Killed):
        await attio.companies.export(target, resume=True, progress=die, **options)


class TestResuming:
    @pytest.mark.parametrize("style", FORMATS, ids=lambda style: type(style).__name__)
    @pytest.mark.parametrize("after", [1, PAGE + 1])
    async def test_the_file_equals_that_of_an_uninterrupted_export(
        self, style: Any, after: int, many: FakeAttio, tmp_path: Path
    ) -> None:
        async with many.client() as attio:
            await attio.companies.export(tmp_path / "whole", format=style)
            await interrupted(attio, tmp_path / "cut", after, format=style)
            assert not (tmp_path / "cut").exists()
            assert names(tmp_path) == {"whole", "cut.part", "cut.part-state"}
            with (tmp_path / "cut.part").open("ab") as part:
                part.write(b"half a ro")  # written, and not in the state file
            asked = len(many.calls)
            result = await attio.companies.export(tmp_path / "cut", format=style, resume=True)
        assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()
        assert (tmp_path / "cut").stat().st_mode & 0o777 == 0o600
        assert names(tmp_path) == {"whole", "cut"}
        assert result.records == MANY
        assert result.resumed >= after
        assert len(many.calls) - asked < 5 - result.resumed // PAGE

    async def test_a_failed_export_keeps_the_records_read(self, many: FakeAttio, tmp_path: Path) -> None:
        class Failing(FakeAttio):
            asked = 0

            def handle(self, method: str, target: str, *rest: Any) -> Any:
                self.asked += target.endswith("/records/query")
                if self.asked > 2:
                    self.fault(FixedResponse(500, {"message": "no"}))
                return super().handle(method, target, *rest)

        target = tmp_path / "firms.jsonl"
        async with Failing.from_json(many.to_json(), clock=VirtualClock()).client() as attio:
            with pytest.raises(ServerError):
                await attio.companies.export(target, resume=True)
        again = FakeAttio.from_json(many.to_json(), clock=VirtualClock())
        async with again.client() as attio:
            result = await attio.companies.export(target, resume=True)
        found = [json.loads(line)["name"] for line in target.read_text("utf-8").splitlines()]
        assert found == [f"Firm {n}" for n in range(MANY)]
        assert result.resumed >= PAGE

    async def test_progress_counts_what_was_kept_and_rates_what_was_read(
        self,
        many: FakeAttio,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        seen: list[Progress] = []
        async with many.client() as attio:
            await interrupted(attio, tmp_path / "firms", PAGE)
            await attio.companies.export(tmp_path / "firms", resume=True, progress=seen.append)
            monkeypatch.setattr("sys.stderr.isatty", lambda: True)
            await attio.companies.export(tmp_path / "firms", progress=True)
            with pytest.raises(ConfigurationError, match="progress must be True or a function, not 5"):
                await attio.companies.export(tmp_path / "firms", progress=5)
        assert seen[0].done > PAGE
        assert (seen[-1].done, seen[-1].failed, seen[-1].total) == (MANY, 0, None)
        assert f"{MANY:,} rows" in capsys.readouterr().err

    async def test_another_export_does_not_resume_the_part(self, many: FakeAttio, tmp_path: Path) -> None:
        target = tmp_path / "firms"
        async with many.client() as attio:
            await interrupted(attio, target, 1)
            before = (tmp_path / "firms.part").read_bytes()
            changes: list[dict[str, Any]] = [
                {"filter": F.name.contains("9")},
                {"select": ["name"]},
                {"format": "csv"},
            ]
            for change in changes:
                with pytest.raises(ConfigurationError, match="another export"):
                    await attio.companies.export(target, resume=True, **change)
            with pytest.raises(ConfigurationError, match="another export"):
                await attio.people.export(target, resume=True)
        assert (tmp_path / "firms.part").read_bytes() == before

    async def test_a_part_belongs_to_one_process_at_a_time(self, many: FakeAttio, tmp_path: Path) -> None:
        target = tmp_path / "firms.jsonl"
        async with many.client() as attio:
            other = KeptPart(target, "other")
            try:
                with pytest.raises(ConfigurationError, match="in use by another process"):
                    await attio.companies.export(target, resume=True)
            finally:
                other.abandon()

    async def test_without_its_part_an_export_starts_over(self, many: FakeAttio, tmp_path: Path) -> None:
        target = tmp_path / "firms.jsonl"
        async with many.client() as attio:
            await interrupted(attio, target, PAGE + 1)
            (tmp_path / "firms.jsonl.part").unlink()
            result = await attio.companies.export(target, resume=True)
        assert (result.resumed, result.records) == (0, MANY)
        assert len(target.read_text("utf-8").splitlines()) == MANY

    async def test_a_file_that_is_not_a_state_is_left_alone(self, tmp_path: Path) -> None:
        state = tmp_path / "firms.jsonl.part-state"
        state.write_text("my diary " * 1000)
        async with firms(1).client() as attio:
            with pytest.raises(ConfigurationError, match="not a valid export state"):
                await attio.companies.export(tmp_path / "firms.jsonl", resume=True)
        assert state.read_text() == "my diary " * 1000


class TestParallel:
    """Pages that are read at once, and written as they arrive."""

    @pytest.fixture(autouse=True)
    def _smaller_pages(self, _small_pages: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(export_module, "MAX_PAGE_SIZE", PAGE // 20)

    @pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
    async def test_every_record_is_written_once_and_in_order_if_asked(
        self, many: FakeAttio, tmp_path: Path
    ) -> None:
        fake = Crowded.from_json(many.to_json(), clock=VirtualClock(), latency=0.3)
        runs: dict[str, dict[str, Any]] = {
            "one": {"parallel": 1},
            "many": {"parallel": 8},
            "ordered": {"parallel": 8, "ordered": True},
        }
        async with fake.client() as attio:
            for name, options in runs.items():
                fake.most = 0
                await attio.companies.export(tmp_path / name, format="csv", **options)
                assert fake.most == options["parallel"]
        one, unordered, ordered = (
            (tmp_path / name).read_bytes().splitlines() for name in ("one", "many", "ordered")
        )
        assert ordered == one != unordered
        assert sorted(unordered) == sorted(one)

    async def test_an_interrupted_export_has_each_record_once(self, many: FakeAttio, tmp_path: Path) -> None:
        async with many.client() as attio:
            await attio.companies.export(tmp_path / "whole", format="csv")
            for after in (MANY // 6, MANY // 2, MANY * 3 // 4):
                await interrupted(attio, tmp_path / "cut", after, format="csv")
            result = await attio.companies.export(tmp_path / "cut", format="csv", resume=True)
        lines = [(tmp_path / name).read_bytes().splitlines() for name in ("cut", "whole")]
        assert sorted(lines[0]) == sorted(lines[1])
        assert result.resumed >= MANY * 3 // 4

    async def test_an_invalid_number_is_rejected(self, many: FakeAttio, tmp_path: Path) -> None:
        async with many.client() as attio:
            with pytest.raises(ConfigurationError, match="parallel must be at least 1"):
                await attio.companies.export(tmp_path / "firms", parallel=0)


class TestTargets:
    async def test_without_resume_a_failure_leaves_no_file(self, many: FakeAttio, tmp_path: Path) -> None:
        def die(_: Progress) -> None:
            raise Killed

        async with many.client() as attio:
            for style in FORMATS:
                with pytest.raises(Killed):
                    await attio.companies.export(tmp_path / "firms", format=style, progress=die)
        assert names(tmp_path) == set()

    async def test_the_suffix_decides_the_format(self, tmp_path: Path) -> None:
        async with firms(1).client() as attio:
            for name in ("a.csv", "a.jsonl", "a.PARQUET", "a"):
                await attio.companies.export(tmp_path / name, select=["name"])
            await attio.companies.export(anyio.Path(tmp_path / "b.csv"), select=["name"])
        assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
        assert (tmp_path / "a.csv").read_text().splitlines()[0] == "record_id,name"
        assert json.loads((tmp_path / "a").read_text())["name"] == "Firm 0"
        assert (tmp_path / "a").read_text() == (tmp_path / "a.jsonl").read_text()
        assert pq.read_table(tmp_path / "a.PARQUET").column_names == ["record_id", "name", OTHER_COLUMN]

    async def test_a_suffix_of_another_format_is_rejected(self, tmp_path: Path) -> None:
        fake = firms(1)
        async with fake.client() as attio:
            for name in ("a.xlsx", "a.csv.gz", "a.json"):
                with pytest.raises(
                    ConfigurationError, match=r"use \.jsonl, \.csv or \.parquet, or give the format"
                ):
                    await attio.companies.export(tmp_path / name)
                await attio.companies.export(tmp_path / name, format="jsonl")
            await attio.companies.export(tmp_path / "a.ndjson")

    async def test_an_open_file_gets_the_records(self, many: FakeAttio) -> None:
        file = io.BytesIO()
        async with many.client() as attio:
            result = await attio.companies.export(file, format=Csv(), filter=F.name == "Firm 7")
            assert file.getvalue().startswith(b"record_id,")
            assert (result.records, file.getvalue().count(b"\r\n")) == (1, 2)
            with pytest.raises(ConfigurationError, match="path"):
                await attio.companies.export(io.BytesIO(), format="parquet")
            with pytest.raises(ConfigurationError, match="path"):
                await attio.companies.export(io.BytesIO(), resume=True)

    async def test_invalid_calls_are_rejected_before_a_record_is_read(self, tmp_path: Path) -> None:
        fake = firms(1)
        async with fake.client() as attio:
            for error, target, options in [
                (ConfigurationError, tmp_path / "none" / "a.csv", {}),
                (ConfigurationError, tmp_path, {}),
                (ConfigurationError, io.StringIO(), {"format": "csv"}),
                (ConfigurationError, sys.__stdout__, {}),
                (ConfigurationError, tmp_path / "a", {"format": "xml"}),
                (ConfigurationError, tmp_path / "a", {"format": Parquet(compression="squash")}),
                (UnknownName, tmp_path / "a", {"select": ["nme"]}),
                (FilterError, tmp_path / "a", {"filter": F.nme == "x"}),
            ]:
                with pytest.raises(error):
                    await attio.companies.export(target, **options)
        assert "query_records" not in {call.operation for call in fake.calls}
        assert names(tmp_path) == set()

    def test_invalid_options_of_formats_are_rejected(self) -> None:
        options: list[tuple[Any, dict[str, Any]]] = [
            (Csv, {"separator": ""}),
            (Csv, {"separator": '"'}),
            (Csv, {"separator": 5}),
            (Parquet, {"rows_per_group": 0}),
            (Parquet, {"compression": None}),
        ]
        for make, wrong in options:
            with pytest.raises(ConfigurationError):
                make(**wrong)


async def test_no_control_characters_of_others_are_in_an_export(tmp_path: Path) -> None:
    name = "a\x1b]0;x\x07\x9b31m\x7fb\u202e©"
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_record("companies", {"name": [name]})
    async with fake.client() as attio:
        for file in ("out.csv", "out.jsonl"):
            await attio.companies.export(tmp_path / file)
            text = (tmp_path / file).read_text("utf-8")
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", text.replace("\r\n", "\n"))
        assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["name"] == name
        await attio.companies.export(tmp_path / "kept.csv", format=Csv(formulas="keep"))
        assert name in (tmp_path / "kept.csv").read_text("utf-8")
