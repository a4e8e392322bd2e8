"""The output of commands, none of which can take over a terminal."""

import csv
import json
import math
import re
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from attio_async._cli.errors import Refusal
from attio_async._cli.options import Output, OutputFormat
from attio_async._cli.output import Printer, local_time, print_table, printable, standard_output, to_json
from attio_async._cli.records import print_rows
from attio_async._cli.target import find_target
from attio_async.testing import FakeAttio
from tests.cli.support import workspace


class TestPrintable:
    def test_control_characters_are_replaced(self) -> None:
        assert printable("a\x1b]0;title\x07b\x9b2Jc\nd\te") == "a\ufffd]0;title\ufffdb\ufffd2Jc\nd\te"

    def test_every_script_is_kept(self) -> None:
        for text in (
            "Þórsdóttir 株式会社 ليلى",
            "Société\xa0Générale",
            "山田\u3000太郎",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
            "👩\u200d🚀",
            "\U0001fae9 \ue000",
        ):
            assert printable(text) == text

    def test_line_breaks_are_kept_and_hidden_characters_are_not(self) -> None:
        assert printable("a\r\nb") == "a\nb"
        assert printable("a\rb\u202ec\u2028d\ud800\u200b") == "a\ufffdb\ufffdc\ufffdd\ufffd\ufffd"


def test_moments_at_the_ends_of_the_calendar_are_shown_as_they_are() -> None:
    for end, offset in (("9999-12-31T23:59:59", "-14:00"), ("0001-01-01T00:00:00", "+14:00")):
        moment = datetime.fromisoformat(f"{end}{offset}")
        assert local_time(moment) == moment.isoformat()


