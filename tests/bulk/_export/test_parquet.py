"""Parquet files: typed columns, bounded row groups, and values that do not fit."""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.bulk._export.workspaces import firms, gadget_values, gadgets_workspace

from attio_async._records.models import Record, decode_many
from attio_async._schema import Attribute, ObjectSchema
from attio_async.bulk import Parquet
from attio_async.bulk._export.parquet import OTHER_COLUMN, make_column
from attio_async.errors import (
    ConfigurationError,
)
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def many() -> FakeAttio:
    return firms(1300)


MISFITS: list[tuple[str, dict[str, Any], Any]] = [
    ("currency", {"currency_value": 1.23456}, "1.23456"),
    ("currency", {"currency_value": 10**40}, str(10**40)),
    ("number", {"value": 2**53 + 1}, 2**53 + 1),
    ("rating", {"value": 2**40}, 2**40),
    ("text", {"value": ["odd"]}, {"attribute_type": "text", "value": ["odd"]}),
    ("date", {"value": "someday"}, {"attribute_type": "date", "value": "someday"}),
]


class TestParquet:
    async def test_columns_are_typed_by_the_schema(self, tmp_path: Path) -> None:
        fake = gadgets_workspace()
        filled = gadget_values(fake)
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

    async def test_without_records_the_table_has_no_rows(self, tmp_path: Path) -> None:
        async with FakeAttio(clock=VirtualClock()).client() as attio:
            await attio.companies.export(tmp_path / "none.parquet")
        table = pq.read_table(tmp_path / "none.parquet")
        assert table.num_rows == 0
        assert "domains" in table.column_names

    def test_a_misfit_is_kept_in_the_column_for_others(self) -> None:
        for kind, raw, other in MISFITS:
            schema = ObjectSchema("x", [Attribute("it", type=kind)])
            values = {"it": [{"attribute_type": kind, **raw}]}
            body = json.dumps({"data": [{"id": {"record_id": "r"}, "values": values}]})
            (record,) = decode_many(body.encode(), Record, schema)
            encoder = Parquet().encoder(list(schema.attributes.values()))
            batch = pa.ipc.read_record_batch(pa.py_buffer(encoder.rows([record])), encoder.schema)
            (row,) = batch.to_pylist()
            assert row["it"] is None, raw
            assert json.loads(row[OTHER_COLUMN]) == {"it": [other]}, raw

    def test_an_unknown_type_is_text_or_a_misfit(self) -> None:
        column = make_column(pa, Attribute("it", type="hologram", is_multiselect=True))
        schema = ObjectSchema("x", [column.attribute])
        value = {"attribute_type": "hologram", "beams": 2}
        body = json.dumps({"data": [{"values": {"it": [value]}}]}).encode()
        (record,) = decode_many(body, Record, schema)
        cell, misfits = column.cell(record)
        assert (cell, misfits[0].raw) == ([], value)

    async def test_a_missing_pyarrow_is_reported_first(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        fake = firms(1)
        async with fake.client() as attio:
            with pytest.raises(ConfigurationError, match=r"attio-async\[parquet\]"):
                await attio.companies.export(tmp_path / "firms.parquet")
        assert fake.calls == []
