"""`mirror`: keep a workspace as tables in a database of one's own, and read them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal, as_refusal
from ..options import (
    ConnectionOptions,
    OptionGroup,
    Output,
    Yes,
    check_distinct_files,
    read_address,
    seconds_of,
)
from ..output import Printer, confirm, tell
from ..workspace import open_workspace

if TYPE_CHECKING:
    from ..._client import Attio
    from ...mirror import Mirror, RefreshReport
    from ...webhooks import WebhookReceiver


File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="DuckDB file with the mirror, folder of Parquet files with a / behind it, postgresql:// address, or env:NAME.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class CoverageOptions(OptionGroup):
    """The parts of a workspace that a mirror covers."""

    object_: Annotated[
        list[str] | None,
        typer.Option(
            "--object", metavar="OBJECT", help="Object to include; may be repeated.  [default: all]"
        ),
    ] = None
    list_: Annotated[
        list[str] | None,
        typer.Option("--list", metavar="LIST", help="List to include; may be repeated.  [default: all]"),
    ] = None
    also: Annotated[
        str | None,
        typer.Option(
            metavar="PART,PART",
            help="Of members, notes, tasks, meetings and comments; 'none' for none of them."
            "  [default: all but comments]",
        ),
    ] = None
    history: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OBJECT.SLUG",
            help="Attribute whose earlier values are kept, such as deals.stage; may be repeated.",
        ),
    ] = None
    retention: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How long the log of changes goes back, such as 365d."),
    ] = None

    def open(self, attio: "Attio", file: str) -> "Mirror":
        """Return the mirror of a workspace in a file.

        Raises:
            Refusal: An option is not valid.
        """
        from datetime import timedelta

        options: dict[str, Any] = {"history": self.history or ()}
        if self.object_ or self.list_:  # naming either kind leaves the other out
            options |= {"objects": self.object_ or (), "lists": self.list_ or ()}
        if self.also is not None:
            parts = [part.strip() for part in self.also.split(",")]
            options["also"] = () if parts == ["none"] else parts
        if self.retention is not None:
            options["retention"] = timedelta(seconds=seconds_of(self.retention, "--retention"))
        with as_refusal():
            return attio.mirror(read_address("FILE", file), **options)


async def mirror_refresh(
    file: File, *, coverage: CoverageOptions, output: Output, connection: ConnectionOptions
) -> None:
    """Bring a mirror up to date, and say what differed.

    Everything that the mirror covers is read and compared with FILE, which is created when missing. A refresh that fails
    or is interrupted leaves FILE as it was, and the next one resumes. Others may read FILE meanwhile.

    Examples:
      attio-async mirror refresh crm.duckdb
      attio-async mirror refresh crm.duckdb --object deals --list sales --history deals.stage
    """
    check_distinct_files({"FILE": file, "--embedded": connection.embedded})
    printer = Printer(output)
    async with open_workspace(connection) as attio, coverage.open(attio, file) as mirror:
        report = await mirror.refresh()
    printer.items(_rows(report))
    _tell_rest(report)


async def mirror_watch(
    file: File,
    *,
    every: Annotated[
        str, typer.Option(metavar="TIME", help="Time between two refreshes, such as 15m.")
    ] = "15m",
    webhooks: Annotated[
        int | None,
        typer.Option(
            "--webhooks",
            min=0,
            max=65535,
            metavar="PORT",
            help="Port that webhooks are delivered to: what they tell of is read again at once.",
        ),
    ] = None,
    coverage: CoverageOptions,
    connection: ConnectionOptions,
) -> None:
    """Refresh a mirror again and again, until it is interrupted.

    With --webhooks, what signed deliveries tell of is read again and in FILE about a second later; their secrets are those
    of `webhooks listen`, and so is the port, which is open on 127.0.0.1 only. Everything is read after --every all the same.
    Each refresh that found something is one line of JSON. One that fails because the network or Attio does is repeated.

    Examples:
      attio-async mirror watch crm.duckdb --every 15m
      attio-async mirror watch crm.duckdb --every 1h --webhooks 8788
    """
    from ..._utils.text import show
    from ...errors import RateLimited, ServerError, TransportError
    from ..output import print_json

    check_distinct_files({"FILE": file, "--embedded": connection.embedded})
    pause = seconds_of(every, "--every")
    async with (
        open_workspace(connection) as attio,
        _listening(webhooks) as receiver,
        coverage.open(attio, file) as mirror,
    ):
        reports = mirror.watch(every=pause, receiver=receiver)
        while True:
            try:
                report = await anext(reports)
            except (TransportError, ServerError, RateLimited) as error:
                tell(f"not refreshed: {show(str(error))}")
            else:
                if report.is_changed:
                    print_json(report.to_dict(mode="json"))
                else:
                    tell(f"{file}: nothing new")


@asynccontextmanager
async def _listening(port: int | None) -> AsyncGenerator["WebhookReceiver | None"]:
    """Run a receiver that deliveries reach at a port, if one is given.

    Raises:
        Refusal: The port is taken, or the secret is missing.
    """
    if port is None:
        yield None
        return
    from ..._utils.shield import run_blocking
    from ...webhooks import WebhookReceiver
    from ..errors import refuse_bad_port
    from .webhooks import known_secrets, served_here

    receiver = WebhookReceiver(secret=await run_blocking(lambda: known_secrets(None)))
    with refuse_bad_port(port):
        async with receiver, served_here(receiver, port) as taken:
            tell(f"Listening on http://127.0.0.1:{taken}/")
            yield receiver


async def mirror_sql(
    file: File,
    text: Annotated[str, typer.Argument(metavar="SELECT...", help="Query, in the dialect of DuckDB.")],
    *,
    timeout: Annotated[  # noqa: ASYNC109 - of the database, which is interrupted then
        str, typer.Option(metavar="TIME", help="Time that it may take.")
    ] = "30s",
    max_rows: Annotated[
        int, typer.Option("--max-rows", min=1, metavar="N", help="Rows that it may find.")
    ] = 100_000,
    output: Output,
) -> None:
    """Run a SQL query on a mirror and show its rows.

    Nothing is sent. Tables are named as in Attio's own SQL: companies, lists.sales. The log of changes is _changes.

    Examples:
      attio-async mirror sql crm.duckdb 'SELECT name, value FROM deals ORDER BY value DESC'
      attio-async mirror sql crm.duckdb 'SELECT * FROM _changes WHERE attribute = $$stage$$' --json
    """
    from ...mirror import MirrorFile

    printer = Printer(output)
    with as_refusal():
        async with MirrorFile(read_address("FILE", file)) as mirror:
            rows = await mirror.sql(text, timeout=seconds_of(timeout, "--timeout"), max_rows=max_rows)
    printer.items(rows)
    tell("1 row" if len(rows) == 1 else f"{len(rows):,} rows")


async def mirror_status(file: File, *, output: Output) -> None:
    """Show the tables of a mirror, and when it was refreshed.

    Nothing is sent.

    Examples:
      attio-async mirror status crm.duckdb
    """
    from ...mirror import MirrorFile

    printer = Printer(output)
    with as_refusal():
        async with MirrorFile(read_address("FILE", file)) as mirror:
            status = await mirror.status()
    printer.items([{"table": table, "rows": count} for table, count in status.rows.items()])
    tell(f"sweep {status.sweep}, changed {status.changed_at}, refreshed {status.swept_at}")
    tell(f"{status.changes:,} lines in the log of changes")


async def mirror_forget(
    file: File,
    id_: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of records, entries or members.")],
    *,
    yes: Yes = False,
) -> None:
    """Remove people from a mirror for good.

    Their entries, notes, histories and changes go, too. What is still in Attio comes back with the next refresh: delete it there first.

    Examples:
      attio-async mirror forget crm.duckdb 59f6d9b6-4d1c-4b0a-9d0f-1a5c4f2f7a10 --yes
    """
    from ...mirror import MirrorFile

    if _is_missing(file):
        raise Refusal(f"{file} does not exist; give the path of a mirror")
    confirm(f"Remove {len(id_)} from {file} for good?", yes=yes)
    async with MirrorFile(read_address("FILE", file)) as mirror:
        count = await mirror.forget(*id_)
    tell(f"removed from {file}: rows and lines of the log, {count:,} in all")


def _is_missing(file: str) -> bool:
    """Return True for the path of a file that does not exist."""
    return not file.startswith(("env:", "postgresql://", "postgres://")) and not Path(file).exists()


def _rows(report: "RefreshReport") -> list[Mapping[str, Any]]:
    return [{"table": one.table, "read": one.read, **one.rows.to_dict(mode="json")} for one in report.tables]


def _tell_rest(report: "RefreshReport") -> None:
    for line in (*report.schema_changes, *report.left_out):
        tell(str(line))
    tell(f"sweep {report.sweep}: {report.seconds:,.1f} s" + (", resumed" if report.is_resumed else ""))
