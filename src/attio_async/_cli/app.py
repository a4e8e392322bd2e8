"""The commands. What takes long to load is imported when a command runs, so that `--help` is quick."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .webhooks_app import webhooks_app

app = typer.Typer(
    help="Attio from the command line: import, export and look at records.",
    epilog=(
        "Exit codes: 0 all done; 1 some of it failed; 2 nothing was done (usage, file, token or configuration);"
        " 130 interrupted. Data goes to standard output, everything else to standard error."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

app.add_typer(
    webhooks_app,
    name="webhooks",
    short_help="Have webhooks, and see what they deliver.",
    help="Have webhooks, and see what they deliver.",
)


class OnError(StrEnum):
    """What to do after a row that fails."""

    stop = "stop"
    collect = "collect"


class FileFormat(StrEnum):
    """How records are written to a file."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


class Window(StrEnum):
    """How a fake workspace counts requests."""

    fixed = "fixed"
    sliding = "sliding"
    counter = "counter"
    bucket = "bucket"


Embedded = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Work on an embedded workspace whose state is kept in FILE; needs no account."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines on standard output.")]
Object = Annotated[str, typer.Argument(metavar="OBJECT", help="The object, such as people.")]
Separator = Annotated[str, typer.Option(help="What stands between several values in one CSV cell.")]


@app.command("import", short_help="Write the rows of a file as records.")
def import_(  # noqa: PLR0917 - these are the options
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="CSV or JSONL in UTF-8; - for standard input."),
    ] = None,
    object_: Annotated[
        list[str] | None,
        typer.Option(
            "--object", help="The object, such as people; once per file. Default: what the file is called."
        ),
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[OBJECT=]SLUG",
            help="The unique attribute by which existing records are found, such as domains.",
        ),
    ] = None,
    map_: Annotated[
        list[str] | None, typer.Option("--map", metavar='"COLUMN=SLUG"', help="The attribute of a column.")
    ] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Leave a column out.")] = None,
    separator: Separator = ";",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check every row, write none.")] = False,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be done with each row, write none.")
    ] = False,
    journal: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep in FILE how far it is; the same command goes on from there."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on by the journal; refuse if there is none.")
    ] = False,
    dead_letters: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the rows that fail to FILE, for --replay.")
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="DEAD_LETTERS", help="Import the rows that failed, instead of a file."),
    ] = None,
    max_failures: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="End when more than N rows have failed.")
    ] = None,
    on_error: Annotated[OnError, typer.Option(help="Whether a row that fails ends it.")] = OnError.collect,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all failures to FILE, as CSV.")
    ] = None,
    embedded: Embedded = None,
    json: Json = False,
) -> None:
    """Write the rows of FILE as records: update those that are there, create the others.

    The columns of a CSV file, or the keys of a JSONL file, go into attributes of the same slug or title, in any
    case. An empty cell leaves its attribute as it is. Of a multiselect attribute the values there are replaced,
    but those of --match are added to. Rows that would change nothing are not written. Of several files, those that
    others refer to come first, and each has --report and --dead-letters of its own: failed.people.jsonl and so on.
    Whatever `export` writes can be imported again.

    Exit codes: 0 every row was written; 1 some were not; 2 nothing was written (usage, file, token or
    configuration); 130 interrupted. Ctrl-C finishes the rows that are on their way; a second one cuts them off.
    """
    from .commands.import_ import ImportRequest, import_files
    from .importer.columns import parse_renames
    from .importer.models import ImportJob
    from .runner import run_async

    def request() -> ImportRequest:
        job = ImportJob(
            object="",
            match="",
            renames=parse_renames(map_ or ()),
            skip=skip or (),
            separator=separator,
            on_error=on_error.value,
            dry_run=dry_run,
            report=report,
            plan=plan,
            journal=journal,
            max_failures=max_failures,
            dead_letters=dead_letters,
        )
        return ImportRequest(
            files=files or (),
            objects=object_ or (),
            matches=match or (),
            job=job,
            resume=resume,
            replay=replay,
        )

    raise typer.Exit(run_async(lambda: import_files(request, embedded=embedded, as_json=json)))


