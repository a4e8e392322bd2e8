"""From a file's rows to records: checks first, every row accounted for, nothing written twice."""

import csv
import io
import json
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.importer.models import ImportJob, ImportResult
from attio_async._cli.importer.runner import run_import
from attio_async._cli.importer.table import TableSource, scan
from attio_async.testing import FakeAttio, FakeResponse, FixedResponse, VirtualClock
from tests.cli.support import imported, natives, workspace

pytestmark = pytest.mark.anyio


def companies(count: int) -> str:
    lines = [f'"Firm {number}, Ltd",firm-{number}.example' for number in range(count)]
    return "\n".join(["Name,Domains", *lines])


def counts(result: ImportResult) -> tuple[int, int, int]:
    return result.created, result.updated, result.failed


class TestWriting:
    async def test_rows_become_records_and_are_left_alone_the_next_time(self) -> None:
        fake = workspace()
        first = await imported(fake, companies(3))
        assert counts(first) == (3, 0, 0)
        assert (first.rows, first.writes, first.rate_limited) == (3, 3, 0)
        assert first.exit_code == 0
        await fake.clock.sleep(1)
        again = await imported(fake, companies(3))
        assert (counts(again), again.unchanged, again.writes) == ((0, 0, 0), 3, 0)
        assert sorted(natives(fake, "companies", "name")) == [
            ["Firm 0, Ltd"],
            ["Firm 1, Ltd"],
            ["Firm 2, Ltd"],
        ]

    async def test_the_full_allowed_rate_without_a_refusal(self) -> None:
        result = await imported(workspace(), companies(300))
        assert counts(result) == (300, 0, 0)
        assert result.rate_limited == 0
        assert result.writes / result.seconds > 0.9 * 25

    async def test_several_values_in_a_cell(self) -> None:
        fake = workspace()
        content = 'domains;categories\n"a.example; b.example";"B2B;Aerospace & Defense"\n'
        await imported(fake, content)
        assert natives(fake, "companies", "domains") == [["a.example", "b.example"]]
        assert natives(fake, "companies", "categories") == [["B2B", "Aerospace & Defense"]]

    async def test_another_separator(self) -> None:
        fake = workspace()
        await imported(fake, "domains,name\na.example | b.example,A; B\n", separator="|")
        assert natives(fake, "companies", "domains") == [["a.example", "b.example"]]
        assert natives(fake, "companies", "name") == [["A; B"]]

    async def test_an_empty_cell_leaves_the_value_that_is_there(self) -> None:
        fake = workspace()
        await imported(fake, "domains,name,description\na.example,A,first\n")
        await imported(fake, "domains,name,description\na.example,,second\n")
        assert natives(fake, "companies", "name") == [["A"]]
        assert natives(fake, "companies", "description") == [["second"]]

    async def test_people_refer_to_companies_by_domain(self) -> None:
        fake = workspace()
        company = fake.seed.add_record("companies", {"domains": ["acme.example"]})["id"]["record_id"]
        content = 'Name,Email addresses,Company\n"O\'Brien, Siobhán",s@x.example,https://ACME.example/about\n'
        result = await imported(fake, content, object="people", match="email_addresses")
        assert result.failures == []
        (referred,) = natives(fake, "people", "company")
        assert getattr(referred[0], "record_id", None) == company
        (name,) = natives(fake, "people", "name")
        assert str(name[0]) == "Siobhán O'Brien"

    async def test_a_reference_by_id_address_or_the_exports_form(self) -> None:
        fake = workspace()
        company = fake.seed.add_record("companies", {"domains": ["acme.example"]})["id"]["record_id"]
        forms = [company, f"companies/{company}", f"https://app.attio.com/acme/company/{company}/overview"]
        rows = [f"p{number}@x.test,{form}" for number, form in enumerate(forms)]
        result = await imported(
            fake, "\n".join(["email_addresses,company", *rows]), object="people", match="email_addresses"
        )
        assert result.failures == []
        assert [getattr(found[0], "record_id", None) for found in natives(fake, "people", "company")] == [
            company
        ] * 3

    async def test_companies_refer_to_people_by_email(self) -> None:
        fake = workspace()
        fake.seed.add_record("people", {"email_addresses": ["a@x.test"]})
        fake.seed.add_record("people", {"email_addresses": ["b@x.test"]})
        result = await imported(fake, "domains,team\nacme.example,a@x.test;b@x.test\n")
        assert result.failures == []
        assert [len(team) for team in natives(fake, "companies", "team")][-1] == 2

    async def test_jsonl_keeps_its_types_and_is_never_split(self) -> None:
        fake = workspace()
        rows = [
            {
                "domains": ["a.example", "b.example"],
                "name": "'=A; B",
                "funding_raised_usd": 1.1,
                "description": None,
            },
            {"domains": "c.example", "foundation_date": "2020", "primary_location": {"locality": "Paris"}},
        ]
        content = "\n".join(json.dumps(row) for row in rows)
        result = await imported(fake, content, name="rows.jsonl")
        assert result.failures == []
        assert sorted(natives(fake, "companies", "name")) == [[], ["'=A; B"]]
        assert sorted(natives(fake, "companies", "domains")) == [["a.example", "b.example"], ["c.example"]]
        assert natives(fake, "companies", "description") == [[], []]
        places = natives(fake, "companies", "primary_location")
        assert [str(place) for found in places for place in found] == ["Paris"]


