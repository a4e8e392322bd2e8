"""The workspaces that are exported: many companies, and an object with an attribute of every type."""

from typing import Any

from attio_async.testing import FakeAttio, VirtualClock

OPTIONS = ["B2B", "A; B", 'say "hi"', "=1+1"]


def gadgets_workspace() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_object("gadgets")
    fake.seed.add_attribute("gadgets", "key", "text", unique=True)
    for kind in ("text", "number", "currency", "checkbox", "rating", "date", "timestamp"):
        fake.seed.add_attribute("gadgets", f"a_{kind}", kind)
    for kind in ("personal-name", "location", "record-reference", "actor-reference"):
        fake.seed.add_attribute("gadgets", f"a_{kind.replace('-', '_')}", kind)
    for kind in ("domain", "email-address", "phone-number"):
        fake.seed.add_attribute("gadgets", f"some_{kind.replace('-', '_')}", kind, multiselect=True)
    fake.seed.add_attribute("gadgets", "a_status", "status", options=OPTIONS)
    fake.seed.add_attribute("gadgets", "some_select", "select", multiselect=True, options=OPTIONS)
    return fake


def gadget_values(fake: FakeAttio) -> dict[str, Any]:
    company = fake.seed.add_record("companies", {"domains": ["acme.example.com"]})["id"]["record_id"]
    member = fake.seed.add_member("jane@acme.example.com", "Jane", "Doe")
    return {
        "key": "=key",
        "a_text": ' {"not": "json"};\n+x ',
        "a_number": -12.5,
        "a_currency": "1234567.8901",
        "a_checkbox": True,
        "a_rating": 4,
        "a_date": "2024-02-29",
        "a_timestamp": "2024-02-29T12:30:00.123456Z",
        "a_personal_name": {"first_name": "Karl, Jr.", "last_name": "Müller", "full_name": "Dr. Karl Müller"},
        "a_location": {"line_1": "1; Quay", "locality": "Łódź", "country_code": "PL"}
        | dict.fromkeys(["line_2", "line_3", "line_4", "region", "postcode", "latitude", "longitude"]),
        "a_record_reference": {"target_object": "companies", "target_record_id": company},
        "a_actor_reference": {"referenced_actor_type": "workspace-member", "referenced_actor_id": member},
        "some_domain": ["a.example.com", "b.example.com"],
        "some_email_address": ["a@x.example.com", "b@x.example.com"],
        "some_phone_number": ["+442079460100", "+12125550100"],
        "a_status": "=1+1",
        "some_select": ["A; B", 'say "hi"', "=1+1"],
    }


def firms(count: int) -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    for number in range(count):
        fake.clock.advance(0.01)
        fake.seed.add_record(
            "companies", {"domains": [f"firm-{number}.example.com"], "name": f"Firm {number}"}
        )
    return fake
