"""Every record as JSONL or CSV, and back: what was exported is imported to the same values."""

import csv
import io
import json
import tracemalloc
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from attio_async import F
from attio_async._cli.commands.export import run_export
from attio_async._cli.errors import Refusal
from attio_async.bulk._export.export import ExportResult
from attio_async.errors import ServerError
from attio_async.testing import FakeAttio, FixedResponse
from tests.cli.support import imported, workspace

pytestmark = pytest.mark.anyio

OPTIONS = ["B2B", "A; B", 'say "hi"', "=1+1"]


def rich_workspace() -> FakeAttio:
    """An object with an attribute of every type that can be written, and a record that fills them all."""
    fake = workspace(limits=None)
    fake.seed.add_object("gadgets")
    fake.seed.add_attribute("gadgets", "key", "text", unique=True)
    for kind in ("text", "number", "currency", "checkbox", "rating", "date", "timestamp"):
        fake.seed.add_attribute("gadgets", f"a_{kind}", kind)
    for kind in ("personal-name", "location", "record-reference", "actor-reference"):
        fake.seed.add_attribute("gadgets", f"a_{kind.replace('-', '_')}", kind)
    for kind in ("domain", "email-address", "phone-number"):
        fake.seed.add_attribute("gadgets", f"some_{kind.replace('-', '_')}", kind, multiselect=True)
    fake.seed.add_attribute("gadgets", "a_status", "status", options=OPTIONS)
    fake.seed.add_attribute("gadgets", "some_select", "select", multiselect=True, options=OPTIONS)
    return fake


def values(fake: FakeAttio) -> dict[str, Any]:
    company = fake.seed.add_record("companies", {"domains": ["acme.example"]})["id"]["record_id"]
    member = fake.seed.add_member("jane@acme.example", "Jane", "Doe")
    return {
        "key": "=key",
        "a_text": ' {"not": "json"};\n+x ',
        "a_number": -12.5,
        "a_currency": "1234567.8901",
        "a_checkbox": True,
        "a_rating": 4,
        "a_date": "2024-02-29",
        "a_timestamp": "2024-02-29T12:30:00.123456Z",
        "a_personal_name": {"first_name": "Karl, Jr.", "last_name": "Müller", "full_name": "Dr. Karl Müller"},
        "a_location": {"line_1": "1; Quay", "locality": "Łódź", "country_code": "PL"}
        | dict.fromkeys(["line_2", "line_3", "line_4", "region", "postcode", "latitude", "longitude"]),
        "a_record_reference": {"target_object": "companies", "target_record_id": company},
        "a_actor_reference": {"referenced_actor_type": "workspace-member", "referenced_actor_id": member},
        "some_domain": ["a.example", "b.example"],
        "some_email_address": ["a@x.test", "b@x.test"],
        "some_phone_number": ["+442079460100", "+12125550100"],
        "a_status": "=1+1",
        "some_select": ["A; B", 'say "hi"', "=1+1"],
    }


async def exported(fake: FakeAttio, name: str, kind: Any, separator: str = ";") -> tuple[str, ExportResult]:
    file = io.BytesIO()
    async with fake.client() as attio:
        result = await run_export(attio, name, file, format=kind, separator=separator, stream=io.StringIO())
    return file.getvalue().decode(), result


def stripped(fake: FakeAttio) -> list[dict[str, Any]]:
    """The gadgets' values without when and by whom they were written."""
    dropped = {"active_from", "active_until", "created_by_actor"}
    return [
        {
            slug: [{key: part for key, part in value.items() if key not in dropped} for value in found]
            for slug, found in record["values"].items()
            if slug not in {"record_id", "created_at", "created_by"}
        }
        for record in fake.records("gadgets")
    ]


@pytest.mark.parametrize(("kind", "separator"), [("csv", ";"), ("csv", " | "), ("jsonl", ";")])
async def test_what_was_exported_is_imported_to_the_same_values(kind: str, separator: str) -> None:
    fake = rich_workspace()
    filled = values(fake)
    fake.seed.add_record("gadgets", filled)
    fake.seed.add_record("gadgets", {"key": "nothing else"})
    before = stripped(fake)
    assert all(before[0][slug] for slug in filled)

    content, result = await exported(fake, "gadgets", kind, separator)
    assert result.records == 2
    emptied = FakeAttio.from_json(fake.to_json(), clock=fake.clock)
    async with emptied.client() as attio:
        for record in emptied.records("gadgets"):
            await attio.records("gadgets").delete(record["id"]["record_id"])
    assert emptied.records("gadgets") == []

    back = await imported(
        emptied, content, name=f"gadgets.{kind}", object="gadgets", match="key", separator=separator
    )
    assert back.failures == []
    assert back.created == 2
    assert stripped(emptied) == before
    assert set(back.ignored_columns) == {"record_id", "created_at", "created_by"}


