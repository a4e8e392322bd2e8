"""Edits of a record: one write that sets, adds, removes and clears values."""

import json
from typing import Any

import pytest

from attio_async import Member, RecordRef, Ref
from attio_async.errors import CoercionError, ConfigurationError
from tests.support import Scripted, data, error, trio_when_full

from .support import DROP, KEEP, Companies, option, record, value

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


async def test_setting_is_one_request() -> None:
    http = Companies()
    edited = await http.companies.edit(KEEP, set={"Name": "Acme", "domains": "example.com"})
    assert edited.id == KEEP
    assert http.sent() == ("PUT", {"name": ["Acme"], "domains": ["example.com"]})
    assert http.reads.call_count == 0


async def test_clearing_is_one_request() -> None:
    http = Companies()
    await http.companies.edit(KEEP, clear=["domains", "Name"])
    assert http.sent() == ("PUT", {"domains": [], "name": []})
    assert http.reads.call_count == 0


async def test_adding_is_one_request_that_keeps_current_values() -> None:
    http = Companies()
    await http.companies.edit(KEEP, set={"name": "Acme"}, add={"categories": "AI"})
    assert http.sent() == ("PATCH", {"name": ["Acme"], "categories": ["AI"]})
    assert http.reads.call_count == 0


async def test_removing_reads_first_and_writes_what_is_left() -> None:
    http = Companies()
    http.company = {
        "categories": [option(0), option(1)],
        "domains": [value("domain", domain="example.com"), value("domain", domain="example.org")],
        "name": [value("text", value="Acme")],
    }
    await http.companies.edit(
        KEEP, remove={"categories": ["AI"], "domains": "EXAMPLE.org"}, add={"domains": "de.example.com"}
    )
    expected = {"categories": [{"option": DROP}], "domains": ["example.com", "de.example.com"]}
    assert http.sent() == ("PUT", expected)
    assert http.reads.call_count == 1


async def test_an_option_is_removed_by_title_or_id() -> None:
    for form in ("AI", KEEP, {"option": KEEP}):
        http = Companies()
        http.company = {"categories": [option(0), option(1)]}
        await http.companies.edit(KEEP, remove={"categories": [form]})
        assert http.sent() == ("PUT", {"categories": [{"option": DROP}]})


async def test_references_and_members_are_removed_by_id() -> None:
    http = Companies()
    http.company = {
        "team": [
            value("record-reference", target_object="people", target_record_id=record_id)
            for record_id in (KEEP, DROP)
        ],
        "owners": [
            value("actor-reference", referenced_actor_type="workspace-member", referenced_actor_id=member_id)
            for member_id in (KEEP, DROP)
        ],
    }
    await http.companies.edit(KEEP, remove={"team": RecordRef("o", KEEP), "owners": Member(DROP)})
    method, values = http.sent()
    assert method == "PUT"
    assert [each["target_record_id"] for each in values["team"]] == [DROP]
    assert [each["referenced_actor_id"] for each in values["owners"]] == [KEEP]


async def test_an_id_is_found_in_any_case() -> None:
    ada, bob = (f"abcdef00-0000-4000-8000-00000000000{number}" for number in (1, 2))
    http = Companies()
    http.company = {
        "team": [
            value("record-reference", target_object="people", target_record_id=record_id)
            for record_id in (ada, bob)
        ]
    }
    await http.companies.edit(KEEP.upper(), remove={"team": RecordRef("people", ada.upper())})
    assert [each["target_record_id"] for each in http.sent()[1]["team"]] == [bob]
    await http.companies.edit(
        KEEP, add={"team": RecordRef("people", bob.upper())}, remove={"team": RecordRef("people", ada)}
    )
    assert [each["target_record_id"] for each in http.sent()[1]["team"]] == [bob]


async def test_adding_an_existing_value_and_removing_a_missing_one_changes_nothing() -> None:
    http = Companies()
    http.company = {"categories": [option(0)]}
    await http.companies.edit(KEEP, add={"categories": "AI"}, remove={"categories": "B2B"}, clear=["name"])
    assert http.sent() == ("PUT", {"name": [], "categories": [{"option": KEEP}]})


async def test_a_single_value_can_be_removed() -> None:
    http = Companies()
    http.company = {"name": [value("text", value="Acme")]}
    await http.companies.edit(KEEP, remove={"name": "Other"})
    assert http.sent() == ("PUT", {"name": ["Acme"]})
    await http.companies.edit(KEEP, remove={"name": "Acme"})
    assert http.sent() == ("PUT", {"name": []})


async def test_an_invalid_edit_is_rejected_before_anything_is_sent() -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "nothing to change"),
        ({"clear": "name"}, r"\['name'\]"),
        ({"set": {"name": "a"}, "clear": ["name"]}, "name: is set or cleared"),
        ({"set": {"domains": "a.com"}, "add": {"domains": "b.com"}}, "domains: is set or cleared"),
        ({"clear": ["domains"], "remove": {"domains": "b.com"}}, "domains: is set or cleared"),
        ({"add": {"name": "a"}}, "holds one value"),
        ({"set": {"nmae": "a"}, "add": {"logo": "b"}}, r"(?s)nmae.*logo"),
        ({"remove": {"team": Ref("people", email="a@example.com")}}, "by its key"),
        ({"remove": {"owners": "option@example.com"}}, "by its key"),
        ({"add": {"categories": "Nonsense"}}, "Nonsense"),
    ]
    http = Companies()
    for edit, problem in cases:
        with pytest.raises((CoercionError, ConfigurationError), match=problem):
            await http.companies.edit(KEEP, **edit)
    assert http.writes.call_count == http.reads.call_count == 0


async def test_a_record_can_be_edited_without_the_schema() -> None:
    http = Scripted()
    http.router.get("/v2/objects/bills/attributes").mock(
        return_value=error(403, "auth_error", "unauthorized")
    )
    route = http.router.route(path=f"/v2/objects/bills/records/{KEEP}")
    route.mock(return_value=data(record(KEEP, tags=[value("text", value="a"), value("text", value="b")])))
    await http.attio.records("bills").edit(KEEP, remove={"tags": "a"}, add={"tags": "c"})
    assert [call.request.method for call in route.calls] == ["GET", "PUT"]
    assert json.loads(route.calls.last.request.content)["data"]["values"] == {"tags": ["b", "c"]}
