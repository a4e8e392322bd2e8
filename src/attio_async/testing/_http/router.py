"""Find the operation of a request by its method and path."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import unquote

from attio_async_api.operations import OPERATIONS, Operation

OAUTH_OPERATIONS: Final[Mapping[str, str]] = {
    "/authorize": "oauth_authorize",
    "/oauth/token": "oauth_token",
    "/oauth/introspect": "oauth_introspect",
}
"""The operation ids of the OAuth endpoints, which the description of the API does not contain."""

_KNOWN = frozenset((*OPERATIONS, *OAUTH_OPERATIONS.values()))
_FIXED_VALUES = {"target": frozenset({"objects", "lists"})}
"""The values of path parameters that have only some."""


class Route(NamedTuple):
    """An operation and the values of its path parameters."""

    operation: Operation
    parameters: Mapping[str, str]


class _Node:
    __slots__ = ("literals", "operations", "parameters")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameters: dict[str, _Node] = {}
        self.operations: dict[str, tuple[Operation, tuple[str, ...]]] = {}


@functools.lru_cache(maxsize=256)
def match(method: str, path: str) -> Route | None:
    """Return the operation that a request is for; None if it is for none. Literals win over parameters.

    Args:
        method: The HTTP method, in capital letters.
        path: The path without the query, percent-encoded.
    """
    parts = path.strip("/").split("/")
    found = _find(_tree(), method, parts, ())
    if found is None:
        return None
    (operation, names), values = found
    return Route(operation, MappingProxyType(dict(zip(names, values, strict=True))))


def check_operations(operation_ids: Iterable[str]) -> None:
    """Refuse unknown operations.

    Raises:
        ValueError: An id is unknown. The message suggests similar ones.
    """
    for operation_id in operation_ids:
        if operation_id not in _KNOWN:
            near = get_close_matches(operation_id, sorted(_KNOWN), n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "see attio_async_api.operations"
            raise ValueError(f"unknown operation {operation_id!r}; {hint}")


def _find(
    node: _Node, method: str, parts: Sequence[str], values: tuple[str, ...]
) -> tuple[tuple[Operation, tuple[str, ...]], tuple[str, ...]] | None:
    if not parts:
        operation = node.operations.get(method)
        return None if operation is None else (operation, values)
    literal = node.literals.get(parts[0])
    if literal is not None and (found := _find(literal, method, parts[1:], values)):
        return found
    value = unquote(parts[0])
    for name, child in node.parameters.items():
        if (
            value
            and value in _FIXED_VALUES.get(name, (value,))
            and (found := _find(child, method, parts[1:], (*values, value)))
        ):
            return found
    return None


@functools.cache
def _tree() -> _Node:
    root = _Node()
    for operation in OPERATIONS.values():
        node, names = root, list[str]()
        for part in operation.path.strip("/").split("/"):
            if part.startswith("{"):
                names.append(part[1:-1])
                node = node.parameters.setdefault(part[1:-1], _Node())
            else:
                node = node.literals.setdefault(part, _Node())
        node.operations[operation.method] = (operation, tuple(names))
    return root
