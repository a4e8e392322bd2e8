"""`import` as it is typed: files, plans, journals, dead letters and Ctrl-C."""

import csv
import errno
import io
import json
import os
import shlex
import signal
import sqlite3
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from attio_async._cli.commands.import_ import summary_lines
from attio_async._cli.importer.failures import FailedValue
from attio_async._cli.importer.models import ImportResult
from attio_async._cli.workspace import embedded_workspace
from attio_async.bulk import ImportReader
from attio_async.testing import FakeAttio, Limits
from tests.bulk._import.sheets import spreadsheet
from tests.cli.support import imported, natives, run_command, started, wait_until, workspace

ROWS = "Company Name,Domains\n=Acme,acme.example.com\nZoë,zoe.example.com\n"
PLAIN_ROWS = "name,domains\nA,a.example.com\nB,b.example.com\n"
MAPPED = ("--object", "companies", "--match", "domains", "--map", "Company Name=name")


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    pass


def import_(*arguments: str, stdin: str | None = None) -> Result:
    return run_command("import", *arguments, "--embedded", "ws.json", stdin=stdin)


def companies() -> list[object]:
    with embedded_workspace(Path("ws.json")) as fake:
        return [*fake.records("companies")]


class TestFiles:
    def test_a_file(self) -> None:
        Path("rows.csv").write_text(ROWS)
        result = import_("rows.csv", *MAPPED)
        assert (result.exit_code, result.stdout) == (0, "")
        workspace_, summary = result.stderr.splitlines()
        assert workspace_ == "Workspace: Fake Workspace (fake-workspace)"
        assert summary.startswith("companies: 2 created, 0 updated, 0 unchanged, 0 failed; ")
        assert "requests, none rate-limited; " in result.stderr

    def test_standard_input_and_a_summary_for_scripts(self) -> None:
        summary = json.loads(import_("-", *MAPPED, "--json", stdin=ROWS).stdout)
        assert (summary["created"], summary["failed"], summary["not_tried"]) == (2, 0, 0)

    def test_a_row_that_fails_is_reported(self) -> None:
        rows = f"{ROWS}Odd,no domain\n"
        result = import_("-", *MAPPED, "--json", "--report", "report.csv", stdin=rows)
        assert result.exit_code == 1
        assert "line 4: domains: 'no domain' is" in result.stderr
        assert json.loads(result.stdout)["failures"][0]["line"] == 4
        assert [row["line"] for row in csv.DictReader(Path("report.csv").read_text().splitlines())] == ["4"]

    def test_a_dry_run_writes_nothing(self) -> None:
        result = import_("-", *MAPPED, "--dry-run", stdin=ROWS)
        assert result.exit_code == 0
        assert "dry run, nothing was written; of 2 rows, 2 are valid and 0 are not" in result.stderr
        assert companies() == []

    def test_a_column_can_be_skipped(self) -> None:
        rows = "Shoe size,domains,company name\n42,a.example.com,A\n"
        assert import_("-", *MAPPED, "--skip", "Shoe size", stdin=rows).exit_code == 0

    def test_invalid_input_is_refused_before_anything_is_written(self) -> None:
        misfits = {}
        for stdin, more, reason in [
            ("", (), "standard input is empty"),
            (
                "Company name,COMPANY NAME,Domains\nA,B,a.example.com\n",
                (),
                "the columns 'Company name' and 'COMPANY NAME (2)' both map to the attribute 'name'",
            ),
            (
                "Nme,Company Name,Domains\nA,B,a.example.com\n",
                (),
                "column 'Nme' does not match an attribute; did you mean 'name'?",
            ),
            (ROWS, ("--map", "Domains"), "not of the form"),
            (ROWS, ("--separator", ""), "--separator"),
            (ROWS, ("--separator", '"'), "--separator"),
            (ROWS, ("--report", "ws.json"), "--report and --embedded are the same file"),
            (ROWS, ("--on-error", "ignore"), "Invalid value for '--on-error'"),
            (ROWS, ("--plan", "--dry-run"), "give either --dry-run or --plan"),
        ]:
            result = import_("-", *MAPPED, *more, stdin=stdin)
            if result.exit_code != 2 or reason not in result.stderr or companies():
                misfits[reason] = result.output
        assert not misfits

    def test_the_report_does_not_overwrite_the_rows(self) -> None:
        Path("rows.csv").write_text(ROWS)
        assert import_("rows.csv", *MAPPED, "--report", "./rows.csv").exit_code == 2
        assert Path("rows.csv").read_text() == ROWS

    def test_without_a_token_it_says_how_to_start(self) -> None:
        Path("companies.csv").write_text(ROWS)
        result = run_command("import", "companies.csv", "--object", "companies", "--match", "domains")
        assert result.exit_code == 2
        assert "attio-async demo" in result.stderr
        assert "--embedded FILE" in result.stderr


