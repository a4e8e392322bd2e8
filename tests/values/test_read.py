from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from attio_async.values import (
    ActorRef,
    Interaction,
    Location,
    PersonName,
    RecordRef,
    UnknownValue,
    read,
    read_value,
)

ID = "fbe75eb0-d704-4d12-9e41-aa187e60ed73"
COMMON = {
    "active_from": "2023-04-03T15:21:06.447000000Z",
    "active_until": None,
    "created_by_actor": {"type": "system", "id": None},
    "a_field_of_tomorrow": {"x": [1]},
}
NOON = datetime(2023, 11, 24, 12, tzinfo=UTC)


def raw(attribute_type: str, **fields: object) -> dict[str, Any]:
    return {**COMMON, "attribute_type": attribute_type, **fields}


def test_a_value_is_read_by_its_type() -> None:
    cases: list[tuple[dict[str, Any], object]] = [
        (raw("text", value="A long time ago..."), "A long time ago..."),
        (raw("text", value=""), ""),
        (raw("number", value=14), 14),
        (raw("number", value=3.1415), 3.1415),
        (raw("number", value=Decimal("3.1415")), 3.1415),
        (raw("number", value=Decimal("3.0")), 3.0),
        (raw("number", value=Decimal("1E+5")), 100000.0),
        (raw("number", value="3.5"), 3.5),
        (raw("number", value="14"), 14),
        (raw("checkbox", value=True), True),
        (raw("checkbox", value=False), False),
        (raw("checkbox", value="true"), True),
        (raw("currency", currency_value="499.00", currency_code="USD"), Decimal("499.00")),
        (raw("currency", currency_value=64000000000, currency_code="USD"), Decimal(64000000000)),
        (raw("currency", currency_value=Decimal("0.1234"), currency_code=None), Decimal("0.1234")),
        (raw("currency", currency_value=0.1, currency_code="ZZZ"), Decimal("0.1")),
        (raw("currency", currency_value="1"), Decimal(1)),
        (raw("date", value="2023-11-24"), date(2023, 11, 24)),
        (raw("date", value="2023-11-24T15:17:48.000000000Z"), date(2023, 11, 24)),
        (raw("date", value="2023-01-02T23:00:00-10:00"), date(2023, 1, 3)),
        (raw("timestamp", value="2023-11-24T12:00:00.000000999Z"), NOON),
        (raw("timestamp", value="2023-11-24T14:00:00+02:00"), NOON),
        (raw("timestamp", value="2023-11-24T12:00:00"), NOON),
        (raw("timestamp", value="2023-11-24"), datetime(2023, 11, 24, tzinfo=UTC)),
        (raw("rating", value=3), 3),
        (raw("rating", value=Decimal("3.0")), 3),
        (raw("rating", value=3.0), 3),
        (raw("rating", value="3"), 3),
        (raw("select", option={"id": {"option_id": ID}, "title": "Space", "is_archived": False}), "Space"),
        (raw("select", option="Space"), "Space"),
        (raw("select", status={"id": {"status_id": ID}, "title": "In Progress"}), "In Progress"),
        (raw("status", status={"id": {"status_id": ID}, "title": "In Progress"}), "In Progress"),
        (raw("domain", domain="app.attio.com", root_domain="attio.com"), "app.attio.com"),
        (raw("email-address", email_address="a@b.co", original_email_address="A@b.co"), "a@b.co"),
        (raw("email-address", email_address=None, original_email_address="A@b.co"), "A@b.co"),
        (raw("phone-number", phone_number="+15558675309", original_phone_number="1"), "+15558675309"),
        (raw("phone-number", normalized_phone_number="+15558675309", country_code=None), "+15558675309"),
        (raw("phone-number", original_phone_number="+15558675309"), "+15558675309"),
        (
            raw("personal-name", first_name="John", last_name="Smith", full_name="John Smith"),
            PersonName("John", "Smith", "John Smith"),
        ),
        (raw("personal-name", first_name="Pelé", last_name=None), PersonName("Pelé", None, None)),
        (
            raw("location", line_1="1 Infinite Loop", line_2=None, country_code="ZZ", latitude="37.331741"),
            Location(line_1="1 Infinite Loop", country_code="ZZ", latitude="37.331741"),
        ),
        (raw("location", latitude=Decimal("37.30"), longitude=None), Location(latitude="37.30")),
        (raw("location"), Location()),
        (raw("record-reference", target_object="people", target_record_id=ID), RecordRef("people", ID)),
        (
            raw("actor-reference", referenced_actor_type="workspace-member", referenced_actor_id=ID),
            ActorRef("workspace-member", ID),
        ),
        (
            raw("actor-reference", referenced_actor_type="robot", referenced_actor_id=None),
            ActorRef("robot", None),
        ),
        (raw("actor-reference", referenced_actor_type=None), ActorRef(None, None)),
        (
            raw(
                "interaction",
                interaction_type="telepathy",
                interacted_at="2023-11-24T12:00:00.000000000Z",
                owner_actor={"type": "workspace-member", "id": ID},
            ),
            Interaction("telepathy", NOON, ActorRef("workspace-member", ID)),
        ),
        (
            raw("interaction", interaction_type=None, interacted_at="soon", owner_actor={"type": 1, "id": 2}),
            Interaction(None, None, ActorRef(None, None)),
        ),
        (raw("interaction"), Interaction(None, None, None)),
    ]
    found = [(value, read(value), expected) for value, expected in cases]
    assert [each for each in found if each[1] != each[2] or type(each[1]) is not type(each[2])] == []


