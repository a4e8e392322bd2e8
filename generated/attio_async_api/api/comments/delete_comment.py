"""Delete a comment; deleting the first of a thread also deletes its replies."""

from typing import Any, Final

from ...operations import DELETE_COMMENT
from ...types import address

operation: Final = DELETE_COMMENT


def build_request(
    comment_id: str,
) -> dict[str, Any]:
    """Delete a comment; deleting the first of a thread also deletes its replies."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/comments/{comment_id}",
            comment_id=comment_id,
        ),
    }
