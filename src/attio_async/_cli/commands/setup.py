"""Commands that set this machine up: `login`, `logout`, `profiles` and `doctor`."""

import os
import sys
from typing import Annotated

import typer

from ..errors import Refusal, as_refusal
from ..options import Output
from ..output import Printer, print_json, print_text, tell

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

    profiles = ProfileFile()
    if sys.stdin.isatty():
        token = typer.prompt("Access token", hide_input=True, err=True)
    else:
        token = typer.get_text_stream("stdin").read()
    if not token.strip():
        raise Refusal(
            "no token was given; create one in Attio: workspace settings > Developers > Access tokens"
        )
    async with Attio(token.strip(), base_url=base_url or os.environ.get("ATTIO_BASE_URL")) as attio:
        with as_refusal():
            me = await attio.identify()
        address = attio.settings.base_url
    profile = Profile(
        token=token.strip(),
        base_url=address,
        workspace_id=me.workspace_id or "",
        workspace=me.workspace_name or "",
    )
    profiles.put(name, profile, default=default)
    tell(f"{name}: {me.workspace_name} ({me.workspace_slug}), kept in {profiles.path}")


def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")],
) -> None:
    """Print the script with which a shell completes commands.

    Options, and the names of objects and lists that earlier commands have met, are completed too, without a request.

    Examples:
      eval "$(attio-async completion bash)"
      attio-async completion fish > ~/.config/fish/completions/attio-async.fish
    """
    from ..completion import print_script

    print_script(shell)


def logout(name: ProfileName = _DEFAULT_NAME) -> None:
    """Forget the access token of a workspace.

    Examples:
      attio-async logout staging
    """
    from ..profiles import ProfileFile

    ProfileFile().remove(name)
    tell(f"{name} is forgotten; the token itself can be revoked in Attio")


def profiles(*, output: Output) -> None:
    """List the workspaces that this machine knows."""
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
        str | None, typer.Option(metavar="NAME", help="Check a workspace that `login` has kept.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Diagnose setup, network and token problems.

    Checks the installation, the environment variables, the network path to Attio, the token and its scopes, and the
    clock. Each check says what it found and, where something is wrong, what to do. The token is never printed.

    Exit codes:
      0    no problems
      1    there are problems
      130  interrupted
    """
    import attrs

    from ..doctor import diagnose
    from ..profiles import ProfileFile

    environment = dict(os.environ)
    if (chosen := ProfileFile().chosen(profile, environment)) is not None:
        environment |= {"ATTIO_API_KEY": chosen[1].token, "ATTIO_BASE_URL": chosen[1].base_url}
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
