from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

import pytest

from attio_async.errors import CoercionError
from attio_async.values import (
    ActorRef,
    Interaction,
    Location,
    Member,
    Name,
    Phone,
    RecordRef,
    Ref,
    UnknownValue,
    coerce,
    coerce_values,
    read_value,
)

ID = "99a03ff3-0435-47da-95cc-76b2caeb4dab"


class Tag(Enum):
    AI = "AI"


class Level(IntEnum):
    HIGH = 3


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize("value", [None, [], (), set(), iter([])])
@pytest.mark.parametrize("is_multiselect", [True, False])
def test_nothing_is_an_empty_list(attribute: Any, value: object, is_multiselect: bool) -> None:  # noqa: FBT001
    assert coerce(attribute("text", is_multiselect=is_multiselect), value) == []


@pytest.mark.parametrize(
    "value", ["a.co", ["a.co"], ("a.co",), {"a.co"}, frozenset({"a.co"}), iter(["a.co"])]
)
@pytest.mark.parametrize("is_multiselect", [True, False])
def test_a_single_value_is_wrapped(attribute: Any, value: object, is_multiselect: bool) -> None:  # noqa: FBT001
    if isinstance(value, Iterator):
        value = iter(["a.co"])
    assert coerce(attribute("domain", is_multiselect=is_multiselect), value) == ["a.co"]


def test_a_single_attribute_takes_one_value(attribute: Any, refused: Any) -> None:
    problem = refused(attribute("text"), ["a", "b", "a"])
    assert "one value, and 3 are given" in problem.reason
    assert problem.value == ["a", "b", "a"]


def test_values_given_twice_are_written_once_in_order(attribute: Any) -> None:
    spec = attribute("domain", is_multiselect=True)
    assert coerce(spec, ["b.co", "https://A.co", "a.co", "B.CO"]) == ["b.co", "a.co"]


def test_every_bad_value_of_a_list_is_told(attribute: Any) -> None:
    spec = attribute("domain", is_multiselect=True, slug="domains")
    with pytest.raises(CoercionError) as caught:
        coerce(spec, ["good.com", "bad", None, "worse"])
    assert [problem.value for problem in caught.value.problems] == ["bad", None, "worse"]
    assert str(caught.value).count("domains (domain): ") == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "interaction"}, "interactions are read-only"),
        ({"type": "text", "is_archived": True}, "archived"),
        ({"type": "text", "is_writable": False}, "read-only"),
    ],
)
@pytest.mark.parametrize("value", ["x", None])
def test_some_attributes_cannot_be_written(
    attribute: Any, refused: Any, changes: dict[str, Any], reason: str, value: object
) -> None:
    problem = refused(attribute(**changes), value)
    assert reason in problem.reason
    assert "leave it out" in problem.hint


@pytest.mark.parametrize(
    ("attribute_type", "value", "expected"),
    [
        ("select", Tag.AI, ["AI"]),
        ("select", [Tag.AI], ["AI"]),
        ("number", Level.HIGH, [3]),
        ("text", Colour.RED, ["red"]),
        ("text", read_value({"attribute_type": "text", "value": "a"}), ["a"]),
        ("text", {"attribute_type": "text", "value": "a", "active_from": "x"}, ["a"]),
        ("currency", {"attribute_type": "currency", "currency_value": "1.50", "currency_code": "EUR"}, [1.5]),
    ],
)
def test_what_wraps_a_value_is_unwrapped(
    attribute: Any, attribute_type: str, value: object, expected: list[object]
) -> None:
    assert coerce(attribute(attribute_type), value) == expected


@pytest.mark.parametrize(
    "value",
    [
        UnknownValue("new", {}),
        Interaction("email", None, None),
        {"attribute_type": "text", "value": None},
        object(),
        b"x",
    ],
)
@pytest.mark.parametrize(
    "attribute_type",
    [
        "actor-reference",
        "checkbox",
        "currency",
        "date",
        "domain",
        "email-address",
        "location",
        "number",
        "personal-name",
        "phone-number",
        "rating",
        "record-reference",
        "select",
        "status",
        "text",
        "timestamp",
        "not-invented-yet",
    ],
)
def test_what_has_no_meaning_is_refused_everywhere(
    attribute: Any, refused: Any, attribute_type: str, value: object
) -> None:
    problem = refused(attribute(attribute_type), value)
    assert problem.hint


def test_a_record_is_coerced_by_slug_or_id(attribute: Any) -> None:
    specs = {
        "name": attribute("text", slug="name"),
        "tags": attribute("select", slug="tags", is_multiselect=True, id=ID),
    }
    assert coerce_values({"name": "Acme", ID: "AI"}, specs) == {"name": ["Acme"], "tags": ["AI"]}
    assert coerce_values({}, specs) == {}


