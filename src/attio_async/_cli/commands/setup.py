"""Commands that set this machine up: `login`, `logout`, `profiles` and `doctor`."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..completion.names import (
    current_file,
    profile_names_file,
    remember_attributes,
    remember_lists,
    remember_objects,
)
from ..completion.scripts import Shell
from ..errors import Refusal, as_refusal
from ..options import Output, read_standard_input, refuse_existing
from ..output import Printer, confirm, print_json, print_text, printable, tell, to_json, write_file

if TYPE_CHECKING:
    from ..._client import Attio

ProfileName = Annotated[str, typer.Argument(metavar="PROFILE", help="Name of the profile.")]
_DEFAULT_NAME = "default"


async def login(
    name: ProfileName = _DEFAULT_NAME,
    *,
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="Address of the API; https, or http on this machine.  [default: Attio's]"
        ),
    ] = None,
    default: Annotated[
        bool, typer.Option("--default", help="Use this profile when nothing else is said.")
    ] = False,
) -> None:
    """Keep the access token of a workspace under a name.

    The token is asked for on a terminal, else read from standard input, and checked. It is kept in a file that only you can
    read, and sent to no other address than the one kept beside it. Commands use --profile NAME, else ATTIO_API_KEY, else the
    default profile.

    Examples:
      attio-async login
      attio-async login staging --base-url https://attio.example.com < token.txt
    """
    from ..._client import Attio
    from ..profiles import Profile, ProfileFile

    if not name.strip() or not name.isprintable():
        raise Refusal("the name of a profile must be text without control characters")
    profiles = ProfileFile()
    if sys.stdin.isatty():
        token = typer.prompt("Access token", hide_input=True, err=True)
    else:
        token = read_standard_input()
    if not token.strip():
        raise Refusal(
            "no token was given; create one in Attio: workspace settings > Developers > Access tokens"
        )
    async with Attio(token.strip(), base_url=base_url or os.environ.get("ATTIO_BASE_URL")) as attio:
        with as_refusal():
            me = await attio.identify()
        address = attio.settings.base_url
        current_file.set(profile_names_file(name))
        await _remember_names(attio)
    profile = Profile(
        token=token.strip(),
        base_url=address,
        workspace_id=me.workspace_id or "",
        workspace=me.workspace_name or "",
    )
    profiles.put(name, profile, default=default)
    tell(f"{name}: {me.workspace_name} ({me.workspace_slug}), kept in {profiles.path}")


async def _remember_names(attio: "Attio") -> None:
    """Read the names that shells complete, as far as the token may."""
    from ...errors import AttioError

    with suppress(AttioError):
        objects = await attio.objects.list()
        remember_objects(objects)
        for slug in (each.api_slug for each in objects):
            remember_attributes("objects", slug, await attio.schema(slug))
    with suppress(AttioError):
        lists = await attio.lists.list()
        remember_lists(lists)
        for slug in (each.api_slug for each in lists):
            remember_attributes("lists", slug, await attio.schema(slug, target="lists"))


def completion(
    shell: Annotated[Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
    *,
    context: typer.Context,
) -> None:
    """Print the script with which a shell completes commands.

    Options, and the names of objects, lists and attributes that `login` and other commands have read, are completed too,
    without a request.

    Examples:
      eval "$(attio-async completion bash)"
      attio-async completion fish > ~/.config/fish/completions/attio-async.fish
    """
    from ..completion.commands import command_table
    from ..completion.scripts import script

    print_text(script(shell))
    command_table(lambda: context.find_root().command)  # so that it is ready when the first key is pressed


def logout(name: ProfileName = _DEFAULT_NAME) -> None:
    """Forget the access token of a workspace.

    Examples:
      attio-async logout staging
    """
    from ..profiles import ProfileFile

    ProfileFile().remove(name)
    tell(f"{name} is forgotten; the token itself can be revoked in Attio")


def profiles(*, output: Output) -> None:
    """List the workspaces that this machine knows.

    Examples:
      attio-async profiles
    """
    from ..profiles import ProfileFile

    printer, known = Printer(output), ProfileFile()
    printer.items(
        [
            {
                "profile": name,
                "workspace": each.workspace,
                "is_default": name == known.default,
                "base_url": each.base_url,
                "workspace_id": each.workspace_id,
            }
            for name, each in known
        ]
    )


async def doctor(
    *,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="PROFILE", help="Check a workspace that `login` has kept."),
    ] = None,
    conformance: Annotated[
        bool,
        typer.Option(
            "--conformance", help="Compare the workspace with the fake of attio_async.testing instead."
        ),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Write the report of --conformance to FILE."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before writing FILE.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Diagnose setup, network and token problems.

    Checks the installation, the environment variables, the network path to Attio, the token and its scopes, and the
    clock. Each check says what it found and, where something is wrong, what to do. The token is never printed.

    With --conformance it sends some hundred reads to the workspace and to a fake with the same schema, some of them wrong
    on purpose, and prints how the answers differ. Nothing is written to the workspace. The report has no values, ids or
    names of the workspace; it is shown before it is written, and you are asked on a terminal; elsewhere --yes is needed.

    Examples:
      attio-async doctor
      attio-async doctor --conformance --out report.md

    Exit codes:
      0    no problems, or no differences
      1    there are problems, or differences
      130  interrupted
    """
    import attrs

    from ..doctor import diagnose
    from ..profiles import ProfileFile

    environment = dict(os.environ)
    if (chosen := ProfileFile().chosen(profile, environment)) is not None:
        environment |= {"ATTIO_API_KEY": chosen[1].token, "ATTIO_BASE_URL": chosen[1].base_url}
    if conformance:
        if out is not None:
            refuse_existing(out, force=force)
        return await _compare(environment, out, yes=yes, as_json=as_json)
    if out is not None:
        raise Refusal("--out is for the report of --conformance; give both")
    findings = await diagnose(environment)
    problems = sum(finding.verdict == "problem" for finding in findings)
    if as_json:
        report = {"healthy": not problems, "checks": [attrs.asdict(finding) for finding in findings]}
        print_json(report, indent=2)
    else:
        for finding in findings:
            advice = f"\n{'':26}-> {finding.advice}" if finding.advice else ""
            print_text(f"{finding.verdict:<9}{finding.check:<17}{finding.found}{advice}")
    tell(f"{problems or 'No'} problem{'s' * (problems != 1)} found.")
    return 1 if problems else 0


async def _compare(environment: Mapping[str, str], out: Path | None, *, yes: bool, as_json: bool) -> int:
    """Show how the workspace and the fake differ, and write it to a file when that is agreed to."""
    from ..._client import Attio
    from ..doctor.conformance import compare

    report = await compare(
        Attio, token=environment.get("ATTIO_API_KEY"), base_url=environment.get("ATTIO_BASE_URL")
    )
    text = to_json(report.to_dict(), indent=2) if as_json else report.to_markdown().rstrip()
    print_text(text)
    if out is not None:
        _offer(text, out, yes=yes)
    return 1 if report.differences else 0


def _offer(report: str, out: Path, *, yes: bool) -> None:
    """Write a report that was shown, when that is agreed to."""
    confirm(f"Write this report to {out}?", yes=yes)
    write_file(out, printable(report) + "\n")
    tell(f"{out} can be attached to an issue")
