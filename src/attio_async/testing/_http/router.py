"""From method and path to the operation of the API, by the table of all operations."""

import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from attio_async_api.operations import OPERATIONS, Operation

_VALUES = {"target": frozenset({"objects", "lists"})}
"""Parameters that stand for a fixed set of words."""


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


def match(method: str, path: str) -> Route | None:
    """The operation that a request is for, or None; literal path parts win over parameters.

    Args:
        method: In capital letters.
        path: Still percent-encoded, without query.
    """
    parts = path.strip("/").split("/")
    found = _find(_tree(), method, parts, ())
    if found is None:
        return None
    (operation, names), values = found
    return Route(operation, dict(zip(names, values, strict=True)))


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
            and value in _VALUES.get(name, (value,))
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
