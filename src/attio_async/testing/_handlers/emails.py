"""E-mails with people and companies of the workspace, and who wants none of a sequence any more."""

from collections.abc import Callable

from .._errors import (
    Issue,
    invalid,
    invalid_parameters,
    missing,
    not_found,
)
from .._request.validation import BodyField, is_uuid
from .._values.contacts import read_email
from .._workspace.entities import FakeEmail, RecordLink
from .._workspace.entity_views import Json, links_view
from .._workspace.workspace import Workspace
from .call import (
    Handlers,
    OperationCall,
    camel_cased,
    data,
    paged,
    record_named,
)

_DEFAULT_LIMIT = 25
_MOST = 50
_NAMES = 10
"""How many records, and how many addresses, can be asked for at once."""

_ADDRESSES = BodyField("array", shortest=1, longest=1_000, items=BodyField("string", form="email"))


def _list_emails(call: OperationCall) -> object:
    """Newest first. A page is taken before it is filtered: it may be short or empty although more follow."""
    page = call.request.cursor_page(_DEFAULT_LIMIT, _MOST)
    fits = _wanted(call)
    every = sorted(call.workspace.data.things.emails.values(), key=lambda one: one.sent_at, reverse=True)
    emails, cursor = page.of(every)
    return paged([_email_view(call.workspace, email) for email in emails if fits(email)], cursor)


def _unsubscribe_emails(call: OperationCall) -> object:
    body = call.request.data({"email_addresses": _ADDRESSES})
    unsubscribed = call.workspace.data.things.unsubscribed
    addresses = dict.fromkeys(read_email(one)["email_address"] for one in body["email_addresses"])
    for address in addresses:
        unsubscribed.setdefault(address, call.author.stamp.now)
    return data([{"email_address": one, "created_at": unsubscribed[one]} for one in addresses])


def _wanted(call: OperationCall) -> Callable[[FakeEmail], bool]:
    """Whether an e-mail is what the query asks for."""
    given = call.request.query_values()
    links = _linked(call)
    addresses = set(_listed(given.get("participants", "").lower(), "participants"))
    domain = given.get("domain", "").lower()
    if not (links or addresses or domain):
        raise invalid_parameters(
            invalid([], "Expected linked_object with linked_record_ids, participants or domain")
        )
    sent_after, sent_before = call.request.moment("sent_after"), call.request.moment("sent_before")
    only_people = call.request.flag("exclude_automated_participants")

    def fits(email: FakeEmail) -> bool:
        return (
            (not links or not links.isdisjoint(linked_records(call.workspace, email)))
            and (not addresses or any(one["email_address"] in addresses for one in email.participants))
            and (not domain or any(one["email_domain"] == domain for one in email.participants))
            and (sent_after is None or email.sent_at > sent_after)
            and (sent_before is None or email.sent_at < sent_before)
            and not (only_people and email.is_automated)
        )

    return fits


def _linked(call: OperationCall) -> set[RecordLink]:
    """The records that the query names."""
    given = call.request.query_values()
    names = ("linked_object", "linked_record_ids")
    if not any(name in given for name in names):
        return set()
    issues: list[Issue] = [missing([name], "string") for name in names if not given.get(name)]
    if issues:
        raise invalid_parameters(*issues)
    ids = _listed(given["linked_record_ids"], "linked_record_ids")
    if not all(map(is_uuid, ids)):
        raise invalid_parameters(invalid(["linked_record_ids"], "Invalid uuid"))
    return {record_named(call, given["linked_object"], one, not_found) for one in ids}


def _listed(text: str, name: str) -> list[str]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > _NAMES:
        raise invalid_parameters(invalid([name], f"Expected at most {_NAMES}"))
    return parts


def linked_records(workspace: Workspace, email: FakeEmail) -> list[RecordLink]:
    """The people with one of its addresses and the companies with one of its domains, as they are now."""
    people, companies = workspace.data.objects["people"], workspace.data.objects["companies"]
    addresses, domains = people.attributes["email_addresses"], companies.attributes["domains"]
    found = [
        RecordLink(kind.id, record.id)
        for one in email.participants
        for kind, attribute, key in (
            (people, addresses, one["email_address"]),
            (companies, domains, one["email_domain"]),
        )
        for record in workspace.holders(kind, attribute, key)
    ]
    return list(dict.fromkeys(found))


def _email_view(workspace: Workspace, email: FakeEmail) -> Json:
    return {
        "id": {
            "workspace_id": workspace.data.id,
            "mailbox_id": email.mailbox_id,
            "email_id": email.id,
        },
        "sent_at": email.sent_at,
        "direction": email.direction,
        "subject_line": email.subject,
        "participants": email.participants,
        "linked_records": links_view(workspace, linked_records(workspace, email)),
    }


HANDLERS: Handlers = {
    "list_emails": _list_emails,
    "unsubscribe_emails": camel_cased(_unsubscribe_emails),
}
