"""Update the URL or subscriptions of a webhook."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.update_webhook import UpdateWebhook
from ...operations import UPDATE_WEBHOOK
from ...types import address, content

operation: Final = UPDATE_WEBHOOK


def build_request(
    webhook_id: str,
    *,
    body: UpdateWebhook | Mapping[str, Any],
) -> dict[str, Any]:
    """Update the URL or subscriptions of a webhook."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/webhooks/{webhook_id}",
            webhook_id=webhook_id,
        ),
        "json": {"data": content(body)},
    }