class TestFailures:
    CONTENT = """\
name,domains,value
Good,good.example,1
Same,good.example,2
Bad domain,not a domain,3
Ragged,ragged.example
No key,,5
Bad value,bad.example,x
Also good,also.example,-7.5
"""

    async def imported(self, fake: FakeAttio, **job: object) -> ImportResult:
        return await imported(fake, self.CONTENT, renames={"value": "funding_raised_usd"}, **job)

    async def test_each_is_told_with_line_attribute_and_reason_and_the_others_are_written(self) -> None:
        fake = workspace()
        result = await self.imported(fake)
        assert counts(result) == (2, 0, 5)
        assert [(failed.line, failed.attribute) for failed in result.failures] == [
            (3, "domains"),
            (4, "domains"),
            (5, ""),
            (6, "domains"),
            (7, "funding_raised_usd"),
        ]
        assert "row 2 has the same value" in result.failures[0].reason
        assert result.exit_code == 1
        assert sorted(natives(fake, "companies", "name")) == [["Also good"], ["Good"]]

    async def test_the_report_file_holds_all_of_them(self, tmp_path: Path) -> None:
        report = tmp_path / "report.csv"
        result = await self.imported(workspace(), report=report)
        with report.open(newline="") as file:
            written = [(int(row["line"]), row["attribute"]) for row in csv.DictReader(file)]
        assert written == [(failed.line, failed.attribute) for failed in result.failures]

    async def test_what_attio_refuses_is_told_with_the_value_of_the_file(self) -> None:
        content = "email_addresses,company\na@x.test,nowhere.example\nb@x.test,\n"
        result = await imported(workspace(), content, object="people", match="email_addresses")
        assert counts(result) == (1, 0, 1)
        (failed,) = result.failures
        assert (failed.line, failed.attribute, failed.value) == (2, "company", "nowhere.example")
        assert "Attio answered 400 (value_not_found)" in failed.reason

    async def test_on_error_stop_reads_no_further(self) -> None:
        fake = workspace()
        result = await self.imported(fake, on_error="stop")
        # How many rows were already on their way is up to the scheduler.
        assert result.failed >= 1
        assert result.not_tried >= 1
        assert counts(result) == (len(fake.records("companies")), 0, 7 - result.created - result.not_tried)
        assert result.unknown == 0
        assert result.exit_code == 1
        assert not result.interrupted

    async def test_a_dry_run_tells_the_same_and_writes_nothing(self, tmp_path: Path) -> None:
        fake = workspace()
        result = await self.imported(fake, dry_run=True, report=tmp_path / "report.csv")
        real = await self.imported(workspace())
        assert [(failed.line, failed.attribute) for failed in result.failures] == [
            (failed.line, failed.attribute) for failed in real.failures
        ]
        assert (result.checked, result.failed, result.writes) == (2, 5, 0)
        assert fake.records("companies") == []
        assert (tmp_path / "report.csv").read_text().count("\n") == 6

    async def test_a_dry_run_can_stop_at_the_first_failure_too(self) -> None:
        result = await self.imported(workspace(), dry_run=True, on_error="stop")
        assert (result.checked, result.failed, result.not_tried) == (1, 1, 5)

    async def test_a_token_that_may_not_write_ends_it_without_trying_every_row(self) -> None:
        fake = ReadOnly(clock=VirtualClock())
        result = await imported(fake, companies(500))
        assert (result.failed, result.not_tried) == (0, 500)
        assert "403" in (result.stop_reason or "")
        assert result.exit_code == 1


