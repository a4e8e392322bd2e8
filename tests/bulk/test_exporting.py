"""Files of records as library users make them: typed, resumable, whole or not at all. Time is virtual."""

import datetime as dt
import io
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.cli.commands.test_export import rich_workspace, values

from attio_async import Attio, F
from attio_async._records.models import Record, decode_many
from attio_async._schema import Attribute, ObjectSchema
from attio_async.bulk import Csv, Jsonl, Parquet
from attio_async.bulk._export.parquet import OTHER_COLUMN, make_column
from attio_async.bulk._export.partial_file import KeptPart
from attio_async.errors import (
    ConfigurationError,
    FilterError,
    ServerError,
    UnknownName,
)
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock

pytestmark = pytest.mark.anyio

FORMATS = [Jsonl(), Csv(), Parquet(rows_per_group=700)]


def firms(count: int) -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    for number in range(count):
        fake.clock.advance(0.01)
        fake.seed.add_record("companies", {"domains": [f"firm-{number}.example"], "name": f"Firm {number}"})
    return fake


@pytest.fixture(scope="module")
def many() -> FakeAttio:
    return firms(1300)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class Killed(BaseException):
    """Ends an export as nothing that is caught would."""


async def interrupted(attio: Attio, target: Path, after: int, **options: Any) -> None:
    def die(records: int) -> None:
        if records >= after:
            raise Killed

    with pytest.raises(Killed):
        await attio.companies.export(target, resume=True, on_progress=die, **options)


