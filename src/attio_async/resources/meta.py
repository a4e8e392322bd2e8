"""Who the token is."""

from collections.abc import Mapping
from typing import Any, cast

import attrs
import msgspec

from attio_async_api.api.meta import get_self
from attio_async_api.operations import GET_SELF

from .._core.message import Request
from ..errors import ErrorResponse, TokenInactive
from ._base import Wire

__all__ = ["Identity", "identify"]


@attrs.frozen
class Identity:
    """Which workspace and app an access token belongs to, and what it may do.

    Attributes:
        workspace_id, workspace_name, workspace_slug: The workspace.
        scopes: What the token may do, such as "record_permission:read-write".
        client_id: The app that the token was issued to.
        authorized_by: The id of the workspace member who issued it; None when not said.
        raw: The answer as the API sent it.
    """

    workspace_id: str
    workspace_name: str
    workspace_slug: str
    scopes: tuple[str, ...]
    client_id: str | None
    authorized_by: str | None
    raw: Mapping[str, Any] = attrs.field(repr=False, eq=False)

    @property
    def active(self) -> bool:
        """True: a dead token raises instead."""
        return self.raw.get("active") is not False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Identity":
        """From the API's answer; missing and unknown parts are fine."""
        scope = raw.get("scope")
        return cls(
            workspace_id=str(raw.get("workspace_id") or ""),
            workspace_name=str(raw.get("workspace_name") or ""),
            workspace_slug=str(raw.get("workspace_slug") or ""),
            scopes=tuple(scope.split()) if isinstance(scope, str) else (),
            client_id=raw.get("client_id"),
            authorized_by=raw.get("authorized_by_workspace_member_id"),
            raw=raw,
        )


async def identify(wire: Wire) -> Identity:
    """The identity behind the token.

    Raises:
        TokenInactive: The token was revoked; the API says so with status 200.
    """
    request = Request.built(get_self.build_request())
    raw = await wire.call(GET_SELF, request, _decoded)
    if raw.get("active") is False:
        raise TokenInactive(
            "the access token is not active",
            status=200,
            method=request.method,
            path=request.path,
            response=ErrorResponse(200, {}, b""),
        )
    return Identity.parse(raw)


def _decoded(body: bytes) -> Mapping[str, Any]:
    decoded = msgspec.json.decode(body)
    if not isinstance(decoded, dict):
        raise TypeError("not an object")
    return cast("dict[str, Any]", decoded)
