"""The access tokens of a workspace, the scopes that operations need of them, and their description by `GET /v2/self`."""

import base64
import uuid
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, Literal

import attrs

from attio_async_api.operations import OPERATIONS, Operation

from .._errors import ApiProblem, forbidden
from .._json_types import is_object
from .._request import FakeRequest
from .._workspace.workspace import WorkspaceData

ActorType = Literal["api-token", "app", "workspace-member"]

_TOKEN_CHARACTERS = 64
_NAMESPACE = uuid.UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")


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


def require_level(token: "Token", operation: Operation) -> None:
    """Refuse the token of a member for an operation on the whole workspace.

    Raises:
        ApiProblem: 403, the operation takes other tokens.
    """
    if operation.token_levels and token.level not in operation.token_levels:
        raise forbidden(f"The operation needs an access token at the {operation.token_levels[0]} level.")


def require_scopes(
    granted: frozenset[str], operation: Operation, request: FakeRequest, data: WorkspaceData
) -> None:
    """Refuse a request for which the scopes are not sufficient. A scope to write includes the one to read.

    Raises:
        ApiProblem: 403, with the required, granted and missing scopes.
    """
    required = required_scopes(operation, request, data)
    missing = [scope for scope in required if not granted & {scope, f"{scope}-write"}]
    if missing:
        raise forbidden(
            f"The access token lacks the scope {_joined(missing)}. "
            f"Required scopes: {_joined(required)}. Granted scopes: {_joined(sorted(granted))}."
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


@attrs.frozen(kw_only=True)
class Token:
    """The scopes and the actor of an access token.

    Attributes:
        scopes: What it may do; None for everything.
        issued_at: Unix time.
        client_id: The id of the token, or of the app it was issued to; None for the workspace's own token.
        member_id: The workspace member who authorized it; None for the first one.
        actor_type: The actor of what it writes: `api-token`, `app`, or `workspace-member` for the token of a member.
    """

    scopes: frozenset[str] | None
    issued_at: float
    client_id: str | None = None
    member_id: str | None = None
    actor_type: ActorType = "api-token"

    @property
    def level(self) -> str:
        """The level: `user` for the token of a member, which acts as that member alone, otherwise `workspace`."""
        return "user" if self.actor_type == "workspace-member" else "workspace"

    def actor(self, data: WorkspaceData) -> dict[str, str]:
        """Return the actor of what the token writes."""
        if self.member_id is not None and self.level == "user":
            return {"type": self.actor_type, "id": self.member_id}
        return {"type": self.actor_type, "id": self.client_id or data.token_id}


class Tokens:
    """The tokens that are accepted."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._revoked: set[str] = set()
        self._added = 0

    def __repr__(self) -> str:
        return f"Tokens({len(self._tokens)})"

    def add(
        self,
        text: str,
        scopes: Iterable[str] | None,
        *,
        issued_at: float,
        client_id: str | None = None,
        member_id: str | None = None,
        actor_type: ActorType = "api-token",
    ) -> None:
        """Accept a token from now on. One that is already accepted gets the new scopes.

        Args:
            text: The token itself.
            scopes: What it may do; None for everything.
            issued_at: Unix time.
            client_id: The id of the app it was issued to. Default: an id of its own.
            member_id: The workspace member who authorized it. Default: the first one.
            actor_type: The actor of what it writes.

        Raises:
            ValueError: The token is empty or contains whitespace, or a scope is unknown.
        """
        if not text or any(character.isspace() for character in text):
            raise ValueError("an access token must not be empty or contain whitespace")
        granted = None if scopes is None else check_scopes(scopes)
        before = self._tokens.get(text)
        if client_id is None and before is not None:
            client_id = before.client_id
        elif client_id is None and self._added:
            client_id = str(uuid.uuid5(_NAMESPACE, str(self._added)))
        self._added += 1
        self._revoked.discard(text)
        self._tokens[text] = Token(
            scopes=granted,
            issued_at=issued_at,
            client_id=client_id,
            member_id=member_id,
            actor_type=actor_type,
        )

    def find(self, text: str) -> Token | None:
        """Return the scopes and the actor of a token; None if it is unknown or revoked."""
        return self._tokens.get(text)

    def revoke(self, text: str) -> None:
        """Accept a token no longer. Unknown tokens are ignored."""
        if self._tokens.pop(text, None) is not None:
            self._revoked.add(text)

    def refusal(self, text: str) -> ApiProblem:
        """401: the token is unknown or revoked."""
        if text in self._revoked:
            return unauthorized("The access token is not active: it was revoked.")
        if len(text) != _TOKEN_CHARACTERS:
            return unauthorized(
                f"The access token is not valid: its length is {len(text)} characters, not {_TOKEN_CHARACTERS}."
            )
        return unauthorized("The access token is not valid.")


def token_of(headers: Mapping[str, str]) -> str:
    """Return the access token of a request: a bearer token, or a user name with an empty password.

    Args:
        headers: The headers, with names in lower case.

    Raises:
        ApiProblem: The request has no access token.
    """
    scheme, _, given = headers.get("authorization", "").partition(" ")
    token = given.strip()
    if scheme.lower() == "basic":
        token, _, password = _decoded(token).partition(":")
        if password:
            raise unauthorized("The password has to be empty: the user name is the access token.")
    elif scheme.lower() != "bearer":
        token = ""
    if not token:
        raise unauthorized("The request has no access token.")
    return token


def _decoded(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode()
    except ValueError:
        return ""


def unauthorized(message: str) -> ApiProblem:
    """401: the token is missing, unknown or revoked."""
    return ApiProblem(401, "unauthorized", message, type="auth_error")


def self_view(data: WorkspaceData, token: Token | None) -> dict[str, Any]:
    """Return what the API says about a token. An unknown or revoked one is only inactive."""
    if token is None:
        return {"active": False}
    client_id = token.client_id or data.token_id
    return {
        "active": True,
        "scope": " ".join(sorted(ALL if token.scopes is None else token.scopes)),
        "client_id": client_id,
        "token_type": "Bearer",
        "exp": None,
        "iat": int(token.issued_at),
        "sub": data.id,
        "aud": client_id,
        "iss": "attio.com",
        "authorized_by_workspace_member_id": token.member_id or data.members[0].id,
        "workspace_id": data.id,
        "workspace_name": data.name,
        "workspace_slug": data.slug,
        "workspace_logo_url": None,
        "token_level": token.level,
    }
