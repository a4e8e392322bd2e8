"""The body of unsubscribe_emails."""

from typing import Any

from attrs import frozen

from ..types import fields


@frozen(kw_only=True)
class UnsubscribeEmails:
    """The body of unsubscribe_emails."""

    email_addresses: list[str]

    def to_dict(self) -> dict[str, Any]:
        """The body as JSON, without what is unset."""
        return fields(
            {
                "email_addresses": self.email_addresses,
            }
        )
