from datetime import UTC, datetime

import pytest

from ..world import World

pytestmark = pytest.mark.anyio

MEMBER = "ada@fake-workspace.test"


def sent(world: World, subject: str, day: int, sender: str, *to: str) -> str:
    return world.fake.seed.add_email(
        subject, sender=sender, to=to, sent_at=datetime(2026, 1, day, tzinfo=UTC)
    )


async def test_emails_are_linked_to_who_is_in_them(world: World) -> None:
    sent(world, "Hello", 1, "Grace@Acme.example", MEMBER)
    (email,) = await world.attio.emails.list(domain="acme.example")
    assert (email.direction, email.subject_line) == ("inbound", "Hello")
    assert [(one.role, one.email_address, one.email_domain) for one in email.participants] == [
        ("from", "grace@acme.example", "acme.example"),
        ("to", MEMBER, "fake-workspace.test"),
    ]
    assert [link.record_id for link in email.linked_records] == [world.company.record_id]
    grace = await world.attio.people.create({"email_addresses": ["grace@acme.example"]})
    (email,) = await world.attio.emails.list(records=[grace])
    assert {link.object_slug for link in email.linked_records} == {"people", "companies"}
    await world.attio.people.delete(grace)
    await world.attio.companies.delete(world.company)
    (email,) = await world.attio.emails.list(domain="acme.example")
    assert email.linked_records == []


async def test_emails_are_found_newest_first(world: World) -> None:
    sent(world, "first", 1, MEMBER, "ada@acme.example")
    sent(world, "second", 2, "no-reply@acme.example", MEMBER)
    sent(world, "third", 3, "ada@acme.example", MEMBER)

    async def found(**options: object) -> list[str | None]:
        return [email.subject_line for email in await world.attio.emails.list(**options)]

    assert await found(domain="acme.example") == ["third", "second", "first"]
    assert await found(domain="acme.example", exclude_automated_participants=True) == ["third", "first"]
    assert await found(participants=["Ada@acme.example"]) == ["third", "first"]
    assert await found(records=[world.person]) == ["third", "first"]
    second = datetime(2026, 1, 2, tzinfo=UTC)
    assert await found(domain="acme.example", sent_after=second) == ["third"]
    assert await found(domain="acme.example", sent_before=second) == ["first"]


async def test_a_page_may_be_empty_although_more_follow(world: World) -> None:
    sent(world, "wanted", 1, "ada@acme.example", MEMBER)
    for day in (2, 3):
        sent(world, "other", day, "bob@else.example", MEMBER)
    pages = [p async for p in world.attio.emails.list(domain="acme.example", page_size=2).pages()]
    assert [[email.subject_line for email in page.items] for page in pages] == [[], ["wanted"]]
    first = await world.ask("GET", "/v2/emails", params={"domain": "acme.example", "limit": 2})
    assert first["data"] == []
    assert first["pagination"]["next_cursor"]


@pytest.mark.parametrize(
    ("params", "paths"),
    [
        ({}, [""]),
        ({"linked_object": "people"}, ["linked_record_ids"]),
        ({"linked_object": "people", "linked_record_ids": "x"}, ["linked_record_ids"]),
        ({"participants": ",".join("abcdefghijk")}, ["participants"]),
        ({"domain": "x.example", "limit": 51}, ["limit"]),
        ({"domain": "x.example", "sent_after": "soon"}, ["sent_after"]),
    ],
)
async def test_questions_about_emails_that_make_no_sense_are_refused(
    world: World, params: dict[str, str], paths: list[str]
) -> None:
    assert await world.refusal("GET", "/v2/emails", params=params) == (400, "validation_type", paths)


async def test_addresses_are_unsubscribed_once(world: World) -> None:
    sequences = world.attio.sequences
    (first,) = await sequences.unsubscribe(["Ada@acme.example"])
    world.clock.advance(60)
    again, other = await sequences.unsubscribe(["ada@acme.example", "bob@acme.example", "ADA@acme.example"])
    assert (again, other.email_address) == (first, "bob@acme.example")
    assert world.fake.unsubscribed == {"ada@acme.example", "bob@acme.example"}


@pytest.mark.parametrize(
    ("addresses", "path"),
    [
        ([], "data.email_addresses"),
        (["a@b.example"] * 1_001, "data.email_addresses"),
        (["a@b.example", "nobody"], "data.email_addresses.1"),
    ],
)
async def test_what_cannot_be_unsubscribed_is_refused(world: World, addresses: list[str], path: str) -> None:
    body = {"data": {"email_addresses": addresses}}
    refused = (400, "validation_type", [path])
    assert await world.refusal("POST", "/v2/sequences/unsubscribed_emails", json=body) == refused
    assert world.fake.unsubscribed == frozenset()
