"""One way of naming members, records, objects, lists and moments, which holds everywhere."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attio_async import F, WriteOptions, asc
from attio_async.bulk import Row
from attio_async.errors import CoercionError
from attio_async.testing import FakeAttio, VirtualClock
from attio_async.values import Member, RecordRef, Ref

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


async def test_a_member_is_named_the_same_way_where_results_are_filtered() -> None:
    fake, attio = world()
    ada = (await attio.workspace_members.list())[0]
    name = f"{ada.first_name} {ada.last_name}"
    task = await attio.tasks.create("Call", assignees=[ada], deadline_at="2026-01-31T09:00:00Z")
    await attio.tasks.create("Another")
    for given in (ada, str(ada.id), ada.email_address, name.upper(), Member(name)):
        assert [each.id for each in await attio.tasks.list(assignee=given)] == [task.id]
        assert [each.id for each in await attio.tasks.due_on(date(2026, 1, 31), assignee=given)] == [task.id]
        assert (await attio.workspace_members.get(given)).id == ada.id
    with pytest.raises(CoercionError, match="unknown member 'Nobody Else'"):
        await attio.tasks.list(assignee="Nobody Else")
    with pytest.raises(CoercionError, match="not a valid e-mail address"):
        attio.tasks.list(assignee="no@valid@address")
    assert [call.path for call in fake.calls].count("/v2/workspace_members") == 2


FORMS = [
    "record",
    "ref",
    "RecordRef",
    "titled",
    "by title",
    "dict",
    "dict of a value",
    "address",
    "id of a search",
]


async def _forms_of(attio: Any, company: Any) -> dict[str, Any]:
    """Return every way to name a record and its object."""
    return {
        "record": company,
        "ref": Ref("companies", domain="https://www.acme.example.com/about"),
        "RecordRef": RecordRef("companies", company.id),
        "titled": RecordRef("Companies", company.id),
        "by title": Ref("Companies", domain="acme.example.com"),
        "dict": {"target_object": "companies", "target_record_id": company.id},
        "dict of a value": {"target_object": "companies", "domains": [{"domain": "acme.example.com"}]},
        "address": company.web_url,
        "id of a search": (await attio.search("Acme", objects=["companies"]))[0],
    }


@pytest.mark.parametrize("form", FORMS)
async def test_a_record_is_named_the_same_way_where_results_are_filtered(form: str) -> None:
    _, attio = world()
    company = await attio.companies.first()
    other = await attio.companies.create({"name": "Other"})
    given = (await _forms_of(attio, company))[form]
    member = (await attio.workspace_members.list())[0]
    for about in (company, other):
        await attio.notes.create(about, title=about.id, content="c")
        await attio.tasks.create(about.id, linked_records=[about])
        await attio.comments.create(about.id, author=member, record=about)
        await attio.files.create_folder(about, about.id)
    assert [note.title for note in await attio.notes.list(given)] == [company.id]
    assert [note.title for note in await attio.notes.recent(given)] == [company.id]
    assert [task.content_plaintext for task in await attio.tasks.list(record=given)] == [company.id]
    assert len(await attio.threads.list(record=given)) == 1
    assert [file.name for file in await attio.files.list(given)] == [company.id]
    assert await attio.meetings.list(record=given) == []
    assert await attio.emails.list(records=[given, company]) == []


@pytest.mark.parametrize("form", FORMS)
async def test_a_record_is_named_the_same_way_where_it_is_read_and_written(form: str) -> None:
    fake, attio = world()
    company = await attio.companies.first()
    given = (await _forms_of(attio, company))[form]
    assert await attio.companies.get(given) == company
    assert (await attio.companies.get_many([given])).records == (company,)
    assert (await attio.companies.update(given, {"description": "one"}))["description"] == "one"
    assert (await attio.companies.edit(given, set={"description": "two"}))["description"] == "two"
    assert len(await attio.companies.history(given, "Description")) == 2
    assert (await attio.companies.update_many([Row({"description": "three"}, id=given)])).updated == 1
    entry = await attio.entries("sales").create(given)
    assert [place.entry_id for place in await attio.companies.entries(given)] == [entry.id]
    assert (await attio.entries("sales").upsert_many([Row({}, parent=given)])).unchanged == 1
    person = await attio.people.create({"name": "Ada Lovelace", "company": given})
    assert person["company"].record_id == company.id
    assert await attio.people.first(F.company == given) == person
    assert await attio.entries("sales").first(F.parent_record == given) == entry
    other = await attio.companies.create({"name": "Other"})
    merged = await attio.companies.merge(given, other)
    assert merged["name"] == "Acme"
    await attio.companies.delete(merged)
    assert fake.records("companies") == []


async def test_a_record_of_another_object_is_refused_before_anything_is_written() -> None:
    fake, attio = world()
    person = await attio.people.create({"name": "Ada Lovelace", "email_addresses": ["ada@x.example.com"]})
    company = await attio.companies.first()
    (hit,) = await attio.search("Ada", objects=["people"])
    before = fake.to_json()
    companies, titled = attio.companies, attio.records("Companies")
    reason = r"is of '.*', not of '[Cc]ompanies'; use attio.records\('.*'\) for it"
    for given in (
        person,
        RecordRef("people", person.id),
        RecordRef("People", person.id),
        person.web_url,
        hit,
        hit.id,
        {"target_object": "people", "target_record_id": person.id},
        Ref("people", email="ada@x.example.com"),
    ):
        for method, *arguments in (
            (companies.get, given),
            (titled.get, given),
            (companies.get_many, [company, given]),
            (companies.update, given, {"name": "x"}),
            (companies.delete, given),
            (companies.history, given, "name"),
            (companies.entries, given),
            (companies.merge, company, given),
        ):
            with pytest.raises(CoercionError, match=reason):
                await method(*arguments)
        with pytest.raises(CoercionError, match=reason):
            await companies.edit(given, set={"name": "x"})
        report = await companies.delete_many([given])
        assert (report.failed, report.deleted) == (1, 0)
    assert fake.to_json() == before


async def test_an_entry_of_another_list_is_refused_before_anything_is_written() -> None:
    fake, attio = world()
    fake.seed.add_list("hiring", "Hiring", parent="companies")
    company = await attio.companies.first()
    entry = await attio.entries("hiring").create(company)
    (place,) = await attio.companies.entries(company)
    for given in (
        entry,
        place,
        {"list": "hiring", "entry_id": entry.id},
        {"list": "Hiring", "entry_id": entry.id},
    ):
        assert (await attio.entries("hiring").get(given)).id == entry.id
        assert (await attio.entries("Hiring").get(given)).id == entry.id
        for call in (attio.entries("sales").get, attio.entries("Sales").get, attio.entries("sales").delete):
            with pytest.raises(
                CoercionError, match=r"not of '[Ss]ales'; use attio.entries\('[Hh]iring'\) for it"
            ):
                await call(given)
    assert len(fake.entries("hiring")) == 1


async def test_objects_lists_and_attributes_are_named_by_title_everywhere() -> None:
    fake, attio = world()
    fake.seed.add_attribute("companies", "my_stage", "select", title="Our stage", options=["New"])
    assert (await attio.objects.get("Companies")).api_slug == "companies"
    assert (await attio.lists.get("Sales")).api_slug == "sales"
    assert await attio.objects.views("Companies") is not None
    assert await attio.lists.views("Sales") is not None
    assert (await attio.lists.update("Sales", name="Sales pipeline")).name == "Sales pipeline"
    created = await attio.lists.create("Leads", api_slug="leads", parent_object="Companies")
    assert created.parent_object == ["companies"]
    attributes = attio.attributes("Companies")
    assert (await attributes.get("Our stage")).slug == "my_stage"
    await attio.companies.schema()
    await attributes.create("Score", api_slug="the_score", type="number")
    await attributes.update("Our stage", description="d")
    assert [option.title for option in await attributes.options("Our stage").list()] == ["New"]
    await attributes.options("Our stage").create("Old")
    company = await attio.companies.first()
    company = await attio.companies.update(company, {"Our stage": "Old", "Score": 3})
    assert (company["Our stage"], company["our STAGE"], company["my_stage"]) == ("Old", "Old", "Old")
    assert (company.get("Score"), company.first("Score"), company.all("Score")) == (3, 3, [3])
    assert [value.native for value in company.values("Score")] == [3]
    assert company.encoded("Score") == company.encoded("the_score")
    assert "Score" in company
    assert "Scor" not in company
    assert "Score" not in list(company)
    assert dict(company)["the_score"] == 3
    assert [value.native for value in await attio.companies.history(company, "Score")] == [3]
    assert await attio.companies.first(F["Our stage"] == "Old", sorts=asc("Score")) == company


async def test_an_iterator_is_read_once_where_the_name_turns_out_to_be_a_title(tmp_path: Path) -> None:
    fake, attio = world()
    fake.seed.add_list("funnel_2", "Funnel", parent="companies")
    fake.seed.add_attribute("funnel_2", "tags", "select", multiselect=True, options=["Hot", "Cold"])
    company = await attio.companies.first()
    entry = await fake.client().entries("funnel").create(company, {"tags": iter(["Hot", "Cold"])})
    assert entry["tags"] == ["Hot", "Cold"]
    entry = (
        await fake.client().entries("funnel").update(entry, {"tags": iter(["Hot"])}, multiselect="overwrite")
    )
    assert entry["tags"] == ["Hot"]
    await fake.client().entries("funnel").export(tmp_path / "out.csv", select=iter(["tags"]))
    assert (tmp_path / "out.csv").read_text().splitlines()[0] == "entry_id,parent_record,tags"
    assert (await fake.client().entries("funnel").edit(entry, clear=iter(["tags"])))["tags"] == []


async def test_an_object_made_since_titles_were_read_is_found_by_title() -> None:
    fake, attio = world()
    assert await attio.records("Companies").first() is not None
    fake.seed.add_object("invoices", "Invoice", "Invoices")
    fake.clock.advance(60)
    assert await attio.records("Invoices").first() is None


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


async def test_the_time_zone_of_a_client_holds_for_meetings() -> None:
    _, attio = world(write_options=WriteOptions(assume_tz=ZoneInfo("Europe/Paris")))
    start = datetime(2026, 1, 31, 9)  # noqa: DTZ001 - the zone is to be assumed
    meeting = await attio.meetings.create("Call", start=start, end=start.replace(hour=10))
    assert meeting.raw["start"] == {"datetime": "2026-01-31T08:00:00.000000000Z", "timezone": "Europe/Paris"}
    assert meeting.raw["end"]["datetime"] == "2026-01-31T09:00:00.000000000Z"


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
