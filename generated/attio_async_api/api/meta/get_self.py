"""Tell which workspace, app and scopes the token stands for, or that the token is dead."""

from typing import Any, Final

from ...operations import GET_SELF

operation: Final = GET_SELF


def build_request() -> dict[str, Any]:
    """Tell which workspace, app and scopes the token stands for, or that the token is dead."""
    return {
        "method": "GET",
        "url": "/v2/self",
    }
