"""Where the content of files is fetched from: addresses that hold for a while, and want no token."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlencode

from .._errors import ApiProblem
from .._workspace.entities import FakeFile
from .._workspace.workspace import Workspace

LIFETIME = 300
"""Seconds that an address holds."""

_DEFAULT_HOST = "api.attio.test"
_PATH = re.compile("/downloads/([0-9a-f-]{36})")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


def address(workspace: Workspace, file: FakeFile, host: str | None, now: float) -> str:
    """Where to fetch a file, until `LIFETIME` is over.

    On this machine it is the fake itself; else another host, as it is with Attio.

    Args:
        workspace: Whose file it is.
        file: Which one.
        host: Which host was asked.
        now: Unix time.
    """
    name = host or _DEFAULT_HOST
    is_near = _LOOPBACK.fullmatch(name) is not None
    origin = f"http://{name}" if is_near else f"https://files.{name.removeprefix('api.')}"
    expires = int(now) + LIFETIME
    query = urlencode({"expires": expires, "signature": _signature(workspace, file.id, str(expires))})
    return f"{origin}/downloads/{file.id}?{query}"


def fetched(
    workspace: Workspace, method: str, target: str, headers: Mapping[str, str], now: float
) -> FakeFile | None:
    """The file whose content is asked for; None where it is not about a file's content at all.

    Raises:
        ApiProblem: The address does not hold, or the request brought a token along.
    """
    path, _, query = target.partition("?")
    match = _PATH.fullmatch(path)
    if match is None or method != "GET":
        return None
    if "authorization" in headers:
        raise ApiProblem(400, "validation_type", "Only one way of authorization is allowed, not two.")
    given = {name: values[-1] for name, values in parse_qs(query).items()}
    expires, signature = given.get("expires", ""), given.get("signature", "")
    expected = _signature(workspace, match[1], expires)
    is_signed = hmac.compare_digest(expected.encode(), signature.encode())
    if not is_signed or not expires.isdecimal() or int(expires) < now:
        raise ApiProblem(
            403, "unauthorized", "The address has expired, or is none of ours.", type="auth_error"
        )
    file = workspace.data.things.files.get(match[1])
    if file is None:
        raise ApiProblem(404, "not_found", "There is no such file any more.")
    return file


def headers_of(file: FakeFile) -> Mapping[str, str]:
    """What the content of a file is sent with."""
    name = quote(file.name or "file")
    return {
        "Content-Type": file.content_type or "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
    }


def _signature(workspace: Workspace, file_id: str, expires: str) -> str:
    key = f"downloads of {workspace.data.id}".encode()
    return hmac.new(key, f"{file_id}/{expires}".encode(), hashlib.sha256).hexdigest()
