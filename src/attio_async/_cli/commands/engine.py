"""`engine`: jobs of many tenants on PostgreSQL."""

import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Refusal, as_refusal
from ..options import Output, Yes
from ..output import Printer, confirm, print_text, tell

if TYPE_CHECKING:
    from ...engine import Engine, Overview, Run

_CLEAR = "\x1b[H\x1b[2J"
_TIMES = (
    "added_at",
    "last_success_at",
    "paused_at",
    "filed_at",
    "due_at",
    "started_at",
    "ended_at",
    "next_at",
    "seen_at",
)

AppOption = Annotated[
    str,
    typer.Option(
        "--app",
        metavar="MODULE:NAME",
        envvar="ATTIO_ENGINE",
        show_envvar=False,
        help="Engine to use, as a module and a name in it; or set ATTIO_ENGINE.",
    ),
]
Tenant = Annotated[str, typer.Argument(metavar="TENANT", help="Name of the tenant.")]
_APP = "app:engine"
_WATCH_INTERVAL_S = 2


class StatusPart(StrEnum):
    """The parts of the state of an engine."""

    tenants = "tenants"
    runs = "runs"
    rates = "rates"
    next = "next"
    workers = "workers"


async def engine_init(*, app: AppOption = _APP) -> None:
    """Create the tables of an engine in its database.

    The tables of procrastinate are created with them. What is there already is left alone.

    Examples:
      attio-async engine init
      attio-async engine init --app jobs.main:engine
    """
    async with _opened(app) as engine:
        with as_refusal():
            await engine.init()
    tell("The tables of the engine are there.")


async def engine_worker(
    app: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODULE:NAME]", help="Engine to work for.  [default: ATTIO_ENGINE, or app:engine]"
        ),
    ] = None,
    *,
    concurrency: Annotated[int, typer.Option(min=1, metavar="N", help="Most runs at a time.")] = 50,
    once: Annotated[bool, typer.Option("--once", help="End when nothing is due any more.")] = False,
    default: AppOption = _APP,
) -> None:
    """Do the runs of an engine, until Ctrl-C or SIGTERM.

    When it is stopped, rows in flight are finished; the rest stays in the journals, and another worker goes on. A second
    signal ends it at once, and loses nothing either.

    Examples:
      attio-async engine worker app:engine --concurrency 50
      attio-async engine worker --once
    """
    async with _opened(app or default) as engine:
        tell(f"working for {app or default}; press Ctrl-C to stop")
        await engine.work(concurrency=concurrency, wait=not once)


async def engine_run(
    job: Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.")],
    *,
    tenant: Annotated[
        str,
        typer.Option(
            "--tenant", metavar="TENANT", help="Tenant to run it for; none for a job that is not per tenant."
        ),
    ] = "",
    app: AppOption = _APP,
    output: Output,
) -> None:
    """File a run of a job now; a worker does it.

    Examples:
      attio-async engine run push --tenant acme
    """
    printer = Printer(output)
    async with _opened(app) as engine:
        with as_refusal():
            run = await engine.run(job, tenant)
    printer.item(_run(run, printer), times=_TIMES)


async def engine_status(
    *,
    show: Annotated[
        StatusPart, typer.Option("--show", metavar="PART", help=f"Part to show: {', '.join(StatusPart)}.")
    ] = StatusPart.tenants,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again every two seconds.")] = False,
    app: AppOption = _APP,
    output: Output,
) -> None:
    """Show the tenants, runs, rates or next runs of an engine.

    Examples:
      attio-async engine status
      attio-async engine status --show runs --json
      attio-async engine status --watch
    """
    import anyio

    printer = Printer(output)
    async with _opened(app) as engine:
        while True:
            with as_refusal():
                overview = await engine.overview()
            if watch and sys.stdout.isatty():
                print_text(_CLEAR)
            printer.items(_rows(overview, show, printer), times=_TIMES)
            counts = ", ".join(f"{count:,} {name}" for name, count in overview.counts.items())
            tell(f"{overview.at:%Y-%m-%d %H:%M:%S} UTC: {counts}")
            if not watch:
                return
            await anyio.sleep(_WATCH_INTERVAL_S)


async def engine_dead(*, app: AppOption = _APP, output: Output) -> None:
    """List the runs that were retried too often.

    Examples:
      attio-async engine dead
    """
    printer = Printer(output)
    async with _opened(app) as engine:
        with as_refusal():
            runs = await engine.dead()
    printer.items([_run(run, printer) for run in runs], times=_TIMES)
    tell(f"{len(runs)} dead runs")


