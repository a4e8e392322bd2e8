"""E-mails that Attio has synchronised: their subjects and participants, without their text."""

from collections.abc import Iterable
from datetime import datetime

from attio_async_api.api.emails import list_emails
from attio_async_api.models.email import Email

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._workspace.arguments import as_list, as_texts, object_and_record_id, optional_timestamp
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError

_MAX_RECORDS = 10
_MAX_PARTICIPANTS = 10


@public
class Emails:
    """The e-mails of the workspace. Attio enables this on request, per workspace and app."""

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
        """List the e-mails that match all arguments. A page that is short or empty need not be the last.

        Args:
            records: Only e-mails linked to one of these records, at most 10 of one object: Records, RecordRefs or
                addresses in the app. Give this, `participants` or `domain`.
            participants: Only e-mails with one of these e-mail addresses, at most 10.
            domain: Only e-mails with an address of this domain.
            sent_after: Only e-mails sent later; with a time zone.
            sent_before: Only e-mails sent earlier; with a time zone.
            exclude_automated_participants: True excludes e-mails that machines sent.
            limit: The most e-mails to return; all by default.
            page_size: E-mails per page, 1 to 50.

        Raises:
            ConfigurationError: None of the first three was given, or too many. Nothing was sent.
            CoercionError: An argument is not valid. Nothing was sent.

        Attio: GET /v2/emails (alpha), read, retried, email:read, record_permission:read, object_configuration:read
        """
        linked_object, linked_ids = _linked_records(records)
        addresses = ",".join(as_texts(participants, "participants", max_items=_MAX_PARTICIPANTS))
        if not (linked_ids or addresses or domain):
            raise ConfigurationError(
                "e-mails are listed by whom they are with; give records, participants or a domain"
            )
        return paginate(
            self._session,
            list_emails,
            list_reader(Email.from_dict),
            linked_object=linked_object,
            linked_record_ids=linked_ids,
            participants=addresses or None,
            domain=domain,
            sent_after=optional_timestamp(sent_after, "sent_after", self._session.names.assume_tz),
            sent_before=optional_timestamp(sent_before, "sent_before", self._session.names.assume_tz),
            exclude_automated_participants=exclude_automated_participants or None,
            limit=limit,
            page_size=page_size,
        )


def _linked_records(records: Iterable[object]) -> tuple[str | None, str | None]:
    given = as_list(records, "records", max_items=_MAX_RECORDS)
    targets = [object_and_record_id(record, "records") for record in given]
    objects = sorted({object_name for object_name, _ in targets})
    if len(objects) > 1:
        raise ConfigurationError(
            f"records are of the objects {' and '.join(objects)}; give the records of one object at a time"
        )
    return (objects[0], ",".join(record_id for _, record_id in targets)) if targets else (None, None)
