"""The findings of checks, with a verdict and an advice."""

from typing import Literal

import attrs

Verdict = Literal["ok", "note", "problem", "skipped"]


@attrs.frozen
class Finding:
    """One finding. A note is worth knowing and may be intended; a problem has to be solved."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""


def ok(check: str, found: str) -> Finding:
    """Return a finding that needs no attention."""
    return Finding(check, "ok", found)


def note(check: str, found: str, advice: str) -> Finding:
    """Return a finding that is worth knowing."""
    return Finding(check, "note", found, advice)


def problem(check: str, found: str, advice: str) -> Finding:
    """Return a finding that has to be solved."""
    return Finding(check, "problem", found, advice)


def skipped(check: str, reason: str) -> Finding:
    """Return the finding of a check that could not run."""
    return Finding(check, "skipped", f"not checked: {reason}")
