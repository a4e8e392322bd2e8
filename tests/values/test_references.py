from uuid import UUID

import attrs

from attio_async.values import (
    ActorRef,
    Member,
    Phone,
    RecordRef,
    Ref,
    coerce,
)

from .attributes import Attribute, misfits, refused, unsaid

ID = "99a03ff3-0435-47da-95cc-76b2caeb4dab"
OBJECT_ID = "4e71c40b-7d35-463c-afcb-e339cfd6dbd1"
BY_ID = {"target_object": "companies", "target_record_id": ID}
URL = f"https://app.attio.com/acme/company/{ID}/overview"


@attrs.frozen
class RecordLike:
    id: object = ID
    object_id: object = OBJECT_ID


def test_references_to_records() -> None:
    cases = [
        (RecordRef("companies", ID), BY_ID),
        (Ref("companies", ID), BY_ID),
        (Ref("companies", record_id=ID), BY_ID),
        (RecordRef("companies", UUID(ID)), BY_ID),  # type: ignore[arg-type]
        (Ref("companies", UUID(ID)), BY_ID),  # type: ignore[arg-type]
        ({"target_object": "companies", "target_record_id": UUID(ID)}, BY_ID),
        (BY_ID, BY_ID),
        (URL, BY_ID),
        (URL.replace("https", "HTTP"), BY_ID),
        (URL.removeprefix("https://"), BY_ID),
        (RecordLike(), {"target_object": OBJECT_ID, "target_record_id": ID}),
        (RecordLike(UUID(ID), UUID(OBJECT_ID)), {"target_object": OBJECT_ID, "target_record_id": ID}),
        (
            {"workspace_id": OBJECT_ID, "object_id": OBJECT_ID, "record_id": ID},
            {"target_object": OBJECT_ID, "target_record_id": ID},
        ),
        (
            {"domains": [{"domain": "company.com"}], "target_object": "companies"},
            {"target_object": "companies", "domains": [{"domain": "company.com"}]},
        ),
        (
            {"email_addresses": ["ada@example.com"], "target_object": "people"},
            {"target_object": "people", "email_addresses": [{"email_address": "ada@example.com"}]},
        ),
        (
            Ref("companies", domain="https://ACME.com/about"),
            {"target_object": "companies", "domains": [{"domain": "acme.com"}]},
        ),
        (
            Ref("people", email="ada@example.com"),
            {"target_object": "people", "email_addresses": [{"email_address": "ada@example.com"}]},
        ),
        (Ref("users", user_id="u-1"), {"target_object": "users", "user_id": [{"value": "u-1"}]}),
        (
            Ref("workspaces", workspace_id="w-1"),
            {"target_object": "workspaces", "workspace_id": [{"value": "w-1"}]},
        ),
        (Ref("invoices", number=7), {"target_object": "invoices", "number": [{"value": 7}]}),
        (
            Ref("people", phone_numbers="+44 20 7946 0000"),
            {
                "target_object": "people",
                "phone_numbers": [{"original_phone_number": "+442079460000", "country_code": None}],
            },
        ),
        (
            Ref("shops", hotline=Phone("020 7946 0000", "GB")),
            {
                "target_object": "shops",
                "hotline": [{"original_phone_number": "+442079460000", "country_code": None}],
            },
        ),
        (
            Ref("people", phone_numbers={"original_phone_number": "020 7946 0000", "country_code": "GB"}),
            {
                "target_object": "people",
                "phone_numbers": [{"original_phone_number": "020 7946 0000", "country_code": "GB"}],
            },
        ),
        (
            {"target_object": "invoices", "number": [{"value": 7}]},
            {"target_object": "invoices", "number": [{"value": 7}]},
        ),
        # A plain text is what Attio takes it for: a domain, an e-mail address or a key.
        ("company.com", "company.com"),
        ("https://Company.com/about", "company.com"),
        ("person@company.com", "person@company.com"),
        ("my-user-id", "my-user-id"),
    ]
    assert misfits(Attribute("record-reference"), cases) == []


def test_a_known_target_helps() -> None:
    cases = [
        ("companies", "HTTPS://Company.com", "company.com"),
        ("companies", ID, BY_ID),
        ("companies", UUID(ID), BY_ID),
        ("people", " person@company.com ", "person@company.com"),
        ("users", ID, ID),
        ("users", UUID(ID), {"target_object": "users", "target_record_id": ID}),
        ("workspaces", "my-workspace-id", "my-workspace-id"),
        ("invoices", ID, {"target_object": "invoices", "target_record_id": ID}),
        (OBJECT_ID, "company.com", "company.com"),
        (OBJECT_ID, BY_ID, BY_ID),
        ("companies", RecordLike(), {"target_object": OBJECT_ID, "target_record_id": ID}),
        ("companies", URL, BY_ID),
    ]
    for target, value, expected in cases:
        assert misfits(Attribute("record-reference", target_objects=(target,)), [(value, expected)]) == []


