"""The scopes that an operation needs of a token, and the refusal of a token without them."""

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
"""All scopes; where one includes another, only the wider one."""


def check_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return the scopes, all of which must be known.

    Raises:
        ValueError: A scope is unknown. The message suggests similar ones.
    """
    given = frozenset(scopes)
    for scope in sorted(given - _KNOWN):
        near = get_close_matches(scope, _KNOWN, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the scopes are {', '.join(sorted(_KNOWN))}"
        raise ValueError(f"unknown scope {scope!r}; {hint}")
    return given


def require(granted: frozenset[str], operation: Operation, request: FakeRequest, data: WorkspaceData) -> None:
    """Refuse a request for which the scopes are not sufficient. A scope to write includes the one to read.

    Raises:
        ApiProblem: 403, with the required, granted and missing scopes.
    """
    required = required_scopes(operation, request, data)
    missing = [scope for scope in required if not granted & {scope, f"{scope}-write"}]
    if missing:
        raise ApiProblem(
            403,
            "unauthorized",
            f"The access token lacks the scope {_joined(missing)}. "
            f"Required scopes: {_joined(required)}. Granted scopes: {_joined(sorted(granted))}.",
            type="auth_error",
        )


def required_scopes(operation: Operation, request: FakeRequest, data: WorkspaceData) -> tuple[str, ...]:
    """Return the scopes of an operation, which may depend on its path, query and body."""
    conditions = {f"target={request.parameters.get('target')}", f"parent={_parent(operation, request, data)}"}
    more = [
        scope
        for condition, scopes in operation.conditional_scopes
        if condition in conditions
        for scope in scopes
    ]
    return tuple(dict.fromkeys((*operation.scopes, *more)))


def _parent(operation: Operation, request: FakeRequest, data: WorkspaceData) -> str | None:
    """Return whether comments of a record or of a list entry are meant; None if that is not known."""
    if not any(condition.startswith("parent=") for condition, _ in operation.conditional_scopes):
        return None
    if operation.id == "list_threads":
        given: Mapping[str, Any] = request.query()
        return "list_entry" if "entry_id" in given else "record" if "record_id" in given else None
    if operation.id == "create_comment":
        given = _data(request)
        if "entry" in given or "record" in given:
            return "list_entry" if "entry" in given else "record"
        return _parent_of_comment(data, given.get("thread_id"))
    return _parent_of_comment(data, *request.parameters.values())


def _parent_of_comment(data: WorkspaceData, comment_id: object) -> str | None:
    """Return the parent of a comment. A thread has the id of its first comment."""
    comment = data.entities.comments.get(comment_id) if isinstance(comment_id, str) else None
    if comment is None:
        return None
    return "record" if comment.entry is None else "list_entry"


def _data(request: FakeRequest) -> Mapping[str, Any]:
    try:
        data = request.json().get("data")
    except ApiProblem:  # its handler reports it
        return {}
    return data if is_object(data) else {}


def _joined(scopes: Iterable[str]) -> str:
    return ", ".join(scopes) or "none"
