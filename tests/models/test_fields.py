"""The fields of models: the operators of each type, and paths over references."""

import pickle
from datetime import UTC, datetime

import pytest

from attio_async import F, FilterError, RecordRef
from attio_async.models import (
    ACTOR,
    CHECKBOX,
    CURRENCY,
    DATE,
    DOMAIN,
    EMAIL_ADDRESS,
    INTERACTION,
    LOCATION,
    NUMBER,
    PERSONAL_NAME,
    PHONE_NUMBER,
    RATING,
    RECORD,
    TEXT,
    TIMESTAMP,
    Company,
    Deal,
    ModelField,
    Person,
    select,
    status,
)
from attio_async.query._operators import RULES

KINDS = (
    ACTOR, CHECKBOX, CURRENCY, DATE, DOMAIN, EMAIL_ADDRESS, INTERACTION, LOCATION, NUMBER, PERSONAL_NAME,
    PHONE_NUMBER, RATING, RECORD, TEXT, TIMESTAMP, select(Company.Categories), status(Deal.Stage),
)  # fmt: skip
WAYS = {
    "__lt__": "$lt",
    "between": "$lt",
    "contains": "$contains",
    "starts_with": "$starts_with",
    "ends_with": "$ends_with",
    "not_empty": "$not_empty",
}
WHOLE = {"record-reference", "actor-reference", "location"}


def declares(cls: type, name: str) -> bool:
    """True if a field supports it; the base of all of them refuses it."""
    return any(name in vars(parent) for parent in cls.__mro__[: cls.__mro__.index(ModelField)])


def test_each_type_of_attribute_has_a_field() -> None:
    assert {kind.attribute_type for kind in KINDS} == set(RULES)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.attribute_type)
def test_fields_have_the_operators_that_attio_documents(kind) -> None:
    rules = RULES[kind.attribute_type]
    field = kind.make(("attribute",))
    default = rules.properties.get(rules.default or "", frozenset())
    for name, operator in WAYS.items():
        presence = operator == "$not_empty" and rules.presence is not None
        assert declares(type(field), name) == (operator in default or presence), name
    assert declares(type(field), "__eq__") == ("$eq" in default or kind.attribute_type in WHOLE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.attribute_type)
def test_properties_are_those_that_attio_documents(kind) -> None:
    field = kind.make(("attribute",))
    for cls in type(field).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, property):
                operators = RULES[kind.attribute_type].properties[name]
                part = getattr(field, name)
                assert repr(part) == f"F.attribute.{name}"
                for way, operator in WAYS.items():
                    assert declares(type(part), way) == (operator in operators), (name, way)
                assert declares(type(part), "__eq__") == ("$eq" in operators)


def test_filters_are_those_of_f() -> None:
    assert (Deal.value > 500) == (F.value > 500)
    assert (Deal.stage == Deal.Stage.LEAD) == (F.stage == "Lead")
    assert (Person.name.last_name != "Lovelace") == (F.name.last_name != "Lovelace")
    assert Deal.value.between(1, 5) == F.value.between(1, 5)


def test_a_reference_leads_to_the_attributes_of_its_model() -> None:
    assert (Deal.associated_company.domains == "a.example.com") == (
        F.associated_company.via("companies").domains == "a.example.com"
    )
    assert repr(Deal.associated_people.company.domains.root_domain) == (
        "F.associated_people.via('people').company.via('companies').domains.root_domain"
    )
    ref = RecordRef("companies", "0a5e4b0e-9a34-4a4b-a1f2-000000000001")
    assert (Deal.associated_company == ref) == (F.associated_company == ref)
    assert (Deal.associated_company != ref) == (F.associated_company != ref)
    assert Deal.associated_company.in_(ref) == F.associated_company.in_(ref)
    assert Deal.associated_company.Categories is Company.Categories


def test_fields_survive_pickling() -> None:
    for field in (Deal.value, Deal.associated_company, Deal.stage.active_from):
        assert repr(pickle.loads(pickle.dumps(field))) == repr(field)
    assert pickle.loads(pickle.dumps(Deal.value > 5)) == (Deal.value > 5)


@pytest.mark.parametrize(
    ("misuse", "message"),
    [
        (lambda: Deal.name > "x", "Attio documents no > for"),
        (lambda: Deal.value.contains("x"), "F.value has no 'contains'; it has between, in_"),
        (lambda: Person.last_interaction == datetime(2026, 1, 1, tzinfo=UTC), "Attio documents no =="),
        (lambda: bool(Deal.value), "is a field, which is neither true nor false"),
        (lambda: Deal.value == Deal.name, "compares fields with values"),
    ],
)
def test_misuse_is_rejected_at_once(misuse, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        misuse()


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nmae"):
        Deal.nmae  # noqa: B018
    with pytest.raises(AttributeError, match="nmae"):
        Deal.associated_company.nmae  # noqa: B018
