"""Diagnose what keeps this machine and this token from working with Attio."""

from collections.abc import Callable, Mapping, Sequence

import attrs

from ..._client import Attio
from .local import Finding, check_address, check_packages, check_python, check_token, skipped
from .network import CHECKS, NetworkChecks, Resolve, resolve_name

_MIN_SECRET_LENGTH = 8


async def diagnose(
    environment: Mapping[str, str], *, client: Callable[..., Attio] = Attio, resolve: Resolve = resolve_name
) -> Sequence[Finding]:
    """Return the findings of all checks, each check after those that it depends on.

    Args:
        environment: The environment variables.
        client: Makes a client of these options.
        resolve: Returns the addresses of a host and port.
    """
    token, address = check_token(environment), check_address(environment)
    findings = [check_python(), check_packages(), token, address]
    if address.verdict == "problem":
        findings += [skipped(check, "the address is not valid") for check in CHECKS]
    else:
        has_token = token.verdict != "problem"
        findings += await NetworkChecks(environment, client, resolve, has_token=has_token).findings()
    return [_without_token(finding, environment) for finding in findings]


def _without_token(finding: Finding, environment: Mapping[str, str]) -> Finding:
    """Return the finding without the token, in case an answer or an address repeated it."""
    token = environment.get("ATTIO_API_KEY", "").strip()
    if len(token) < _MIN_SECRET_LENGTH:
        return finding
    return attrs.evolve(
        finding,
        found=finding.found.replace(token, "[token]"),
        advice=finding.advice.replace(token, "[token]"),
    )
