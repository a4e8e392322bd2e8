"""Change a webhook's URL or subscriptions."""

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
    """Change a webhook's URL or subscriptions."""
    return {
        "method": "PATCH",
        "url": address(
            "/v2/webhooks/{webhook_id}",
            webhook_id=webhook_id,
        ),
        "json": {"data": content(body)},
    }