@app.command(short_help="Write the records of an object to a file.")
def export(  # noqa: PLR0917 - these are the options
    object_: Object,
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to write; - for standard output.")] = "-",
    format_: Annotated[
        FileFormat | None, typer.Option("--format", help="Default: what FILE ends with, else jsonl.")
    ] = None,
    filter_: Annotated[
        str | None,
        typer.Option("--filter", metavar="F...|JSON", help="Which records, as for `query`; default: all."),
    ] = None,
    select: Annotated[
        str | None, typer.Option(metavar="SLUG,SLUG", help="Which attributes; default: all.")
    ] = None,
    separator: Separator = ";",
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Keep what is there if it is interrupted, and go on from there next time."
        ),
    ] = False,
    embedded: Embedded = None,
) -> None:
    """Write the records of an object to FILE, one per line or row, each exactly once while others write.

    JSONL has one object per line: amounts of money are strings, so that no digit is lost, dates are ISO 8601.
    CSV has a column per attribute; a cell that a spreadsheet would take for a formula, a phone number with its +
    for example, starts with an apostrophe, which `import` takes off again. Parquet has typed columns, and needs
    attio-async[parquet]. FILE appears whole or not at all; with --resume what was read is kept in FILE.part until then.

    Exit codes: 0 done; 1 failed on the way; 2 nothing was done; 130 interrupted.
    """
    from .commands.import_ import export_object
    from .runner import run_async

    ending = out.lower().rpartition(".")[2]
    kind = format_ or (FileFormat(ending) if ending in set(FileFormat) else FileFormat.jsonl)
    raise typer.Exit(
        run_async(
            lambda: export_object(
                object_,
                out,
                format=kind.value,
                separator=separator,
                filter=filter_,
                select=select,
                resume=resume,
                embedded=embedded,
            )
        )
    )


@app.command(short_help="Show what changed since the last time.")
def changes(
    object_: Object,
    state: Annotated[
        Path, typer.Option(metavar="FILE", help="What was seen the last time; made when it is not there.")
    ],
    select: Annotated[
        str | None, typer.Option(metavar="SLUG,SLUG", help="Which attributes to watch; default: all.")
    ] = None,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="With a new FILE only take stock, and show nothing.")
    ] = False,
    embedded: Embedded = None,
) -> None:
    """Show which records were created, changed and deleted since the last time, as JSON, one change per line.

    All records are read and compared with FILE; the first time all of them are shown as created. What was written to
    standard output is not shown again; what was not, because something failed or was interrupted, is.

    Exit codes: 0 done; 1 failed on the way; 2 nothing was done; 130 interrupted.
    """
    from .commands.read import show_changes
    from .runner import run_async

    raise typer.Exit(
        run_async(lambda: show_changes(object_, state, select=select, baseline=baseline, embedded=embedded))
    )


@app.command(short_help="Show records.")
def query(  # noqa: PLR0917 - these are the options
    object_: Object,
    expression: Annotated[
        str | None,
        typer.Argument(metavar="[F...]", help="Such as 'F.stage == \"Lead\"'.", show_default=False),
    ] = None,
    filter_: Annotated[
        str | None,
        typer.Option("--filter", metavar="JSON", help='In Attio\'s own form, such as \'{"name": "Acme"}\'.'),
    ] = None,
    sort: Annotated[list[str] | None, typer.Option(metavar="SLUG[:desc]", help="What to sort by.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most records to show.")] = 20,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what the filter becomes, and ask for no records.")
    ] = False,
    embedded: Embedded = None,
    json: Json = False,
) -> None:
    """Show records as a table, or as JSON, one per line.

    The filter compares attributes, by slug, with values: 'F.stage == "Lead"', '(F.value > 500) & ~F.name.contains("Ltd")',
    'F["custom-slug"].in_("a", "b")', 'F.created_at >= date(2024, 1, 31)', 'F.company.domains == "acme.com"'. It is
    read, never run.
    """
    from .commands.read import explain_filter, query_object
    from .runner import run_async

    if explain and (sort or json):
        raise typer.BadParameter("--explain is about the filter alone; leave --sort and --json out")
    if explain:
        raise typer.Exit(run_async(lambda: explain_filter(object_, expression, filter_, embedded=embedded)))
    raise typer.Exit(
        run_async(
            lambda: query_object(
                object_, expression, filter_, sort or (), limit=limit, embedded=embedded, as_json=json
            )
        )
    )


@app.command(short_help="Show one record.")
def get(
    object_: Object,
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Its id, or its address in the app.")],
    embedded: Embedded = None,
    json: Json = False,
) -> None:
    """Show all that one record holds."""
    from .commands.read import get_record
    from .runner import run_async

    raise typer.Exit(run_async(lambda: get_record(object_, record, embedded=embedded, as_json=json)))


