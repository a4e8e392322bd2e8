"""Merging, history and editing: what takes more than one request, or waits."""

import json
from typing import Any

import httpx
import pytest

from attio_async import Member, RecordRef, Ref
from attio_async._workspace.history import HistoricValue
from attio_async.errors import (
    BadRequest,
    CoercionError,
    ConfigurationError,
    MergeInProgress,
    NotFound,
    OutcomeUnknown,
    UnknownName,
)
from tests.support import Scripted, error, in_turn

pytestmark = pytest.mark.anyio

KEEP, DROP, NEW = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
BUSY = error(404, "invalid_request_error", "merge_in_progress")
RECORD = f"/v2/objects/companies/records/{KEEP}"


def attribute(slug: str, type: str, **more: Any) -> dict[str, Any]:
    return {"api_slug": slug, "title": slug.title(), "type": type, "id": {"attribute_id": slug}, **more}


ATTRIBUTES = [
    attribute("name", "text"),
    attribute("domains", "domain", is_multiselect=True, is_unique=True),
    attribute("categories", "select", is_multiselect=True),
    attribute("team", "record-reference", is_multiselect=True),
    attribute("owners", "actor-reference", is_multiselect=True),
    attribute("logo", "text", is_writable=False),
]
OPTIONS = [{"id": {"option_id": KEEP}, "title": "AI"}, {"id": {"option_id": DROP}, "title": "B2B"}]


def value(type: str, **fields: Any) -> dict[str, Any]:
    return {
        "attribute_type": type,
        "active_from": "2026-01-01T00:00:00.123456789Z",
        "active_until": None,
        **fields,
    }


def option(number: int) -> dict[str, Any]:
    return value("select", option=OPTIONS[number])


def data(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"data": body})


def record(id: str, **values: Any) -> dict[str, Any]:
    return {"id": {"workspace_id": "w", "object_id": "o", "record_id": id}, "values": values}