class TestPlansAndReplays:
    def test_a_plan_shows_every_change_and_writes_nothing(self) -> None:
        Path("companies.csv").write_text(PLAIN_ROWS)
        assert import_("companies.csv", "--object", "companies", "--match", "domains").exit_code == 0
        Path("companies.csv").write_text(
            "name,domains\nA,a.example.com\nBee,b.example.com\nC,c.example.com\nD,no domain\n"
        )
        planned = import_("companies.csv", "--object", "companies", "--match", "domains", "--plan")
        assert planned.exit_code == 1
        assert planned.stdout.splitlines() == [
            "companies: 1 to create, 1 to update, 1 unchanged, 1 invalid; 4 rows in companies.csv (CSV, commas, UTF-8)",
            "Columns:",
            "  name -> name",
            "  domains -> domains (finds what exists)",
            "Problems:",
            "  domains: 1 row like 'no domain' (line 5): is not a valid domain",
        ]
        command = ("companies.csv", "--object", "companies", "--match", "domains", "--plan")
        *_, heading, update, create, invalid = import_(*command, "--details").stdout.splitlines()
        assert [heading, update, create] == ["Rows:", "  row 3: update name: B -> Bee", "  row 4: create"]
        assert invalid.startswith("  row 5: invalid domains (domain): 'no domain' is")
        assert "planned_rows" not in json.loads(import_(*command, "--json").stdout)["plan"]
        data = json.loads(import_(*command, "--json", "--details").stdout)["plan"]
        assert [row["action"] for row in data["planned_rows"]] == ["update", "create", "invalid"]
        (problem,) = data["problems"]
        assert (problem["attribute"], problem["rows"], problem["line"]) == ("domains", 1, 5)
        assert "plan, nothing was written; 2 of 4 rows would be" in planned.stderr
        summary = json.loads(
            import_("companies.csv", "--object", "companies", "--match", "domains", "--json").stdout
        )
        assert [summary[key] for key in ("created", "updated", "unchanged", "failed")] == [1, 1, 1, 1]

    def test_rows_that_refer_to_missing_records_fail_in_the_plan_unless_another_file_has_them(self) -> None:
        Path("people.csv").write_text("email,company\na@example.com,a.example.com\nb@example.com,\n")
        Path("companies.csv").write_text("domains\na.example.com\n")
        alone = import_("people.csv", "--object", "people", "--plan")
        assert alone.exit_code == 1
        assert "people: 1 to create, 1 invalid; 2 rows" in alone.stdout
        assert "1 row like 'a.example.com': their companies do not exist; try --create-ref" in alone.stdout
        both = import_("people.csv", "companies.csv", "--object", "people", "--object", "companies", "--plan")
        assert both.exit_code == 0
        assert "their companies do not exist yet, and have to be created by rows before" in both.stdout
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_record("people", {"email_addresses": ["a@example.com"]})
        matches = ("--match", "people=email_addresses", "--match", "companies=domains")
        files = ("people.csv", "companies.csv", "--object", "people", "--object", "companies", *matches)
        creating_none = import_(*files, "--update", "--plan").stdout
        assert "1 row like 'a.example.com': their companies do not exist; try" in creating_none

    def test_rows_that_failed_are_fixed_and_replayed(self) -> None:
        Path("companies.csv").write_text(f"{PLAIN_ROWS}C,no domain\n")
        failed = import_(
            "companies.csv", "--object", "companies", "--match", "domains", "--dead-letters", "failed.jsonl"
        )
        assert failed.exit_code == 1
        letter = json.loads(Path("failed.jsonl").read_text())
        assert (letter["label"], letter["attribute"]) == (4, "domains")
        assert Path("failed.jsonl").stat().st_mode & 0o777 == 0o600
        letter["values"]["domains"] = "c.example.com"
        Path("failed.jsonl").write_text(json.dumps(letter))
        replay = ["--replay", "failed.jsonl", "--object", "companies", "--match", "domains"]
        assert f"then run: attio-async import {' '.join(replay)} --embedded ws.json\n" in failed.stderr
        again = import_(*replay, "--json")
        assert again.exit_code == 0, again.stderr
        assert json.loads(again.stdout)["created"] == 1

    def test_an_option_replaces_the_same_column_of_a_mapping_file(self) -> None:
        Path("companies.csv").write_text("Firm,domains\nA,a.example.com\n")
        Path("map.toml").write_text('[columns]\n"FIRM" = "description"\n')
        options = ["--object", "companies", "--mapping", "map.toml", "--map", "firm=name", "--plan"]
        assert "Firm -> name" in import_("companies.csv", *options).stdout

    def test_the_mapping_of_several_files_is_saved_as_one(self) -> None:
        Path("people.csv").write_text("Mail,Tier\nann@a.example.com,x\n")
        Path("companies.csv").write_text("Web,Tier\na.example.com,y\n")
        files = ("people.csv", "companies.csv", "--object", "people", "--object", "companies", "--plan")
        named = ("--map", "Mail=email_addresses", "--map", "Web=domains", "--save-mapping", "map.toml")
        assert import_(*files, *named, "--skip", "Tier").exit_code == 0
        assert import_(*files, "--mapping", "map.toml").exit_code == 0
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_attribute("people", "tier_a", "text", title="Tier")
            fake.seed.add_attribute("companies", "tier_b", "text", title="Tier")
        result = import_(*files, *named)
        assert result.exit_code == 2
        assert "the column 'Tier' goes to 'tier_" in result.stderr
        Path("people.csv").write_text("email,domains\nann@a.example.com,x\n")
        Path("companies.csv").write_text("domains\na.example.com\n")
        result = import_(*files, "--skip-unknown", "--save-mapping", "map.toml")
        assert result.exit_code == 2
        assert "'domains' is left out of one object and goes to 'domains' of another" in result.stderr

    def test_rows_are_replayed_in_the_way_of_their_import(self) -> None:
        Path("companies.csv").write_text("name,domains\nA,no domain\n")
        failed = import_(
            "companies.csv", "--object", "companies", "--create", "--dead-letters", "failed.jsonl"
        )
        assert "--replay failed.jsonl --object companies --create --embedded ws.json\n" in failed.stderr
        Path("companies.csv").write_text("name,domains\nA,new.example.com\n")
        update = ["--object", "companies", "--match", "domains", "--update"]
        failed = import_("companies.csv", *update, "--dead-letters", "failed.jsonl")
        replay = ["--replay", "failed.jsonl", *update]
        assert f"then run: attio-async import {' '.join(replay)} --embedded ws.json\n" in failed.stderr
        again = import_(*replay)
        assert (again.exit_code, "nothing is to be created" in again.stderr) == (1, True)

    def test_the_formats_of_values_apply_to_a_replay(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_attribute("people", "score", "number")
        Path("people.csv").write_text(
            'email,phone,score\na@example.com,020 7946 0958,"1,234"\nno address,,"1,234"\n'
        )
        failed = import_(
            "people.csv", "--object", "people", "--decimal", ",", "--dead-letters", "failed.jsonl"
        )
        assert "'020 7946 0958' does not say its country; try --region GB" in failed.stderr
        letters = [json.loads(line) for line in Path("failed.jsonl").read_text().splitlines()]
        assert [letter["values"]["score"] for letter in letters] == [
            1.234,
            1.234,
        ]  # which no option reads anew
        letters[1]["values"] |= {"email_addresses": ["b@example.com"], "phone_numbers": ["020 7946 0959"]}
        Path("failed.jsonl").write_text("\n".join(map(json.dumps, letters)))
        replay = ("--replay", "failed.jsonl", "--object", "people", "--decimal", ",")
        undecided = import_(*replay)
        assert (undecided.exit_code, undecided.stderr.count("try --region GB")) == (1, 2)
        assert import_(*replay, "--region", "GB").exit_code == 0
        with embedded_workspace(Path("ws.json")) as fake:
            phones = natives(fake, "people", "phone_numbers")
            assert sorted(phones) == [["+442079460958"], ["+442079460959"]]
            assert natives(fake, "people", "score") == [[1.234], [1.234]]

    def test_reports_and_dead_letters_have_all_failures_of_the_job_and_no_others(self) -> None:
        Path("companies.csv").write_text(f"{PLAIN_ROWS}C,no domain\n,\nD,\n")
        command = ("companies.csv", "--object", "companies", "--match", "domains")
        files = ("--dead-letters", "failed.jsonl", "--report", "report.csv")

        def failed() -> tuple[list[str], list[int]]:
            report = csv.DictReader(Path("report.csv").read_text().splitlines())
            letters = Path("failed.jsonl").read_text().splitlines()
            return [row["reason"] for row in report], [json.loads(letter)["label"] for letter in letters]

        first = import_(*command, *files, "--journal", "import.db")
        reasons, labels = failed()
        assert ([reason.partition(";")[0] for reason in reasons], labels) == (
            ["'no domain' is not a valid domain", "has no value to match on"],
            [4, 6],
        )
        again = import_(*command, *files, "--journal", "import.db")
        assert (first.exit_code, again.exit_code) == (1, 1)
        assert failed() == (reasons, labels)
        assert again.stderr.count("domains: ") == 2
        Path("companies.csv").write_text(PLAIN_ROWS)
        assert import_(*command, *files, "--plan").exit_code == 0
        assert failed() == ([], labels)  # of a plan without any, the file is left alone
        assert import_(*command, *files).exit_code == 0
        assert failed() == ([], [])

    def test_a_replay_replaces_its_file_once_all_rows_are_settled(self) -> None:
        Path("companies.csv").write_text("name,domains\nA,no domain\nB,no domain\n")
        files = ("--dead-letters", "failed.jsonl", "--object", "companies", "--match", "domains")
        assert import_("companies.csv", *files).exit_code == 1
        letters = Path("failed.jsonl").read_text().replace('["no domain"]', '["a.example.com"]', 1)
        Path("failed.jsonl").write_text("".join(reversed(letters.splitlines(keepends=True))))
        replay = ("--replay", "failed.jsonl", *files)
        assert import_(*replay, "--plan").exit_code == 1
        assert import_(*replay, "--on-error", "stop").exit_code == 1
        assert Path("failed.jsonl").read_text().count("\n") == 2  # A was not tried
        assert import_(*replay).exit_code == 1
        (left,) = Path("failed.jsonl").read_text().splitlines()
        assert json.loads(left)["label"] == 3
        Path("failed.jsonl").write_text(left.replace('["no domain"]', '["b.example.com"]'))
        assert import_(*replay).exit_code == 0
        assert Path("failed.jsonl").read_text() == ""
        assert len(companies()) == 2

    def test_the_command_of_a_replay_says_how_and_where_rows_are_written(self) -> None:
        Path("people.csv").write_text("email,job_title,phone\na@example.com,n/a;x,123\n")
        options = [
            *("--object", "people", "--match", "job_title", "--on-ambiguous", "first"),
            *(
                "--create-unmatched",
                "--create-options",
                "--create-references",
                "--duplicates",
                "last",
                "--nulls",
                "clear",
            ),
            *("--separator", "\\n", "--region", "GB", "--no-dayfirst", "--date-format", "%d.%m.%y"),
            *("--date-format", "excel", "--decimal", ",", "--null", "not known", "--ignore-currency"),
        ]
        failed = import_("people.csv", *options, "--dead-letters", "of people.jsonl")
        command = failed.stderr.partition("then run: attio-async ")[2].strip()
        words = shlex.split(command)
        assert words == ["import", "--replay", "of people.jsonl", *options, "--embedded", "ws.json"]
        again = run_command(*words)
        assert (again.exit_code, "'123' is not a valid phone number of GB" in again.stderr) == (1, True)

    def test_a_replay_creates_options(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_attribute("people", "chamber", "select")
        Path("people.csv").write_text("email,chamber\na@example.com,House\nb@example.com,house\n")
        people = ("--object", "people", "--match", "email_addresses")
        assert import_("people.csv", *people, "--dead-letters", "failed.jsonl").exit_code == 1
        replay = ("--replay", "failed.jsonl", *people)
        assert import_(*replay).exit_code == 1
        assert import_(*replay, "--create-options", "--plan").exit_code == 0
        assert import_(*replay, "--create-options").exit_code == 0
        with embedded_workspace(Path("ws.json")) as fake:
            assert natives(fake, "people", "chamber") == [["House"], ["House"]]

    def test_the_plan_of_a_replay_lists_problems_by_cause(self) -> None:
        Path("people.csv").write_text(
            "email,phone\na@example.com,020 7946 0958\nb@example.com,020 7946 0959\n"
        )
        people = ("--object", "people", "--match", "email_addresses")
        import_("people.csv", *people, "--dead-letters", "failed.jsonl")
        replay = ("--replay", "failed.jsonl", *people, "--plan")
        planned = import_(*replay)
        assert planned.exit_code == 1
        first, heading, cause, *_ = planned.stdout.splitlines()
        assert (first, heading) == ("upsert people: 2 invalid", "Problems:")
        assert cause.startswith(
            "  phone_numbers: 2 rows like '020 7946 0958' (line 2): does not say its country; try --region GB"
        )
        assert "row 2: invalid" in import_(*replay, "--details").stdout
        (problem,) = json.loads(import_(*replay, "--json").stdout)["plan"]["problems"]
        assert (problem["attribute"], problem["rows"]) == ("phone_numbers", 2)

    def test_every_row_is_in_the_counts(self) -> None:
        Path("companies.csv").write_text(f"{PLAIN_ROWS}B,b.example.com\n")
        command = ("companies.csv", "--object", "companies", "--match", "domains", "--journal", "import.db")
        first = import_(*command, "--duplicates", "first").stderr
        assert "2 created, 0 updated, 0 unchanged, 0 failed, 1 skipped as duplicates; " in first
        again = import_(*command, "--duplicates", "first").stderr
        assert "0 failed, 1 skipped as duplicates (3 of these rows before); 0 requests" in again

    def test_each_of_several_files_has_its_own_dead_letters(self) -> None:
        Path("companies.csv").write_text(f"{PLAIN_ROWS}C,no domain\n")
        Path("people.csv").write_text(
            "email_addresses,company\nann@a.example.com,a.example.com\nbob,b.example.com\n"
        )
        objects = ["--object", "people", "--object", "companies"]
        matches = ["--match", "people=email_addresses", "--match", "companies=domains"]
        reports = ["--dead-letters", "failed.jsonl", "--report", "why.csv"]
        assert import_("people.csv", "companies.csv", *objects, *matches, *reports).exit_code == 1
        assert not Path("failed.jsonl").exists()
        for name in ("people", "companies"):
            assert Path(f"why.{name}.csv").read_text().count("\n") == 2
        assert json.loads(Path("failed.companies.jsonl").read_text())["label"] == 4
        letter = json.loads(Path("failed.people.jsonl").read_text())
        letter["values"]["email_addresses"] = "bob@b.example.com"
        Path("failed.people.jsonl").write_text(json.dumps(letter))
        replay = ["--replay", "failed.people.jsonl", "--object", "people", "--match", "email_addresses"]
        again = import_(*replay, "--json")
        assert again.exit_code == 0
        assert json.loads(again.stdout)["created"] == 1  # the reference to the company is resolved, too

    def test_options_that_cannot_work_are_refused(self) -> None:
        Path("companies.csv").write_text(PLAIN_ROWS)
        rows, misfits = "companies.csv --object companies", {}
        for arguments, reason in {
            "--object companies --match domains": "give either FILE or --replay",
            "companies.csv --object companies --match domains --match name": "--match is given twice",
            "companies.csv --object companies --match company=name": "--match names 'company', which no --object",
            "companies.csv --match domains": "no object or list is given; give --object once per file, or --list",
            "companies.csv --object deals": "nothing finds existing records; give --match SLUG",
            f"{rows} --match domains --resume": "no journal is given; --resume needs --journal FILE",
            f"{rows} --match domains --resume --journal none.db": "the journal none.db is missing",
            "companies.csv --match domains --object a --object b": "1 files and 2 objects are given",
            f"companies.csv {rows} --object companies --match domains": "two files are given for companies",
            f"{rows} --match domains --journal companies.csv": "are the same file",
            "--replay no.jsonl --object companies --match domains": "cannot be read",
            "--replay companies.csv --object companies --match domains": "line 1 of",
            "--replay companies.csv --match domains": "--replay needs --object",
            "--replay q.jsonl --list sales --parent-match domains": "--parent-match is for files",
            "--replay q.jsonl --object companies --set name=A": "--set is for files",
            "--replay q.jsonl --object companies --save-mapping map.toml": "--save-mapping is for files",
            "--replay q.jsonl --object companies --encoding cp1252": "--encoding is for files",
            "--replay companies.csv --object a --match domains --report companies.csv": "are the same file",
        }.items():
            result = import_(*arguments.split())
            if result.exit_code != 2 or reason not in result.stderr:
                misfits[arguments] = result.output
        assert not misfits


class TestTheFilesPeopleHave:
    """Each option reaches the library; what the library does with it is tested there."""

    PEOPLE = """\
last_name;first_name;middle_name;suffix;Mail;Office phone;Mobile;born;score;vip;met;Chamber
King of Lovelace;Ada;Maria;;ada@example.com;(202) 555-0123;;16/11/1987;1.234,5;yes;05/06/2024 2:30 pm;House
Whitfield;Harold;;Jr.;harold@example.com;;202-555-0124;01/02/1990;n/a;no;;Senate
"""
    CHOICES = (
        *(
            "--region",
            "US",
            "--dayfirst",
            "--decimal",
            ",",
            "--true",
            "yes",
            "--false",
            "no",
            "--null",
            "n/a",
        ),
        *("--timezone", "Europe/Paris", "--map", "Mail=email_addresses", "--map", "suffix=name.suffix"),
        *(
            "--map",
            "Office phone=phone_numbers",
            "--map",
            "Mobile=phone_numbers",
            "--set",
            "job_title=Member",
        ),
    )

    @pytest.fixture(autouse=True)
    def _workspace(self, _folder: None) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            for slug, kind in (
                ("born", "date"),
                ("score", "number"),
                ("vip", "checkbox"),
                ("met", "timestamp"),
            ):
                fake.seed.add_attribute("people", slug, kind)
            fake.seed.add_attribute("people", "chamber", "select")
        Path("people.csv").write_text(self.PEOPLE, encoding="cp1252")

    @staticmethod
    def people() -> list[dict[str, object]]:
        found = run_command("query", "people", "--embedded", "ws.json", "--json").stdout.splitlines()
        return sorted(map(json.loads, found), key=lambda each: str(each["email_addresses"]))

    def test_one_plan_and_one_command(self) -> None:
        command = ("people.csv", "--object", "people", *self.CHOICES)
        planned = import_(*command, "--plan")
        assert "chamber: 2 rows like 'House' (line 2): unknown option; try --create-options" in planned.stdout
        assert import_(*command, "--create-options", "--save-mapping", "people.toml", "--plan").exit_code == 0
        assert self.people() == []
        again = ("people.csv", "--object", "people", "--mapping", "people.toml", "--create-options")
        assert import_(*again).exit_code == 0
        ada, harold = self.people()
        assert ada["name"] == {
            "first_name": "Ada",
            "last_name": "King of Lovelace",
            "full_name": "Ada Maria King of Lovelace",
        }
        assert harold["name"] == {
            "first_name": "Harold",
            "last_name": "Whitfield",
            "full_name": "Harold Whitfield, Jr.",
        }
        assert (ada["phone_numbers"], harold["phone_numbers"]) == (["+12025550123"], ["+12025550124"])
        assert (ada["born"], ada["score"], ada["vip"]) == ("1987-11-16", 1234.5, True)
        assert (harold["born"], harold["score"], harold["vip"]) == ("1990-02-01", None, False)
        assert ada["met"] == "2024-06-05T12:30:00Z"
        assert (ada["job_title"], ada["chamber"], harold["chamber"]) == ("Member", "House", "Senate")

    def test_several_files_a_spreadsheet_and_a_stated_encoding(self) -> None:
        Path("a.csv").write_bytes("Email,Description\na@example.com,Привет\n".encode("cp1251"))
        refused = import_("a.csv", "--object", "people")
        assert (refused.exit_code, "--encoding cp1251" in refused.stderr) == (2, True)
        Path("b.csv").write_bytes("Email,Description\nb@example.com,Привет\n".encode("cp1251"))
        assert import_("a.csv", "b.csv", "--object", "people", "--encoding", "cp1251").exit_code == 0
        assert [each["description"] for each in self.people()] == ["Привет", "Привет"]
        Path("c.csv").write_bytes("Email;Description\na@example.com;Café\n".encode("cp1252"))
        said = import_("c.csv", "--object", "people").stderr
        assert "c.csv is not UTF-8; taken as Windows-1252" in said
        sheets = spreadsheet(Notes=[["x"]], People=[["Email", "Born"], ["a@example.com", date(1987, 11, 16)]])
        Path("d.xlsx").write_bytes(sheets)
        assert import_("d.xlsx", "--object", "people", "--sheet", "People").exit_code == 0
        assert [each["born"] for each in self.people()] == ["1987-11-16", None]

    def test_ways(self) -> None:
        Path("rows.csv").write_text("email,job_title\na@example.com,Head\n,Boss\na@example.com,Chief\n")
        rows = ("rows.csv", "--object", "people")
        result = import_(*rows)
        assert (result.exit_code, len(self.people())) == (1, 1)
        assert "line 3: email_addresses: has no value to match on" in result.stderr
        assert import_(*rows, "--duplicates", "last", "--create-unmatched").exit_code == 0
        assert [each["job_title"] for each in self.people()] == ["Chief", "Boss"]
        assert (
            import_(*rows, "--update", "--match", "email_addresses", "--duplicates", "first").exit_code == 1
        )
        assert [each["job_title"] for each in self.people()] == ["Head", "Boss"]
        Path("rows.csv").write_text("email,job_title\na@example.com,\n")
        assert import_(*rows, "--nulls", "clear").exit_code == 0
        assert [each["job_title"] for each in self.people()] == [None, "Boss"]
        assert run_command("export", "people", "--embedded", "ws.json", "--out", "out.csv").exit_code == 0
        assert import_("out.csv", "--object", "people", "--update", "--match", "record_id").exit_code == 0
        assert import_(*rows, "--create", "--update").exit_code == 2

    def test_a_list_with_new_parents(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_list("sales", "Sales", "companies")
        Path("leads.csv").write_text("Website,Firm\nnew.example.com,New\n")
        mapped = ("--map", "Website=parent.domains", "--map", "Firm=parent.name")
        assert import_("leads.csv", "--list", "sales", *mapped).exit_code == 1
        planned = import_("leads.csv", "--list", "sales", *mapped, "--create-parents", "--plan")
        assert "1 records would be created to be put in sales" in planned.stdout
        assert import_("leads.csv", "--list", "sales", *mapped, "--create-parents").exit_code == 0
        assert len(companies()) == 1


@pytest.mark.full
class TestLists:
    ROWS = "Domain,Tier\nacme.example.com,A\nnone.example.com,B\nZOE.example.com,C\n"
    INTO = ("--list", "Sales pipeline", "--parent-match", "domains", "--map", "Domain=domains")

    @pytest.fixture(autouse=True)
    def _list(self, _folder: None) -> None:
        Path("rows.csv").write_text(self.ROWS)
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_list("sales", "Sales pipeline", "companies")
            fake.seed.add_attribute("sales", "tier", "text")
            for name in ("acme", "zoe"):
                fake.seed.add_record("companies", {"name": name, "domains": [f"{name}.example.com"]})

    def tiers(self) -> list[object]:
        found = run_command("query", "sales", "--embedded", "ws.json", "--json").stdout.splitlines()
        return sorted(json.loads(line)["tier"] for line in found)

    def test_a_plan_with_new_parents_writes_no_dead_letters(self) -> None:
        Path("rows.csv").write_text("Website,Tier\nno domain,A\n")
        options = ("--list", "sales", "--map", "Website=parent.domains", "--create-parents", "--plan")
        result = import_("rows.csv", *options, "--dead-letters", "failed.jsonl")
        assert (result.exit_code, "Fix the rows" in result.stderr) == (1, False)
        assert not Path("failed.jsonl").exists()

    def test_rows_are_put_in_a_list_by_their_parents(self) -> None:
        result = import_("rows.csv", *self.INTO, "--dead-letters", "failed.jsonl")
        assert result.exit_code == 1
        assert "line 3: has no parent: none of companies has 'none.example.com' as domains" in result.stderr
        assert "sales: 2 created, 0 updated, 0 unchanged, 1 failed" in result.stderr
        assert "--replay failed.jsonl --list sales" in result.stderr
        assert self.tiers() == ["A", "C"]
        Path("rows.csv").write_text(self.ROWS.replace(",C", ",D"))
        assert "0 created, 1 updated, 1 unchanged, 1 failed" in import_("rows.csv", *self.INTO).stderr
        assert self.tiers() == ["A", "D"]

    @pytest.mark.parametrize("form", ["csv", "jsonl"])
    def test_an_exported_list_is_imported_to_the_same_entries(self, form: str) -> None:
        import_("rows.csv", *self.INTO)
        file = f"sales.{form}"
        assert run_command("export", "sales", "-o", file, "--embedded", "ws.json").exit_code == 0
        entries = json.loads(
            run_command("query", "sales", "--format", "json", "--embedded", "ws.json").stdout
        )
        back = (file, "--list", "sales", "--parent-match", "parent_record")
        assert "0 created, 0 updated, 2 unchanged, 0 failed" in import_(*back).stderr
        for entry in entries:
            run_command("delete", f"sales/{entry['entry_id']}", "--yes", "--embedded", "ws.json")
        assert "2 created, 0 updated, 0 unchanged, 0 failed" in import_(*back).stderr
        assert self.tiers() == ["A", "C"]
        Path("broken.csv").write_text("parent_record,tier\nacme,A\n")
        broken = import_("broken.csv", *back[1:])
        assert "line 2: has no parent: 'acme' is not of the form OBJECT/ID" in broken.stderr

    def test_a_dry_run_and_a_plan_write_nothing(self) -> None:
        checked = import_("rows.csv", *self.INTO, "--dry-run")
        assert "of 3 rows, 2 are valid and 1 are not" in checked.stderr
        planned = import_("rows.csv", *self.INTO, "--plan")
        assert "sales: plan, nothing was written; 2 of 3 rows would be" in planned.stderr
        assert self.tiers() == []

    def test_options_that_cannot_work_are_refused(self) -> None:
        misfits = {}
        for options, reason in [
            (self.INTO[:2], "--parent-match: no column maps to 'parent_record'"),
            (("--object", "companies", *self.INTO[2:4]), "--parent-match belongs to --list"),
            (("--list", "people", "--parent-match", "domains"), "unknown list 'people'"),
            (("--list", "sales", "--parent-match", "name"), "is not unique"),
            (("--list", "sales", "--parent-match", "parent_record"), "no column maps to 'parent_record'"),
            (("--list", "sales", "--parent-match", "domains"), "no column maps to 'domains' of companies"),
            ((*self.INTO, "--object", "companies"), "either --object or --list"),
        ]:
            result = import_("rows.csv", *options)
            if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
                misfits[options] = result.output
        assert not misfits


class TestSignals:
    COMMAND = ("import", "rows.csv", "--object", "companies", "--match", "domains", "--json")

    @pytest.fixture(autouse=True)
    def rows(self, folder: Path) -> Path:
        file = folder / "rows.csv"
        file.write_text("\n".join(["domains", *(f"firm-{number}.example.com" for number in range(1000))]))
        return file

    def test_ctrl_c_finishes_the_rows_on_their_way(self, folder: Path) -> None:
        fake = FakeAttio(limits=Limits(), latency=0.04)
        with fake.serve() as server, started(*self.COMMAND, cwd=folder, fake_url=server.url) as process:
            wait_until(lambda: len(fake.records("companies")) > 5)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        summary = json.loads(out)
        assert process.returncode == 130
        assert summary["interrupted"]
        assert summary["created"] == len(fake.records("companies")) < 200
        assert summary["not_tried"] == 1000 - summary["created"]
        assert "Stopping: no further rows are written" in err
        last = summary["created"] + 1
        assert f"stopped after line {last}; {summary['not_tried']} of 1,000 rows not tried" in err

    def test_sigterm_keeps_the_embedded_workspace_and_the_report(self, folder: Path, rows: Path) -> None:
        with rows.open("a") as file:
            file.write("\nno domain")
        arguments = (*self.COMMAND, "--embedded", "ws.json", "--report", "report.csv", "--verbose")
        with started(*arguments, cwd=folder) as process:
            assert process.stderr is not None
            written = (line for line in process.stderr if "PUT /v2/objects/companies/records 200" in line)
            assert len(list(islice(written, 5))) == 5
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=30)
        assert process.returncode == 130
        assert len(companies()) == json.loads(out)["created"] > 0
        assert sorted(path.name for path in folder.iterdir()) == ["report.csv", "rows.csv", "ws.json"]


def firms(count: int) -> str:
    return "\n".join(["Name,Domains", *(f'"Firm {n}, Ltd",firm-{n}.example.com' for n in range(count))])


class TestInterruption:
    pytestmark = pytest.mark.anyio

    async def test_the_first_ctrl_c_finishes_the_rows_on_their_way(self) -> None:
        fake, stream = workspace(), _InterruptAt("companies: 1", times=1)
        result = await imported(fake, firms(500), stream=stream)
        assert result.interrupted
        assert result.exit_code == 130
        assert result.unknown == 0
        assert result.created == len(fake.records("companies"))
        assert 0 < result.not_tried < 500
        assert result.last_line == result.created + 1
        assert "Stopping" in stream.getvalue()

    async def test_the_second_one_cuts_them_off_and_counts_them(self) -> None:
        fake, stream = workspace(latency=1.0), _InterruptAt("companies: ", times=2)
        result = await imported(fake, firms(500), stream=stream)
        assert result.interrupted
        assert result.unknown > 0
        assert result.created <= len(fake.records("companies")) <= result.created + result.unknown

    async def test_a_dry_run_can_be_interrupted(self) -> None:
        file = _InterruptAtLine(firms(2000).encode())
        rows = ImportReader().read(file, name="rows.csv")
        file.line = 10
        result = await imported(workspace(), rows, mode="check")
        assert 9 <= result.checked < 1000
        assert result.exit_code == 130

    async def test_ctrl_c_before_the_first_row_writes_nothing(self) -> None:
        fake, stream = workspace(latency=30), _InterruptAt("Stopping", times=0)
        file = _InterruptAtLine(firms(3).encode())
        rows = ImportReader().read(file, name="rows.csv")
        file.line = 5
        result = await imported(fake, rows, stream=stream)
        assert "Stopping" in stream.getvalue()
        assert (result.created, result.updated, result.failed) == (0, 0, 0)
        assert result.not_tried == 3
        assert result.exit_code == 130


class _InterruptAtLine(io.BytesIO):
    """Presses Ctrl-C when a line is read."""

    line: int | None = None

    def read(self, size: int | None = -1, /) -> bytes:
        if self.line is None:
            return super().read(size)
        line = self.readline()  # no more, so that rows are made as slowly as they are read
        self.line -= 1
        if self.line == 0:
            signal.raise_signal(signal.SIGINT)
        return line


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


def result(**changes: object) -> ImportResult:
    return ImportResult(**{"object": "people", "match": "email_addresses", "rows": 10, **changes})  # type: ignore[arg-type]


class TestSummary:
    def test_of_rows_that_were_all_written(self) -> None:
        (line,) = summary_lines(result(created=4, updated=6, requests=11, rate_limited=1, seconds=2.04))
        assert line == (
            "people: 4 created, 6 updated, 0 unchanged, 0 failed; 11 requests, 1 rate-limited; 2.0 s"
        )

    def test_failures_come_first_and_their_number_last(self) -> None:
        failures = [FailedValue(3, "name", "x", "is odd")]
        lines = summary_lines(result(created=8, failed=2, failures=failures, more_failures=1200))
        assert lines[0] == "line 3: name: is odd [x]"
        assert lines[1] == "and 1,200 more; --report FILE lists all"
        assert lines[2].startswith("people: 8 created")
        assert len(lines) == 3

    def test_skipped_columns_are_named(self) -> None:
        lines = summary_lines(result(created=10, ignored_columns=list("abcdefg")))
        assert lines[0] == "skipped columns that Attio sets itself: a, b, c, d, e and 2 more"

    def test_of_an_import_that_was_cut_off(self) -> None:
        lines = summary_lines(result(created=3, unknown=2, last_line=4, interrupted=True))
        assert lines[1:] == [
            "stopped after line 4; 5 of 10 rows not tried",
            "cut off on their way, perhaps written: 2 rows",
            "Run the same command again to resume: rows that were written are found, not duplicated.",
        ]

    def test_of_an_import_that_had_not_begun(self) -> None:
        lines = summary_lines(result(rows=1, interrupted=True))
        assert lines[1] == "stopped before the first row; 1 of 1 row not tried"

    def test_of_a_dry_run(self) -> None:
        (line,) = summary_lines(result(mode="check", checked=9, failed=1))
        assert line.startswith("people: dry run, nothing was written; of 10 rows, 9 are valid and 1 are not")


class TestFullDisk:
    """A full disk is told with the path, and what was written is counted."""

    def test_a_journal_that_cannot_be_created(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("rows.csv").write_text(PLAIN_ROWS)
        with monkeypatch.context() as patch:
            _fill_disk(patch, pages=1)
            result = import_("rows.csv", "--object", "companies", "--match", "domains", "--journal", "j.db")
        assert result.exit_code == 1
        assert result.stderr.splitlines()[1:] == ["cannot write j.db: No space left on device"]
        assert sorted(path.name for path in Path().iterdir()) == ["rows.csv", "ws.json"]
        assert companies() == []

    def test_a_journal_that_fills_the_disk_loses_no_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rows = [f"{'Firm' * 1000},firm{number}.example.com" for number in range(15)]
        Path("rows.csv").write_text("\n".join(["name,domains", *rows]))
        arguments = ("rows.csv", "--object", "companies", "--match", "domains", "--journal", "j.db")
        with monkeypatch.context() as patch:
            _fill_disk(patch, pages=14)
            result = import_(*arguments)
        assert result.exit_code == 1
        assert "cannot write j.db: No space left on device" in result.stderr
        assert "Traceback" not in result.stderr
        again = import_(*arguments, "--resume")
        assert again.exit_code == 0, again.stderr
        assert len(companies()) == 15

    def test_a_report_that_cannot_be_finished_hides_no_result(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("rows.csv").write_text(PLAIN_ROWS)
        report, sync = Path("report.csv").resolve(), os.fsync

        def full(descriptor: int) -> None:
            if Path(f"/proc/self/fd/{descriptor}").readlink().name.startswith(f".{report.name}"):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", full)
        result = import_("rows.csv", "--object", "companies", "--match", "domains", "--report", "report.csv")
        assert result.exit_code == 1
        _, summary, failure = result.stderr.splitlines()
        assert summary.startswith("companies: 2 created, ")
        assert failure == f"cannot write {report}: No space left on device"
        assert not report.exists()


def _fill_disk(monkeypatch: pytest.MonkeyPatch, *, pages: int) -> None:
    """Leave room for a few pages in each SQLite file that is opened."""
    connect = sqlite3.connect

    def with_room(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(sqlite3, "connect", with_room)
