"""An answer of get_self."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen


@frozen(kw_only=True)
class Identity:
    """An answer of get_self. What it holds beside these fields is in `additional_properties`."""

    active: bool
    scope: str | None
    client_id: str | None
    token_type: str | None
    exp: float | None
    iat: float | None
    sub: str | None
    aud: str | None
    iss: str | None
    authorized_by_workspace_member_id: str | None
    workspace_id: str | None
    workspace_name: str | None
    workspace_slug: str | None
    workspace_logo_url: None | str
    token_level: str | None
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing is None, what is not as expected stays unread."""
        rest = dict(source)
        return cls(
            active=rest.pop("active", None),
            scope=rest.pop("scope", None),
            client_id=rest.pop("client_id", None),
            token_type=rest.pop("token_type", None),
            exp=rest.pop("exp", None),
            iat=rest.pop("iat", None),
            sub=rest.pop("sub", None),
            aud=rest.pop("aud", None),
            iss=rest.pop("iss", None),
            authorized_by_workspace_member_id=rest.pop("authorized_by_workspace_member_id", None),
            workspace_id=rest.pop("workspace_id", None),
            workspace_name=rest.pop("workspace_name", None),
            workspace_slug=rest.pop("workspace_slug", None),
            workspace_logo_url=rest.pop("workspace_logo_url", None),
            token_level=rest.pop("token_level", None),
            additional_properties=rest,
        )
