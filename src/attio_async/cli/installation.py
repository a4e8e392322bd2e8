"""Checks of what is installed: Python, this package, and what it needs."""

import platform
import re
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata

from .._version import __version__
from .findings import Finding, note, ok, problem

__all__ = ["check_packages", "check_python", "misfits"]

_DISTRIBUTION = "attio-async"
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;\s*(.*))?")
_BOUND = re.compile(r"\s*(>=|<)\s*(\d+(?:\.\d+)*)")
_INSTALL = f'pip install --upgrade "{_DISTRIBUTION}[cli]"'


def check_python() -> Finding:
    """Which Python this is; an older one than is needed could not have started."""
    return ok(
        "python", f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    )


def check_packages() -> Finding:
    """Whether what is needed is there, in versions that fit."""
    try:
        needed = metadata.requires(_DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return note("packages", f"{_DISTRIBUTION} {__version__} runs without being installed", _INSTALL)
    wanted = [text for text in needed if "extra ==" not in text or "extra == 'cli'" in text]
    versions = {name: _version(name) for name, _ in map(_parts, wanted)}
    wrong = misfits(wanted, versions.get)
    if wrong:
        return problem("packages", "; ".join(wrong), _INSTALL)
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return ok("packages", f"{_DISTRIBUTION} {__version__}, with {listed}")


def misfits(needed: Iterable[str], version_of: Callable[[str], str | None]) -> Sequence[str]:
    """What is missing, or of a version that does not fit, in words.

    Args:
        needed: Requirements as a distribution states them, such as "httpx<0.29,>=0.27.2".
        version_of: The installed version of a distribution; None when it is not installed.
    """
    wrong: list[str] = []
    for name, bounds in map(_parts, needed):
        version = version_of(name)
        if version is None:
            wrong.append(f"{name} is missing")
        elif not all(_fits(version, sign, bound) for sign, bound in _BOUND.findall(bounds)):
            wrong.append(f"{name} is {version}, and {bounds} is needed")
    return wrong


def _parts(requirement: str) -> tuple[str, str]:
    found = _REQUIREMENT.match(requirement)
    return (found[1], found[2].strip()) if found else (requirement, "")


def _fits(version: str, sign: str, bound: str) -> bool:
    has, asked = _numbers(version), _numbers(bound)
    return has >= asked if sign == ">=" else has < asked


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, found[0].split("."))) if found else ()


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
