"""Values in one cell: what is written is read back, and no cell runs as a formula."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings, strategies as st

from attio_async._schema import Attribute
from attio_async.bulk._export.csv import guard, join, to_cell, unguard
from attio_async.bulk._import.rows import from_cell, split
from attio_async.values import (
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
    UnknownValue,
)
from attio_async_api.json_data import to_plain

ID = "b0a0a0a0-1111-4222-8333-c0c0c0c0c0c0"


def column(kind: str = "text", *, several: bool = False) -> Attribute:
    return Attribute("it", type=kind, is_multiselect=several)


class TestFormulas:
    def test_a_formula_gets_an_apostrophe(self) -> None:
        starts = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the full-width signs are meant
        cells = [f"{start}SUM(A1)" for start in starts]
        assert [guard(cell) for cell in cells] == [f"'{cell}" for cell in cells]

    def test_a_harmless_cell_is_unchanged(self) -> None:
        cells = ["-1", "-12.5", "", "plain", "a=b", "'quoted'", "O'Brien"]
        assert [guard(cell) for cell in cells] == cells

    def test_phone_numbers_are_unchanged(self) -> None:
        phones = ["+442079460123", "+12125550100"]
        for separator in (";", "; ", ",", "|", " | ", "\n", "\t", " "):
            cell = join(phones, separator)
            assert guard(cell, separator) == cell == separator.join(phones)
            assert split(cell, separator) == phones

    def test_what_only_begins_like_a_phone_number_gets_an_apostrophe(self) -> None:
        cells = ["+44+1", "+44-1", "+44*2", "+44!A1", "+A1", "+44|x", "+", "+ 44", "+SUM(1)", "+44;+x"]
        assert [cell for cell in cells if "'" not in guard(cell)] == []
        assert guard("+1-+2", "-") == "'+1-+2"

    def test_a_calculation_and_a_guarded_cell_get_an_apostrophe(self) -> None:
        cells = ["'+442079460123", "-1+1", "-cmd|' /C calc'!A0", "'=1", "''-x"]
        assert [guard(cell) for cell in cells] == [f"'{cell}" for cell in cells]

    def test_a_formula_after_a_delimiter_in_use_gets_an_apostrophe(self) -> None:
        cells = {
            "a;=1+1": "a;'=1+1",
            "a\n=1+1": "a\n'=1+1",
            "a\t@b": "a\t'@b",
            'a;"=1;2"': 'a;\'"=1;2"',
            "+1;+2": "+1;+2",
            "a;+2+2": "a;'+2+2",
            "a;-5": "a;-5",
            "a;-5-1": "a;'-5-1",
            "a; b=c": "a; b=c",
        }
        assert {cell: guard(cell) for cell in cells} == cells

    @settings(deadline=None)
    @given(st.text(st.sampled_from("'=+-@\t1.a;\n\"")))
    def test_every_cell_is_read_back(self, cell: str) -> None:
        assert unguard(guard(cell)) == cell

    @settings(deadline=None)
    @given(st.text(st.sampled_from("'=+-@\t1.a;\n\"")))
    def test_no_guarded_cell_runs(self, cell: str) -> None:
        written = guard(cell)
        assert not written.startswith(("\t", "\n"))
        first, *others = re.split(r"[;\t\n]", written)
        for part in (first, *(other.removeprefix('"') for other in others)):
            assert not part.startswith(("=", "@"))
            assert not part.startswith("-") or Decimal(part) < 1
            assert not part.startswith("+") or part[1:].isdecimal()


class TestSeveralValues:
    def test_cells_are_split(self) -> None:
        misfits = {}
        for cell, values in {
            "a": ["a"],
            "a;b": ["a", "b"],
            " a ;  b ": ["a", "b"],
            "a;;b;": ["a", "b"],
            '"a;b";c': ["a;b", "c"],
            '"say ""hi""";c': ['say "hi"', "c"],
            '5" pipe;c': ['5" pipe', "c"],
            '"a" b;c': ['"a" b', "c"],
            ";": [],
            "a\nb;c": ["a\nb", "c"],
        }.items():
            if (found := split(cell, ";")) != values:
                misfits[cell] = found
        assert not misfits

    @settings(deadline=None)
    @given(
        st.lists(st.text(st.sampled_from(' ";|,ab\n'), min_size=1)),
        st.sampled_from([";", ",", "|", " | ", "||", "\n", " "]),
    )
    def test_joined_values_are_split_again(self, values: list[str], separator: str) -> None:
        assert split(join(values, separator), separator) == values