def test_several_references() -> None:
    spec = Attribute("record-reference", is_multiselect=True)
    assert coerce(spec, ["company.com", "company.net", RecordRef("companies", ID)]) == [
        "company.com",
        "company.net",
        BY_ID,
    ]


def test_values_that_are_not_references_are_refused() -> None:
    cases: list[tuple[tuple[str, ...] | None, object, tuple[str, str]]] = [
        (None, ID, ("which object it belongs to", "RecordRef(object,")),
        (("companies", "people"), ID, ("'companies', 'people'", "RecordRef(object,")),
        (("companies", "people"), "acme.com", ("which record", "RecordRef(object,")),
        (("invoices",), "INV-7", ("which record", "that object alone")),
        (("companies",), "Acme Inc", ("not a valid domain", "example.com")),
        (("people",), "Ada", ("not a valid e-mail address", "ada@example.com")),
        (("people",), RecordRef("companies", ID), ("'companies' is not an object", "'people'")),
        (("people",), Ref("companies", domain="acme.com"), ("'companies' is not an object", "'people'")),
        (("people",), URL, ("'companies' is not an object", "'people'")),
        (None, "app.attio.com", ("web address", "RecordRef")),
        (None, "https://app.attio.com/acme/settings", ("web address", "RecordRef")),
        (None, RecordRef("companies", "acme"), ("UUID", "RecordRef")),
        (None, {"target_object": "companies"}, ("not a valid reference", "target_record_id")),
        (None, {"domains": "acme.com"}, ("not a valid reference", "target_object")),
        (
            None,
            {"target_object": "companies", "domains": "a.co", "name": "A"},
            ("not a valid reference", "one unique"),
        ),
        (None, Ref("companies", domain=["a.co", "b.co"]), ("2 values", "one")),
        (None, Ref("companies", domain=3), ("of type int", "a domain")),
        (None, Ref("invoices", paid=True), ("of type bool", "paid")),
        (None, Ref("invoices", number={"amount": 3}), ("'amount'", "'value'")),
        (None, Ref("invoices", number={"country_code": "GB"}), ("of type NoneType", "number")),
        (None, RecordRef(3, ID), ("of type int", "slug or id")),  # type: ignore[arg-type]
        (None, RecordRef("companies", 3), ("UUID", "RecordRef")),  # type: ignore[arg-type]
        (None, 3, ("of type int", "RecordRef")),
        (None, "", ("empty", "None")),
    ]
    for targets, value, message in cases:
        assert unsaid(Attribute("record-reference", target_objects=targets), [(value, *message)]) == []


MEMBER = {"referenced_actor_type": "workspace-member", "referenced_actor_id": ID}
MEMBERS = {"jane doe": [ID], "john doe": [ID, OBJECT_ID]}


def test_references_to_members() -> None:
    cases = [
        ("jane@acme.com", "jane@acme.com"),
        ({"workspace_member_email_address": "jane@acme.com"}, "jane@acme.com"),
        (MEMBER, MEMBER),
        ({"type": "workspace-member", "id": ID}, MEMBER),
        ({"workspace_id": OBJECT_ID, "workspace_member_id": ID}, MEMBER),
        (ID, MEMBER),
        (UUID(ID), MEMBER),
        (Member("jane@acme.com"), "jane@acme.com"),
        (Member(ID), MEMBER),
        (ActorRef("workspace-member", ID), MEMBER),
        (ActorRef("workspace-member", UUID(ID)), MEMBER),  # type: ignore[arg-type]
        (Member("Jane Doe"), MEMBER),
        (" JANE  doe ", MEMBER),
    ]
    assert misfits(Attribute("actor-reference"), cases, members=MEMBERS) == []


def test_values_that_are_not_members_are_refused() -> None:
    cases = [
        (Member("John Doe"), "2 members", "id"),
        (Member("Nobody"), "unknown member", "full name"),
        (Member("jane@"), "not a valid e-mail address", "ada@example.com"),
        (ActorRef("system", None), "'system' cannot be written", "workspace members"),
        (ActorRef("workspace-member", None), "cannot be written", "workspace members"),
        (ActorRef("workspace-member", "jane"), "UUID", "e-mail"),
        (
            {"referenced_actor_type": "api-token", "referenced_actor_id": ID},
            "'api-token'",
            "workspace members",
        ),
        ({"id": ID}, "None cannot be written", "workspace members"),
        ({"type": "workspace-member", "id": ID, "name": "Jane"}, "'name'", "use 'type', 'id'"),
        ({"email": "jane@acme.com"}, "'email'", "workspace_member_email_address"),
        (3, "of type int", "e-mail"),
        ("", "empty", "None"),
    ]
    assert unsaid(Attribute("actor-reference"), cases, members=MEMBERS) == []


def test_a_name_needs_to_know_the_members() -> None:
    problem = refused(Attribute("actor-reference"), Member("Jane Doe"))
    assert "neither an e-mail address nor an id" in problem.reason
