"""The check-up: what keeps this machine and this token from working with Attio, and what to do about it."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

import attrs

from ..._client import Attio
from ..output import printable
from .finding import Finding, skipped
from .local import check_address, check_packages, check_python, check_token
from .network import (
    CHECKS,
    Checkup,
    Resolve,
    resolve_name,
)

_LEAST_SECRET = 8


async def run_doctor(out: TextIO, err: TextIO, *, as_json: bool) -> int:
    """Print what was found, and return 0 if all is well, else 1."""
    findings = await diagnose(os.environ)
    problems = sum(finding.verdict == "problem" for finding in findings)
    if as_json:
        report = {"healthy": not problems, "checks": [attrs.asdict(finding) for finding in findings]}
        print(json.dumps(report, ensure_ascii=False, indent=2), file=out)
    else:
        for finding in findings:
            print(printable(_told(finding)), file=out)
    summary = "All is well." if not problems else f"Problems: {problems}."
    print(summary, file=err)
    return 1 if problems else 0


def _told(finding: Finding) -> str:
    advice = f"\n{'':26}-> {finding.advice}" if finding.advice else ""
    return f"{finding.verdict:<9}{finding.check:<17}{finding.found}{advice}"


async def diagnose(
    environment: Mapping[str, str], *, client: Callable[..., Attio] = Attio, resolve: Resolve = resolve_name
) -> Sequence[Finding]:
    """All findings, in the order in which things have to be right.

    Args:
        environment: The variables of the environment.
        client: Makes a client of these options.
        resolve: Finds the addresses of a host and port.
    """
    token, address = check_token(environment), check_address(environment)
    findings = [check_python(), check_packages(), token, address]
    if address.verdict == "problem":
        findings += [skipped(check, "there is no address to go to") for check in CHECKS]
    else:
        has_token = token.verdict != "problem"
        findings += await Checkup(environment, client, resolve, has_token=has_token).findings()
    return [_without_token(finding, environment) for finding in findings]


def _without_token(finding: Finding, environment: Mapping[str, str]) -> Finding:
    """The finding, certain not to repeat the token, even should an answer or an address have held it."""
    token = environment.get("ATTIO_API_KEY", "").strip()
    if len(token) < _LEAST_SECRET:
        return finding
    return attrs.evolve(
        finding,
        found=finding.found.replace(token, "[token]"),
        advice=finding.advice.replace(token, "[token]"),
    )
