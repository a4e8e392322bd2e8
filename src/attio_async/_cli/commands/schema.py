"""`schema`: keep objects, lists, attributes, options and statuses in a file, and make a workspace agree with it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Refusal, as_refusal
from ..options import ConnectionOptions, DryRun, OutFile, refuse_existing
from ..output import confirm, print_or_write, tell, to_json, write_file
from ..workspace import read_workspace, write_workspace
from .models import DRIFT, Lists, Objects

if TYPE_CHECKING:
    from ...models import SchemaPlan

File = Annotated[Path, typer.Argument(metavar="FILE", help="TOML file with the schema.")]
PruneOption = Annotated[
    bool,
    typer.Option(
        "--prune", help="Archive attributes and options that FILE leaves out, of its objects and lists."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before changing anything.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


async def pull(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="TOML file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    object_: Objects = None,
    list_: Lists = None,
    connection: ConnectionOptions,
) -> None:
    """Write the schema of the workspace to a file.

    Without --object and --list all objects and lists are included.

    Examples:
      attio-async schema pull --out attio.toml
      attio-async schema pull --out attio.toml --object deals --list sales --force
    """
    refuse_existing(out, force=force)
    async with read_workspace(connection) as attio:
        schema = await attio.workspace_schema.pull(objects=object_, lists=list_)
    write_file(out, schema.to_toml())
    tell(f"{out}: {len(schema.objects)} objects, {len(schema.lists)} lists")


async def plan(
    file: File,
    *,
    prune: PruneOption = False,
    as_json: AsJson = False,
    output: OutFile,
    connection: ConnectionOptions,
) -> None:
    """Show what `apply` would change; write nothing.

    + creates, ~ changes, - archives. What the API cannot do is marked with ! and never tried.

    Examples:
      attio-async schema plan attio.toml
      attio-async schema plan attio.toml --prune --json
    """
    from ...models import Schema

    output.check()
    with as_refusal():
        wanted = Schema.from_file(file)
    async with read_workspace(connection) as attio:
        found = await attio.workspace_schema.plan(wanted, prune="archive" if prune else None)
    _show(found, output, as_json=as_json)


async def apply(
    file: File,
    *,
    prune: PruneOption = False,
    dry_run: DryRun = False,
    yes: YesOption = False,
    connection: ConnectionOptions,
) -> None:
    """Make the workspace agree with a file.

    What FILE leaves out is left alone. The plan is shown first; on a terminal you are asked, elsewhere --yes is needed.
    It may be run again after an error: only what is still missing is done.

    Examples:
      attio-async schema apply attio.toml
      attio-async schema apply attio.toml --prune --yes
    """
    from ...models import Schema

    with as_refusal():
        wanted = Schema.from_file(file)
    async with write_workspace(connection) as attio:
        with as_refusal():
            found = await attio.workspace_schema.plan(wanted, prune="archive" if prune else None)
        await _carry_out(found, dry_run=dry_run, yes=yes)


async def copy(
    *,
    from_profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="Profile of the workspace to read.")
    ] = None,
    to_profile: Annotated[
        str | None, typer.Option(metavar="PROFILE", help="Profile of the workspace to change.")
    ] = None,
    from_embedded: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the embedded workspace kept in FILE instead.")
    ] = None,
    to_embedded: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Change the embedded workspace kept in FILE instead.")
    ] = None,
    object_: Objects = None,
    list_: Lists = None,
    dry_run: DryRun = False,
    yes: YesOption = False,
) -> None:
    """Give one workspace the schema of another.

    Objects, lists, attributes and options are found by slug and title, and what the other workspace has besides is left
    alone. The plan is shown first; on a terminal you are asked, elsewhere --yes is needed.

    Examples:
      attio-async schema copy --from-profile staging --to-profile production
      attio-async schema copy --from-profile staging --to-profile production --object deals --yes
    """
    if (from_profile is None) == (from_embedded is None) or (to_profile is None) == (to_embedded is None):
        raise Refusal("give one workspace to read, with --from-profile, and one to change, with --to-profile")
    async with read_workspace(ConnectionOptions(profile=from_profile, embedded=from_embedded)) as source:
        wanted = await source.workspace_schema.pull(objects=object_, lists=list_)
    async with write_workspace(ConnectionOptions(profile=to_profile, embedded=to_embedded)) as attio:
        with as_refusal():
            found = await attio.workspace_schema.plan(wanted)
        await _carry_out(found, dry_run=dry_run, yes=yes)


async def check(
    file: File, *, as_json: AsJson = False, output: OutFile, connection: ConnectionOptions
) -> int:
    """Say how the workspace differs from a file.

    Renamed, changed, archived and new objects, lists, attributes and options are listed, one a line.

    Examples:
      attio-async schema check attio.toml

    Exit codes:
      0    nothing differs
      1    the workspace could not be read
      2    FILE is not a schema
      3    something differs
      130  interrupted
    """
    from ...models import Schema

    output.check()
    with as_refusal():
        wanted = Schema.from_file(file)
    async with read_workspace(connection) as attio:
        found = await attio.workspace_schema.check(wanted)
    lines = [to_json(each.to_dict(mode="json")) if as_json else str(each) for each in found]
    print_or_write("\n".join(lines), output)
    tell(f"{len(found) or 'no'} difference{'s' * (len(found) != 1)}")
    return DRIFT if found else 0


async def _carry_out(found: "SchemaPlan", *, dry_run: bool, yes: bool) -> None:
    """Show a plan, ask, and apply it."""
    _show(found, OutFile(), as_json=False)
    if not found:
        tell("Nothing to do.")
        return
    if dry_run:
        tell("Nothing was changed.")
        return
    confirm(f"Make {len(found.changes)} changes?", yes=yes)
    try:
        await found.apply()
    finally:
        tell(f"{len(found.done)} of {len(found.changes)} changes done")


def _show(found: "SchemaPlan", file: OutFile, *, as_json: bool) -> None:
    if as_json:
        print_or_write(to_json(found.to_dict(mode="json")), file)
        return
    print_or_write("\n".join(map(str, (*found.changes, *found.impossible))), file)
    if found.caution:
        tell(f"{found.caution}.")