async def engine_retry(
    runs: Annotated[list[str] | None, typer.Argument(metavar="[RUN...]", help="Ids of dead runs.")] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Retry all dead runs.")] = False,
    app: AppOption = _APP,
) -> None:
    """Retry dead runs; their journals resume.

    Examples:
      attio-async engine retry 4711
      attio-async engine retry --all
    """
    if all_ == bool(runs):
        raise Refusal("give the ids of dead runs, or --all")
    async with _opened(app) as engine:
        with as_refusal():
            chosen = [run.run for run in await engine.dead()] if all_ else runs or []
            for run in chosen:
                await engine.retry(run)
    tell(f"{len(chosen)} runs are retried")


async def engine_tenants_list(*, app: AppOption = _APP, output: Output) -> None:
    """List the tenants, those with something wrong first.

    Examples:
      attio-async engine tenants list
    """
    printer = Printer(output)
    async with _opened(app) as engine:
        with as_refusal():
            tenants = await engine.tenants.list()
    printer.items([each.to_dict() for each in tenants], times=_TIMES)
    tell(f"{len(tenants)} tenants")


async def engine_tenants_add(
    tenant: Tenant,
    *,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Most jobs of the tenant at a time; 1, or what it has."),
    ] = None,
    app: AppOption = _APP,
) -> None:
    """Add a tenant; its scheduled jobs run now and in their intervals.

    Examples:
      attio-async engine tenants add acme
      attio-async engine tenants add acme --concurrency 2
    """
    async with _opened(app) as engine:
        with as_refusal():
            await engine.tenants.add(tenant, concurrency=concurrency)
    tell(f"{tenant}: added")


async def engine_tenants_pause(
    tenant: Tenant,
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Reason, which the status shows.")
    ] = "paused by hand",
    app: AppOption = _APP,
) -> None:
    """Run no jobs of a tenant until it is resumed.

    Examples:
      attio-async engine tenants pause acme --reason "until the contract is signed"
    """
    async with _opened(app) as engine:
        with as_refusal():
            await engine.tenants.pause(tenant, reason)
    tell(f"{tenant}: paused")


async def engine_tenants_resume(tenant: Tenant, *, app: AppOption = _APP) -> None:
    """Run the jobs of a paused tenant again.

    Examples:
      attio-async engine tenants resume acme
    """
    async with _opened(app) as engine:
        with as_refusal():
            await engine.tenants.resume(tenant)
    tell(f"{tenant}: resumed")


async def engine_tenants_remove(tenant: Tenant, *, yes: Yes = False, app: AppOption = _APP) -> None:
    """Remove a tenant with its runs, journals and dead letters.

    Examples:
      attio-async engine tenants remove acme --yes
    """
    async with _opened(app) as engine:
        confirm(f"Remove the tenant {tenant} with its runs, journals and dead letters?", yes=yes)
        with as_refusal():
            await engine.tenants.remove(tenant)
    tell(f"{tenant}: removed")


@asynccontextmanager
async def _opened(app: str) -> AsyncGenerator["Engine"]:
    """Return the engine that a module has, closed at the end.

    Raises:
        Refusal: There is none.
    """
    with as_refusal():
        engine = _load(app)
    async with engine:
        yield engine


def _load(app: str) -> "Engine":
    from pkgutil import resolve_name

    from ...engine import Engine
    from ...errors import AttioError

    module, _, name = app.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # the folder of the app, as with `python -m`
    try:
        engine = resolve_name(f"{module}:{name or 'engine'}")
    except ModuleNotFoundError as error:
        if error.name != module:
            raise Refusal(f"{module} cannot be imported: {error}") from error
        raise Refusal(f"unknown module {module!r}. Name the engine with --app MODULE:NAME") from error
    except AttributeError as error:
        raise Refusal(f"{module} cannot be used: {error}. Name the engine with --app MODULE:NAME") from error
    except AttioError:
        raise
    except Exception as error:
        raise Refusal(f"{module} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(engine, Engine):
        raise Refusal(f"{app!r} is not an engine. Name one with --app MODULE:NAME")
    return engine


def _rows(overview: "Overview", part: StatusPart, printer: Printer) -> Sequence[Mapping[str, Any]]:
    if part is StatusPart.runs:
        return [_run(run, printer) for run in overview.runs]
    items: Mapping[StatusPart, Sequence[Any]] = {
        StatusPart.tenants: overview.tenants,
        StatusPart.rates: overview.rates,
        StatusPart.next: overview.next_runs,
        StatusPart.workers: overview.workers,
    }
    return [each.to_dict() for each in items[part]]


def _run(run: "Run", printer: Printer) -> Mapping[str, Any]:
    facts = run.to_dict()
    if not printer.is_for_people:
        return facts
    return {**facts, "counts": ", ".join(f"{count:,} {name}" for name, count in run.counts.items())}
