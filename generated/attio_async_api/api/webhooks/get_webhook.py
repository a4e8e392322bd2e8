"""Return one webhook."""

from typing import Any, Final

from ...operations import GET_WEBHOOK
from ...types import address

operation: Final = GET_WEBHOOK


def build_request(
    webhook_id: str,
) -> dict[str, Any]:
    """Return one webhook."""
    return {
        "method": "GET",
        "url": address(
            "/v2/webhooks/{webhook_id}",
            webhook_id=webhook_id,
        ),
    }
