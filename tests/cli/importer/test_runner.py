"""Imports: checks come first, every row is accounted for, nothing is written twice."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.importer import runner
from attio_async._cli.importer.models import ImportResult
from attio_async._cli.importer.runner import in_dependency_order, prepare_imports, prepare_replay
from attio_async.errors import ConfigurationError
from attio_async.testing import FakeAttio, FakeResponse, FixedResponse, VirtualClock
from tests.cli.support import import_request, imported, natives, table, workspace

pytestmark = pytest.mark.anyio


def companies(count: int) -> str:
    lines = [f'"Firm {number}, Ltd",firm-{number}.example.com' for number in range(count)]
    return "\n".join(["Name,Domains", *lines])


def counts(result: ImportResult) -> tuple[int, int, int]:
    return result.created, result.updated, result.failed


class TestWriting:
    async def test_rows_are_written_once(self) -> None:
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

    async def test_rows_are_written_at_the_full_allowed_rate(self) -> None:
        result = await imported(workspace(), companies(300))
        assert counts(result) == (300, 0, 0)
        assert result.rate_limited == 0
        assert result.writes / result.seconds > 0.9 * 25

    async def test_several_values_in_a_cell(self) -> None:
        fake = workspace()
        content = 'domains;categories\n"a.example.com; b.example.com";"B2B;Aerospace & Defense"\n'
        await imported(fake, content)
        assert natives(fake, "companies", "domains") == [["a.example.com", "b.example.com"]]
        assert natives(fake, "companies", "categories") == [["B2B", "Aerospace & Defense"]]

    async def test_another_separator(self) -> None:
        fake = workspace()
        await imported(fake, "domains,name\na.example.com | b.example.com,A; B\n", separator="|")
        assert natives(fake, "companies", "domains") == [["a.example.com", "b.example.com"]]
        assert natives(fake, "companies", "name") == [["A; B"]]

    async def test_an_empty_cell_leaves_the_value_unchanged(self) -> None:
        fake = workspace()
        await imported(fake, "domains,name,description\na.example.com,A,first\n")
        await imported(fake, "domains,name,description\na.example.com,,second\n")
        assert natives(fake, "companies", "name") == [["A"]]
        assert natives(fake, "companies", "description") == [["second"]]

    async def test_people_refer_to_companies_by_domain(self) -> None:
        fake = workspace()
        company = fake.seed.add_record("companies", {"domains": ["acme.example.com"]})["id"]["record_id"]
        content = 'Name,Email addresses,Company\n"O\'Brien, Siobhán",s@x.example.com,https://ACME.example.com/about\n'
        result = await imported(fake, content, object="people", match="email_addresses")
        assert result.failures == []
        (referred,) = natives(fake, "people", "company")
        assert getattr(referred[0], "record_id", None) == company
        (name,) = natives(fake, "people", "name")
        assert str(name[0]) == "Siobhán O'Brien"

    async def test_a_reference_by_id_address_or_the_exports_form(self) -> None:
        fake = workspace()
        company = fake.seed.add_record("companies", {"domains": ["acme.example.com"]})["id"]["record_id"]
        forms = [company, f"companies/{company}", f"https://app.attio.com/acme/company/{company}/overview"]
        rows = [f"p{number}@x.example.com,{form}" for number, form in enumerate(forms)]
        result = await imported(
            fake, "\n".join(["email_addresses,company", *rows]), object="people", match="email_addresses"
        )
        assert result.failures == []
        assert [getattr(found[0], "record_id", None) for found in natives(fake, "people", "company")] == [
            company
        ] * 3

    async def test_companies_refer_to_people_by_email(self) -> None:
        fake = workspace()
        fake.seed.add_record("people", {"email_addresses": ["a@x.example.com"]})
        fake.seed.add_record("people", {"email_addresses": ["b@x.example.com"]})
        result = await imported(fake, "domains,team\nacme.example.com,a@x.example.com;b@x.example.com\n")
        assert result.failures == []
        assert [len(team) for team in natives(fake, "companies", "team")][-1] == 2

    async def test_jsonl_keeps_its_types_and_is_not_split(self) -> None:
        fake = workspace()
        rows = [
            {
                "domains": ["a.example.com", "b.example.com"],
                "name": "'=A; B",
                "funding_raised_usd": 1.1,
                "description": None,
            },
            {
                "domains": "c.example.com",
                "foundation_date": "2020",
                "primary_location": {"locality": "Paris"},
            },
        ]
        content = "\n".join(json.dumps(row) for row in rows)
        result = await imported(fake, content, name="rows.jsonl")
        assert result.failures == []
        assert sorted(natives(fake, "companies", "name")) == [[], ["'=A; B"]]
        assert sorted(natives(fake, "companies", "domains")) == [
            ["a.example.com", "b.example.com"],
            ["c.example.com"],
        ]
        assert natives(fake, "companies", "description") == [[], []]
        places = natives(fake, "companies", "primary_location")
        assert [str(place) for found in places for place in found] == ["Paris"]


class TestFailures:
    CONTENT = """\
