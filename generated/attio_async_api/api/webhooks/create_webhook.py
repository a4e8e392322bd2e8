"""Create a webhook; only this response has its secret."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.create_webhook import CreateWebhook
from ...operations import CREATE_WEBHOOK
from ...types import content

operation: Final = CREATE_WEBHOOK


def build_request(
    *,
    body: CreateWebhook | Mapping[str, Any],
) -> dict[str, Any]:
    """Create a webhook; only this response has its secret."""
    return {
        "method": "POST",
        "url": "/v2/webhooks",
        "json": {"data": content(body)},
    }
