"""Read one webhook."""

from typing import Any

from ...types import address


def build_request(
    webhook_id: str,
) -> dict[str, Any]:
    """Read one webhook."""
    return {
        "method": "GET",
        "url": address(
            "/v2/webhooks/{webhook_id}",
            webhook_id=webhook_id,
        ),
    }