NULLABLE = {
    "text": "value",
    "number": "value",
    "checkbox": "value",
    "currency": "currency_value",
    "date": "value",
    "timestamp": "value",
    "rating": "value",
    "select": "option",
    "status": "status",
    "domain": "domain",
    "email-address": "email_address",
    "phone-number": "phone_number",
    "record-reference": "target_record_id",
}


def test_null_and_missing_are_none() -> None:
    for type_, key in NULLABLE.items():
        assert read(raw(type_, **{key: None})) is None, type_
        assert read({"attribute_type": type_}) is None, type_


def test_a_value_in_another_shape_is_kept_whole() -> None:
    values = [
        raw("text", value=1),
        raw("number", value="many"),
        raw("number", value="NaN"),
        raw("number", value=True),
        raw("number", value=Decimal("1E+999")),
        raw("number", value=[1]),
        raw("checkbox", value="maybe"),
        raw("checkbox", value=[]),
        raw("currency", currency_value="a lot"),
        raw("currency", currency_value="Infinity"),
        raw("currency", currency_value=True),
        raw("currency", currency_value={}),
        raw("date", value="tomorrow"),
        raw("date", value=20231124),
        raw("date", value=["a"] * 10),
        raw("timestamp", value="tomorrow"),
        raw("timestamp", value="0001-01-01T00:00:00+14:00"),
        raw("timestamp", value=0),
        raw("rating", value=2.5),
        raw("rating", value=Decimal("1E+999999")),
        raw("rating", value=True),
        raw("select", option={"id": {}}),
        raw("select", option={"title": 3}),
        raw("select", option=[]),
        raw("domain", domain=1),
        raw("email-address", email_address=1),
        raw("phone-number", phone_number=1),
        raw("personal-name", first_name=1),
        raw("location", locality=1),
        raw("location", latitude=[]),
        raw("record-reference", target_object=None, target_record_id=ID),
        raw("record-reference", target_object="people", target_record_id=3),
        raw("actor-reference", referenced_actor_id=3),
        raw("interaction", interaction_type=3),
        raw("telepathy", value="x"),
    ]
    found = [(value, read(value)) for value in values]
    assert [each for each in found if each[1] != UnknownValue(each[0]["attribute_type"], each[0])] == []


def test_a_value_without_a_type_is_unknown() -> None:
    for value in ({}, {"attribute_type": None}, {"attribute_type": []}, {"attribute_type": 5}):
        assert read(value) == UnknownValue(None, value)


def test_a_value_that_is_not_an_object_is_unknown() -> None:
    values: list[Any] = [None, "x", 3, [], True]
    for value in values:
        assert read(value) == UnknownValue(None, value)
        whole = read_value(value)
        assert (whole.native, whole.active_from, whole.created_by) == (UnknownValue(None, value), None, None)
        assert whole.option_id is None


def test_a_history_in_another_shape_is_read() -> None:
    value = read_value({"attribute_type": 7, "active_from": "?", "active_until": 3, "created_by_actor": "me"})
    assert (value.active_from, value.active_until, value.created_by, value.attribute_type) == (None,) * 4


def test_any_mapping_can_be_read() -> None:
    class Lazy(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            return {"attribute_type": "text", "value": "a"}[key]

        def __iter__(self) -> Any:
            raise AssertionError

        def __len__(self) -> int:
            return 2

    assert read_value(Lazy()).native == "a"
