"""The identity of an access token."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from attio_async_api.api.meta import get_self
from attio_async_api.models.token_description import TokenDescription
from attio_async_api.operations import GET_SELF

from .._utils.public import public
from ..errors import ErrorResponse, TokenInactive
from .session import Session, build


@public
class Identity(TokenDescription):
    """The workspace and app that an access token belongs to, and its scopes; `raw` has the whole response.

    `authorized_by_workspace_member_id` is None if the API does not say who authorised the token.
    """

    __slots__ = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The token's scopes, such as "record_permission:read-write"."""
        return tuple(self.scope.split()) if isinstance(self.scope, str) else ()


async def identify(session: Session) -> Identity:
    """Return the identity of the session's token.

    Raises:
        TokenInactive: The token was revoked. The API answers such a token with status 200:
            https://docs.attio.com/rest-api/endpoint-reference/meta/identify
    """
    request = build(get_self)
    raw = await session.call(GET_SELF, request, _decode)
    if raw.get("active") is False:
        raise TokenInactive(
            "the access token is not active",
            status=200,
            method=request.method,
            path=request.path,
            response=ErrorResponse(200, {}, b""),
        )
    return Identity.from_dict(raw)


def _decode(body: bytes) -> Mapping[str, Any]:
    decoded = msgspec.json.decode(body)
    if not isinstance(decoded, dict):
        raise TypeError("it is not an object")
    return cast("dict[str, Any]", decoded)
