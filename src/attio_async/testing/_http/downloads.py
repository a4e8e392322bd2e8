"""The contents of files: at signed addresses that expire, and take no token."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, urlencode

from .._errors import ApiProblem
from .._workspace.entities import FakeFile
from .._workspace.workspace import Workspace

LIFETIME_S = 300

_DEFAULT_HOST = "api.attio.test"
_PATH = re.compile("/downloads/([0-9a-f-]{36})")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


def address(workspace: Workspace, file: FakeFile, host: str | None, now: float) -> str:
    """Return the address of a file's content, until `LIFETIME_S` have passed.

    A served fake answers there itself. Otherwise the address has another host, as it has with Attio.

    Args:
        workspace: The workspace.
        file: The file.
        host: The host that the request was sent to.
        now: The Unix time.
    """
    name = host or _DEFAULT_HOST
    is_served = _LOOPBACK.fullmatch(name) is not None
    origin = f"http://{name}" if is_served else f"https://files.{name.removeprefix('api.')}"
    expires = int(now) + LIFETIME_S
    query = urlencode({"expires": expires, "signature": _signature(workspace, file.id, str(expires))})
    return f"{origin}/downloads/{file.id}?{query}"


def fetched(
    workspace: Workspace, method: str, target: str, headers: Mapping[str, str], now: float
) -> FakeFile | None:
    """Return the file that a request fetches the content of; None if it fetches none.

    Raises:
        ApiProblem: The address has expired or is not signed, or the request has a token.
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
        raise ApiProblem(403, "unauthorized", "The address is invalid or has expired.", type="auth_error")
    file = workspace.data.entities.files.get(match[1])
    if file is None:
        raise ApiProblem(404, "not_found", "The file has been deleted.")
    return file


def headers_of(file: FakeFile) -> Mapping[str, str]:
    """Return the headers that the content of a file is sent with."""
    name = quote(file.name or "file")
    return {
        "Content-Type": file.content_type or "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
    }


def _signature(workspace: Workspace, file_id: str, expires: str) -> str:
    key = f"downloads of {workspace.data.id}".encode()
    return hmac.new(key, f"{file_id}/{expires}".encode(), hashlib.sha256).hexdigest()
