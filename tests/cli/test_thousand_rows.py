"""The main job, whole: a thousand rows in, in again, and out, at the allowed rate. Time is virtual."""

import csv
import io

import pytest

from attio_async._cli.commands.export import run_export
from tests.cli.support import imported, workspace

pytestmark = pytest.mark.anyio

ROWS = [
    {
        "Name": f"Company {n}, Ltd",
        "Domains": f"c{n}.example;www.c{n}.example",
        "Description": f'Line 1 of {n}\nline 2, "quoted"; and =1+1',
        "Foundation date": f"20{n % 20:02d}-0{n % 9 + 1}-17",
    }
    for n in range(1000)
]


def file_of_rows() -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ROWS[0])
    writer.writeheader()
    writer.writerows(ROWS)
    return out.getvalue()


async def test_a_thousand_rows_go_in_once_and_come_out_as_they_went_in() -> None:
    fake, content = workspace(), file_of_rows()
    first = await imported(fake, content)
    assert (first.created, first.updated, first.failed, first.rate_limited) == (1000, 0, 0, 0)
    writes = [call.time for call in fake.calls if call.method == "PUT"]
    late = [time for time in writes if time >= writes[0] + 1]
    assert len(late) / (late[-1] - late[0]) >= 0.9 * 25
    assert {call.status for call in fake.calls} == {200}

    await fake.clock.sleep(1)  # a process of its own takes that long to start
    second = await imported(fake, content)
    assert (second.created, second.updated, second.unchanged, second.failed) == (0, 0, 1000, 0)
    assert (second.writes, second.rate_limited) == (0, 0)

    await fake.clock.sleep(1)
    third = await imported(fake, content.replace("Line 1", "First line"))
    assert (third.created, third.updated, third.failed, third.rate_limited) == (0, 1000, 0, 0)

    out = io.BytesIO()
    await fake.clock.sleep(1)
    async with fake.client() as attio:
        await run_export(attio, "companies", out, format="csv", separator=";", stream=io.StringIO())
    rows = list(csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert len(rows) == 1000
    found = {(row["name"], row["domains"], row["description"], row["foundation_date"]) for row in rows}
    assert found == {tuple(value.replace("Line 1", "First line") for value in row.values()) for row in ROWS}