async def test_csv_has_a_column_per_attribute_and_no_cell_that_runs() -> None:
    fake = rich_workspace()
    fake.seed.add_record("gadgets", values(fake))
    content, _ = await exported(fake, "gadgets", "csv")
    header, row = csv.reader(io.StringIO(content, newline=""))
    cells = dict(zip(header, row, strict=True))
    assert header[0] == "record_id"
    assert header.count("record_id") == 1
    assert cells["key"] == "'=key"
    assert cells["some_phone_number"] == "'+442079460100;+12125550100"
    assert cells["a_number"] == "-12.5"
    assert cells["a_status"] == "'=1+1"
    assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "\n"))]


async def test_jsonl_is_plain_data_in_the_form_that_attio_takes() -> None:
    fake = rich_workspace()
    fake.seed.add_record("gadgets", values(fake))
    content, _ = await exported(fake, "gadgets", "jsonl")
    row = json.loads(content)
    assert content.count("\n") == 1
    assert Decimal(row["a_currency"]) == Decimal("1234567.8901")
    assert row["a_number"] == -12.5
    assert date.fromisoformat(row["a_date"]) == date(2024, 2, 29)
    assert row["a_timestamp"] == "2024-02-29T12:30:00.123456Z"
    assert row["a_personal_name"]["full_name"] == "Dr. Karl Müller"
    assert row["a_record_reference"]["target_object"] == "companies"
    assert row["some_domain"] == ["a.example", "b.example"]


async def test_every_record_once_over_many_pages() -> None:
    fake = workspace(limits=None, latency=0.0)
    for number in range(1203):
        fake.seed.add_record("companies", {"domains": [f"firm-{number}.example"], "name": f"=Firm {number}"})
    content, result = await exported(fake, "companies", "csv")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert result.records == len(rows) == 1203
    assert {row["domains"] for row in rows} == {f"firm-{number}.example" for number in range(1203)}


async def test_an_empty_object() -> None:
    fake = workspace()
    csv_text, result = await exported(fake, "companies", "csv")
    jsonl_text, _ = await exported(fake, "companies", "jsonl")
    assert (csv_text.count("\n"), jsonl_text, result.records) == (1, "", 0)


async def test_an_unknown_object_lists_what_there_is() -> None:
    with pytest.raises(Refusal, match="did you mean 'companies'"):
        await exported(workspace(), "compnies", "csv")


async def test_a_failure_on_the_way_is_raised() -> None:
    fake = workspace(latency=0.0, limits=None)
    for number in range(2000):
        fake.seed.add_record("companies", {"domains": [f"firm-{number}.example"]})

    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            if b"firm-499" in bytes(data):
                fake.fault(FixedResponse(500, {"message": "no"}), times=50)
            return super().write(data)

    async with fake.client() as attio:
        with pytest.raises(ServerError):
            await run_export(attio, "companies", File(), format="jsonl", separator=";", stream=io.StringIO())


async def test_every_record_once_while_others_write() -> None:
    fake = workspace(latency=0.0, limits=None)
    for number in range(2400):
        fake.clock.advance(0.01)
        fake.seed.add_record("companies", {"domains": [f"firm-{number}.example"]})
    first = fake.records("companies")[0]["id"]["record_id"]

    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            if b"firm-499" in bytes(data):
                fake.handle(
                    "DELETE",
                    f"/v2/objects/companies/records/{first}",
                    {"authorization": f"Bearer {fake.token}"},
                    b"",
                )
                fake.clock.advance(1)
                fake.seed.add_record("companies", {"domains": ["late.example"]})
            return super().write(data)

    file = File()
    async with fake.client() as attio:
        await run_export(attio, "companies", file, format="jsonl", separator=";", stream=io.StringIO())
    domains = [json.loads(line)["domains"][0] for line in file.getvalue().splitlines()]
    assert domains == [*(f"firm-{number}.example" for number in range(2400)), "late.example"]
    assert len(fake.records("companies")) == 2400


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_memory_does_not_grow_with_the_records() -> None:
    class Nowhere(io.BytesIO):
        def write(self, data: Any) -> int:
            return len(data)

    async def peak(count: int) -> int:
        fake = workspace(latency=0.0, limits=None)
        for number in range(count):
            fake.clock.advance(0.01)
            fake.seed.add_record(
                "companies", {"domains": [f"firm-{number}.example"], "description": "x" * 300}
            )
        async with fake.client() as attio:
            tracemalloc.start()
            result = await run_export(
                attio, "companies", Nowhere(), format="csv", separator=";", stream=io.StringIO()
            )
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert result.records == count
        return most

    assert await peak(2800) < 1.25 * await peak(1400)


async def test_a_filter_and_selected_attributes() -> None:
    fake = workspace()
    for name in ("Acme", "Zoë"):
        fake.seed.add_record("companies", {"domains": [f"{name[0]}.example"], "name": name})
    file = io.BytesIO()
    async with fake.client() as attio:
        result = await run_export(
            attio,
            "companies",
            file,
            format="jsonl",
            separator=";",
            stream=io.StringIO(),
            filter=F.name.contains("z"),
            select="name",
        )
    row = json.loads(file.getvalue())
    assert (list(row), row["name"], result.records) == (["record_id", "name"], "Zoë", 1)
