from decimal import Decimal
from enum import Enum, StrEnum
from uuid import UUID

import pytest

from attio_async.values import coerce

from .attributes import Attribute, misfits, refused, unsaid

ID = "14938464-cae9-4e50-8856-0fb584844f24"


class Stage(StrEnum):
    LEAD = "Lead"


class Industry(Enum):
    SPACE = "Aerospace & Defense"


def test_text() -> None:
    cases = [
        ("Waystar Royco\n", "Waystar Royco\n"),
        ({"value": "Waystar"}, "Waystar"),
        ("", ""),
        ("naïve ☃", "naïve ☃"),
        (42, "42"),
        (Decimal("1.50"), "1.50"),
        (UUID(ID), ID),
        (Stage.LEAD, "Lead"),
        ({"value": Stage.LEAD}, "Lead"),
    ]
    assert misfits(Attribute("text"), cases) == []


def test_values_that_are_not_text_are_refused() -> None:
    cases = [
        (1.5, "of type float", "str()"),
        (True, "of type bool", "str()"),
        (b"bytes", "of type bytes", "str()"),
        (10**5000, "too many digits", ""),
        ("half \ud800", "surrogate", "encoding"),
        ("é" * 5_000_001, "10 MB", "shorten"),
        ({"text": "a"}, "'text'", "'value'"),
    ]
    assert unsaid(Attribute("text"), cases) == []
    assert max(len(str(refused(Attribute("text"), value))) for value, *_ in cases) < 300


def test_the_largest_text_fits() -> None:
    text = "é" * 5_000_000
    assert coerce(Attribute("text"), text) == [text]


def test_checkbox() -> None:
    cases = [
        (True, True),
        (False, False),
        ("true", True),
        ("FALSE", False),
        ([True], True),
        ({"value": True}, True),
    ]
    assert misfits(Attribute("checkbox"), cases) == []
    for value in ("yes", "1", 1, 0, "", {"checked": True}):
        assert refused(Attribute("checkbox"), value).hint


@pytest.mark.parametrize(("type_", "key"), [("select", "option"), ("status", "status")])
class TestChoices:
    def test_titles(self, type_: str, key: str) -> None:
        spec = Attribute(type_, option_titles=("3D Printing", "Aerospace & Defense"))
        cases = [
            ("3D Printing", "3D Printing"),
            (" 3D Printing ", "3D Printing"),
            (Industry.SPACE, "Aerospace & Defense"),
            ("3d printing", "3D Printing"),
        ]
        assert misfits(spec, cases) == []
        assert misfits(spec, [({key: value}, expected) for value, expected in cases]) == []

    def test_titles_are_not_checked_if_they_are_unknown(self, type_: str, key: str) -> None:
        assert coerce(Attribute(type_), {key: "Whatever"}) == ["Whatever"]

    def test_ids(self, type_: str, key: str) -> None:
        for titles in (None, ("Other",)):
            spec = Attribute(type_, option_titles=titles)
            forms: list[object] = [ID, UUID(ID), {key: ID}, {key: UUID(ID)}]
            assert misfits(spec, [(form, {key: ID}) for form in forms]) == []

    def test_a_title_that_looks_like_an_id_is_a_title(self, type_: str, key: str) -> None:
        assert coerce(Attribute(type_, option_titles=[ID]), {key: ID}) == [ID]

    def test_an_unknown_title_is_refused_with_near_ones_and_all(self, type_: str, key: str) -> None:
        problem = refused(Attribute(type_, option_titles=("Lead", "In Progress", "Won")), "In progres")
        assert problem.reason == f"unknown {key} 'In progres'"
        assert problem.hint == "did you mean 'In Progress'? choose from 'Lead', 'In Progress', 'Won'"

    def test_an_unknown_title_with_nothing_near_is_refused_with_all(self, type_: str, key: str) -> None:
        many = [f"{key} {number}" for number in range(100)]
        cases = [(("Lead",), "choose from 'Lead'"), ((), "none are known"), (many, "and 40 more")]
        for titles, hint in cases:
            assert str(refused(Attribute(type_, option_titles=titles), "xyz").hint).endswith(hint)

    def test_two_titles_that_differ_in_case_are_not_mixed_up(self, type_: str, key: str) -> None:
        spec = Attribute(type_, option_titles=("US", "us"))
        assert coerce(spec, {key: "us"}) == ["us"]
        assert refused(spec, "Us").hint == "did you mean 'us'? choose from 'US', 'us'"

    def test_values_that_are_not_titles_are_refused(self, type_: str, key: str) -> None:
        for value in (3, "", " ", {"title": "Lead"}, True):
            assert refused(Attribute(type_, option_titles=[key]), value).hint