class TestReading:
    def test_a_single_value_is_not_split(self) -> None:
        assert from_cell(column(), "a;b", ";") == "a;b"

    def test_several_values_are_split(self) -> None:
        assert from_cell(column("domain", several=True), "a.example.com; b.example.com", ";") == [
            "a.example.com",
            "b.example.com",
        ]

    def test_an_empty_cell_says_nothing(self) -> None:
        cells = ["", "  ", "\n"]
        for several in (True, False):
            assert [from_cell(column("text", several=several), cell, ";") for cell in cells] == [None] * 3

    def test_nothing_but_separators_says_nothing(self) -> None:
        assert from_cell(column("text", several=True), " ; ", ";") is None

    def test_a_guarded_cell_is_unguarded(self) -> None:
        assert unguard("'+442079460123;+1") == "+442079460123;+1"  # as files of earlier versions have it
        assert unguard("'=1;'=2") == "=1;=2"

    def test_text_that_looks_like_json_stays_text(self) -> None:
        assert from_cell(column(), '{"a": 1}', ";") == '{"a": 1}'

    def test_json_that_is_broken_is_left_to_coercion(self) -> None:
        assert from_cell(column("location"), '{"locality": ', ";") == '{"locality": '

    def test_a_reference_is_read_only_where_references_belong(self) -> None:
        text = f"companies/{ID}"
        assert from_cell(column("record-reference"), text, ";") == RecordRef("companies", ID)
        assert from_cell(column(), text, ";") == text
        assert from_cell(column("record-reference"), "acme.example.com", ";") == "acme.example.com"


NAMES = st.builds(
    PersonName,
    first_name=st.text(st.sampled_from('Aéa, "{')) | st.none(),
    last_name=st.text(st.sampled_from("Bß, '=")) | st.none(),
    full_name=st.text(st.sampled_from("AB ,")) | st.none(),
)


class TestRoundTrip:
    def test_values_are_read_back(self) -> None:
        misfits = []
        for attribute, native, cell in [
            (column(), "=1+1", "=1+1"),
            (column("record-reference"), RecordRef("people", ID), f"people/{ID}"),
            (column("actor-reference"), ActorRef("workspace-member", ID), f"workspace-member/{ID}"),
            (
                column("domain", several=True),
                ["a.example.com", "b.example.com"],
                "a.example.com;b.example.com",
            ),
            (column("select", several=True), ["A; B", 'say "x"'], '"A; B";say "x"'),
        ]:
            found = to_cell(native, ";"), from_cell(attribute, unguard(guard(cell)), ";")
            if found != (cell, native):
                misfits.append((native, found))
        assert not misfits

    def test_names_read_as_people_write_them(self) -> None:
        for name, cell in [
            (PersonName("Ada", "Lovelace", "Ada Lovelace"), "Lovelace, Ada"),
            (PersonName("Ada Maria", "von der Lühe", "Ada Maria von der Lühe"), "von der Lühe, Ada Maria"),
            (PersonName("Harold", "Whitfield", "Harold Whitfield"), "Whitfield, Harold"),
            (PersonName("Harold", "Whitfield", "Harold Whitfield, Jr."), "Harold Whitfield, Jr."),
            (PersonName("Wulandari", "", "Wulandari"), "Wulandari"),
        ]:
            assert to_cell(name, ";") == cell

    @settings(deadline=None)
    @given(NAMES)
    def test_no_part_of_a_name_is_lost(self, name: PersonName) -> None:
        from attio_async.values import Name

        back = from_cell(column("personal-name"), unguard(guard(to_cell(name, ";"))), ";")
        if isinstance(back, str):
            parsed = Name.parse(back)
            assert (parsed.first_name, parsed.last_name, str(parsed)) == (
                name.first_name,
                name.last_name,
                name.full_name,
            )
        elif back is None:
            assert not str(name).strip()
        else:
            assert back == to_plain(name)

    def test_a_location_is_its_known_parts(self) -> None:
        place = Location(locality="Paris", country_code="FR")
        assert to_cell(place, ";") == '{"locality": "Paris", "country_code": "FR"}'
        assert from_cell(column("location"), to_cell(place, ";"), ";") == {
            "locality": "Paris",
            "country_code": "FR",
        }


def test_every_kind_of_value_has_a_cell_and_json() -> None:
    misfits = []
    cases: list[tuple[object, str, object]] = [
        (None, "", None),
        (True, "true", True),
        (False, "false", False),
        (3, "3", 3),
        (0.0001, "0.0001", 0.0001),
        (1e16, "10000000000000000", 1e16),
        (Decimal("1234.5000"), "1234.5000", "1234.5000"),
        (Decimal("1E+3"), "1000", "1000"),
        (date(2024, 2, 29), "2024-02-29", "2024-02-29"),
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), "2024-02-29T12:30:00Z", "2024-02-29T12:30:00Z"),
        ("ü", "ü", "ü"),
        ([], "", []),
        ([1, 2], "1;2", [1, 2]),
        (RecordRef("people", ID), f"people/{ID}", {"target_object": "people", "target_record_id": ID}),
        (
            ActorRef("system", None),
            '{"referenced_actor_type": "system", "referenced_actor_id": null}',
            {"referenced_actor_type": "system", "referenced_actor_id": None},
        ),
        (
            Interaction("email", datetime(2024, 1, 2, tzinfo=UTC), None),
            '{"interaction_type": "email", "interacted_at": "2024-01-02T00:00:00Z", "owner_actor": null}',
            {"interaction_type": "email", "interacted_at": "2024-01-02T00:00:00Z", "owner_actor": None},
        ),
        (UnknownValue("new", {"x": [Decimal("1.5")]}), '{"x": ["1.5"]}', {"x": ["1.5"]}),
    ]
    for native, cell, data in cases:
        found = to_cell(native, ";"), to_plain(native)
        if found != (cell, data):
            misfits.append((native, found))
    assert not misfits
