"""Frames of pandas and polars, with the types of the schema."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from attio_async import Attio, asc
from attio_async.bulk import to_arrow
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, VirtualClock

pytestmark = pytest.mark.anyio


async def deals(attio: Attio, fake: FakeAttio) -> None:
    fake.seed.add_member("jane@example.com", "Jane", "Doe")
    await attio.attributes("deals").create("Due", api_slug="due", type="date")
    await attio.attributes("deals").create("Hot", api_slug="hot", type="checkbox")
    for name, value, due in (("Small", "100.10", "2026-03-01"), ("Big", None, None)):
        await attio.deals.create(
            {
                "name": name,
                "stage": "Lead",
                "owner": "jane@example.com",
                "value": value,
                "due": due,
                "hot": due is None,
            }
        )


async def test_columns_have_the_types_of_the_schema() -> None:
    import pandas as pd  # takes half a second with polars, and every process collects these tests
    import polars as pl

    async with FakeAttio(clock=VirtualClock()) as fake, fake.client() as attio:
        await deals(attio, fake)
        records = await attio.deals.query(sorts=asc("name"))
        table = to_arrow(records)
        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)
        assert frame.schema["value"] == pl.Decimal(38, 4)
        assert frame.schema["due"] == pl.Date
        assert frame.schema["hot"] == pl.Boolean
        assert (
            frame.schema["created_at"] == pl.Datetime("ns", "UTC") or frame.schema["created_at"].is_temporal()
        )
        assert frame["value"].to_list() == [None, Decimal("100.1000")]
        assert frame["due"].to_list() == [None, date(2026, 3, 1)]
        assert frame["record_id"].to_list() == [record.id for record in records]
        typed = table.to_pandas(types_mapper=pd.ArrowDtype)
        assert str(typed["value"].dtype) == "decimal128(38, 4)[pyarrow]"
        assert str(typed["due"].dtype) == "date32[day][pyarrow]"
        assert str(typed["hot"].dtype) == "bool[pyarrow]"
        assert typed["value"].sum() == Decimal("100.1")
        assert typed["created_at"][0] == datetime(2026, 1, 1, tzinfo=UTC)


async def test_pandas_takes_records_as_they_are() -> None:
    import pandas as pd

    async with FakeAttio(clock=VirtualClock()) as fake, fake.client() as attio:
        await deals(attio, fake)
        frame = pd.DataFrame(await attio.deals.query(sorts=asc("name")))
        assert list(frame["name"]) == ["Big", "Small"]
        assert str(frame["created_at"].dtype).startswith("datetime64[")
        assert frame["hot"].dtype == bool


async def test_a_frame_needs_a_record() -> None:
    with pytest.raises(ConfigurationError, match="no record is given"):
        to_arrow([])
