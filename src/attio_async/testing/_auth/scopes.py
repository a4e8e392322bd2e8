"""Which scopes an operation needs of a token, and the refusal of a token that lacks one."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from attio_async_api.operations import OPERATIONS, Operation

from .._errors import ApiProblem
from .._json_types import is_object
from .._request.request import FakeRequest
from .._workspace.workspace import WorkspaceData


def _of_operations() -> frozenset[str]:
    scopes: set[str] = set()
    for operation in OPERATIONS.values():
        scopes.update(operation.scopes, *(more for _, more in operation.conditional_scopes))
    return frozenset(scopes)


_KNOWN: Final = frozenset(
    {scope for known in _of_operations() for scope in (known, known.replace(":read-write", ":read"))}
)

ALL: Final = frozenset(scope for scope in _KNOWN if f"{scope}-write" not in _KNOWN)
"""Every scope there is, the wider one where there are two."""


def check_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes, all of which exist.

    Raises:
        ValueError: One does not; names what is near.
    """
    given = frozenset(scopes)
    for scope in sorted(given - _KNOWN):
        near = get_close_matches(scope, _KNOWN, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(sorted(_KNOWN))}"
        raise ValueError(f"there is no scope {scope!r}; {hint}")
    return given


def require(granted: frozenset[str], operation: Operation, request: FakeRequest, data: WorkspaceData) -> None:
    """Refuse a request for which these scopes are not enough; the right to write includes that to read.

    Raises:
        ApiProblem: 403, with what is needed, granted and missing.
    """
    wanted = needed(operation, request, data)
    missing = [scope for scope in wanted if not granted & {scope, f"{scope}-write"}]
    if missing:
        raise ApiProblem(
            403,
            "unauthorized",
            f"The access token lacks the scope {_listed(missing)}. "
            f"Required scopes: {_listed(wanted)}. Granted scopes: {_listed(sorted(granted))}.",
            type="auth_error",
        )


def needed(operation: Operation, request: FakeRequest, data: WorkspaceData) -> tuple[str, ...]:
    """What an operation needs for what its path, query and body are about."""
    holding = {f"target={request.parameters.get('target')}", f"parent={_parent(operation, request, data)}"}
    more = [
        scope
        for condition, scopes in operation.conditional_scopes
        if condition in holding
        for scope in scopes
    ]
    return tuple(dict.fromkeys((*operation.scopes, *more)))


def _parent(operation: Operation, request: FakeRequest, data: WorkspaceData) -> str | None:
    """Whether comments of a record or of a list entry are asked for; None where that cannot be told."""
    if not any(condition.startswith("parent=") for condition, _ in operation.conditional_scopes):
        return None
    if operation.id == "list_threads":
        given: Mapping[str, Any] = request.query_values()
        return "list_entry" if "entry_id" in given else "record" if "record_id" in given else None
    if operation.id == "create_comment":
        given = _data(request)
        if "entry" in given or "record" in given:
            return "list_entry" if "entry" in given else "record"
        return _parent_of_comment(data, given.get("thread_id"))
    return _parent_of_comment(data, *request.parameters.values())


def _parent_of_comment(data: WorkspaceData, comment_id: object) -> str | None:
    """A thread goes by the id of its first comment."""
    comment = data.things.comments.get(comment_id) if isinstance(comment_id, str) else None
    if comment is None:
        return None
    return "record" if comment.entry is None else "list_entry"


def _data(request: FakeRequest) -> Mapping[str, Any]:
    try:
        data = request.json().get("data")
    except ApiProblem:  # which its handler says
        return {}
    return data if is_object(data) else {}


def _listed(scopes: Iterable[str]) -> str:
    return ", ".join(scopes) or "none"
