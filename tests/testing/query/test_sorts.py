"""The order of the records of a query."""

from typing import Any

import pytest

from attio_async.query._operators import sort_fields
from attio_async.testing._schema import ATTRIBUTE_TYPES

from .test_filters import CHOICES, VALUES, slug


@pytest.fixture
def names(fake, api):
    """Create things with one attribute, and return their names in the order of a sort by it."""
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "name", "text")

    def ordered(type: str, *values: Any, field: str | None = None, **options: Any) -> dict[str, list[str]]:
        fake.seed.add_attribute("things", "by", type, **options)
        for number, value in enumerate(values):
            fake.seed.add_record("things", {"name": f"{number}", "by": value})
        sort = {"attribute": "by"} | ({"field": field} if field else {})
        found = {
            direction: api.query("things", sorts=[{**sort, "direction": direction}]).data
            for direction in ("asc", "desc")
        }
        return {
            direction: [thing["values"]["name"][0]["value"] for thing in things]
            for direction, things in found.items()
        }

    return ordered


@pytest.mark.parametrize(
    ("type", "values", "ascending", "descending"),
    [
        ("text", ["b", "A", None, "a"], "1302", "0132"),
        ("number", [10, 9, None, -1.5], "3102", "0132"),
        ("currency", [10, 9, None, -1.5], "3102", "0132"),
        ("rating", [1, 5, 3], "021", "120"),
        ("checkbox", [True, False, None], "102", "012"),
        ("date", ["2026-02-01", None, "2026-01-31"], "201", "021"),
        ("timestamp", ["2026-01-01T00:00:00.000000002Z", "2026-01-01T00:00:00.000000001Z"], "10", "01"),
        ("personal-name", ["Z, b", "A, c", "M, A"], "201", "102"),
        ("email-address", ["b@x.org", None, "a@y.org"], "201", "021"),
    ],
)
def test_the_order_of_every_type(
    names, type: str, values: list[Any], ascending: str, descending: str
) -> None:
    found = names(type, *values)
    assert found == {"asc": list(ascending), "desc": list(descending)}


def test_options_are_sorted_by_their_order(names) -> None:
    found = names("select", "Small", "Large", None, "Medium", options=["Small", "Medium", "Large"])
    assert found == {"asc": ["0", "3", "1", "2"], "desc": ["1", "3", "0", "2"]}


def test_several_values_are_sorted_by_the_first(names) -> None:
    found = names("domain", ["b.com", "a.com"], ["a.org"], multiselect=True)
    assert found == {"asc": ["1", "0"], "desc": ["0", "1"]}


def test_coordinates_are_sorted_as_numbers(names) -> None:
    places = [dict(VALUES["location"], latitude=latitude) for latitude in ("9", "-10", None, "10.5")]
    assert names("location", *places, field="latitude")["asc"] == ["1", "0", "3", "2"]


def test_every_field_can_be_sorted_by(fake, api, new_id) -> None:
    company = new_id("companies")
    fake.seed.add_object("things")
    for kind in ATTRIBUTE_TYPES:
        fake.seed.add_attribute("things", slug(kind), kind, options=CHOICES.get(kind, ()))
    values = {slug(kind): value for kind, value in VALUES.items()}
    values["record_reference"] = {"target_object": "companies", "target_record_id": company}
    fake.seed.add_record("things", values)
    fake.seed.add_record("things", {})
    for kind in ATTRIBUTE_TYPES:
        for field in sort_fields(kind) or ():
            sort = {"direction": "asc", "attribute": slug(kind), "field": field}
            assert len(api.query("things", sorts=[sort]).data) == 2


def test_invalid_sorts_are_refused(api) -> None:
    for sort in (
        {"direction": "asc", "attribute": "name", "path": [["people", "name"]]},
        {"direction": "asc", "attribute": 5},
        {"direction": "asc", "attribute": "name", "field": 5},
        {"direction": "asc", "attribute": "name", "order": "first"},
        {"direction": "asc", "attribute": "primary_location", "field": "altitude"},
    ):
        answer = api.query("people", sorts=[{"direction": "asc", "attribute": "name"}, sort])
        assert answer.refusal == (400, "filter_error"), sort
        assert answer.json["path"][:2] == ["sorts", "1"], sort
