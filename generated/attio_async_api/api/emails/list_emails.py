"""List e-mails that involve given records, addresses or a domain."""

from typing import Any, Final

from ...operations import LIST_EMAILS
from ...types import query

operation: Final = LIST_EMAILS


def build_request(
    *,
    limit: int | None = None,
    cursor: str | None = None,
    linked_object: str | None = None,
    linked_record_ids: str | None = None,
    participants: str | None = None,
    domain: str | None = None,
    sent_after: str | None = None,
    sent_before: str | None = None,
    exclude_automated_participants: bool | None = None,
) -> dict[str, Any]:
    """List e-mails that involve given records, addresses or a domain."""
    return {
        "method": "GET",
        "url": "/v2/emails",
        "params": query(
            {
                "limit": limit,
                "cursor": cursor,
                "linked_object": linked_object,
                "linked_record_ids": linked_record_ids,
                "participants": participants,
                "domain": domain,
                "sent_after": sent_after,
                "sent_before": sent_before,
                "exclude_automated_participants": exclude_automated_participants,
            }
        ),
    }
