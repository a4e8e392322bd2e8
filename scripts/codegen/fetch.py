"""Read a description of the API from a file or, over HTTPS only, from an address."""

import io
import json
import urllib.request
from collections.abc import Callable
from datetime import date
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from ruamel.yaml import YAML, YAMLError

from codegen.facts import BuildError, Json

LARGEST = 64 * 1024 * 1024
SECONDS = 60.0
Opener = Callable[[str], IO[bytes]]


class SecureRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects as usual, though never away from HTTPS."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the next request; BuildError when it would not be encrypted."""
        if not newurl.startswith("https://"):
            raise BuildError(f"{req.full_url} redirects to an address that is not https://")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def open_securely(address: str) -> IO[bytes]:
    """Return the answer at an address, ready to be read."""
    request = urllib.request.Request(address, headers={"Accept": "application/json, application/yaml"})
    opener = urllib.request.build_opener(SecureRedirects)
    response: IO[bytes] = opener.open(request, timeout=SECONDS)
    return response


def read(source: str, opener: Opener = open_securely) -> Json:
    """Return the description in a file or at an https:// address.

    Raises:
        BuildError: It cannot be read, is too large, or is not an OpenAPI 3.0 or 3.1 document in JSON or YAML.
    """
    content = fetch(source, opener) if "://" in source else from_file(Path(source))
    try:
        document: Any = parsed(content)
    except (ValueError, YAMLError, RecursionError) as error:
        raise BuildError(f"{source} is neither JSON nor YAML: {error}") from None
    version = document.get("openapi") if isinstance(document, dict) else None
    if not isinstance(version, str) or not version.startswith(("3.0", "3.1")):
        raise BuildError(f"{source} is not an OpenAPI 3.0 or 3.1 document: `openapi` is {version!r}")
    description: Json = document
    return description


def parsed(content: bytes) -> Any:
    """Return the content of a JSON or YAML text, in the types of JSON."""
    try:
        return json.loads(content)
    except ValueError:
        if content.lstrip()[:1] in (b"{", b"["):
            raise  # meant as JSON, whose messages are the better ones then
        return as_json(YAML(typ="safe", pure=True).load(io.BytesIO(content)))


def as_json(value: Any) -> Any:
    """Return a YAML value as JSON has it: keys are texts (a status may be a number), and so are days and moments."""
    if isinstance(value, dict):
        return {str(key): as_json(child) for key, child in value.items()}
    if isinstance(value, list):
        return [as_json(child) for child in value]
    return value.isoformat() if isinstance(value, date) else value


def from_file(path: Path) -> bytes:
    """Return the content of a file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BuildError(f"{path} cannot be read: {error}") from None


def fetch(address: str, opener: Opener) -> bytes:
    """Return the content at an address."""
    if not address.startswith("https://"):
        raise BuildError(f"{address} is not an https:// address; give one, or a file")
    try:
        with opener(address) as answer:
            content = answer.read(LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise BuildError(f"{address} cannot be read: {error}") from None
    if len(content) > LARGEST:
        raise BuildError(f"{address} holds more than {LARGEST // 1024 // 1024} MB")
    return content