class Companies(Scripted):
    """A client with one company, which every write answers with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.router.get("/v2/objects/companies/attributes").mock(return_value=data(ATTRIBUTES))
        self.router.get("/v2/objects/companies/attributes/categories/options").mock(
            return_value=data(OPTIONS)
        )
        self.values = self.router.route(path=f"{RECORD}/attributes/name/values")
        self.merges = self.router.post("/v2/objects/companies/records/merge")
        self.merges.mock(return_value=data({"new_record_id": NEW}))
        self.merged = self.router.get(f"/v2/objects/companies/records/{NEW}")
        self.merged.mock(return_value=data(record(NEW)))
        self.company: dict[str, Any] = {}
        answer = lambda _: data(record(KEEP, **self.company))  # noqa: E731
        self.reads = self.router.get(RECORD)
        self.reads.mock(side_effect=answer)
        self.writes = self.router.route(path=RECORD)
        self.writes.mock(side_effect=answer)
        self.companies = self.attio.companies

    def sent(self) -> tuple[str, Any]:
        request = self.writes.calls.last.request
        return request.method, json.loads(request.content)["data"]["values"]


# merging


async def test_merging_gives_the_new_record() -> None:
    http = Companies()
    merged = await http.companies.merge(KEEP, RecordRef("companies", DROP))
    assert merged.id == NEW
    sent = json.loads(http.merges.calls.last.request.content)["data"]
    assert sent == {"primary_record_id": KEEP, "secondary_record_id": DROP}
    assert http.clock.monotonic() == 0


async def test_merging_waits_until_it_is_done() -> None:
    http = Companies()
    http.merges.mock(side_effect=in_turn(BUSY, data({"new_record_id": NEW}, 202)))
    http.merged.mock(side_effect=in_turn(BUSY, BUSY, BUSY, data(record(NEW))))
    assert (await http.companies.merge(KEEP, DROP)).id == NEW
    assert http.clock.monotonic() == pytest.approx(0.25 + 0.25 + 0.5 + 1)
    assert http.merges.call_count == 2


async def test_merging_without_waiting() -> None:
    http = Companies()
    http.merges.mock(return_value=data({"new_record_id": NEW}, 202))
    assert await http.companies.merge(KEEP, DROP, wait=False) == RecordRef("companies", NEW)
    assert http.merged.call_count == 0
    http.merges.mock(return_value=BUSY)
    with pytest.raises(MergeInProgress):
        await http.companies.merge(KEEP, DROP, wait=False)
    assert http.clock.monotonic() == 0


async def test_a_merge_that_never_ends_is_waited_for_a_minute() -> None:
    http = Companies()
    http.merged.mock(return_value=BUSY)
    with pytest.raises(MergeInProgress):
        await http.companies.merge(KEEP, DROP)
    assert 50 < http.clock.monotonic() <= 60
    assert http.merged.call_count < 20


async def test_a_merge_whose_answer_was_lost_is_not_repeated() -> None:
    http = Companies()
    http.merges.mock(side_effect=httpx.ReadTimeout("lost"))
    with pytest.raises(OutcomeUnknown):
        await http.companies.merge(KEEP, DROP)
    assert http.merges.call_count == 1


async def test_another_refusal_is_not_waited_out() -> None:
    http = Companies()
    http.merges.mock(return_value=error(404, "invalid_request_error", "not_found"))
    with pytest.raises(NotFound):
        await http.companies.merge(KEEP, DROP)
    assert http.clock.monotonic() == 0


# history


async def test_history_is_every_value_with_its_time() -> None:
    http = Companies()
    old = value("text", value="Akme", active_until="2026-02-01T00:00:00Z")
    http.values.mock(return_value=data([old, value("text", value="Acme")]))
    history = await http.companies.history(KEEP, "name")
    assert [each.native for each in history] == ["Akme", "Acme"]
    assert history[0].active_until is not None
    assert history[1].active_until is None


async def test_replacing_history_returns_the_old_one_which_restores_it() -> None:
    http = Companies()
    http.values.mock(return_value=data([value("text", value="Akme"), value("text", value="Acme")]))
    new = HistoricValue("Acme Inc", "2025-01-01T00:00:00Z")
    old = await http.companies.replace_history(KEEP, "name", [new], confirm=True)
    assert [each.native for each in old] == ["Akme", "Acme"]
    assert [call.request.method for call in http.values.calls] == ["GET", "PUT"]
    sent = json.loads(http.values.calls.last.request.content)["data"]
    assert sent == {
        "values": [
            {"value": "Acme Inc", "active_from": "2025-01-01T00:00:00.000000000Z", "active_until": None}
        ],
        "replace_history": True,
    }
    await http.companies.replace_history(KEEP, "name", old, confirm=True)
    sent = json.loads(http.values.calls.last.request.content)["data"]
    assert [each["value"] for each in sent["values"]] == ["Akme", "Acme"]
    assert sent["values"][0]["active_from"] == "2026-01-01T00:00:00.123456789Z"


async def test_history_that_cannot_be_read_is_not_replaced() -> None:
    http = Companies()
    http.values.mock(return_value=error(400, "invalid_request_error", "validation_type"))
    with pytest.raises(BadRequest):
        await http.companies.replace_history(KEEP, "name", [HistoricValue("x", "2026-01-01")], confirm=True)
    assert [call.request.method for call in http.values.calls] == ["GET"]


@pytest.mark.parametrize(
    ("slug", "values", "confirm", "problem"),
    [
        ("name", [HistoricValue("x", "2026-01-01")], False, ConfigurationError),
        ("name", [HistoricValue("x", "2026-01-01")], 1, ConfigurationError),
        ("name", [], True, ConfigurationError),
        ("name", [HistoricValue("x", "2026-01-01")] * 401, True, ConfigurationError),
        ("name", [HistoricValue(["x", "y"], "2026-01-01")], True, CoercionError),
        ("name", [HistoricValue(None, "2026-01-01")], True, CoercionError),
        ("name", [HistoricValue("x", "then")], True, CoercionError),
        ("name", [HistoricValue("x", "2026-01-01", "then")], True, CoercionError),
        ("logo", [HistoricValue("x", "2026-01-01")], True, CoercionError),
        ("nmae", [HistoricValue("x", "2026-01-01")], True, UnknownName),
    ],
)
async def test_what_is_no_history_is_refused_before_anything_is_lost(
    slug: str, values: list[HistoricValue], confirm: Any, problem: type[Exception]
) -> None:
    http = Companies()
    with pytest.raises(problem):
        await http.companies.replace_history(KEEP, slug, values, confirm=confirm)
    assert http.values.call_count == 0


async def test_history_of_an_object_that_nothing_is_known_of() -> None:
    http = Scripted()
    http.router.get("/v2/objects/bills/attributes").mock(
        return_value=error(403, "auth_error", "unauthorized")
    )
    route = http.router.route(path=f"/v2/objects/bills/records/{KEEP}/attributes/total/values")
    route.mock(return_value=data([]))
    new = HistoricValue(5, "2026-01-01", "2026-01-02")
    assert await http.attio.records("bills").replace_history(KEEP, "total", [new], confirm=True) == []
    assert json.loads(route.calls.last.request.content)["data"]["values"][0]["value"] == 5


# editing


async def test_setting_is_one_request() -> None:
    http = Companies()
    edited = await http.companies.edit(KEEP, set={"Name": "Acme", "domains": "acme.com"})
    assert edited.id == KEEP
    assert http.sent() == ("PUT", {"name": ["Acme"], "domains": ["acme.com"]})
    assert http.reads.call_count == 0


async def test_clearing_is_one_request() -> None:
    http = Companies()
    await http.companies.edit(KEEP, clear=["domains", "Name"])
    assert http.sent() == ("PUT", {"domains": [], "name": []})
    assert http.reads.call_count == 0


async def test_adding_is_one_request_that_leaves_the_others_alone() -> None:
    http = Companies()
    await http.companies.edit(KEEP, set={"name": "Acme"}, add={"categories": "AI"})
    assert http.sent() == ("PATCH", {"name": ["Acme"], "categories": ["AI"]})
    assert http.reads.call_count == 0


async def test_removing_reads_first_and_writes_the_rest() -> None:
    http = Companies()
    http.company = {
        "categories": [option(0), option(1)],
        "domains": [value("domain", domain="acme.com"), value("domain", domain="acme.org")],
        "name": [value("text", value="Acme")],
    }
    await http.companies.edit(
        KEEP, remove={"categories": ["AI"], "domains": "ACME.org"}, add={"domains": "acme.de"}
    )
    expected = {"categories": [{"option": DROP}], "domains": ["acme.com", "acme.de"]}
    assert http.sent() == ("PUT", expected)
    assert http.reads.call_count == 1


@pytest.mark.parametrize("gone", ["AI", KEEP, {"option": KEEP}])
async def test_an_option_is_removed_by_title_or_id(gone: object) -> None:
    http = Companies()
    http.company = {"categories": [option(0), option(1)]}
    await http.companies.edit(KEEP, remove={"categories": [gone]})
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


async def test_adding_what_is_there_and_removing_what_is_not_changes_nothing() -> None:
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


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        ({}, "nothing to change"),
        ({"clear": "name"}, r"\['name'\]"),
        ({"set": {"name": "a"}, "clear": ["name"]}, "name: is set or cleared"),
        ({"set": {"domains": "a.com"}, "add": {"domains": "b.com"}}, "domains: is set or cleared"),
        ({"clear": ["domains"], "remove": {"domains": "b.com"}}, "domains: is set or cleared"),
        ({"add": {"name": "a"}}, "holds one value"),
        ({"set": {"nmae": "a"}, "add": {"logo": "b"}}, r"(?s)nmae.*logo"),
        ({"remove": {"team": Ref("people", email="a@x.com")}}, "by its key"),
        ({"remove": {"owners": "option@example.com"}}, "by its key"),
        ({"add": {"categories": "Nonsense"}}, "Nonsense"),
    ],
)
async def test_what_cannot_be_edited_is_told_before_anything_is_sent(
    edit: dict[str, Any], problem: str
) -> None:
    http = Companies()
    with pytest.raises((CoercionError, ConfigurationError), match=problem):
        await http.companies.edit(KEEP, **edit)
    assert http.writes.call_count == http.reads.call_count == 0


async def test_editing_what_nothing_is_known_of() -> None:
    http = Scripted()
    http.router.get("/v2/objects/bills/attributes").mock(
        return_value=error(403, "auth_error", "unauthorized")
    )
    route = http.router.route(path=f"/v2/objects/bills/records/{KEEP}")
    route.mock(return_value=data(record(KEEP, tags=[value("text", value="a"), value("text", value="b")])))
    await http.attio.records("bills").edit(KEEP, remove={"tags": "a"}, add={"tags": "c"})
    assert [call.request.method for call in route.calls] == ["GET", "PUT"]
    assert json.loads(route.calls.last.request.content)["data"]["values"] == {"tags": ["b", "c"]}
