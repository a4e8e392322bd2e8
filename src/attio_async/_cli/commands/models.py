"""`models`: make a module of the workspace's objects and lists, and compare one with the workspace."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Refusal, as_refusal
from ..options import ConnectionOptions, OutFile, refuse_existing
from ..output import print_or_write, tell, write_file
from ..workspace import read_workspace

DRIFT = 3
Objects = Annotated[
    list[str] | None,
    typer.Option(
        "--object", metavar="OBJECT", help="Object to include, by slug, title or id; may be repeated."
    ),
]
Lists = Annotated[
    list[str] | None,
    typer.Option("--list", metavar="LIST", help="List to include, by slug, title or id; may be repeated."),
]


async def pull(
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Module to write, such as crm.py.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if an earlier pull wrote it.")] = False,
    object_: Objects = None,
    list_: Lists = None,
    connection: ConnectionOptions,
) -> None:
    """Write a Python module with a model for each object and list.

    With --force, FILE is replaced if an earlier pull wrote it; any other file is left alone. Without --object and --list
    all of the workspace is included.

    Examples:
      attio-async models pull --out crm.py
      attio-async models pull --out crm.py --force --object companies --object deals --list sales
    """
    from ..._version import __version__
    from ...models._generate import MARK, generate

    if out.is_file() and not out.read_bytes().startswith(MARK.encode()):
        raise Refusal(f"{out} exists and was not made by `models pull`; choose another file or remove it")
    refuse_existing(out, force=force)
    async with read_workspace(connection) as attio:
        with as_refusal():
            schema = await attio.workspace_schema.pull(objects=object_, lists=list_)
            module = generate(schema, version=__version__)
    write_file(out, module)
    tell(f"{out}: {len(schema.objects)} objects, {len(schema.lists)} lists")


async def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Module that `models pull` wrote.")],
    *,
    output: OutFile,
    connection: ConnectionOptions,
) -> int:
    """Say how the workspace differs from a module.

    Renamed, replaced, archived and new attributes and options are listed, one a line.

    Examples:
      attio-async models check crm.py

    Exit codes:
      0    nothing differs
      1    the workspace could not be read
      2    FILE is not a module that `models pull` wrote
      3    something differs
      130  interrupted
    """
    from ...models import Schema

    output.check()
    with as_refusal():
        schema = Schema.from_models(file)
    async with read_workspace(connection) as attio:
        found = await attio.workspace_schema.check(schema)
    print_or_write("\n".join(map(str, found)), output)
    tell(f"{len(found) or 'no'} difference{'s' * (len(found) != 1)}")
    return DRIFT if found else 0
