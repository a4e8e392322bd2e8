"""Which token a request carries, and what `GET /v2/self` says about it."""

import functools
from collections.abc import Mapping
from typing import Any

from attio_async_api.operations import OPERATIONS

from .problems import ApiProblem
from .state import Workspace


def bearer_token(headers: Mapping[str, str]) -> str:
    """The access token of a request.

    Args:
        headers: With names in lower case.

    Raises:
        ApiProblem: There is no `Authorization: Bearer` header.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthorized("The request has no access token.")
    return token.strip()


def unauthorized(message: str) -> ApiProblem:
    """401: the token is missing, unknown or dead."""
    return ApiProblem(401, "unauthorized", message, type="auth_error")


def self_view(workspace: Workspace, issued_at: int) -> dict[str, Any]:
    """What the API says about a token that is alive, with every scope there is."""
    data = workspace.data
    return {
        "active": True,
        "scope": _all_scopes(),
        "client_id": data.token_id,
        "token_type": "Bearer",
        "exp": None,
        "iat": issued_at,
        "sub": data.id,
        "aud": data.token_id,
        "iss": "attio.com",
        "authorized_by_workspace_member_id": data.members[0].id,
        "workspace_id": data.id,
        "workspace_name": data.name,
        "workspace_slug": data.slug,
        "workspace_logo_url": None,
        "token_level": "workspace",
    }


@functools.cache
def _all_scopes() -> str:
    """Every scope the operations need, the wider one where there are two."""
    scopes: set[str] = set()
    for operation in OPERATIONS.values():
        scopes.update(operation.scopes, *(more for _, more in operation.conditional_scopes))
    return " ".join(sorted(scope for scope in scopes if f"{scope}-write" not in scopes))
