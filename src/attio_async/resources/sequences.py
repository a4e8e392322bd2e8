"""E-mail sequences: who shall never get any."""

from collections.abc import Iterable

from attio_async_api.api.sequences import unsubscribe_emails
from attio_async_api.models.unsubscribe_emails import UnsubscribeEmails
from attio_async_api.models.unsubscribed_email import UnsubscribedEmail
from attio_async_api.operations import UNSUBSCRIBE_EMAILS

from ._arguments import several
from ._base import Wire

__all__ = ["Sequences", "UnsubscribedEmail"]

_MOST = 1_000


class Sequences:
    """The e-mail sequences of the workspace."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def unsubscribe(self, email_addresses: Iterable[str]) -> list[UnsubscribedEmail]:
        """The addresses that no sequence will write to any more; the API offers no way back.

        Args:
            email_addresses: 1 to 1,000 addresses.

        Raises:
            ConfigurationError: There are none, or too many. Nothing was sent.
            BadRequest: One of them is no address. Nothing was written.

        Attio: POST /v2/sequences/unsubscribed_emails (beta), write, retried, sequence_unsubscribe:read-write
        """
        addresses = several(email_addresses, "email_addresses", least=1, most=_MOST)
        built = unsubscribe_emails.build_request(body=UnsubscribeEmails(email_addresses=addresses))
        return await self._wire.many(UNSUBSCRIBE_EMAILS, built, UnsubscribedEmail.from_dict)
