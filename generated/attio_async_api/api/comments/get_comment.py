"""Return one comment."""

from typing import Any, Final

from ...operations import GET_COMMENT
from ...types import address

operation: Final = GET_COMMENT


def build_request(
    comment_id: str,
) -> dict[str, Any]:
    """Return one comment."""
    return {
        "method": "GET",
        "url": address(
            "/v2/comments/{comment_id}",
            comment_id=comment_id,
        ),
    }