class ReadOnly(FakeAttio):
    """A workspace whose token may read only."""

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        if method == "PUT":
            refusal = {
                "status_code": 403,
                "type": "auth_error",
                "code": "unauthorized",
                "message": "No scope.",
            }
            self.fault(FixedResponse(403, refusal))
        return super().handle(method, target, headers, body)


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "job", "reason"),
        [
            ("name,domains\nA,a.example\n", {"object": "company"}, "did you mean 'companies'"),
            (
                "name,domains\nA,a.example\n",
                {"object": "zzz"},
                "objects of this workspace: people, companies",
            ),
            (
                "Company Name,domains\nA,a.example\n",
                {},
                "column 'Company Name' is no attribute; did you mean 'name'",
            ),
            ("name\nA\n", {}, "no column goes into 'domains'"),
            ("name,domains\nA,a.example\n", {"match": "name"}, "'name' is not unique"),
            (
                "Name,N2,domains\nA,B,a.example\n",
                {"renames": {"N2": "name"}},
                "both go into the attribute 'name'",
            ),
        ],
    )
    async def test_before_the_first_write(self, content: str, job: dict[str, object], reason: str) -> None:
        fake = workspace()
        with pytest.raises(Refusal) as refused:
            await imported(fake, content, **job)
        assert reason in str(refused.value)
        assert {call.method for call in fake.calls} == {"GET"}

    async def test_a_report_that_cannot_be_written(self, tmp_path: Path) -> None:
        fake = workspace()
        with pytest.raises(Refusal, match="there is no folder"):
            await imported(fake, companies(1), report=tmp_path / "none" / "report.csv")
        assert fake.records("companies") == []

    async def test_a_dead_token(self) -> None:
        fake = workspace()
        fake.auth.revoke_token()
        with pytest.raises(Refusal, match="401"):
            await imported(fake, companies(1))


class TestInterruption:
    async def test_the_first_ctrl_c_finishes_what_is_on_its_way(self) -> None:
        fake, stream = workspace(), _InterruptAt("companies: 1", times=1)
        result = await imported(fake, companies(500), stream=stream)
        assert result.interrupted
        assert result.exit_code == 130
        assert result.unknown == 0
        assert result.created == len(fake.records("companies"))
        assert 0 < result.not_tried < 500
        assert result.last_line == result.created + 1
        assert "Stopping" in stream.getvalue()

    async def test_the_second_one_cuts_it_off_and_says_how_many_rows_are_unsure(self) -> None:
        fake, stream = workspace(latency=1.0), _InterruptAt("companies: ", times=2)
        result = await imported(fake, companies(500), stream=stream)
        assert result.interrupted
        assert result.unknown > 0
        assert result.created <= len(fake.records("companies")) <= result.created + result.unknown

    async def test_a_dry_run_can_be_interrupted(self) -> None:
        file = _InterruptAtLine(companies(2000).encode())
        async with workspace().client() as attio:
            job = ImportJob(object="companies", match="domains", dry_run=True)
            rows = scan(TableSource("rows.csv", file))
            file.line = 10
            result = await run_import(attio, rows, job, stream=io.StringIO())
        assert 9 <= result.checked < 1000
        assert result.exit_code == 130

    async def test_ctrl_c_before_any_row_is_on_its_way_writes_none(self) -> None:
        fake, stream = workspace(latency=30), _InterruptAt("Stopping", times=0)
        file = _InterruptAtLine(companies(3).encode())
        async with fake.client() as attio:
            rows = scan(TableSource("rows.csv", file))
            file.line = 5
            job = ImportJob(object="companies", match="domains")
            result = await run_import(attio, rows, job, stream=stream)
        assert "Stopping" in stream.getvalue()
        assert counts(result) == (0, 0, 0)
        assert result.not_tried == 3
        assert result.exit_code == 130


class _InterruptAtLine(io.BytesIO):
    """Presses Ctrl-C when a line is read."""

    line: int | None = None

    def __next__(self) -> bytes:
        if self.line is not None:
            self.line -= 1
            if self.line == 0:
                signal.raise_signal(signal.SIGINT)
        return super().__next__()


class _InterruptAt(io.StringIO):
    """Presses Ctrl-C when a line of progress is written."""

    def __init__(self, start: str, *, times: int) -> None:
        super().__init__()
        self._start = start
        self._times = times

    def write(self, text: str) -> int:
        if text.startswith((self._start, "Stopping")) and self._times:
            self._times -= 1
            signal.raise_signal(signal.SIGINT)
        return super().write(text)
