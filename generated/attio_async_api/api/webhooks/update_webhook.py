"""Change a webhook's URL or subscriptions."""

from collections.abc import Mapping
from typing import Any

from ...models.update_webhook import UpdateWebhook
from ...types import address, content


def build_request(
    webhook_id: str,
    *,
    body: UpdateWebhook | Mapping[str, Any],
) -> dict[str, Any]:
    """Change a webhook's URL or subscriptions."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/webhooks/{webhook_id}",
            webhook_id=webhook_id,
        ),
        "json": {"data": content(body)},
    }