name,domains,value
Good,good.example.com,1
Same,good.example.com,2
Bad domain,not a domain,3
Ragged,ragged.example.com
No key,,5
Bad value,bad.example.com,x
Also good,also.example.com,-7.5
"""

    async def imported(self, fake: FakeAttio, **job: object) -> ImportResult:
        return await imported(fake, self.CONTENT, renames={"value": "funding_raised_usd"}, **job)

    async def test_each_has_line_attribute_and_reason_and_the_other_rows_are_written(self) -> None:
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

    async def test_an_error_of_attio_is_reported_with_the_value_of_the_file(self) -> None:
        content = "email_addresses,company\na@x.example.com,nowhere.example.com\nb@x.example.com,\n"
        result = await imported(workspace(), content, object="people", match="email_addresses")
        assert counts(result) == (1, 0, 1)
        (failed,) = result.failures
        assert (failed.line, failed.attribute, failed.value) == (2, "company", "nowhere.example.com")
        assert "Attio answered 400 (value_not_found)" in failed.reason

    async def test_on_error_stop_writes_no_further_row(self) -> None:
        fake = workspace()
        result = await self.imported(fake, on_error="stop")
        # How many rows were already on their way is up to the scheduler.
        assert result.failed >= 1
        assert result.not_tried >= 1
        assert counts(result) == (len(fake.records("companies")), 0, 7 - result.created - result.not_tried)
        assert result.unknown == 0
        assert result.exit_code == 1
        assert not result.interrupted

    async def test_a_check_finds_the_same_and_writes_nothing(self, tmp_path: Path) -> None:
        fake = workspace()
        result = await self.imported(fake, mode="check", report=tmp_path / "report.csv")
        real = await self.imported(workspace())
        assert [(failed.line, failed.attribute) for failed in result.failures] == [
            (failed.line, failed.attribute) for failed in real.failures
        ]
        assert (result.checked, result.failed, result.writes) == (2, 5, 0)
        assert fake.records("companies") == []
        assert (tmp_path / "report.csv").read_text().count("\n") == 6

    async def test_a_check_can_stop_at_the_first_failure(self) -> None:
        result = await self.imported(workspace(), mode="check", on_error="stop")
        assert (result.checked, result.failed, result.not_tried) == (1, 1, 5)

    async def test_a_read_only_token_stops_the_import(self) -> None:
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
    async def test_an_invalid_file_or_option_is_refused_before_the_first_write(self) -> None:
        misfits = {}
        rows = "name,domains\nA,a.example.com\n"
        cases: list[tuple[str, dict[str, object], str]] = [
            (rows, {"object": "compny"}, "did you mean 'companies'"),
            (rows, {"object": "zzz"}, "objects of this workspace: people, companies"),
            (rows.replace("name", "Company Name"), {}, "does not match an attribute; did you mean 'name'"),
            ("name\nA\n", {}, "no column maps to 'domains'"),
            (rows, {"match": "name"}, "'name' is not unique"),
            (
                "Name,N2,domains\nA,B,a.example.com\n",
                {"renames": {"N2": "name"}},
                "both map to the attribute 'name'",
            ),
        ]
        for content, options, reason in cases:
            fake = workspace()
            with pytest.raises((Refusal, ConfigurationError)) as refused:
                await imported(fake, content, **options)
            if reason not in str(refused.value) or {call.method for call in fake.calls} != {"GET"}:
                misfits[reason] = str(refused.value)
        assert not misfits

    async def test_a_report_that_cannot_be_written(self, tmp_path: Path) -> None:
        fake = workspace()
        with pytest.raises(ConfigurationError, match="does not exist"):
            await imported(fake, companies(1), report=tmp_path / "none" / "report.csv")
        assert fake.records("companies") == []

    async def test_a_revoked_token(self) -> None:
        fake = workspace()
        fake.auth.revoke_token()
        with pytest.raises(Refusal, match="401"):
            await imported(fake, companies(1))
        assert fake.records("companies") == []


class TestStopping:
    async def test_a_run_that_is_stopped_early_counts_the_other_rows(self) -> None:
        fake = workspace()
        async with fake.client() as attio:
            (run,) = await prepare_imports(attio, import_request(), [table(companies(500))])
            rows = 0

            def stop_at_the_tenth() -> None:
                nonlocal rows
                rows += 1
                if rows == 10:
                    run.stop()

            await run.run(stop_at_the_tenth)
        assert run.result.interrupted
        assert (run.result.unknown, run.result.stop_reason) == (0, None)
        assert 10 <= run.result.created == len(fake.records("companies")) < 500
        assert run.result.not_tried == 500 - run.result.created

    async def test_a_run_that_is_stopped_at_once_writes_nothing(self) -> None:
        for mode in ("write", "check"):
            fake = workspace()
            async with fake.client() as attio:
                (run,) = await prepare_imports(attio, import_request(mode=mode), [table(companies(3))])
                run.stop()
                await run.run(pytest.fail)
            assert run.result.exit_code == 130
            assert (run.result.known, run.result.not_tried, run.result.last_line) == (0, 3, None)
            assert fake.records("companies") == []

    async def test_too_many_failures_stop_it(self) -> None:
        content = "name,domains\n" + "".join(f"n{n},no domain\n" for n in range(9)) + "A,a.example.com\n"
        result = await imported(workspace(), content, max_failures=2)
        assert result.failed > 2
        assert result.created == 0
        assert "--max-failures is 2" in (result.stop_reason or "")
        assert result.exit_code == 1
        result = await imported(workspace(), content, on_error="stop")
        assert "failed, and --on-error is stop" in (result.stop_reason or "")


class TestJournalsAndReplays:
    ROWS = "name,domains\nA,a.example.com\nB,b.example.com\n"

    async def test_rows_that_are_settled_already_are_not_kept_in_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(runner, "_MAX_OPEN", 10)
        fake, journal = workspace(), tmp_path / "import.db"
        await imported(fake, companies(50), journal=journal)
        async with fake.client() as attio:
            request = import_request(objects=["companies"], matches=["domains"], journal=journal)
            (run,) = await prepare_imports(attio, request, [table(companies(50))])
            await run.run(pytest.fail)
            assert run.result.resumed == 50
            assert len(run._open) <= 10

    async def test_a_journal_resumes_and_refuses_another_file(self, tmp_path: Path) -> None:
        fake, journal = workspace(), tmp_path / "import.db"
        first = await imported(fake, self.ROWS, journal=journal)
        assert (first.created, first.resumed) == (2, 0)
        calls = len(fake.calls)
        again = await imported(fake, f"{self.ROWS}C,c.example.com\n", journal=journal)
        assert (again.created, again.resumed, again.writes, again.exit_code) == (3, 2, 1, 0)
        with pytest.raises(
            ConfigurationError, match="row 2 of the input, or an option by which it is read, has"
        ):
            await imported(fake, self.ROWS.replace("A,", "X,"), journal=journal)
        assert len([call for call in fake.calls[calls:] if call.method == "PUT"]) == 1

    async def test_a_replay_reports_the_rows_that_still_fail(self, tmp_path: Path) -> None:
        fake, letters = workspace(), tmp_path / "failed.jsonl"
        await imported(fake, f"{self.ROWS}C,no domain\n", dead_letters=letters)
        async with fake.client() as attio:
            run = await prepare_replay(attio, import_request(files=(), replay=letters))
            await run.run(lambda: None)
        result = run.result
        assert (result.rows, result.failed, result.failures[0].line) == (1, 1, 4)


class TestSeveralFiles:
    COMPANIES = "name,domains\nA,a.example.com\nB,b.example.com\n"
    FILES = ("people.csv", "companies.csv")
    OBJECTS = ("people", "companies")
    MATCHES = ("people=email_addresses", "domains")

    async def imported(self, fake: FakeAttio, *files: str, **options: object) -> list[ImportResult]:
        request = import_request(files=self.FILES, objects=self.OBJECTS, matches=self.MATCHES, **options)
        tables = [table(content, name) for content, name in zip(files, self.FILES, strict=True)]
        async with fake.client() as attio:
            runs = await prepare_imports(attio, request, tables)
            for run in runs:
                await run.run(lambda: None)
        return [run.result for run in runs]

    async def test_an_object_is_imported_before_those_that_refer_to_it(self) -> None:
        people = "email_addresses,company\nann@a.example.com,a.example.com\nbob@b.example.com,b.example.com\n"
        results = await self.imported(workspace(), people, self.COMPANIES)
        found = [(result.object, result.created, result.failed) for result in results]
        assert found == [("companies", 2, 0), ("people", 2, 0)]

    async def test_options_concern_the_files_that_have_the_column(self) -> None:
        fake, people = workspace(), "Mail,company\nann@a.example.com,a.example.com\n"
        renames = {"mail": "email_addresses", "Firm": "name"}
        results = await self.imported(fake, people, "firm,domains\nA,a.example.com\n", renames=renames)
        assert [result.created for result in results] == [1, 1]
        with pytest.raises(ConfigurationError, match="unknown column 'Firm'"):
            await self.imported(fake, people, "title,domains\nA,a.example.com\n", renames=renames)

    def test_dependency_order(self) -> None:
        for objects, needs, expected in [
            (["a", "b", "c"], {"a": {"c"}, "b": {"x"}}, ["b", "c", "a"]),
            (["a", "b"], {"a": {"b"}, "b": {"a"}}, ["a", "b"]),
            (["people"], {"people": {"people", "companies"}}, ["people"]),
            ([], {}, []),
        ]:
            assert in_dependency_order(objects, needs) == expected