@app.command(short_help="Show the objects of the workspace.")
def objects(embedded: Embedded = None, json: Json = False) -> None:
    """Show the objects of the workspace: what records are kept of."""
    from .commands.read import list_objects
    from .runner import run_async

    raise typer.Exit(run_async(lambda: list_objects(embedded=embedded, as_json=json)))


@app.command(short_help="Show the attributes of an object.")
def attributes(object_: Object, embedded: Embedded = None, json: Json = False) -> None:
    """Show the attributes of an object, and what they take: types, options and statuses, objects referred to."""
    from .commands.read import list_attributes
    from .runner import run_async

    raise typer.Exit(run_async(lambda: list_attributes(object_, embedded=embedded, as_json=json)))


@app.command(short_help="Send any request.")
def api(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="GET, POST, PUT, PATCH or DELETE.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="From the root, such as /v2/self.")],
    json_body: Annotated[
        str | None, typer.Option(metavar="JSON|@FILE", help="The body; @- for standard input.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A query parameter; may be repeated.")
    ] = None,
    embedded: Embedded = None,
) -> None:
    """Send any request, under the same limits, repeats and errors as everything else, and print the answer.

    Exit codes: 0 done; 1 Attio refused, or could not be reached; 2 nothing was sent; 130 interrupted.
    """
    from .commands.read import send_request
    from .runner import run_async

    raise typer.Exit(
        run_async(lambda: send_request(method, path, body=json_body, params=param or (), embedded=embedded))
    )


@app.command(short_help="Show what the access token is for.")
def whoami(embedded: Embedded = None, json: Json = False) -> None:
    """Show which workspace the access token belongs to, and what it may do."""
    from .commands.read import show_identity
    from .runner import run_async

    raise typer.Exit(run_async(lambda: show_identity(embedded=embedded, as_json=json)))


@app.command(short_help="Find out why it does not work.")
def doctor(json: Json = False) -> None:
    """Check the installation, the environment, the way to Attio, the token and its scopes, and the clock.

    Each check says what it found and, where something is to be done, what. The token is never shown.

    Exit codes: 0 all is well; 1 there are problems; 130 interrupted.
    """
    from .doctor.doctor import run_doctor
    from .runner import run_async

    raise typer.Exit(run_async(lambda: run_doctor(sys.stdout, sys.stderr, as_json=json)))


@app.command(short_help="Show the main job in under a minute.")
def demo(
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the exported files in FOLDER.")
    ] = None,
) -> None:
    """Show the main job in under a minute: import, import again, query, export. Needs no account."""
    from .commands.demo import run_demo
    from .runner import run_async

    raise typer.Exit(run_async(lambda: run_demo(out, sys.stdout, sys.stderr)))


@app.command(short_help="Serve a fake workspace on this machine.")
def serve(  # noqa: PLR0917 - these are the options
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8787,
    token: Annotated[str, typer.Option(help="The access token that it takes.")] = "test-token",  # noqa: S107
    reads: Annotated[int, typer.Option(min=1, help="Allowed reads per second.")] = 100,
    writes: Annotated[int, typer.Option(min=1, help="Allowed writes per second.")] = 25,
    window: Annotated[Window, typer.Option(help="How it counts them.")] = Window.fixed,
    latency_ms: Annotated[float, typer.Option(min=0, help="How long an answer takes.")] = 80,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the workspace in FILE.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same ids.")] = 0,
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(metavar="URI", help="Register an app for OAuth that browsers come back to at URI."),
    ] = None,
    deliver_to: Annotated[
        str | None, typer.Option(metavar="URL", help="Send all deliveries of webhooks to URL.")
    ] = None,
) -> None:
    """Serve a fake workspace on this machine (127.0.0.1), for any client of the API, until Ctrl-C or SIGTERM."""
    from .commands.serve import Served, serve_until_interrupted
    from .runner import run

    served = Served(
        port=port,
        token=token,
        reads=reads,
        writes=writes,
        window=window.value,
        latency=latency_ms / 1000,
        state=state,
        seed=seed,
        redirect_uris=redirect_uri or (),
        deliver_to=deliver_to,
    )
    raise typer.Exit(run(lambda: serve_until_interrupted(served, sys.stdout, sys.stderr)))
