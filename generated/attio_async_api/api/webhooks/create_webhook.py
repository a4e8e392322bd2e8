"""Subscribe a URL to events; the only answer that holds the secret."""

from collections.abc import Mapping
from typing import Any

from ...models.create_webhook import CreateWebhook
from ...types import content


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
