"""Subscribe a URL to events; the only answer that holds the secret."""

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
    """Subscribe a URL to events; the only answer that holds the secret."""
    return {
        "method": "POST",
        "url": "/v2/webhooks",
        "json": {"data": content(body)},
    }
