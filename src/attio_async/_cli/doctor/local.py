"""The findings of checks, and the checks of this machine: Python, packages, environment. They show no secret."""

import platform
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import attrs

from ..._client import ClientSettings
from ..._version import __version__
from ...errors import ConfigurationError

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


_DISTRIBUTION = "attio-async"
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;\s*(.*))?")
_BOUND = re.compile(r"\s*(>=|<)\s*(\d+(?:\.\d+)*)")
_INSTALL = f'pip install --upgrade "{_DISTRIBUTION}[cli]"'

_DEFAULT_URL = "https://api.attio.com"
_PLACEHOLDER_TOKEN = "none"  # noqa: S105 - for options of which only the address matters
_HOW_TO_CREATE = (
    "create one in Attio (workspace settings > Developers > Access tokens), then: export ATTIO_API_KEY=..."
)
_HOW_TO_COPY = "copy the token alone: no quotes, no blanks, no word before it"
_PROXY_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})


def check_python() -> Finding:
    """Return the version of Python."""
    return ok(
        "python", f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    )


def check_packages() -> Finding:
    """Check that the required packages are installed, in suitable versions."""
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
    """Describe the packages that are missing or have an unsuitable version.

    Args:
        needed: Requirements as a distribution states them, such as "httpx<0.29,>=0.27.2".
        version_of: Returns the installed version of a distribution; None when it is not installed.
    """
    wrong: list[str] = []
    for name, bounds in map(_parts, needed):
        version = version_of(name)
        if version is None:
            wrong.append(f"{name} is missing")
        elif not all(_fits(version, sign, bound) for sign, bound in _BOUND.findall(bounds)):
            wrong.append(f"{name} is {version}, but {bounds} is required")
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


def check_token(environment: Mapping[str, str]) -> Finding:
    """Check that ATTIO_API_KEY has the form of a token."""
    given = environment.get("ATTIO_API_KEY", "")
    token = given.strip()
    if not token:
        return problem("token", "ATTIO_API_KEY is not set", _HOW_TO_CREATE)
    if token[0] in "\"'" or token[-1] in "\"'":
        return problem("token", "ATTIO_API_KEY has quotes around the token", _HOW_TO_COPY)
    if "://" in token:
        return problem("token", "ATTIO_API_KEY is an address, not a token", _HOW_TO_CREATE)
    try:
        ClientSettings(token=token, base_url=_DEFAULT_URL)
    except ConfigurationError:
        return problem("token", "ATTIO_API_KEY has characters that a token cannot have", _HOW_TO_COPY)
    if given != token:
        return note("token", "ATTIO_API_KEY is set, with blanks around it that are ignored", _HOW_TO_COPY)
    return ok("token", "ATTIO_API_KEY is set and well-formed")


def address_of(environment: Mapping[str, str]) -> str:
    """Return the address that requests go to."""
    return environment.get("ATTIO_BASE_URL") or _DEFAULT_URL


def check_address(environment: Mapping[str, str]) -> Finding:
    """Check that ATTIO_BASE_URL, if it is set, is an address that requests can go to."""
    url = address_of(environment)
    try:
        ClientSettings(token=_PLACEHOLDER_TOKEN, base_url=url)
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # a ConfigurationError is one, too
        # It is not shown: it may be a token that went into the wrong variable.
        return problem(
            "address",
            "ATTIO_BASE_URL is not a valid address",
            f"use https, or http on this machine; without ATTIO_BASE_URL it is {_DEFAULT_URL}",
        )
    if parts.path.strip("/"):
        advice = f"unless a gateway needs it, leave the path out: {parts.scheme}://{parts.netloc}"
        return note("address", f"{url}, so all paths begin with {parts.path}", advice)
    if url.rstrip("/") != _DEFAULT_URL:
        return note("address", f"{url}, which is not Attio's own", "unset ATTIO_BASE_URL to use Attio's")
    return ok("address", url)


def check_proxies(environment: Mapping[str, str], scheme: str) -> Finding:
    """Check the proxies that requests go through."""
    found = proxies_for(environment, scheme)
    if not found:
        return ok("proxy", "none")
    for name, value in found.items():
        parts = _split(value)
        if parts is None or parts.scheme not in _PROXY_SCHEMES or not parts.hostname:
            return problem(
                "proxy", f"{name} is not a valid proxy address", f"set it like {name}=http://host:port"
            )
        if parts.scheme.startswith("socks") and find_spec("socksio") is None:
            return problem(
                "proxy", f"{name} is a SOCKS proxy, which needs socksio", 'pip install "httpx[socks]"'
            )
    shown = ", ".join(f"{name}={_without_secrets(value)}" for name, value in found.items())
    excluded = environment.get("no_proxy") or environment.get("NO_PROXY") or "nothing"
    return note("proxy", f"{shown}; NO_PROXY excludes {excluded}", "name hosts to reach directly in NO_PROXY")


def proxies_for(environment: Mapping[str, str], scheme: str) -> Mapping[str, str]:
    """Return the variables that name a proxy for addresses of this scheme."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    return {name: environment[name] for name in names if environment.get(name)}


def _split(value: str) -> SplitResult | None:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        _ = parts.port
    except ValueError:
        return None
    return parts


def _without_secrets(value: str) -> str:
    """Return a proxy's address without its name and password."""
    parts = _split(value)
    return "" if parts is None else f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