class TestTables:
    @pytest.fixture
    def draw(self, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
        def drawn(*columns: str, unwrapped: Collection[int] = ()) -> str:
            print_table(columns, [["a" * 30, *["b " * 40] * (len(columns) - 1)]], unwrapped=unwrapped)
            return capsys.readouterr().out

        return drawn

    def test_cells_are_not_markup(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_table(["[b]x"], [["[red]y[/red]\x1b[31m"]])
        shown = capsys.readouterr().out
        assert "[b]x" in shown
        assert "[red]y[/red]\ufffd[31m" in shown
        assert "\x1b" not in shown

    def test_unwrapped_cells_stay_on_one_line(self, draw: Callable[..., str]) -> None:
        assert "a" * 30 in draw("x", "y", "z", unwrapped={0})
        assert "a" * 30 not in draw("x", "y", "z")

    def test_nothing_is_cut_off_in_a_narrow_terminal(
        self, draw: Callable[..., str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "20")
        drawn = draw("", "", unwrapped={0})
        assert (drawn.count("a"), drawn.count("b")) == (30, 40)

    def test_without_headings_there_is_no_header(self, draw: Callable[..., str]) -> None:
        assert "┃" not in draw("", "")
        assert "┃" in draw("x", "y")


class TestFormats:
    ITEMS = (
        {"task_id": "1", "linked_to": ["Ada", "Acme"], "deadline": None},
        {"task_id": "2", "linked_to": [], "deadline": "=1+1"},
    )

    @pytest.fixture
    def show(self, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
        def shown(*items: dict[str, object], single: bool = False, **options: Any) -> str:
            Printer(Output(**options)).items(items, single=single)
            return capsys.readouterr().out

        return shown

    def test_a_table_has_a_column_per_key(self, show: Callable[..., str]) -> None:
        shown = show(*self.ITEMS, format=OutputFormat.table)
        assert all(text in shown for text in ("Task id", "Linked to", "Ada", "Acme"))
        assert "None" not in shown
        assert show(format=OutputFormat.table) == ""

    def test_a_single_item_is_a_row_per_key_that_has_a_value(self, show: Callable[..., str]) -> None:
        shown = show(self.ITEMS[0], single=True, format=OutputFormat.table)
        assert shown == "Task id    1\nLinked to  Ada\n           Acme\n"

    def test_a_time_that_is_in_no_year_here_is_shown_as_it_is(self, show: Callable[..., str]) -> None:
        moment = "9999-12-31T23:59:00-14:00"
        Printer(Output(format=OutputFormat.table)).item({"deadline": moment}, times={"deadline"})
        assert show() == "Deadline  9999-12-31T23:59:00-14:00\n"

    def test_every_other_format(self, show: Callable[..., str]) -> None:
        misfits = {}
        lines = [json.dumps(item) + "\n" for item in self.ITEMS]
        for options, expected in [
            ({}, "task_id\tlinked_to\tdeadline\n1\tAda Acme\t\n2\t\t=1+1\n"),
            ({"format": OutputFormat.csv}, 'task_id,linked_to,deadline\r\n1,"Ada\nAcme",\r\n2,,\'=1+1\r\n'),
            ({"format": OutputFormat.ids}, "1\n2\n"),
            ({"as_json": True}, "".join(lines)),
            ({"format": OutputFormat.jsonl}, "".join(lines)),
            ({"format": OutputFormat.json}, json.dumps(list(self.ITEMS), indent=2) + "\n"),
            ({"format": OutputFormat.json, "single": True}, json.dumps(self.ITEMS[0], indent=2) + "\n"),
        ]:
            shown = show(*self.ITEMS, **options)
            if shown != expected:
                misfits[str(options)] = shown
        assert not misfits

    def test_a_file_is_written_whole_in_the_format_of_its_ending(
        self, show: Callable[..., str], tmp_path: Path
    ) -> None:
        file = tmp_path / "items.jsonl"
        assert show(*self.ITEMS, out=file) == ""
        assert [json.loads(line) for line in file.read_text().splitlines()] == list(self.ITEMS)
        show(self.ITEMS[0], out=file, force=True, format=OutputFormat.ids)
        assert file.read_text() == "1\n"
        show(self.ITEMS[0], out=tmp_path / "items", format=OutputFormat.table)
        assert (tmp_path / "items").read_text().startswith("task_id\t")

    def test_columns_are_chosen_in_every_form(self, show: Callable[..., str]) -> None:
        misfits = {}
        for options, expected in [
            ({}, "deadline\ttask_id\n\t1\n=1+1\t2\n"),
            ({"format": OutputFormat.ids}, "1\n2\n"),
            ({"as_json": True}, '{"task_id": "1", "deadline": null}\n{"task_id": "2", "deadline": "=1+1"}\n'),
        ]:
            shown = show(*self.ITEMS, columns="deadline, task_id", **options)
            if shown != expected:
                misfits[str(options)] = shown
        assert not misfits
        assert "Linked" not in show(*self.ITEMS, columns="task_id", format=OutputFormat.table)
        with pytest.raises(Refusal, match="unknown column 'x'; choose from task_id, linked_to, deadline"):
            show(*self.ITEMS, columns="x")

    def test_columns_without_room_are_left_out_and_told(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        item = {"name": "n" * 20, "first": "f" * 20, "second": "s" * 20, "item_id": "i" * 36}
        told = {}
        for width in (40, 80, 120):
            monkeypatch.setenv("COLUMNS", str(width))
            Printer(Output(format=OutputFormat.table)).items([item])
            shown = capsys.readouterr()
            told[width] = shown.err
            assert "i" * 36 in shown.out
            assert shown.out.startswith("Name" if width == 40 else "┏")
        assert told == {40: "", 80: "no room for Second; --columns chooses\n", 120: ""}

    def test_blanks_of_any_kind_are_single_spaces_in_tsv(self, show: Callable[..., str]) -> None:
        text = "a\r\nb\xa0c\u3000\u2028d\te\u200df"
        assert show({"x_id": text}, format=OutputFormat.tsv) == "x_id\na b c d e\u200df\n"

    def test_contradictions_are_refused(self, show: Callable[..., str], tmp_path: Path) -> None:
        (tmp_path / "old.csv").touch()
        misfits = {}
        for options, reason in [
            ({"out": tmp_path / "old.csv"}, "exists; give --force"),
            ({"out": tmp_path / "none" / "new.csv"}, "does not exist; create it first"),
            ({"out": tmp_path, "force": True}, "not an ordinary file"),
            ({"as_json": True, "format": OutputFormat.csv}, "either --json or --format"),
            ({"format": OutputFormat.parquet}, "--out FILE"),
            ({"out": tmp_path / "x.parquet"}, "only records"),
        ]:
            with pytest.raises(Refusal) as refused:
                show(*self.ITEMS, **options)
            if reason not in str(refused.value):
                misfits[reason] = str(refused.value)
        assert not misfits


class TestRecords:
    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def fake(self) -> FakeAttio:
        fake = workspace()
        company = fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
        person = {
            "name": "Lovelace, Ada",
            "email_addresses": ["ada@x.example.com", "ada@y.example.com"],
            "company": [{"target_object": "companies", "target_record_id": company["id"]["record_id"]}],
            "primary_location": "1 Quay, Bristol, England, BS1 4DJ, GB",
            "job_title": "Analyst\nand " + "x" * 100,
            "description": "d",
            "linkedin": "l",
            "twitter": "t",
        }
        fake.seed.add_record("people", person)
        fake.seed.add_member("jo@example.com", "Jo", "Doe")
        fake.seed.add_record(
            "deals", {"name": "Pump", "stage": "Lead", "value": 12_000, "owner": "jo@example.com"}
        )
        fake.seed.add_list("sales", parent="companies")
        fake.seed.add_entry("sales", company["id"]["record_id"])
        return fake

    async def shown(
        self,
        fake: FakeAttio,
        name: str,
        capsys: pytest.CaptureFixture[str],
        *,
        single: bool = False,
        **options: Any,
    ) -> tuple[str, int]:
        async with fake.client() as attio:
            target = await find_target(attio, name)
            rows = await target.rows.query()
            attributes = list((await target.rows.schema()).attributes.values())
            printer = Printer(Output(**options))
            hidden = await print_rows(attio, printer, target, rows, attributes, single=single)
        return capsys.readouterr().out, hidden

    async def test_a_table_has_as_many_attributes_as_there_is_room_for(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        misfits = {}
        for width, columns in ((80, 2), (120, 5)):
            monkeypatch.setenv("COLUMNS", str(width))
            shown, hidden = await self.shown(fake, "people", capsys, format=OutputFormat.table)
            heading = next(line for line in shown.splitlines() if "Name" in line)
            if heading.count("┃") != columns + 2 or not hidden or max(map(len, shown.splitlines())) > width:
                misfits[width] = shown
        assert not misfits

    async def test_in_a_narrow_terminal_each_record_stands_below_the_other(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "40")
        fake.seed.add_record("people", {"name": "Hopper, Grace"})
        shown, hidden = await self.shown(fake, "people", capsys, format=OutputFormat.table)
        first, second = shown.split("\n\n")
        assert hidden == 0
        assert [line.split("  ")[0] for line in second.splitlines()] == ["Name", "Id"]
        assert re.search(r"^Id  +[0-9a-f-]{36}$", first, re.MULTILINE), "ids stay whole, to be copied"
        assert "Analyst and" in first

    async def test_an_id_leads_to_the_record_in_terminals_that_have_links(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "100")
        shown, _ = await self.shown(fake, "people", capsys, format=OutputFormat.table)
        assert re.search(r"\x1b\]8;id=\d+;https://app\.attio\.com/[\w/-]+\x1b\\", shown)

    async def test_references_are_shown_by_name(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COLUMNS", "300")
        table, _ = await self.shown(fake, "people", capsys, format=OutputFormat.table)
        assert "Acme" in table
        assert "Ada Lovelace" in table
        assert "Analyst and xxx" in table
        deals, _ = await self.shown(fake, "deals", capsys, format=OutputFormat.table)
        assert "12,000 USD" in deals
        assert "Jo Doe" in deals
        entries, _ = await self.shown(fake, "sales", capsys, format=OutputFormat.table)
        assert "Acme" in entries

    async def test_programs_get_names_and_plain_values(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shown, _ = await self.shown(fake, "people", capsys, format=OutputFormat.csv)
        (row,) = csv.DictReader(shown.splitlines(keepends=True))
        assert (row["name"], row["company"]) == ("Ada Lovelace", "Acme")
        assert row["email_addresses"] == "ada@x.example.com;ada@y.example.com"
        assert row["web_url"].endswith(row["record_id"])
        shown, _ = await self.shown(fake, "deals", capsys)
        heading, line = shown.splitlines()
        assert dict(zip(heading.split("\t"), line.split("\t"), strict=True))["value"] == "12000"
        shown, _ = await self.shown(fake, "people", capsys, as_json=True)
        assert json.loads(shown)["company"]["target_object"] == "companies"

    async def test_one_record_is_shown_attribute_by_attribute(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shown, _ = await self.shown(fake, "people", capsys, single=True, format=OutputFormat.table)
        for text in ("Record id", "Web address", "ada@y.example.com", "Created at"):
            assert text in shown

    async def test_records_and_entries_can_be_written_as_parquet(
        self, fake: FakeAttio, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        file = tmp_path / "people.parquet"
        await self.shown(fake, "people", capsys, out=file)
        assert parquet.read_table(file).column("job_title").to_pylist()[0].startswith("Analyst")
        await self.shown(fake, "sales", capsys, out=tmp_path / "sales.parquet")
        parents = parquet.read_table(tmp_path / "sales.parquet").column("parent_record").to_pylist()
        assert {parent["target_object"] for parent in parents} == {"companies"}

    async def test_without_records_there_are_headings_for_programs_alone(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert (await self.shown(workspace(), "people", capsys, format=OutputFormat.table))[0] == ""
        assert (await self.shown(workspace(), "people", capsys))[0].startswith("record_id\tweb_url\t")


class TestStandardOutput:
    TEXT = "a\x1b[2J\x7f\x9b b\r\nÞ\tc\n"

    def test_a_terminal_gets_no_control_characters(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        target = standard_output()
        for byte in self.TEXT.encode():
            target.write(bytes([byte]))
        target.flush()
        assert capsys.readouterr().out.replace("\r", "") == "a\ufffd[2J\ufffd\ufffd b\nÞ\tc\n".replace(
            "\r", ""
        )

    def test_a_file_gets_the_bytes_as_they_are(self, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
        target = standard_output()
        target.write(self.TEXT.encode())
        target.flush()
        assert capfdbinary.readouterr().out == self.TEXT.encode()

    def test_json_has_texts_for_numbers_that_it_does_not_have(self) -> None:
        rows = {"a": math.inf, "b": [{"c": math.nan}, 1.5], "d": -math.inf}
        assert to_json(rows) == '{"a": "inf", "b": [{"c": "nan"}, 1.5], "d": "-inf"}'

    def test_json_has_no_raw_control_characters(self) -> None:
        text = to_json({"a": self.TEXT})
        assert not any(char in text for char in "\x1b\x7f\x9b")
        assert json.loads(text) == {"a": self.TEXT}
