"""One way of naming members, records, objects, lists and moments, which holds everywhere."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attio_async import F, WriteOptions
from attio_async.errors import CoercionError
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.values import Member, Ref

pytestmark = pytest.mark.anyio


def world(**options: Any) -> tuple[FakeAttio, Any]:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_list("sales", "Sales", parent="companies")
    fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    return fake, fake.client(**options)


@pytest.mark.parametrize("form", ["member", "id", "email", "name", "Member"])
async def test_a_member_is_named_the_same_way_everywhere(form: str) -> None:
    _, attio = world()
    ada = (await attio.workspace_members.list())[0]
    name = f"{ada.first_name} {ada.last_name}"
    given = {
        "member": ada,
        "id": str(ada.id),
        "email": ada.email_address,
        "name": name.upper(),
        "Member": Member(name),
    }[form]
    company = await attio.companies.first()
    deal = await attio.deals.create({"name": "D", "stage": "Lead", "owner": given})
    assert deal["owner"].id == str(ada.id)
    assert await attio.deals.first(F.owner == given) == deal
    task = await attio.tasks.create("Call", assignees=[given])
    assert [assignee["referenced_actor_id"] for assignee in task.raw["assignees"]] == [str(ada.id)]
    task = await attio.tasks.update(task, assignees=[given])
    comment = await attio.comments.create("Hello", author=given, record=company)
    assert comment.author.id == str(ada.id)
    await attio.search("Acme", objects=["companies"], as_member=given)


async def test_an_unknown_member_is_refused_before_anything_is_written() -> None:
    fake, attio = world()
    company = await attio.companies.first()
    for call in (
        lambda: attio.tasks.create("Call", assignees=["Nobody Else"]),
        lambda: attio.comments.create("x", author="nobody@x.example.com", record=company),
    ):
        with pytest.raises(CoercionError, match="unknown member"):
            await call()
    assert not [
        call for call in fake.calls if call.method == "POST" and call.path in {"/v2/tasks", "/v2/comments"}
    ]


@pytest.mark.parametrize("form", ["record", "ref"])
async def test_a_record_is_named_the_same_way_everywhere(form: str) -> None:
    _, attio = world()
    company = await attio.companies.first()
    given = company if form == "record" else Ref("companies", domain="https://www.acme.example.com/about")
    assert (await attio.notes.create(given, title="t", content="c")).parent_record_id == company.id
    assert (await attio.entries("sales").create(given)).parent_record_id == company.id
    assert (await attio.entries("Sales").upsert(given)).parent_record_id == company.id
    comment = await attio.comments.create("x", author=(await attio.workspace_members.list())[0], record=given)
    assert comment.raw["record"]["record_id"] == company.id
    task = await attio.tasks.create("Call", linked_records=[given])
    assert task.raw["linked_records"][0]["target_record_id"] == company.id


async def test_a_record_that_does_not_exist_is_refused_by_its_value() -> None:
    _, attio = world()
    missing = Ref("companies", domain="nowhere.example.com")
    for call in (
        lambda: attio.notes.create(missing, title="t", content="c"),
        lambda: attio.entries("sales").create(missing),
    ):
        with pytest.raises(
            CoercionError, match=r"no record of companies has 'nowhere.example.com' as its domains"
        ):
            await call()


async def test_a_key_called_workspace_id_refers_to_a_workspace() -> None:
    fake, attio = world()
    fake.seed.add_record("workspaces", {"workspace_id": "my-workspace-id"})
    reference = {"target_object": "workspaces", "workspace_id": [{"value": "my-workspace-id"}]}
    user = {"user_id": "u1", "primary_email_address": "a@x.example.com", "workspace": [reference]}
    assert (await attio.users.create(user))["workspace"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (datetime(2026, 1, 31, 9), "2026-01-31T08:00:00"),  # noqa: DTZ001 - the zone is to be assumed
        ("2026-01-31T09:00", "2026-01-31T08:00:00"),
        (date(2026, 1, 31), "2026-01-30T23:00:00"),
        (datetime(2026, 1, 31, 9, tzinfo=UTC), "2026-01-31T09:00:00"),
    ],
)
async def test_one_time_zone_holds_for_every_moment_of_a_client(given: Any, expected: str) -> None:
    fake, attio = world(write_options=WriteOptions(assume_tz=ZoneInfo("Europe/Paris")))
    fake.seed.add_attribute("companies", "met", "timestamp")
    company = await attio.companies.first()
    company = await attio.companies.update(company, {"met": given})
    task = await attio.tasks.create("Call", deadline_at=given)
    note = await attio.notes.create(company, title="t", content="c", created_at=given)
    moments = [company["met"], task.deadline_at, note.created_at]
    assert {moment.astimezone(UTC).isoformat()[:19] for moment in moments} == {expected}
    assert await attio.companies.first((F.met >= given) & (F.met <= given)) == company


async def test_a_bare_host_refers_to_a_company_also_that_of_the_web_app() -> None:
    fake, attio = world()
    fake.seed.add_record("companies", {"name": "Attio", "domains": ["app.attio.com"]})
    for host, name in (
        ("app.attio.com", "Attio"),
        ("acme.example.com", "Acme"),
        ("https://www.acme.example.com/", "Acme"),
    ):
        person = await attio.people.create({"name": "Ada Lovelace", "company": host})
        company = await attio.companies.get(person["company"])
        assert company["name"] == name
        assert await attio.people.first(F.company == company) is not None
