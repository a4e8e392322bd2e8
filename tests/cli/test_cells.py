"""Values in one cell: what is written is read back, and no cell runs as a formula."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attio_async._cli.importer.cells import from_cell, split, unguard
from attio_async._schema import Attribute
from attio_async.bulk._export.csv import guard, join, to_cell
from attio_async.bulk._export.json import to_json
from attio_async.values import (
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
    UnknownValue,
)

ID = "b0a0a0a0-1111-4222-8333-c0c0c0c0c0c0"


def column(kind: str = "text", *, several: bool = False) -> Attribute:
    return Attribute("it", type=kind, is_multiselect=several)


class TestFormulas:
    @pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))  # noqa: RUF001 - the full-width signs are meant
    def test_what_would_run_gets_an_apostrophe(self, start: str) -> None:
        assert guard(f"{start}SUM(A1)") == f"'{start}SUM(A1)"

    @pytest.mark.parametrize("cell", ["-1", "-12.5", "", "plain", "a=b", "'quoted'", "O'Brien"])
    def test_what_is_harmless_stays(self, cell: str) -> None:
        assert guard(cell) == cell

    @pytest.mark.parametrize("cell", ["+442079460123", "-1+1", "-cmd|' /C calc'!A0", "'=1", "''-x"])
    def test_what_is_not_stays_no_longer(self, cell: str) -> None:
        assert guard(cell) == f"'{cell}"

    @settings(deadline=None)
    @given(st.text(st.sampled_from("'=+-@\t1.a")))
    def test_every_cell_comes_back(self, cell: str) -> None:
        assert unguard(guard(cell)) == cell

    @settings(deadline=None)
    @given(st.text(st.sampled_from("'=+-@\t1.a")))
    def test_no_guarded_cell_runs(self, cell: str) -> None:
        written = guard(cell)
        assert not written.startswith(("=", "+", "@", "\t"))
        assert not written.startswith("-") or Decimal(written) < 1


class TestSeveralValues:
    @pytest.mark.parametrize(
        ("cell", "values"),
        [
            ("a", ["a"]),
            ("a;b", ["a", "b"]),
            (" a ;  b ", ["a", "b"]),
            ("a;;b;", ["a", "b"]),
            ('"a;b";c', ["a;b", "c"]),
            ('"say ""hi""";c', ['say "hi"', "c"]),
            ('5" pipe;c', ['5" pipe', "c"]),
            ('"a" b;c', ['"a" b', "c"]),
            (";", []),
            ("a\nb;c", ["a\nb", "c"]),
        ],
    )
    def test_splitting(self, cell: str, values: list[str]) -> None:
        assert split(cell, ";") == values

    @settings(deadline=None)
    @given(
        st.lists(st.text(st.sampled_from(' ";|,ab\n'), min_size=1)),
        st.sampled_from([";", ",", "|", " | ", "||", "\n", " "]),
    )
    def test_what_is_joined_is_split_again(self, values: list[str], separator: str) -> None:
        assert split(join(values, separator), separator) == values


class TestReading:
    def test_a_single_value_is_not_split(self) -> None:
        assert from_cell(column(), "a;b", ";") == "a;b"

    def test_several_values_are(self) -> None:
        assert from_cell(column("domain", several=True), "a.example; b.example", ";") == [
            "a.example",
            "b.example",
        ]

    @pytest.mark.parametrize("cell", ["", "  ", "\n"])
    @pytest.mark.parametrize("several", [True, False])
    def test_an_empty_cell_says_nothing(self, cell: str, *, several: bool) -> None:
        assert from_cell(column("text", several=several), cell, ";") is None

    def test_nothing_but_separators_says_nothing(self) -> None:
        assert from_cell(column("text", several=True), " ; ", ";") is None

    def test_a_guarded_cell_is_freed(self) -> None:
        assert from_cell(column("phone-number", several=True), "'+442079460123;+1", ";") == [
            "+442079460123",
            "+1",
        ]

    def test_text_that_looks_like_json_stays_text(self) -> None:
        assert from_cell(column(), '{"a": 1}', ";") == '{"a": 1}'

    def test_json_that_is_broken_is_left_to_coercion(self) -> None:
        assert from_cell(column("location"), '{"locality": ', ";") == '{"locality": '

    def test_a_reference_is_read_only_where_references_belong(self) -> None:
        text = f"companies/{ID}"
        assert from_cell(column("record-reference"), text, ";") == RecordRef("companies", ID)
        assert from_cell(column(), text, ";") == text
        assert from_cell(column("record-reference"), "acme.example", ";") == "acme.example"


NAMES = st.builds(
    PersonName,
    first_name=st.text(st.sampled_from('Aéa, "{')) | st.none(),
    last_name=st.text(st.sampled_from("Bß, '=")) | st.none(),
    full_name=st.text(st.sampled_from("AB ,")) | st.none(),
)


class TestRoundTrip:
    @pytest.mark.parametrize(
        ("attribute", "native", "cell"),
        [
            (column(), "=1+1", "=1+1"),
            (column("record-reference"), RecordRef("people", ID), f"people/{ID}"),
            (column("actor-reference"), ActorRef("workspace-member", ID), f"workspace-member/{ID}"),
            (column("domain", several=True), ["a.example", "b.example"], "a.example;b.example"),
            (column("select", several=True), ["A; B", 'say "x"'], '"A; B";say "x"'),
        ],
    )
    def test_values(self, attribute: Attribute, native: object, cell: str) -> None:
        assert to_cell(native, ";") == cell
        assert from_cell(attribute, guard(cell), ";") == native

    @pytest.mark.parametrize(
        ("name", "cell"),
        [
            (PersonName("Ada", "Lovelace", "Ada Lovelace"), "Lovelace, Ada"),
            (PersonName("Ada Maria", "von der Lühe", "Ada Maria von der Lühe"), "von der Lühe, Ada Maria"),
            (PersonName("Harold, Jr.", "Whitfield", "Harold, Jr. Whitfield"), "Whitfield, Harold, Jr."),
            (PersonName("Wulandari", "", "Wulandari"), "Wulandari"),
        ],
    )
    def test_names_read_as_people_write_them(self, name: PersonName, cell: str) -> None:
        assert to_cell(name, ";") == cell

    @settings(deadline=None)
    @given(NAMES)
    def test_no_part_of_a_name_is_lost(self, name: PersonName) -> None:
        from attio_async.values import Name

        back = from_cell(column("personal-name"), guard(to_cell(name, ";")), ";")
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
            assert back == to_json(name)

    def test_a_place_is_its_known_parts(self) -> None:
        place = Location(locality="Paris", country_code="FR")
        assert to_cell(place, ";") == '{"locality": "Paris", "country_code": "FR"}'
        assert from_cell(column("location"), to_cell(place, ";"), ";") == {
            "locality": "Paris",
            "country_code": "FR",
        }


@pytest.mark.parametrize(
    ("native", "cell", "data"),
    [
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
    ],
)
def test_every_kind_of_value_has_a_cell_and_json(native: object, cell: str, data: object) -> None:
    assert to_cell(native, ";") == cell
    assert to_json(native) == data
