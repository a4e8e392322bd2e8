"""Write `operations.py`: what the HTTP verb cannot tell about each operation, as one importable table."""

from typing import Any

from codegen.facts import Json, is_failure, operations_of

HEADER = '''"""What the HTTP verb cannot tell: one `Operation` per operation of the API. Made by scripts/regenerate.sh."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple


class Operation(NamedTuple):
    """One operation: its address, limits, paging, scopes and whether it may be sent twice."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    access: Literal["read", "write"]
    """Which of the two rate buckets it draws on."""
    rate: float | None
    """Requests per second of its own, on top of the bucket."""
    repeatable: bool
    """Safe to send again when the outcome of the first try is unknown."""
    paging: Literal["offset-body", "offset-query", "cursor"] | None
    default_limit: int | None
    max_limit: int | None
    min_limit: int | None
    scopes: tuple[str, ...]
    conditional_scopes: tuple[tuple[str, tuple[str, ...]], ...]
    """Scopes needed on top, as (condition, scopes)."""
    stage: Literal["stable", "beta", "alpha"]
    deprecated: bool
    hidden: bool
    """Not in the vendor's published reference."""
    multipart: bool
    statuses: tuple[int, ...]
    """The statuses of success."""
    token_levels: tuple[str, ...]
    """The levels of tokens that it accepts; empty if it accepts any."""
'''


def scopes_of(operation: Json) -> tuple[str, ...]:
    """Return the scopes always needed; alternatives are told by `x-scopes-when` instead."""
    security: list[Json] = operation.get("security", [])
    return tuple(security[0].get("oauth2", ())) if len(security) == 1 else ()


def facts_of(method: str, path: str, operation: Json) -> dict[str, Any]:
    """Return the fields of one `Operation`, in their order."""
    limit: Json = operation.get("x-limit", {})
    content: Json = operation.get("requestBody", {}).get("content", {})
    return {
        "id": operation["operationId"],
        "method": method,
        "path": path,
        "tag": operation["tags"][0],
        "summary": operation["summary"],
        "access": operation["x-access"],
        "rate": operation.get("x-rate"),
        "repeatable": operation["x-repeatable"],
        "paging": operation.get("x-paging"),
        "default_limit": limit.get("default"),
        "max_limit": limit.get("max"),
        "min_limit": limit.get("min"),
        "scopes": scopes_of(operation),
        "conditional_scopes": tuple(
            (when, tuple(s)) for when, s in operation.get("x-scopes-when", {}).items()
        ),
        "stage": operation.get("x-stage", "stable"),
        "deprecated": operation.get("deprecated", False),
        "hidden": operation.get("x-hidden", False),
        "multipart": "multipart/form-data" in content,
        "statuses": tuple(sorted(int(status) for status in operation["responses"] if not is_failure(status))),
        "token_levels": tuple(operation.get("x-token-levels", ())),
    }


def render(document: Json) -> str:
    """Return the source text of the table (before formatting)."""
    parts = [HEADER]
    names: list[str] = []
    for method, path, operation in operations_of(document):
        facts = facts_of(method, path, operation)
        names.append(facts["id"].upper())
        arguments = ", ".join(f"{key}={value!r}" for key, value in facts.items())
        parts.append(f"{names[-1]}: Final = Operation({arguments},)")
    parts.append("_ALL = (" + ", ".join(names) + ",)")
    parts.append(
        "OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType({entry.id: entry for entry in _ALL})"
    )
    parts.append('"""Every operation by its id, in the order of the API\'s areas."""')
    parts.append(f"WEBHOOK_EVENTS: Final[tuple[str, ...]] = {tuple(document['webhooks'])!r}")
    parts.append('"""Every event type a webhook can subscribe to."""')
    return "\n".join(parts) + "\n"
