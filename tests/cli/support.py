"""Shared by the tests of the command line: commands, processes, a strict workspace in virtual time, files of text."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner, Result

from attio_async._cli.app import app
from attio_async._cli.commands.import_ import watch
from attio_async._cli.importer.models import ImportRequest, ImportResult
from attio_async._cli.importer.runner import prepare_imports
from attio_async.bulk import ColumnMapping, ImportReader, ImportTable, ValueFormats
from attio_async.testing import FakeAttio, Limits, VirtualClock


def run_command(*arguments: str, stdin: str | None = None) -> Result:
    """Run a command in this process; an unexpected exception is raised."""
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@contextmanager
def started(*arguments: str, cwd: Path, fake_url: str | None = None) -> Iterator["subprocess.Popen[str]"]:
    """Start a command as a process, which is gone when the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATTIO_")}
    environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(part) for part in sys.path if part)  # noqa: PTH100
    if fake_url is not None:
        environment |= {"ATTIO_BASE_URL": fake_url, "ATTIO_API_KEY": "test-token"}
    process = subprocess.Popen(
        [sys.executable, "-m", "attio_async", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def walk(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every command below a group, with the words that call it."""
    context = typer.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from walk(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for another process."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def workspace(**options: Any) -> FakeAttio:
    """Return a fake that keeps Attio's limits and takes 40 ms of virtual time to answer."""
    return FakeAttio(**{"clock": VirtualClock(), "limits": Limits(), "latency": 0.04, **options})


def table(content: bytes | str, name: str = "rows.csv") -> ImportTable:
    """Write a text to a file."""
    return ImportReader().read(
        io.BytesIO(content.encode() if isinstance(content, str) else content), name=name
    )


def import_request(*, renames: Any = None, skip: Any = (), **options: Any) -> ImportRequest:
    """Return a request to import one file, into companies by domain unless said otherwise."""
    formats = {name: options.pop(name) for name in ("separator", "formulas") if name in options}
    options.setdefault("mapping", ColumnMapping(columns=renames or {}, skip=skip))
    options.setdefault("formats", ValueFormats(**formats))
    return ImportRequest(
        **{"files": ["rows.csv"], "objects": ["companies"], "matches": ["domains"], **options}
    )


async def imported(
    fake: FakeAttio,
    content: bytes | str | ImportTable,
    *,
    name: str = "rows.csv",
    object: str = "companies",
    match: str = "domains",
    stream: io.StringIO | None = None,
    **options: Any,
) -> ImportResult:
    """Import a file into a workspace."""
    rows = content if isinstance(content, ImportTable) else table(content, name)
    request = import_request(objects=[object], matches=[match], **options)
    async with fake.client() as attio:
        (run,) = await prepare_imports(attio, request, [rows])
        return await watch(run, stream or io.StringIO())


def natives(fake: FakeAttio, slug: str, attribute: str) -> list[list[object]]:
    """Return the values of one attribute of an object's records, the oldest record first."""
    from attio_async.values import read

    return [[read(value) for value in record["values"].get(attribute, ())] for record in fake.records(slug)]
