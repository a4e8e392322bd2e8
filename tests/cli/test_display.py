"""What people read: tables and summaries, none of which can take over a terminal."""

import io

import pytest

from attio_async._cli.importer.failures import FailedValue
from attio_async._cli.importer.models import ImportResult
from attio_async._cli.output import (
    print_table,
    printable,
    record_rows,
    summary_lines,
)
from tests.cli.support import workspace


def result(**changes: object) -> ImportResult:
    return ImportResult(**{"object": "people", "match": "email_addresses", "rows": 10, **changes})  # type: ignore[arg-type]


class TestTerminal:
    def test_control_characters_are_not_passed_on(self) -> None:
        assert printable("a\x1b]0;title\x07b\x9b2Jc\nd\te") == "a\ufffd]0;title\ufffdb\ufffd2Jc\nd\te"

    def test_every_script_is(self) -> None:
        assert printable("Þórsdóttir 株式会社 ليلى") == "Þórsdóttir 株式会社 ليلى"

    def test_cells_are_no_markup(self) -> None:
        stream = io.StringIO()
        print_table(stream, ["[b]x"], [["[red]y[/red]\x1b[31m"]], title="[i]z")
        assert "[b]x" in stream.getvalue()
        assert "[red]y[/red]\ufffd[31m" in stream.getvalue()
        assert "\x1b" not in stream.getvalue()


class TestSummary:
    def test_when_all_went_well(self) -> None:
        (line,) = summary_lines(result(created=4, updated=6, requests=11, rate_limited=1, seconds=2.04))
        assert line == (
            "people: 4 created, 6 updated, 0 unchanged, 0 failed; requests: 11, refused for the rate (429): 1; 2.0 s"
        )

    def test_failures_come_first_and_their_number_last(self) -> None:
        lines = summary_lines(
            result(
                created=8, failed=2, failures=[FailedValue(3, "name", "\x1b", "is odd")], more_failures=1200
            )
        )
        assert lines[0] == "line 3: name: is odd [\ufffd]"
        assert lines[1] == "and 1,200 more; --report FILE lists all"
        assert lines[2].startswith("people: 8 created")
        assert len(lines) == 3

    def test_columns_that_were_left_out(self) -> None:
        lines = summary_lines(result(created=10, ignored_columns=list("abcdefg")))
        assert lines[0] == "columns left out, since Attio sets them itself: a, b, c, d, e and 2 more"

    def test_what_was_not_done(self) -> None:
        lines = summary_lines(result(created=3, unknown=2, last_line=4, interrupted=True))
        assert lines[1:] == [
            "ended after line 4; not tried: 5 of 10 rows",
            "on their way when it was cut off, and perhaps written: 2 rows",
            "the same command goes on: rows that were written are found again, and never doubled",
        ]

    def test_when_nothing_was_begun(self) -> None:
        lines = summary_lines(result(rows=1, interrupted=True))
        assert lines[1] == "ended before the first row; not tried: 1 of 1 row"

    def test_a_dry_run_says_that_nothing_was_written(self) -> None:
        (line,) = summary_lines(result(dry_run=True, checked=9, failed=1))
        assert line.startswith("people: dry run, nothing was written; of 10 rows, 9 would be")


class TestRecords:
    pytestmark = pytest.mark.anyio

    async def test_only_attributes_with_values_and_only_the_first_few(self) -> None:
        fake = workspace()
        person = {
            "name": "Lovelace, Ada",
            "email_addresses": ["ada@x.test", "ada@y.test"],
            "primary_location": "1 Quay, Bristol, England, BS1 4DJ, GB",
            "job_title": "Analyst\nand " + "x" * 100,
            "description": "d",
            "linkedin": "l",
            "twitter": "t",
        }
        fake.seed.add_record("people", person)
        async with fake.client() as attio:
            records = await attio.people.query()
            schema = await attio.schema("people")
        columns, rows, hidden = record_rows(records, list(schema.attributes.values()))
        shown = dict(zip(columns, rows[0], strict=True))
        assert len(columns) == 5
        assert hidden >= 2
        assert shown["Name"] == "Ada Lovelace"
        assert shown["Email addresses"] == "ada@x.test, ada@y.test"
        assert shown["Job title"].startswith("Analyst and xxx")
        assert len(shown["Job title"]) == 60
        assert "Created at" not in columns

    async def test_no_records(self) -> None:
        async with workspace().client() as attio:
            schema = await attio.schema("people")
        assert record_rows([], list(schema.attributes.values())) == ([], [], 0)


class TestTables:
    def draw(self, *columns: str, upright: int = 0) -> str:
        stream = io.StringIO()
        print_table(stream, columns, [["a" * 30, *["b " * 40] * (len(columns) - 1)]], upright=upright)
        return stream.getvalue()

    def test_upright_cells_stay_on_one_line(self) -> None:
        assert "a" * 30 in self.draw("x", "y", "z", upright=1)
        assert "a" * 30 not in self.draw("x", "y", "z")

    def test_nothing_is_cut_off_where_there_is_no_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "20")
        drawn = self.draw("", "", upright=1)
        assert (drawn.count("a"), drawn.count("b")) == (30, 40)

    def test_without_names_there_is_no_header(self) -> None:
        assert "┃" not in self.draw("", "")
        assert "┃" in self.draw("x", "y")
