"""`doctor --conformance`: every wrong answer is found, nothing of the workspace is told, and a right fake differs nowhere."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import anyio
import attrs
import pytest

from attio_async import ConfigurationError
from attio_async._cli.doctor.comparison import ConformanceReport
from attio_async._cli.doctor.conformance import Reader, compare
from attio_async._cli.doctor.probes import NO_ID, Probe
from attio_async._cli.doctor.twin import LeapingClock
from attio_async.testing import FakeAttio, FakeResponse, FaultedRequest
from attio_async_api.operations import OPERATIONS
from tests.cli.support import run_command

pytestmark = pytest.mark.anyio

CANARY = "Zanzibar"
TYPES = [
    "text",
    "number",
    "checkbox",
    "currency",
    "date",
    "timestamp",
    "rating",
    "status",
    "select",
    "record-reference",
    "actor-reference",
    "location",
    "domain",
    "email-address",
    "phone-number",
    "interaction",
    "personal-name",
]


def filled_workspace() -> FakeAttio:
    """Return a workspace with attributes of all types and some of everything, and the canary in every text."""
    fake = FakeAttio(seed=7, clock=LeapingClock())
    seed, low = fake.seed, CANARY.lower()
    seed.add_object(f"{low}_rockets", CANARY, f"{CANARY}s")
    seed.add_list(f"{low}_sales", CANARY, "companies")
    for kind in ("people", f"{low}_rockets", f"{low}_sales"):
        for type in TYPES:
            options = [f"{CANARY} {number}" for number in range(3)] if type in {"select", "status"} else ()
            slug = f"{low}_{type.replace('-', '_')}"
            seed.add_attribute(kind, slug, type, title=f"{CANARY} {type}", options=options)
        seed.add_view(kind, CANARY)
    seed.add_attribute("companies", f"{low}_many", "select", multiselect=True, options=[CANARY])
    seed.add_relationship("companies", f"{low}_one", f"{low}_rockets", f"{low}_other", other_multiselect=True)
    member = seed.add_member(f"{low}@example.com", CANARY, CANARY)
    people = [_add(fake, "people", number, member) for number in range(4)]
    for number in range(4):
        _add(fake, f"{low}_rockets", number, member)
        company = seed.add_record("companies", {"name": CANARY, "domains": [f"{low}{number}.example.com"]})
        company_id = company["id"]["record_id"]
        seed.add_entry(f"{low}_sales", company_id, _values(number, member, people[0]))
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    for _ in range(3):
        meeting = seed.add_meeting(
            CANARY, start=start, end=start, description=CANARY, participants=[f"{low}@example.com"]
        )
        seed.add_call_recording(meeting, transcript=[(CANARY, CANARY)])
    meeting = seed.add_meeting(CANARY, start=date(2026, 1, 5), end=date(2026, 1, 5))
    seed.add_call_recording(meeting)
    seed.add_email(CANARY, sender=f"{low}@example.com", to=[f"{low}0@example.com"])
    return fake


def _add(fake: FakeAttio, slug: str, number: int, member: str) -> str:
    values = _values(number, member, None)
    if slug == "people":
        values["email_addresses"] = [f"{CANARY.lower()}{number}@example.com"]
    record: str = fake.seed.add_record(slug, values)["id"]["record_id"]
    return record


def _values(number: int, member: str, person: str | None) -> dict[str, Any]:
    low = CANARY.lower()
    values = {
        "text": CANARY,
        "number": 3,
        "checkbox": True,
        "currency": 10,
        "date": "2026-01-05",
        "timestamp": "2026-01-05T09:00:00Z",
        "rating": 3,
        "status": f"{CANARY} 1",
        "select": f"{CANARY} 2",
        "actor_reference": member,
        "location": f"{CANARY}, GB",
        "domain": f"{low}.example.com",
        "email_address": f"{low}{number}@example.com",
        "phone_number": "+15005550006",
        "personal_name": f"{CANARY}, {CANARY}",
        "record_reference": None
        if person is None
        else {"target_object": "people", "target_record_id": person},
    }
    return {f"{low}_{name}": value for name, value in values.items() if value is not None}


async def fill_by_requests(fake: FakeAttio) -> None:
    """Add what only requests can: notes, tasks, comments, webhooks and files, with the canary in each."""
    records = [record["id"]["record_id"] for record in fake.records("companies")]
    member = {"type": "workspace-member", "id": fake.seed.add_member("zoe@example.com", CANARY)}
    async with fake.client() as attio:

        async def post(path: str, data: Any, *, wrapped: bool = True) -> Any:
            return await attio.request("POST", path, json={"data": data} if wrapped else data)

        for number, record in enumerate(records):
            about = {"object": "companies", "record_id": record}
            parent = {"parent_object": "companies", "parent_record_id": record}
            text = {"title": CANARY, "content": CANARY, "format": "plaintext"}
            await post("/v2/notes", {**parent, **text})
            links = [{"target_object": "companies", "target_record_id": record}]
            more = {
                "linked_records": links,
                "assignees": [],
                "is_completed": number == 1,
                "deadline_at": None,
            }
            await post("/v2/tasks", {"content": CANARY, "format": "plaintext", **more})
            text = {"content": CANARY, "format": "plaintext"}
            await post("/v2/comments", {**text, "author": member, "record": about})
            subscriptions = [{"event_type": "record.created", "filter": None}]
            hook = {"target_url": f"https://example.com/{CANARY}/{number}", "subscriptions": subscriptions}
            await post("/v2/webhooks", hook)
            await post("/v2/files", {**about, "file_type": "folder", "name": CANARY}, wrapped=False)
        await attio.files.upload(
            {"target_object": "companies", "target_record_id": record}, b"text", name=f"{CANARY}.txt"
        )


@pytest.fixture
async def workspace() -> FakeAttio:
    fake = filled_workspace()
    await fill_by_requests(fake)
    return fake


async def test_a_right_fake_differs_nowhere_and_is_only_read(workspace: FakeAttio) -> None:
    before = len(workspace.calls)
    report = await compare(workspace.client)
    assert report.differences == {}
    assert len(report.compared) > 200
    calls = workspace.calls[before:]
    assert all(call.method == "GET" or call.path.endswith(("/query", "/search")) for call in calls)
    assert {OPERATIONS[call.operation].access for call in calls if call.operation} == {"read"}
    unread = {one.id for one in OPERATIONS.values() if one.access == "read"} - {
        call.operation for call in calls if call.status == 200
    }
    assert unread == NOT_COVERED


async def test_a_request_that_could_write_is_never_sent(workspace: FakeAttio) -> None:
    before = len(workspace.calls)
    async with Reader(workspace.client) as reader:
        for method, path in (("POST", "/v2/notes"), ("DELETE", "/v2/notes/query")):
            with pytest.raises(ConfigurationError, match="is not a read"):
                await reader.answer(Probe(label="", method=cast("Any", method), path=path))
    assert len(workspace.calls) == before


async def test_an_empty_workspace_with_few_scopes_differs_nowhere() -> None:
    fake = FakeAttio(clock=LeapingClock())
    fake.auth.add_token("few", ["object_configuration:read", "record_permission:read"])
    report = await compare(fake.client, token="few")
    assert report.differences == {}
    assert "nothing to read in the workspace" in report.to_markdown()


@attrs.frozen
class Wrong:
    """A fault that changes true responses, as if the API were another one than the fake."""

    change: Callable[[Any, dict[str, str]], Any]
    status: int | None = None

    def answer(self, request: FaultedRequest) -> FakeResponse:
        true = request.perform()
        headers = dict(true.headers)
        body = self.change(json.loads(true.body), headers)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return FakeResponse(self.status or true.status, headers, content)


def first(change: Callable[[Any], Any]) -> Callable[[Any, dict[str, str]], Any]:
    """Change the first item of an answer, or its only one."""

    def changed(body: Any, _: dict[str, str]) -> Any:
        data = body.get("data")
        if data:
            change(data[0] if isinstance(data, list) else data)
        return body

    return changed


def every(change: Callable[[Any], Any]) -> Callable[[Any, dict[str, str]], Any]:
    def changed(body: Any, _: dict[str, str]) -> Any:
        for item in body["data"] if isinstance(body.get("data"), list) else ():
            change(item)
        return body

    return changed


def error(**fields: Any) -> Callable[[Any, dict[str, str]], Any]:
    return lambda body, _: {**body, **fields} if "message" in body else body


def set_to(key: str, value: Any) -> Callable[[Any], None]:
    return lambda item: item.update({key: value})


def reversed_data(body: Any, _: dict[str, str]) -> Any:
    return {**body, "data": body["data"][::-1]} if "data" in body else body


def with_value(type: str, key: str, value: Any) -> Callable[[Any, dict[str, str]], Any]:
    def change(item: Any) -> None:
        for values in item["values"].values():
            for one in values:
                if one["attribute_type"] == type:
                    one[key] = value

    return every(change)


def with_attribute(flag: str) -> Callable[[Any, dict[str, str]], Any]:
    def change(item: Any) -> None:
        if item["api_slug"] == "email_addresses":
            item[flag] = not item[flag]

    return every(change)


def renamed(body: Any, _: dict[str, str]) -> Any:
    return {"statusCode" if key == "status_code" else key: part for key, part in body.items()}


def with_header(name: str, value: str | None) -> Callable[[Any, dict[str, str]], Any]:
    def change(body: Any, headers: dict[str, str]) -> Any:
        if value is None:
            headers.pop(name, None)
        else:
            headers[name] = value
        return body

    return change


def with_issue(**fields: Any) -> Callable[[Any, dict[str, str]], Any]:
    def change(body: Any, _: dict[str, str]) -> Any:
        for issue in body.get("validation_errors", ()):
            issue.update(fields)
        return body

    return change


def both(*changes: Callable[[Any, dict[str, str]], Any]) -> Callable[[Any, dict[str, str]], Any]:
    def change(body: Any, headers: dict[str, str]) -> Any:
        for each in changes:
            body = each(body, headers)
        return body

    return change


NOT_COVERED = {
    "run_sql",
    "download_file",
    "get_call_transcript",
    "get_comment",
    "list_activities",
    "get_activity",
    "query_activity_records",
    "get_activity_record",
}
SECRET = f"{CANARY} has 'a {CANARY} in it' and {CANARY.lower()}@example.com"
WRONG: dict[str, tuple[Callable[[Any, dict[str, str]], Any], str]] = {
    "get_self": (
        lambda body, _: {**body, "zone": SECRET, f"{CANARY.lower()}_key": SECRET},
        "`zone`: only in the workspace",
    ),
    "list_object_views": (
        lambda body, _: {**body, "data": {"all": body["data"]}},
        "`data`: object in the workspace, array in the fake",
    ),
    "get_object": (error(code="object_unknown"), "error `code`: object_unknown in the workspace, not_found"),
    "get_attribute": (
        error(message=f'No attribute called "{CANARY}" or {CANARY.lower()}_text, see {CANARY}.'),
        "message: “No attribute called <text> or <text>, see <text>.” in the workspace, “Could not find",
    ),
    "list_attributes": (
        both(with_attribute("is_unique"), error(type="missing_error")),
        "attribute `email_addresses` of people: another `is_unique`",
    ),
    "list_select_options": (
        first(lambda item: item.pop("is_archived")),
        "`data[].is_archived`: sometimes missing",
    ),
    "list_statuses": (every(set_to("title", 7)), "`data[].title`: number in the workspace, text in the fake"),
    "query_records": (
        both(reversed_data, with_header("x-attio-record-query-score", None)),
        "order: newest first in the workspace, oldest first in the fake",
    ),
    "get_record": (
        first(lambda item: item.pop("web_url")),
        "`data.web_url`: always missing in the workspace",
    ),
    "list_record_attribute_values": (
        every(set_to("active_until", 0)),
        "`data.<currency>[].active_until`: number in the workspace",
    ),
    "search_records": (
        with_issue(path=["request", CANARY], code=CANARY),
        "validation_errors `path`: request.<text>",
    ),
    "list_lists": (with_header("x-new", CANARY), "header `x-new`: only in the workspace"),
    "query_entries": (
        every(lambda item: item["entry_values"].pop(f"{CANARY.lower()}_rating")),
        "attribute `rating#3`: has values only in the fake",
    ),
    "get_entry": (
        first(
            lambda item: [
                v.update(attribute_type="text") for v in item["entry_values"][f"{CANARY.lower()}_date"]
            ]
        ),
        "`data.entry_values.<date>[].attribute_type`: another type than the attribute's in the workspace",
    ),
    "list_workspace_members": (
        every(set_to("created_at", None)),
        "`data[].created_at`: null in the workspace",
    ),
    "list_notes": (
        lambda body, _: {**body, "data": body["data"] * 2} if "data" in body else body,
        "limit: more items",
    ),
    "get_note": (renamed, "error `statusCode`: only in the workspace"),
    "list_tasks": (
        every(set_to("is_completed", "true")),
        "`data[].is_completed`: text in the workspace, boolean in the fake",
    ),
    "get_task": (
        first(set_to("created_at", "2026-01-05T09:00:00.123Z")),
        "timestamp with 3 decimals in the workspace",
    ),
    "get_list": (lambda *_: f"<html>{CANARY}".encode(), "body: not JSON in the workspace"),
    "list_webhooks": (error(type="strange_error"), "error `type`: strange_error in the workspace"),
    "get_webhook": (first(lambda item: item["id"].update(webhook_id=CANARY)), "`data.id.webhook_id`: text"),
    "list_meetings": (
        lambda body, _: {key: part for key, part in body.items() if key != "pagination"},
        "`pagination`: always missing in the workspace",
    ),
    "get_meeting": (with_header("content-type", "text/plain"), "header `content-type`: other values"),
    "get_thread": (
        first(set_to("comments", None)),
        "`data.comments`: null in the workspace, array in the fake",
    ),
}
"""Wrong answers by operation, and what the report must say of each."""
STATUS = {
    "list_record_entries": (202, "status: 202 in the workspace, 200 in the fake"),
    "get_file": (410, "status: 410"),
}


SIDE_EFFECTS = (
    "header `x-attio-record-query-score`: only in the fake",
    "order: oldest first in the workspace, newest first in the fake",
    "order: not ordered by time of creation in the workspace",
    "offset: not applied in the workspace",
    "error `status_code`: only in the fake",
    "error `type`: missing_error in the workspace",
    "validation_errors `path`: request.<text>",
    "validation_errors `code`: <text> in the workspace",
    "`<text>`: only in the workspace",
    "[].active_until`: number in the workspace",
)
"""What the same wrong answers are bound to show besides."""


def make_wrong(fake: FakeAttio) -> None:
    for operation, (change, _) in WRONG.items():
        fake.fault(Wrong(change), operation=operation, times=100_000)
    for operation, (status, _) in STATUS.items():
        fake.fault(Wrong(lambda body, _: body, status), operation=operation, times=100_000)


def test_every_wrong_answer_of_a_served_workspace_is_found_and_nothing_of_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(WRONG) + len(STATUS) > 20
    fake = filled_workspace()
    anyio.run(fill_by_requests, fake)
    make_wrong(fake)
    reports = []

    async def kept(*arguments: Any, **options: Any) -> ConformanceReport:
        reports.append(await compare(*arguments, **options))
        return reports[0]

    monkeypatch.setattr("attio_async._cli.doctor.conformance.compare", kept)
    with fake.serve() as server:
        monkeypatch.setenv("ATTIO_API_KEY", fake.token)
        monkeypatch.setenv("ATTIO_BASE_URL", server.url)
        out = tmp_path / "report.md"
        result = run_command("doctor", "--conformance", "--out", str(out), "--yes")
    assert result.exit_code == 1
    (report,) = reports
    data = json.dumps(report.to_dict())
    text = out.read_text(encoding="utf-8")
    assert result.stdout == text
    found = list(report.differences)
    assert all(f"- {what}\n" in text for what in found)
    expected = {operation: words for operation, (_, words) in (WRONG | STATUS).items()}
    assert {name: words for name, words in expected.items() if not any(words in what for what in found)} == {}
    known = (*expected.values(), *SIDE_EFFECTS)
    assert [what for what in found if not any(words in what for words in known)] == []
    for shown in (text, data):
        assert CANARY.lower() not in shown.lower()
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", shown.replace(NO_ID, ""))
        assert fake.token not in shown


def test_the_report_is_shown_and_not_written_without_consent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def same(_: object, **options: object) -> ConformanceReport:
        assert options == {"token": "a-token", "base_url": "https://attio.example.com"}
        return ConformanceReport({}, ["GET /v2/self"], {})

    monkeypatch.setattr("attio_async._cli.doctor.conformance.compare", same)
    monkeypatch.setenv("ATTIO_API_KEY", "a-token")
    monkeypatch.setenv("ATTIO_BASE_URL", "https://attio.example.com")
    result = run_command("doctor", "--conformance", "--out", str(tmp_path / "report.md"))
    assert result.exit_code == 2
    assert "1 reads compared, 0 not; 0 differences." in result.stdout
    assert "give --yes" in result.stderr
    assert list(tmp_path.iterdir()) == []
    assert run_command("doctor", "--conformance").exit_code == 0


def test_out_needs_conformance(tmp_path: Path) -> None:
    result = run_command("doctor", "--out", str(tmp_path / "report.md"))
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "--conformance" in result.stderr