class TestParquet:
    async def test_columns_are_typed_by_the_schema(self, tmp_path: Path) -> None:
        fake = rich_workspace()
        filled = values(fake)
        fake.seed.add_record("gadgets", filled)
        fake.seed.add_record("gadgets", {"key": "nothing else"})
        async with fake.client() as attio:
            result = await attio.records("gadgets").export(tmp_path / "gadgets.parquet")
        table = pq.read_table(tmp_path / "gadgets.parquet")
        full, empty = table.to_pylist()
        assert result.records == table.num_rows == 2
        schema = table.schema
        assert schema.field("a_currency").type == pa.decimal128(38, 4)
        assert schema.field("a_date").type == pa.date32()
        assert schema.field("a_timestamp").type == pa.timestamp("us", tz="UTC")
        assert schema.field("a_status").type == pa.string()
        assert schema.field("some_select").type == pa.list_(pa.string())
        assert schema.field("a_number").metadata[b"type"] == b"number"
        assert full["a_currency"] == Decimal("1234567.8901")
        assert full["a_date"] == dt.date(2024, 2, 29)
        assert full["a_timestamp"] == dt.datetime(2024, 2, 29, 12, 30, 0, 123456, tzinfo=dt.UTC)
        assert (full["a_number"], full["a_checkbox"], full["a_rating"]) == (-12.5, True, 4)
        assert full["a_personal_name"] == filled["a_personal_name"]
        assert full["a_location"] == filled["a_location"]
        assert full["a_record_reference"] == filled["a_record_reference"]
        assert full["a_actor_reference"] == filled["a_actor_reference"]
        assert sorted(full["some_select"]) == sorted(filled["some_select"])
        assert full["some_phone_number"] == filled["some_phone_number"]
        assert (empty["a_text"], empty["some_select"], empty["a_location"]) == (None, [], None)
        assert full[OTHER_COLUMN] is empty[OTHER_COLUMN] is None

    async def test_row_groups_are_bounded(self, many: FakeAttio, tmp_path: Path) -> None:
        async with many.client() as attio:
            target = tmp_path / "firms.parquet"
            await attio.companies.export(target, format=Parquet(rows_per_group=700, compression="none"))
        found = pq.ParquetFile(target)
        groups = [found.metadata.row_group(n).num_rows for n in range(found.num_row_groups)]
        assert groups == [700, 600]
        assert found.read(["name"]).column(0).to_pylist() == [f"Firm {n}" for n in range(1300)]

    async def test_of_nothing_it_is_a_table_without_rows(self, tmp_path: Path) -> None:
        async with FakeAttio(clock=VirtualClock()).client() as attio:
            await attio.companies.export(tmp_path / "none.parquet")
        table = pq.read_table(tmp_path / "none.parquet")
        assert table.num_rows == 0
        assert "domains" in table.column_names

    @pytest.mark.parametrize(
        ("kind", "raw", "other"),
        [
            ("currency", {"currency_value": 1.23456}, "1.23456"),
            ("currency", {"currency_value": 10**40}, str(10**40)),
            ("number", {"value": 2**53 + 1}, 2**53 + 1),
            ("rating", {"value": 2**40}, 2**40),
            ("text", {"value": ["odd"]}, {"attribute_type": "text", "value": ["odd"]}),
            ("date", {"value": "someday"}, {"attribute_type": "date", "value": "someday"}),
        ],
    )
    def test_what_does_not_fit_its_column_is_kept_beside(self, kind: str, raw: Any, other: Any) -> None:
        schema = ObjectSchema("x", [Attribute("it", type=kind)])
        body = json.dumps(
            {"data": [{"id": {"record_id": "r"}, "values": {"it": [{"attribute_type": kind, **raw}]}}]}
        )
        (record,) = decode_many(body.encode(), Record, schema)
        encoder = Parquet().encoder(list(schema.attributes.values()))
        batch = pa.ipc.read_record_batch(pa.py_buffer(encoder.rows([record])), encoder.schema)
        (row,) = batch.to_pylist()
        assert row["it"] is None
        assert json.loads(row[OTHER_COLUMN]) == {"it": [other]}

    def test_what_is_newer_than_this_package_is_text_or_kept_beside(self) -> None:
        column = make_column(pa, Attribute("it", type="hologram", is_multiselect=True))
        schema = ObjectSchema("x", [column.attribute])
        value = {"attribute_type": "hologram", "beams": 2}
        body = json.dumps({"data": [{"values": {"it": [value]}}]}).encode()
        (record,) = decode_many(body, Record, schema)
        cell, misfits = column.cell(record)
        assert (cell, misfits[0].raw) == ([], value)

    async def test_pyarrow_is_missing(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        fake = firms(1)
        async with fake.client() as attio:
            with pytest.raises(ConfigurationError, match=r"attio-async\[parquet\]"):
                await attio.companies.export(tmp_path / "firms.parquet")
        assert fake.calls == []


class TestResuming:
    @pytest.mark.parametrize("style", FORMATS, ids=lambda style: type(style).__name__)
    @pytest.mark.parametrize("after", [1, 501])
    async def test_the_file_is_that_of_an_uninterrupted_run(
        self, style: Any, after: int, many: FakeAttio, tmp_path: Path
    ) -> None:
        async with many.client() as attio:
            await attio.companies.export(tmp_path / "whole", format=style)
            await interrupted(attio, tmp_path / "cut", after, format=style)
            assert not (tmp_path / "cut").exists()
            assert names(tmp_path) == {"whole", "cut.part", "cut.part-state"}
            with (tmp_path / "cut.part").open("ab") as part:
                part.write(b"half a ro")  # what was not told of when the process died
            asked = len(many.calls)
            result = await attio.companies.export(tmp_path / "cut", format=style, resume=True)
        assert (tmp_path / "cut").read_bytes() == (tmp_path / "whole").read_bytes()
        assert (tmp_path / "cut").stat().st_mode & 0o777 == 0o600
        assert names(tmp_path) == {"whole", "cut"}
        assert result.records == 1300
        assert result.resumed >= after
        assert len(many.calls) - asked < 5 - result.resumed // 500

    async def test_a_failure_on_the_way_keeps_what_was_read(self, many: FakeAttio, tmp_path: Path) -> None:
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
        assert found == [f"Firm {n}" for n in range(1300)]
        assert result.resumed >= 500

    async def test_what_was_kept_is_not_continued_with_another_export(
        self, many: FakeAttio, tmp_path: Path
    ) -> None:
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

    async def test_two_at_once_do_not_write_the_same_part(self, many: FakeAttio, tmp_path: Path) -> None:
        target = tmp_path / "firms.jsonl"
        async with many.client() as attio:
            other = KeptPart(target, "other")
            try:
                with pytest.raises(ConfigurationError, match="in use by another process"):
                    await attio.companies.export(target, resume=True)
            finally:
                other.abandon()

    async def test_a_part_that_was_removed_starts_over(self, many: FakeAttio, tmp_path: Path) -> None:
        target = tmp_path / "firms.jsonl"
        async with many.client() as attio:
            await interrupted(attio, target, 501)
            (tmp_path / "firms.jsonl.part").unlink()
            result = await attio.companies.export(target, resume=True)
        assert (result.resumed, result.records) == (0, 1300)
        assert len(target.read_text("utf-8").splitlines()) == 1300

    async def test_a_state_that_is_something_else_is_left_alone(self, tmp_path: Path) -> None:
        state = tmp_path / "firms.jsonl.part-state"
        state.write_text("my diary " * 1000)
        async with firms(1).client() as attio:
            with pytest.raises(ConfigurationError, match="not a valid export state"):
                await attio.companies.export(tmp_path / "firms.jsonl", resume=True)
        assert state.read_text() == "my diary " * 1000


class TestPlaces:
    async def test_without_resume_nothing_stays_behind(self, many: FakeAttio, tmp_path: Path) -> None:
        def die(_: int) -> None:
            raise Killed

        async with many.client() as attio:
            for style in FORMATS:
                with pytest.raises(Killed):
                    await attio.companies.export(tmp_path / "firms", format=style, on_progress=die)
        assert names(tmp_path) == set()

    async def test_the_ending_says_the_format(self, tmp_path: Path) -> None:
        async with firms(1).client() as attio:
            for name in ("a.csv", "a.jsonl", "a.PARQUET", "a"):
                await attio.companies.export(tmp_path / name, select=["name"])
        assert (tmp_path / "a.csv").read_text().splitlines()[0] == "record_id,name"
        assert json.loads((tmp_path / "a").read_text())["name"] == "Firm 0"
        assert (tmp_path / "a").read_text() == (tmp_path / "a.jsonl").read_text()
        assert pq.read_table(tmp_path / "a.PARQUET").column_names == ["record_id", "name", OTHER_COLUMN]

    async def test_an_open_file_gets_everything(self, many: FakeAttio) -> None:
        file = io.BytesIO()
        async with many.client() as attio:
            result = await attio.companies.export(file, format=Csv(), filter=F.name == "Firm 7")
            assert file.getvalue().startswith(b"record_id,")
            assert (result.records, file.getvalue().count(b"\r\n")) == (1, 2)
            with pytest.raises(ConfigurationError, match="path"):
                await attio.companies.export(io.BytesIO(), format="parquet")
            with pytest.raises(ConfigurationError, match="path"):
                await attio.companies.export(io.BytesIO(), resume=True)

    async def test_what_cannot_work_is_refused_before_a_record_is_read(self, tmp_path: Path) -> None:
        fake = firms(1)
        async with fake.client() as attio:
            for error, target, options in [
                (ConfigurationError, tmp_path / "none" / "a.csv", {}),
                (ConfigurationError, tmp_path, {}),
                (ConfigurationError, tmp_path / "a", {"format": "xml"}),
                (ConfigurationError, tmp_path / "a", {"format": Parquet(compression="squash")}),
                (UnknownName, tmp_path / "a", {"select": ["nme"]}),
                (FilterError, tmp_path / "a", {"filter": F.nme == "x"}),
            ]:
                with pytest.raises(error):
                    await attio.companies.export(target, **options)
        assert "query_records" not in {call.operation_id for call in fake.calls}
        assert names(tmp_path) == set()

    def test_options_of_formats(self) -> None:
        for wrong in (lambda: Csv(separator=""), lambda: Csv('"'), lambda: Parquet(rows_per_group=0)):
            with pytest.raises(ConfigurationError):
                wrong()
