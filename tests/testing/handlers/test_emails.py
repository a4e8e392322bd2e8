from datetime import UTC, datetime
from typing import Any

import pytest

from ..world import World

pytestmark = pytest.mark.anyio

MEMBER = "ada@fake-workspace.example.com"


def sent(world: World, subject: str, day: int, sender: str, *to: str) -> str:
    return world.fake.seed.add_email(
        subject, sender=sender, to=to, sent_at=datetime(2026, 1, day, tzinfo=UTC)
    )


async def test_emails_are_linked_to_the_records_of_their_participants(world: World) -> None:
    sent(world, "Hello", 1, "Grace@Acme.example.com", MEMBER)
    (email,) = await world.attio.emails.list(domain="acme.example.com")
    assert (email.direction, email.subject_line) == ("inbound", "Hello")
    assert [(one.role, one.email_address, one.email_domain) for one in email.participants] == [
        ("from", "grace@acme.example.com", "acme.example.com"),
        ("to", MEMBER, "fake-workspace.example.com"),
    ]
    assert [link.record_id for link in email.linked_records] == [world.company.record_id]
    grace = await world.attio.people.create({"email_addresses": ["grace@acme.example.com"]})
    (email,) = await world.attio.emails.list(records=[grace])
    assert {link.object_slug for link in email.linked_records} == {"people", "companies"}
    await world.attio.people.delete(grace)
    await world.attio.companies.delete(world.company)
    (email,) = await world.attio.emails.list(domain="acme.example.com")
    assert email.linked_records == []


async def test_emails_are_listed_newest_first(world: World) -> None:
    sent(world, "first", 1, MEMBER, "ada@acme.example.com")
    sent(world, "second", 2, "no-reply@acme.example.com", MEMBER)
    sent(world, "third", 3, "ada@acme.example.com", MEMBER)

    async def found(**options: object) -> list[str | None]:
        return [email.subject_line for email in await world.attio.emails.list(**options)]

    assert await found(domain="acme.example.com") == ["third", "second", "first"]
    assert await found(domain="acme.example.com", exclude_automated_participants=True) == ["third", "first"]
    assert await found(participants=["Ada@acme.example.com"]) == ["third", "first"]
    assert await found(records=[world.person]) == ["third", "first"]
    second = datetime(2026, 1, 2, tzinfo=UTC)
    assert await found(domain="acme.example.com", sent_after=second) == ["third"]
    assert await found(domain="acme.example.com", sent_before=second) == ["first"]


async def test_an_empty_page_can_have_a_next_cursor(world: World) -> None:
    sent(world, "wanted", 1, "ada@acme.example.com", MEMBER)
    for day in (2, 3):
        sent(world, "other", day, "bob@else.example.com", MEMBER)
    pages = [p async for p in world.attio.emails.list(domain="acme.example.com", page_size=2).pages()]
    assert [[email.subject_line for email in page.items] for page in pages] == [[], ["wanted"]]
    first = await world.ask("GET", "/v2/emails", params={"domain": "acme.example.com", "limit": 2})
    assert first["data"] == []
    assert first["pagination"]["next_cursor"]


INVALID_QUERIES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, [""]),
    ({"linked_object": "people"}, ["linked_record_ids"]),
    ({"linked_object": "people", "linked_record_ids": "x"}, ["linked_record_ids"]),
    ({"participants": ",".join("abcdefghijk")}, ["participants"]),
    ({"domain": "x.example.com", "limit": 51}, ["limit"]),
    ({"domain": "x.example.com", "sent_after": "soon"}, ["sent_after"]),
]


async def test_invalid_queries_of_emails_are_refused(world: World) -> None:
    misfits = [
        (params, answer)
        for params, paths in INVALID_QUERIES
        if (answer := await world.refusal("GET", "/v2/emails", params=params))
        != (400, "validation_type", paths)
    ]
    assert misfits == []


async def test_an_address_is_unsubscribed_once(world: World) -> None:
    sequences = world.attio.sequences
    (first,) = await sequences.unsubscribe(["Ada@acme.example.com"])
    world.clock.advance(60)
    again, other = await sequences.unsubscribe(
        ["ada@acme.example.com", "bob@acme.example.com", "ADA@acme.example.com"]
    )
    assert (again, other.email_address) == (first, "bob@acme.example.com")
    assert world.fake.unsubscribed == {"ada@acme.example.com", "bob@acme.example.com"}


INVALID_ADDRESSES: list[tuple[list[str], str]] = [
    ([], "data.email_addresses"),
    (["a@b.example.com"] * 1_001, "data.email_addresses"),
    (["a@b.example.com", "nobody"], "data.email_addresses.1"),
]


async def test_invalid_addresses_are_not_unsubscribed(world: World) -> None:
    for addresses, path in INVALID_ADDRESSES:
        body = {"data": {"email_addresses": addresses}}
        answer = await world.refusal("POST", "/v2/sequences/unsubscribed_emails", json=body)
        assert answer == (400, "validation_type", [path])
    assert world.fake.unsubscribed == frozenset()
