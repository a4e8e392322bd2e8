"""`doctor`: diagnose setup, network and token problems."""

import os
from typing import Annotated

import typer

from ..output import print_json, print_text, tell


async def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> int:
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

    findings = await diagnose(os.environ)
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
