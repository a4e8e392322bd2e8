"""The output of commands, none of which can take over a terminal."""

import json
from collections.abc import Callable, Collection

import pytest

from attio_async._cli.output import (
    print_item,
    print_items,
    print_table,
    printable,
    record_facts,
    record_table,
)
from tests.cli.support import workspace


class TestPrintable:
    def test_control_characters_are_replaced(self) -> None:
        assert printable("a\x1b]0;title\x07b\x9b2Jc\nd\te") == "a\ufffd]0;title\ufffdb\ufffd2Jc\nd\te"

    def test_every_script_is_kept(self) -> None:
        assert printable("Þórsdóttir 株式会社 ليلى") == "Þórsdóttir 株式会社 ليلى"


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


class TestItems:
    ITEMS = ({"task_id": "1", "linked_to": ["Ada", "Acme"], "deadline": None},)

    def test_a_table_has_a_column_per_key(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_items(self.ITEMS, as_json=False)
        shown = capsys.readouterr().out
        assert all(text in shown for text in ("Task id", "Linked to", "Ada", "Acme"))
        assert "None" not in shown
        print_items([], as_json=False)
        assert capsys.readouterr().out == ""

    def test_json_is_a_line_per_item(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_items(self.ITEMS * 2, as_json=True)
        assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [*self.ITEMS * 2]

    def test_one_item_has_a_row_per_key(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_item(self.ITEMS[0], as_json=False)
        assert len(capsys.readouterr().out.splitlines()) == 6
        print_item(self.ITEMS[0], as_json=True)
        assert json.loads(capsys.readouterr().out) == self.ITEMS[0]


class TestRecords:
    pytestmark = pytest.mark.anyio

    async def test_a_table_has_the_first_attributes_with_values(self) -> None:
        fake = workspace()
        person = {
            "name": "Lovelace, Ada",
            "email_addresses": ["ada@x.example.com", "ada@y.example.com"],
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
        attributes = list(schema.attributes.values())
        columns, rows, hidden = record_table(records, attributes)
        shown = dict(zip(columns, rows[0], strict=True))
        assert len(columns) == 5
        assert hidden >= 2
        assert shown["Name"] == "Ada Lovelace"
        assert shown["Email addresses"] == "ada@x.example.com, ada@y.example.com"
        assert shown["Job title"].startswith("Analyst and xxx")
        assert len(shown["Job title"]) == 60
        assert "Created at" not in columns
        facts = dict(record_facts(records[0], attributes))
        assert facts["Record id"] == records[0].id
        assert facts["Email addresses"] == "ada@x.example.com\nada@y.example.com"

    async def test_no_records_give_an_empty_table(self) -> None:
        async with workspace().client() as attio:
            schema = await attio.schema("people")
        assert record_table([], list(schema.attributes.values())) == ([], [], 0)
