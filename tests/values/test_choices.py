from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import UUID

import pytest

from attio_async.values import coerce

ID = "14938464-cae9-4e50-8856-0fb584844f24"


class Stage(StrEnum):
    LEAD = "Lead"


class Industry(Enum):
    SPACE = "Aerospace & Defense"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Waystar Royco\n", "Waystar Royco\n"),
        ({"value": "Waystar"}, "Waystar"),
        ("", ""),
        ("naïve ☃", "naïve ☃"),
        (42, "42"),
        (Decimal("1.50"), "1.50"),
        (UUID(ID), ID),
        (Stage.LEAD, "Lead"),
        ({"value": Stage.LEAD}, "Lead"),
    ],
)
def test_text(attribute: Any, value: object, expected: str) -> None:
    found = coerce(attribute("text"), value)
    assert found == [expected]
    assert type(found[0]) is str


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "of type float"),
        (True, "of type bool"),
        (b"bytes", "of type bytes"),
        pytest.param(10**5000, "too many digits", id="5001 digits"),
        ("half \ud800", "surrogate"),
        ("é" * 5_000_001, "10 MB"),
        ({"text": "a"}, "'text'"),
    ],
)
def test_what_is_no_text_is_refused(attribute: Any, refused: Any, value: object, reason: str) -> None:
    problem = refused(attribute("text"), value)
    assert reason in problem.reason
    assert len(str(problem)) < 300


def test_the_largest_text_fits(attribute: Any) -> None:
    text = "é" * 5_000_000
    assert coerce(attribute("text"), text) == [text]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), ("true", True), ("FALSE", False), ([True], True), ({"value": True}, True)],
)
def test_checkbox(attribute: Any, value: object, expected: bool) -> None:  # noqa: FBT001
    assert coerce(attribute("checkbox"), value) == [expected]


@pytest.mark.parametrize("value", ["yes", "1", 1, 0, "", {"checked": True}])
def test_what_is_neither_true_nor_false_is_refused(attribute: Any, refused: Any, value: object) -> None:
    assert refused(attribute("checkbox"), value).hint


@pytest.mark.parametrize(("attribute_type", "key"), [("select", "option"), ("status", "status")])
class TestChoices:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("3D Printing", "3D Printing"),
            (" 3D Printing ", "3D Printing"),
            (Industry.SPACE, "Aerospace & Defense"),
            ("3d printing", "3D Printing"),
        ],
    )
    def test_titles(
        self, attribute: Any, attribute_type: str, key: str, value: object, expected: str
    ) -> None:
        spec = attribute(attribute_type, option_titles=("3D Printing", "Aerospace & Defense"))
        assert coerce(spec, value) == [expected]
        assert coerce(spec, {key: value}) == [expected]

    def test_titles_are_not_checked_when_they_are_not_known(
        self, attribute: Any, attribute_type: str, key: str
    ) -> None:
        assert coerce(attribute(attribute_type), {key: "Whatever"}) == ["Whatever"]

    @pytest.mark.parametrize("value", [ID, UUID(ID)])
    def test_ids(self, attribute: Any, attribute_type: str, key: str, value: object) -> None:
        for titles in (None, ("Other",)):
            spec = attribute(attribute_type, option_titles=titles)
            assert coerce(spec, value) == [{key: ID}]
            assert coerce(spec, {key: value}) == [{key: ID}]

    def test_a_title_that_looks_like_an_id_is_a_title(
        self, attribute: Any, attribute_type: str, key: str
    ) -> None:
        assert coerce(attribute(attribute_type, option_titles=[ID]), {key: ID}) == [ID]

    def test_an_unknown_title_names_near_ones_and_all(
        self, attribute: Any, refused: Any, attribute_type: str, key: str
    ) -> None:
        problem = refused(
            attribute(attribute_type, option_titles=("Lead", "In Progress", "Won")), "In progres"
        )
        assert repr("In progres") in problem.reason
        assert key in problem.reason
        assert problem.hint == "did you mean 'In Progress'? there is 'Lead', 'In Progress', 'Won'"

    def test_an_unknown_title_with_nothing_near_names_all(
        self, attribute: Any, refused: Any, attribute_type: str, key: str
    ) -> None:
        assert refused(attribute(attribute_type, option_titles=("Lead",)), "xyz").hint == "there is 'Lead'"
        assert refused(attribute(attribute_type, option_titles=()), "xyz").hint == "there is none"
        many = [f"{key} {number}" for number in range(100)]
        assert refused(attribute(attribute_type, option_titles=many), "xyz").hint.endswith("and 40 more")

    def test_two_titles_that_differ_in_case_are_not_mixed_up(
        self, attribute: Any, refused: Any, attribute_type: str, key: str
    ) -> None:
        spec = attribute(attribute_type, option_titles=("US", "us"))
        assert coerce(spec, {key: "us"}) == ["us"]
        assert refused(spec, "Us").hint == "did you mean 'us'? there is 'US', 'us'"

    @pytest.mark.parametrize("value", [3, "", " ", {"title": "Lead"}, True])
    def test_what_is_no_title_is_refused(
        self, attribute: Any, refused: Any, attribute_type: str, key: str, value: object
    ) -> None:
        assert refused(attribute(attribute_type, option_titles=[key]), value).hint
