"""Payloads: what is kept of a row."""

from decimal import Decimal
from typing import Any

from attio_async._schema import standard_schema
from attio_async._workspace.encode import encode
from attio_async.bulk._write.payload import chain_digest, to_json_values
from attio_async.values import (
    ActorRef,
    Member,
    Phone,
    RecordRef,
    Ref,
)


def test_equal_rows_have_equal_digests() -> None:
    rows = [{"a": 1, "b": {2, 1}}, {"b": {1, 2}, "a": 1}]
    assert chain_digest(None, rows[0]) == chain_digest(None, rows[1])
    first = chain_digest(None, rows[0])
    assert chain_digest(first, rows[0]) != first
    assert chain_digest(first, {"a": 2}) != chain_digest(first, {"a": 1})


def test_an_invalid_row_is_kept_in_a_form_that_can_be_given_again() -> None:
    record = "4b0a6ab5-5ba5-4b1c-a7bf-6a6d4e6b3f5c"
    given: dict[str, Any] = {
        "company": Ref("companies", domain="a.example.com"),
        "friends": [RecordRef("people", record), Ref("people", record)],
        "owner": Member("ada@a.example.com"),
        "writer": ActorRef("workspace-member", record),
        "phone_numbers": (Phone("+441234567890"), Phone("01234 567890", "GB")),
        "worth": {"currency_value": Decimal("1.50")},
    }
    person = {"target_object": "people", "target_record_id": record}
    assert to_json_values(given) == {
        "company": {"target_object": "companies", "domains": "a.example.com"},
        "friends": [person, person],
        "owner": "ada@a.example.com",
        "writer": {"referenced_actor_type": "workspace-member", "referenced_actor_id": record},
        "phone_numbers": ["+441234567890", {"original_phone_number": "01234 567890", "country_code": "GB"}],
        "worth": {"currency_value": "1.50"},
    }
    schema = standard_schema("people")
    assert schema is not None
    kept = {slug: to_json_values(given)[slug] for slug in ("company", "phone_numbers")}
    assert len(encode(kept, schema)["phone_numbers"]) == 2
