"""Put e-mail addresses on the list that sequences never write to."""

from collections.abc import Mapping
from typing import Any

from ...models.unsubscribe_emails import UnsubscribeEmails
from ...types import content


def build_request(
    *,
    body: UnsubscribeEmails | Mapping[str, Any],
) -> dict[str, Any]:
    """Put e-mail addresses on the list that sequences never write to."""
    return {
        "method": "POST",
        "url": "/v2/sequences/unsubscribed_emails",
        "json": {"data": content(body)},
    }
