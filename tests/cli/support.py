"""What the tests of the command line share: a strict workspace in virtual time, and files that are only text."""

import io
from typing import Any

from attio_async._cli.importer.models import ImportJob, ImportResult
from attio_async._cli.importer.runner import run_import
from attio_async._cli.importer.table import ImportTable, TableSource, scan
from attio_async.testing import FakeAttio, Limits, VirtualClock


def workspace(**options: Any) -> FakeAttio:
    """A fake that keeps Attio's limits and takes 40 ms of virtual time to answer."""
    return FakeAttio(**{"clock": VirtualClock(), "limits": Limits(), "latency": 0.04, **options})


def table(content: bytes | str, name: str = "rows.csv") -> ImportTable:
    """A file that holds this."""
    return scan(TableSource(name, io.BytesIO(content.encode() if isinstance(content, str) else content)))


async def imported(
    fake: FakeAttio,
    content: bytes | str,
    *,
    name: str = "rows.csv",
    stream: io.StringIO | None = None,
    **job: Any,
) -> ImportResult:
    """Import a file into a workspace; into companies by domain unless said otherwise."""
    options = {"object": "companies", "match": "domains", **job}
    async with fake.client() as attio:
        return await run_import(
            attio, table(content, name), ImportJob(**options), stream=stream or io.StringIO()
        )


def natives(fake: FakeAttio, slug: str, attribute: str) -> list[list[object]]:
    """What the records of an object hold in one attribute, as Python values, oldest record first."""
    from attio_async.values import read

    return [[read(value) for value in record["values"].get(attribute, ())] for record in fake.records(slug)]
