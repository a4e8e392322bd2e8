"""Records: what comes in odd shapes is read, and what a name means never depends on the data."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from attio_async import (
    Location,
    Record,
    RecordRef,
    UnknownValue,
)
from attio_async._records.models import (
    ActivityRecord,
    Entry,
    decode_many,
    decode_one,
    decode_sealed,
    raw_values,
    record_id,
    write_fingerprint,
)
from attio_async._schema import Attribute, ObjectSchema
from attio_async.errors import CoercionError, DecodeError
from attio_async_api.models.note import Note
from attio_async_api.models.search_hit import SearchHit

ID = "5f0e3b1c-0000-4000-8000-000000000001"

SCHEMA = ObjectSchema(
    "companies",
    [
        Attribute("name", title="Name", type="text"),
        Attribute("domains", title="Domains", type="domain", is_multiselect=True, is_unique=True),
        Attribute("revenue", title="Revenue", type="currency"),
        Attribute("mood", title="Mood", type="hologram"),
    ],
)


def value(kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "active_from": "2026-01-02T03:04:05.678901234Z",
        "active_until": None,
        "created_by_actor": {"type": "api-token", "id": ID},
        "attribute_type": kind,
        **fields,
    }


def record(schema: ObjectSchema | None = SCHEMA, **values: Any) -> Record:
    raw = {
        "id": {"workspace_id": "w", "object_id": "o", "record_id": ID},
        "created_at": "2026-01-02T03:04:05.678901234Z",
        "web_url": "https://app.attio.com/acme/company/" + ID,
        "values": values,
    }
    return decode_one(json.dumps({"data": raw}).encode(), Record, schema)


def test_one_value_or_none_or_a_list_by_the_schema() -> None:
    acme = record(
        name=[value("text", value="Acme")],
        domains=[value("domain", domain="acme.com"), value("domain", domain="acme.org")],
    )
    assert acme["name"] == "Acme"
    assert acme["domains"] == ["acme.com", "acme.org"]
    assert record(domains=[value("domain", domain="acme.com")])["domains"] == ["acme.com"]
    assert record()["name"] is None
    assert record()["domains"] == []
    assert acme.first("domains") == "acme.com"
    assert acme.all("name") == ["Acme"]


def test_unknown_slugs_name_near_ones() -> None:
    with pytest.raises(KeyError, match="domains"):
        record()["domain"]
    assert record().get("nonsense") is None
    with pytest.raises(KeyError, match="newer than the schema"):
        record(brand_new=[])["brand_new"]


def test_without_a_schema_the_shape_is_never_guessed() -> None:
    acme = record(None, name=[value("text", value="Acme")])
    with pytest.raises(LookupError, match=r"first\('name'\)"):
        acme["name"]
    assert acme.first("name") == "Acme"
    assert acme.to_dict()["values"] == {"name": ["Acme"]}


def test_an_answer_in_another_shape_is_read() -> None:
    raw = {
        "id": {"record_id": ID, "new_part": 1},
        "created_at": None,
        "surprise": {"a": [1]},
        "values": {
            "name": [{**value("text", value="Acme"), "created_by_actor": None, "new": True}],
            "mood": [value("hologram", shine=3)],
            "revenue": [value("currency", currency_value=12.3456, currency_code="XZY")],
        },
    }
    odd = decode_one(json.dumps({"data": raw}).encode(), Record, SCHEMA)
    assert odd.web_url is None
    assert odd.created_at is None
    assert odd["name"] == "Acme"
    assert isinstance(odd["mood"], UnknownValue)
    assert odd["revenue"] == Decimal("12.3456")
    assert odd.values("name")[0].created_by is None
    assert odd.raw["surprise"] == {"a": [1]}
    assert odd.raw["values"]["revenue"][0]["currency_value"] == 12.3456


def test_values_that_are_null_or_missing() -> None:
    values: list[Any] = [None, {}, {"name": None}, {"name": []}, {"name": [None]}, {"name": [{}]}]
    for raw in ({}, *({"id": {"record_id": ID}, "values": each} for each in values)):
        odd = decode_one(json.dumps({"data": raw}).encode(), Record, SCHEMA)
        assert odd.first("name") is None or isinstance(odd.first("name"), UnknownValue)
        assert isinstance(odd.to_dict(), dict)


def test_the_parts_around_the_values() -> None:
    acme = record()
    assert (acme.id, acme.object_id, acme.workspace_id) == (ID, "o", "w")
    assert acme.created_at == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert acme.web_url.endswith(ID)
    assert repr(acme) == f"<Record companies {ID}>"


def test_a_record_is_a_mapping() -> None:
    acme = record(name=[value("text", value="Acme")])
    assert list(acme) == ["name"]
    assert dict(acme) == {"name": "Acme"}
    assert "name" in acme
    assert list(acme.values()) == ["Acme"]
    assert acme == record(name=[value("text", value="Acme")])
    assert acme != record()
    assert len({acme, record(name=[value("text", value="Acme")])}) == 1


def test_typed_values_have_a_time_and_an_author() -> None:
    (name,) = record(name=[value("text", value="Acme")]).values("name")
    assert name.native == "Acme"
    assert name.active_from == datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert name.created_by is not None
    assert name.created_by.id == ID


def test_all_standard_types_come_back_as_plain_values() -> None:
    place = dict.fromkeys(("line_1", "line_2", "line_3", "line_4", "region", "postcode"))
    everything = decode_many(
        json.dumps(
            {
                "data": [
                    {
                        "values": {
                            "a": [value("checkbox", value=True)],
                            "b": [value("rating", value=4)],
                            "c": [value("number", value=17)],
                            "d": [value("date", value="2026-02-03")],
                            "e": [value("select", option={"id": {"option_id": ID}, "title": "SaaS"})],
                            "f": [value("status", status={"id": {"status_id": ID}, "title": "Won"})],
                            "g": [value("location", locality="Paris", country_code="FR", **place)],
                            "h": [value("record-reference", target_object="people", target_record_id=ID)],
                        }
                    }
                ]
            }
        ).encode(),
        Record,
    )[0]
    assert [everything.first(slug) for slug in "abcef"] == [True, 4, 17, "SaaS", "Won"]
    assert everything.first("d").isoformat() == "2026-02-03"
    assert everything.first("g") == Location(locality="Paris", country_code="FR")
    assert everything.first("h") == RecordRef("people", ID)


def test_a_record_may_be_given_in_many_forms() -> None:
    references = [
        ID,
        f"  {ID} ",
        {"record_id": ID, "object_id": "o"},
        record(),
        RecordRef("people", ID),
        f"https://app.attio.com/acme/company/{ID}/overview",
        f"HTTP://app.attio.com/acme/custom/invoices/record/{ID}",
        SearchHit.from_dict({"id": {"record_id": ID}}),
    ]
    assert [record_id(reference) for reference in references] == [ID] * len(references)


def test_references_to_other_things_are_refused() -> None:
    entry = decode_one(json.dumps({"data": {"id": {"entry_id": ID}}}).encode(), Entry)
    note = Note.from_dict({"id": {"note_id": ID}})
    elsewhere = f"https://elsewhere.example.com/{ID}"
    for reference in ("", "..", "a/b", None, 7, {}, elsewhere, f"{elsewhere}/people/{ID}", entry, note):
        with pytest.raises(CoercionError, match="not a valid record id"):
            record_id(reference)


def test_an_entry_is_read_like_a_record() -> None:
    raw = {
        "id": {"workspace_id": "w", "list_id": "l", "entry_id": ID},
        "parent_record_id": "r",
        "parent_object": "companies",
        "created_at": "2026-01-02T03:04:05Z",
        "entry_values": {"name": [value("text", value="Acme")]},
        "new": 1,
    }
    entry = decode_one(json.dumps({"data": raw}).encode(), Entry, SCHEMA)
    assert (entry.id, entry.list_id, entry.workspace_id) == (ID, "l", "w")
    assert entry.parent == RecordRef("companies", "r")
    assert entry["name"] == "Acme"
    assert entry["domains"] == []
    assert entry.raw == raw
    assert repr(entry) == f"<Entry companies {ID} 'Acme'>"
    again = decode_many(json.dumps({"data": [raw]}).encode(), Entry)[0]
    assert again == entry
    assert hash(again) == hash(entry)
    assert again != record()
    assert repr(again) == f"<Entry l {ID} 'Acme'>"


def test_an_entry_without_values_or_parent() -> None:
    shapes: list[dict[str, Any]] = [{}, {"entry_values": None}, {"entry_values": {}}]
    for values in shapes:
        entry = decode_one(json.dumps({"data": {"id": None, **values}}).encode(), Entry, SCHEMA)
        assert (entry.id, entry.parent_object, entry.parent_record_id, dict(entry)) == ("", "", "", {})


def test_a_record_of_an_activity() -> None:
    raw = {"id": {"activity_id": "a", "record_id": ID}, "values": {"place": [value("text", value="Paris")]}}
    visit = decode_one(json.dumps({"data": raw}).encode(), ActivityRecord)
    assert (visit.id, visit.activity_id, visit.first("place")) == (ID, "a", "Paris")
    assert repr(visit) == f"<ActivityRecord a {ID}: place=['Paris']>"


def fingerprint(row: Record | Entry) -> bytes:
    buffer = bytearray()
    write_fingerprint(row, buffer)
    return bytes(buffer)


def test_sealed_rows_hold_what_others_do_and_have_the_same_fingerprint() -> None:
    ids = {"workspace_id": "w", "record_id": ID, "entry_id": ID}
    held = {"name": [value("text", value="Ada")], "domains": []}
    rows: list[tuple[type[Record | Entry], dict[str, Any]]] = [
        (Record, {"id": ids, "created_at": "2026-01-02T03:04:05.678901234Z", "values": held}),
        (Record, {"id": ids, "web_url": "https://example.com", "values": {}}),
        (Record, {"id": ids, "values": None}),
        (Record, {"id": ids}),
        (Record, {}),
        (Entry, {"id": ids, "parent_record_id": "p", "parent_object": "people", "entry_values": held}),
    ]
    for cls, raw in rows:
        body = json.dumps({"data": [raw, raw]}).encode()
        for usual, sealed in zip(decode_many(body, cls), decode_sealed(body, cls), strict=True):
            assert fingerprint(sealed) == fingerprint(usual)
            assert (sealed.id, sealed.created_at_text) == (usual.id, usual.created_at_text)
            assert raw_values(sealed) == raw_values(usual)
            assert (sealed.raw, sealed.first("name"), sealed.to_dict()) == (
                raw,
                usual.first("name"),
                usual.to_dict(),
            )


def test_fingerprints_tell_rows_apart() -> None:
    base = {"id": {"record_id": ID}, "created_at": "1", "parent_object": "a", "values": {"a": [1]}}
    others = [
        {"id": {"record_id": "x"}},
        {"created_at": "2"},
        {"parent_object": "b"},
        {"parent_record_id": "p"},
        {"values": {"a": [2]}},
        {"values": {"b": [1]}},
        {"values": {}},
    ]
    bodies = [json.dumps({"data": [{**base, **other}]}).encode() for other in [{}, *others]]
    assert len({fingerprint(decode_sealed(body, Record)[0]) for body in bodies}) == len(bodies)


def test_sealed_values_in_another_shape_are_an_error_when_they_are_read() -> None:
    for odd in (b"[1]", b"3", b'{"\xff": 1}'):
        (row,) = decode_sealed(b'{"data":[{"id":{"record_id":"r"},"values":%b}]}' % odd, Record)
        with pytest.raises(DecodeError, match="the values of r cannot be read"):
            raw_values(row)
