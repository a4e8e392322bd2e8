"""E-mails with the people and companies of the workspace; their headers, never their text."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from attio_async_api.api.emails import list_emails
from attio_async_api.models.email import Email
from attio_async_api.operations import LIST_EMAILS

from .._pagination.paginator import Paginator
from .._workspace.arguments import as_list, object_and_record_id, timestamp
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError

_MOST = 10


class Emails:
    """The e-mails that Attio has synchronised. Attio enables this by request, per workspace and app."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(
        self,
        *,
        records: Iterable[object] = (),
        participants: Iterable[str] = (),
        domain: str | None = None,
        sent_after: datetime | str | None = None,
        sent_before: datetime | str | None = None,
        exclude_automated_participants: bool = False,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> Paginator[Email]:
        """The e-mails that fit everything given. Pages may be short or empty before the last.

        Args:
            records: Those linked to one of these records of one object, 10 at most: Records, RecordRefs or web
                addresses. Give this, `participants` or `domain`.
            participants: Those with one of these e-mail addresses, 10 at most.
            domain: Those with an address of this domain.
            sent_after: Only those sent later; with a time zone.
            sent_before: Only those sent earlier; with a time zone.
            exclude_automated_participants: Without those that machines sent.
            limit: The most results; by default all.
            page_size: How many a page holds, 1 to 50; by default 50.

        Raises:
            ConfigurationError: None of the first three was given, or too many. Nothing was sent.
            CoercionError: Something names no record. Nothing was sent.

        Attio: GET /v2/emails (alpha), read, retried, email:read, record_permission:read, object_configuration:read
        """
        linked_object, linked_ids = _linked(records)
        addresses = ",".join(as_list(participants, "participants", most=_MOST))
        if not (linked_ids or addresses or domain):
            raise ConfigurationError("say whose e-mails: give records, participants or a domain")
        build = partial(
            list_emails.build_request,
            linked_object=linked_object,
            linked_record_ids=linked_ids,
            participants=addresses or None,
            domain=domain,
            sent_after=None if sent_after is None else timestamp(sent_after, "sent_after"),
            sent_before=None if sent_before is None else timestamp(sent_before, "sent_before"),
            exclude_automated_participants=exclude_automated_participants or None,
        )
        return paginate(
            self._session, LIST_EMAILS, build, list_reader(Email.from_dict), limit=limit, page_size=page_size
        )


def _linked(records: Iterable[object]) -> tuple[str | None, str | None]:
    targets = [object_and_record_id(record, "records") for record in as_list(records, "records", most=_MOST)]
    objects = sorted({target for target, _ in targets})
    if len(objects) > 1:
        raise ConfigurationError(f"the records are of one object, not of {' and '.join(objects)}")
    return (objects[0], ",".join(record_id for _, record_id in targets)) if targets else (None, None)
