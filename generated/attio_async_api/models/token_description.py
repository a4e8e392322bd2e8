"""An answer of get_self."""

from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from ..json_data import JsonData


@frozen(kw_only=True)
class TokenDescription(JsonData):
    """An answer of get_self. `raw` is all of it, as the API sent it."""

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
    raw: Mapping[str, Any] = field(factory=dict[str, Any], repr=False, eq=False)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read decoded JSON, and never fail: what is missing or not as expected is None, or an empty list."""
        return cls(
            active=source.get("active"),
            scope=source.get("scope"),
            client_id=source.get("client_id"),
            token_type=source.get("token_type"),
            exp=source.get("exp"),
            iat=source.get("iat"),
            sub=source.get("sub"),
            aud=source.get("aud"),
            iss=source.get("iss"),
            authorized_by_workspace_member_id=source.get("authorized_by_workspace_member_id"),
            workspace_id=source.get("workspace_id"),
            workspace_name=source.get("workspace_name"),
            workspace_slug=source.get("workspace_slug"),
            workspace_logo_url=source.get("workspace_logo_url"),
            token_level=source.get("token_level"),
            raw=source,
        )
