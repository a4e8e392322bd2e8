"""Read one comment."""

from typing import Any

from ...types import address


def build_request(
    comment_id: str,
) -> dict[str, Any]:
    """Read one comment."""
    return {
        "method": "GET",
        "url": address(
            "/v2/comments/{comment_id}",
            comment_id=comment_id,
        ),
    }
