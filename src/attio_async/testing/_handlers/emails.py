"""E-mails with people and companies of the workspace, and addresses that are unsubscribed from sequences."""

from collections.abc import Callable

from .._errors import Issue, invalid, invalid_parameters, missing
from .._validation import BodyField, is_uuid
from .._values.contacts import read_email
from .._workspace.entities import FakeEmail, RecordLink
from .._workspace.entity_views import email_view
from .._workspace.find import find_record
from .._workspace.workspace import Workspace
from .call import OperationCall, camel_cased, data, operation, paged

_MAX_NAMES = 10
"""The maximum number of records, and of addresses, in one query."""

_ADDRESSES = BodyField("array", shortest=1, longest=1_000, items=BodyField("string", form="email"))


@operation
def list_emails(call: OperationCall) -> object:
    # A page is taken before it is filtered: it may be short, or empty, although more follow.
    page = call.request.cursor_page(25, most=50)
    matches = _filter(call)
    newest_first = sorted(call.entities.emails.values(), key=lambda one: one.sent_at, reverse=True)
    emails, cursor = page.of(newest_first)
    shown = [
        email_view(call.workspace, email, _linked_records(call.workspace, email))
        for email in emails
        if matches(email)
    ]
    return paged(shown, cursor)


@operation
@camel_cased
def unsubscribe_emails(call: OperationCall) -> object:
    body = call.request.data({"email_addresses": _ADDRESSES})
    unsubscribed = call.entities.unsubscribed
    addresses = dict.fromkeys(read_email(one)["email_address"] for one in body["email_addresses"])
    for address in addresses:
        unsubscribed.setdefault(address, call.stamp.now)
    return data([{"email_address": one, "created_at": unsubscribed[one]} for one in addresses])


def _filter(call: OperationCall) -> Callable[[FakeEmail], bool]:
    """Return the test of whether an e-mail is one of those that the query asks for."""
    given = call.request.query()
    links = _queried_links(call)
    addresses = set(_names(given.get("participants", "").lower(), "participants"))
    domain = given.get("domain", "").lower()
    if not (links or addresses or domain):
        raise invalid_parameters(
            invalid([], "Expected linked_object with linked_record_ids, participants or domain")
        )
    sent_after, sent_before = call.request.timestamp("sent_after"), call.request.timestamp("sent_before")
    excludes_automated = call.request.flag("exclude_automated_participants")

    def matches(email: FakeEmail) -> bool:
        return (
            (not links or not links.isdisjoint(_linked_records(call.workspace, email)))
            and (not addresses or any(one["email_address"] in addresses for one in email.participants))
            and (not domain or any(one["email_domain"] == domain for one in email.participants))
            and (sent_after is None or email.sent_at > sent_after)
            and (sent_before is None or email.sent_at < sent_before)
            and not (excludes_automated and email.is_automated)
        )

    return matches


def _queried_links(call: OperationCall) -> set[RecordLink]:
    """Return the records in the query."""
    given = call.request.query()
    names = ("linked_object", "linked_record_ids")
    if not any(name in given for name in names):
        return set()
    issues: list[Issue] = [missing([name], "string") for name in names if not given.get(name)]
    if issues:
        raise invalid_parameters(*issues)
    ids = _names(given["linked_record_ids"], "linked_record_ids")
    if not all(map(is_uuid, ids)):
        raise invalid_parameters(invalid(["linked_record_ids"], "Invalid uuid"))
    return {find_record(call.workspace, given["linked_object"], one) for one in ids}


def _names(text: str, parameter: str) -> list[str]:
    """Return the parts of a list that is separated by commas."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > _MAX_NAMES:
        raise invalid_parameters(invalid([parameter], f"Expected at most {_MAX_NAMES}"))
    return parts


def _linked_records(workspace: Workspace, email: FakeEmail) -> list[RecordLink]:
    """Return the people with one of its addresses and the companies with one of its domains, as they are now."""
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
