"""Unsubscribe e-mail addresses from all sequences."""

from collections.abc import Mapping
from typing import Any, Final

from ...models.unsubscribe_emails import UnsubscribeEmails
from ...operations import UNSUBSCRIBE_EMAILS
from ...types import content

operation: Final = UNSUBSCRIBE_EMAILS


def build_request(
    *,
    body: UnsubscribeEmails | Mapping[str, Any],
) -> dict[str, Any]:
    """Unsubscribe e-mail addresses from all sequences."""
    return {
        "method": "POST",
        "url": "/v2/sequences/unsubscribed_emails",
        "json": {"data": content(body)},
    }
