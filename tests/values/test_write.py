import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
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
from attio_async.values._encoders.contacts import encode_domain
from attio_async.values._encoders.names_places import encode_name
from attio_async.values._read import READERS
from attio_async.values._spec import CoercionRules
from attio_async.values._write import _BY_TYPE

from .attributes import Attribute, misfits, refused, unsaid

ID = "99a03ff3-0435-47da-95cc-76b2caeb4dab"


class Tag(Enum):
    AI = "AI"


class Level(IntEnum):
    HIGH = 3


class Colour(StrEnum):
    RED = "red"


def test_nothing_is_an_empty_list() -> None:
    for is_multiselect in (True, False):
        for value in (None, [], (), set(), iter([])):
            assert coerce(Attribute("text", is_multiselect=is_multiselect), value) == []


def test_a_single_value_is_wrapped() -> None:
    for is_multiselect in (True, False):
        forms = ["a.co", ["a.co"], ("a.co",), {"a.co"}, frozenset({"a.co"}), iter(["a.co"])]
        cases = [(form, "a.co") for form in forms]
        assert misfits(Attribute("domain", is_multiselect=is_multiselect), cases) == []


def test_a_single_attribute_takes_one_value() -> None:
    problem = refused(Attribute("text"), ["a", "b", "a"])
    assert "one value, and 3 are given" in problem.reason
    assert problem.value == ["a", "b", "a"]


def test_values_given_twice_are_written_once_in_order() -> None:
    spec = Attribute("domain", is_multiselect=True)
    assert coerce(spec, ["b.co", "https://A.co", "a.co", "B.CO"]) == ["b.co", "a.co"]


def test_every_bad_value_of_a_list_is_reported() -> None:
    spec = Attribute("domain", is_multiselect=True, slug="domains")
    with pytest.raises(CoercionError) as caught:
        coerce(spec, ["good.com", "bad", None, "worse"])
    assert [problem.value for problem in caught.value.problems] == ["bad", None, "worse"]
    assert str(caught.value).count("domains (domain): ") == 3


def test_some_attributes_cannot_be_written() -> None:
    cases = [
        (Attribute("interaction"), "interactions are read-only"),
        (Attribute("text", is_archived=True), "archived"),
        (Attribute("text", is_writable=False), "read-only"),
    ]
    for spec, reason in cases:
        assert unsaid(spec, [(value, reason, "leave it out") for value in ("x", None)]) == []


def test_wrapped_values_are_unwrapped() -> None:
    amount = {"attribute_type": "currency", "currency_value": "1.50", "currency_code": "EUR"}
    cases = [
        ("select", Tag.AI, "AI"),
        ("select", [Tag.AI], "AI"),
        ("number", Level.HIGH, 3),
        ("text", Colour.RED, "red"),
        ("text", read_value({"attribute_type": "text", "value": "a"}), "a"),
        ("text", {"attribute_type": "text", "value": "a", "active_from": "x"}, "a"),
        ("currency", amount, 1.5),
    ]
    for type_, value, expected in cases:
        assert misfits(Attribute(type_), [(value, expected)]) == []


def test_values_without_a_meaning_are_refused_for_every_type() -> None:
    values = [
        UnknownValue("new", {}),
        Interaction("email", None, None),
        {"attribute_type": "text", "value": None},
        object(),
        b"x",
    ]
    for type_ in (*READERS.keys() - {"interaction"}, "not-invented-yet"):
        for value in values:
            assert refused(Attribute(type_), value).hint, (type_, value)


def test_a_record_is_coerced_by_slug_or_id() -> None:
    specs = {
        "name": Attribute("text", slug="name"),
        "tags": Attribute("select", slug="tags", is_multiselect=True, id=ID),
    }
    assert coerce_values({"name": "Acme", ID: "AI"}, specs) == {"name": ["Acme"], "tags": ["AI"]}
    assert coerce_values({}, specs) == {}


def test_all_problems_of_a_record_are_reported_at_once() -> None:
    specs = {
        "name": Attribute("text", slug="name", title="Name"),
        "domains": Attribute("domain", slug="domains", title="Domains", is_multiselect=True, id=ID),
        "arr": Attribute("currency", slug="arr", title="Annual recurring revenue"),
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
    assert problems[0].hint == "did you mean 'name'? choose from 'name', 'domains', 'arr'"
    assert problems[1].hint == "did you mean 'arr'? choose from 'name', 'domains', 'arr'"
    assert problems[0].attribute_type is None
    assert f"{ID!r} and 'domains' are the same attribute" in problems[5].reason


def test_an_object_without_attributes_has_no_suggestion() -> None:
    with pytest.raises(CoercionError, match="none are known"):
        coerce_values({"name": "Acme"}, {})


def test_a_whole_call_shares_its_rules() -> None:
    specs = {
        "due": Attribute("timestamp", slug="due"),
        "owner": Attribute("actor-reference", slug="owner"),
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


def test_without_a_schema_the_python_type_decides() -> None:
    found = [(value, coerce_values({"Any Name": value}, None), expected) for value, expected in UNTYPED]
    assert [each for each in found if each[1] != {"Any Name": each[2]}] == []


def test_a_location_without_a_schema_has_all_its_parts() -> None:
    written = coerce_values({"where": Location(locality="Paris")}, None)["where"]
    assert written[0]["locality"] == "Paris"
    assert len(written[0]) == 10


def test_without_a_schema_nonsense_is_still_refused() -> None:
    for value in (object(), b"x", float("nan"), datetime(2023, 1, 2), "\udc80"):  # noqa: DTZ001
        with pytest.raises(CoercionError) as caught:
            coerce_values({"a": value, "b": value}, None)
        assert [problem.slug for problem in caught.value.problems] == ["a", "b"]
        assert caught.value.attribute_type is None


def test_a_type_of_tomorrow_is_written_by_python_type() -> None:
    assert coerce(Attribute("not-invented-yet"), {"value": Decimal(1)}) == [{"value": 1}]


class NAType:
    """Pandas' NA: it is not equal to itself, and neither true nor false."""

    def __ne__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __eq__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = object.__hash__


class NaTType(datetime):
    """Pandas' NaT: a datetime that is not equal to itself and cannot be written out."""

    def __ne__(self, other: object) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = datetime.__hash__

    def isoformat(self, *_: object) -> str:
        raise ValueError("NaTType does not support isoformat")


@pytest.mark.parametrize("missing", [math.nan, Decimal("NaN"), Decimal("sNaN"), NAType(), NaTType(1, 1, 1)])
def test_missing_values_of_other_libraries_are_refused_for_every_type(missing: object) -> None:
    for type_ in (*_BY_TYPE, "a type of tomorrow"):
        for value in (missing, [missing]):
            with pytest.raises(CoercionError, match="use None for no value"):
                coerce(Attribute(type_, is_multiselect=True), value)
    with pytest.raises(CoercionError, match="use None for no value"):
        coerce_values({"anything": missing}, None)


def test_what_was_guessed_or_left_out_is_noted() -> None:
    notes: list[str] = []
    rules = CoercionRules(note=notes.append)
    for value in (
        "Ada Lovelace",
        "Lovelace, Ada King",
        "Ada King Lovelace",
        Name("Ada", "King", "Ada King Lovelace"),
    ):
        encode_name(value, Attribute("personal-name"), rules)
    for value in ("example.com", "www.example.com", "www.com"):
        encode_domain(value, Attribute("domain"), rules)
    assert notes == ["first and last names guessed from a full name", "www. left out of domains"]
