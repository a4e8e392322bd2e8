"""Any request by method and path, for what has no method of its own yet."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from attio_async_api.operations import GET_SELF, OPERATIONS, Operation

from .._core.message import Request
from ..errors import ConfigurationError
from ._base import Wire

__all__ = ["operation_for", "request"]

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


async def request(
    wire: Wire, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
) -> Any:
    """The decoded answer; None when it has no body."""
    verb = method.upper()
    if verb not in _METHODS:
        raise ConfigurationError(f"{method!r} is no method of this API; there is {', '.join(_METHODS)}")
    if not path.startswith("/") or path.startswith("//"):
        raise ConfigurationError(f"the path starts with one slash, such as '/v2/self', not {path!r}")
    built = Request(method=verb, path=path, json=json, params=params or {})
    return await wire.call(operation_for(verb, path), built, _decoded)


def operation_for(method: str, path: str) -> Operation:
    """The known operation at that address, or a cautious stand-in for one that is newer than this package."""
    for pattern, operation in _patterns(method):
        if pattern.fullmatch(path):
            return operation
    return GET_SELF._replace(
        id=f"{method} {path}",
        method=method,
        path=path,
        access="read" if method == "GET" else "write",
        repeatable=method in {"GET", "PUT", "DELETE"},
    )


@functools.cache
def _patterns(method: str) -> list[tuple[re.Pattern[str], Operation]]:
    """Path patterns of one method, those with fewer placeholders first: `/records/search` is no record."""
    operations = [operation for operation in OPERATIONS.values() if operation.method == method]
    operations.sort(key=lambda operation: operation.path.count("{"))
    return [(re.compile(re.sub(r"\\?\{\w+\\?\}", "[^/?]+", re.escape(o.path))), o) for o in operations]


def _decoded(body: bytes) -> Any:
    return msgspec.json.decode(body) if body else None
