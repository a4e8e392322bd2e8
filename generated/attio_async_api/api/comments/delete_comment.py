"""Delete a comment; deleting the first of a thread deletes the replies too."""

from typing import Any

from ...types import address


def build_request(
    comment_id: str,
) -> dict[str, Any]:
    """Delete a comment; deleting the first of a thread deletes the replies too."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/comments/{comment_id}",
            comment_id=comment_id,
        ),
    }