def test_all_problems_of_a_record_are_told_at_once(attribute: Any) -> None:
    specs = {
        "name": attribute("text", slug="name", title="Name"),
        "domains": attribute("domain", slug="domains", title="Domains", is_multiselect=True, id=ID),
        "arr": attribute("currency", slug="arr", title="Annual recurring revenue"),
    }
    values = {
        "nmae": "Acme",
        "Annual Recurring Revenue": 1,
        "domains": ["x", "y"],
        "arr": "$5",
        ID: "a.co",
        "name": "A",
    }
    with pytest.raises(CoercionError) as caught:
        coerce_values(values, specs)
    problems = caught.value.problems
    assert [problem.slug for problem in problems] == [
        "nmae",
        "Annual Recurring Revenue",
        "domains",
        "domains",
        "arr",
        "domains",
    ]
    assert problems[0].hint == "did you mean 'name'? there is 'name', 'domains', 'arr'"
    assert problems[1].hint == "did you mean 'arr'? there is 'name', 'domains', 'arr'"
    assert problems[0].attribute_type is None
    assert f"{ID!r} and 'domains' are the same attribute" in problems[5].reason


def test_an_object_without_attributes_has_no_suggestion() -> None:
    with pytest.raises(CoercionError, match="there is none"):
        coerce_values({"name": "Acme"}, {})


def test_a_whole_call_shares_its_rules(attribute: Any) -> None:
    specs = {
        "due": attribute("timestamp", slug="due"),
        "owner": attribute("actor-reference", slug="owner"),
    }
    values = {"due": date(2023, 1, 2), "owner": Member("Jane Doe")}
    assert coerce_values(values, specs, assume_tz=UTC, members={"jane doe": [ID]}) == {
        "due": ["2023-01-02T00:00:00.000000000Z"],
        "owner": [{"referenced_actor_type": "workspace-member", "referenced_actor_id": ID}],
    }


class RecordLike(Mapping[str, object]):
    """A record is a mapping of its values, and still a reference when it is written."""

    id = ID
    object_id = "companies"

    def __getitem__(self, key: str) -> object:
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


UNTYPED = [
    ("text", ["text"]),
    ("", [""]),
    (Colour.RED, ["red"]),
    (True, [True]),
    (3, [3]),
    (2.5, [2.5]),
    (Decimal("1.50"), [1.5]),
    (date(2023, 1, 2), ["2023-01-02"]),
    (datetime(2023, 1, 2, tzinfo=UTC), ["2023-01-02T00:00:00.000000000Z"]),
    (UUID(ID), [ID]),
    (Name("Ada", "Lovelace"), [{"first_name": "Ada", "last_name": "Lovelace", "full_name": "Ada Lovelace"}]),
    (Phone("+44 20 7946 0000"), ["+442079460000"]),
    (RecordRef("people", ID), [{"target_object": "people", "target_record_id": ID}]),
    (RecordLike(), [{"target_object": "companies", "target_record_id": ID}]),
    (
        Ref("people", email="a@b.co"),
        [{"target_object": "people", "email_addresses": [{"email_address": "a@b.co"}]}],
    ),
    (Member("a@b.co"), ["a@b.co"]),
    (
        ActorRef("workspace-member", ID),
        [{"referenced_actor_type": "workspace-member", "referenced_actor_id": ID}],
    ),
    (["a", "b"], ["a", "b"]),
    (None, []),
    ({"option": Tag.AI, "x": [1, None, (Decimal("0.5"),)]}, [{"option": "AI", "x": [1, None, [0.5]]}]),
    ([{"value": date(2023, 1, 2)}, Tag.AI], [{"value": "2023-01-02"}, "AI"]),
]


@pytest.mark.parametrize(("value", "expected"), UNTYPED)
def test_without_a_schema_the_python_type_decides(value: object, expected: list[object]) -> None:
    assert coerce_values({"Any Name": value}, None) == {"Any Name": expected}


def test_a_location_without_a_schema_has_all_its_parts() -> None:
    written = coerce_values({"where": Location(locality="Paris")}, None)["where"]
    assert written[0]["locality"] == "Paris"
    assert len(written[0]) == 10


@pytest.mark.parametrize("value", [object(), b"x", float("nan"), datetime(2023, 1, 2), "\udc80"])  # noqa: DTZ001
def test_without_a_schema_nonsense_is_still_refused(value: object) -> None:
    with pytest.raises(CoercionError) as caught:
        coerce_values({"a": value, "b": value}, None)
    assert [problem.slug for problem in caught.value.problems] == ["a", "b"]
    assert caught.value.attribute_type is None


def test_a_type_of_tomorrow_is_written_by_python_type(attribute: Any) -> None:
    assert coerce(attribute("not-invented-yet"), {"value": Decimal(1)}) == [{"value": 1}]
