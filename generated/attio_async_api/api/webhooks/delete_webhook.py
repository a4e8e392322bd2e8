"""Delete one webhook."""

from typing import Any, Final

from ...operations import DELETE_WEBHOOK
from ...types import address

operation: Final = DELETE_WEBHOOK


def build_request(
    webhook_id: str,
) -> dict[str, Any]:
    """Delete one webhook."""
    return {
        "method": "DELETE",
        "url": address(
            "/v2/webhooks/{webhook_id}",
            webhook_id=webhook_id,
        ),
    }
