"""Describe the token: its workspace, app and scopes, or that it is inactive."""

from typing import Any, Final

from ...operations import GET_SELF

operation: Final = GET_SELF


def build_request() -> dict[str, Any]:
    """Describe the token: its workspace, app and scopes, or that it is inactive."""
    return {
        "method": "GET",
        "url": "/v2/self",
    }
