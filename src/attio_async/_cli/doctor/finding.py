"""What a check found, how bad that is, and what to do about it."""

from typing import Literal

import attrs

Verdict = Literal["ok", "note", "problem", "skipped"]


@attrs.frozen
class Finding:
    """One finding. A note is worth knowing and may be as it should; a problem has to be solved."""

    check: str
    verdict: Verdict
    found: str
    advice: str = ""


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", found)


def note(check: str, found: str, advice: str) -> Finding:
    """Worth knowing."""
    return Finding(check, "note", found, advice)


def problem(check: str, found: str, advice: str) -> Finding:
    """This has to be solved."""
    return Finding(check, "problem", found, advice)


def skipped(check: str, reason: str) -> Finding:
    """It could not be checked."""
    return Finding(check, "skipped", f"not checked, since {reason}")
