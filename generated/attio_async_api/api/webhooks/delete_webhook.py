"""Delete one webhook."""

from typing import Any

from ...types import address


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
