"""E-mails that Attio has synchronised: their subjects and participants, without their text."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from attio_async_api.api.emails import list_emails
from attio_async_api.models.email import Email

from .._pagination.paginator import Paginator
from .._utils.public import public
from .._workspace.arguments import as_list, as_texts, find_record, optional_timestamp, record_reference
from .._workspace.list_page import paginate
from .._workspace.session import Session, list_reader
from ..errors import ConfigurationError
from ..values import is_uuid

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
            records: Only e-mails linked to one of these records, at most 10 of one object: Records, RecordRefs,
                addresses in the app or ``Ref("companies", domain="example.com")``. Give this, `participants` or `domain`.
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
        given = as_list(records, "records", max_items=_MAX_RECORDS)
        for record in given:
            record_reference(record, "records")
        addresses = ",".join(as_texts(participants, "participants", max_items=_MAX_PARTICIPANTS))
        if not (given or addresses or domain):
            raise ConfigurationError(
                "e-mails are listed by whom they are with; give records, participants or a domain"
            )
        return paginate(
            self._session,
            list_emails,
            list_reader(Email.from_dict),
            look_up=partial(_linked_records, self._session, given) if given else None,
            participants=addresses or None,
            domain=domain,
            sent_after=optional_timestamp(sent_after, "sent_after", self._session.names.assume_tz),
            sent_before=optional_timestamp(sent_before, "sent_before", self._session.names.assume_tz),
            exclude_automated_participants=exclude_automated_participants or None,
            limit=limit,
            page_size=page_size,
        )


async def _linked_records(session: Session, records: Sequence[object]) -> Mapping[str, object]:
    found = [await find_record(session, record, "records") for record in records]
    objects = sorted({name for name, _ in found})
    if any(map(is_uuid, objects)):  # which may be the same as a slug
        objects = sorted({await session.names.canonical_of(name, "objects") for name in objects})
    if len(objects) > 1:
        raise ConfigurationError(
            f"records are of the objects {' and '.join(objects)}; give the records of one object at a time"
        )
    return {"linked_object": found[0][0], "linked_record_ids": ",".join(id_ for _, id_ in found)}
