"""The operators of every attribute type, and invalid conditions."""

from typing import Any

import pytest

from attio_async.testing._schema import ATTRIBUTE_TYPES

OPERATORS = (
    "$eq",
    "$in",
    "$not_empty",
    "$contains",
    "$starts_with",
    "$ends_with",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
)

MEMBER = "grace@fake-workspace.example.com"
MEETING = {
    "interaction_type": "calendar-event",
    "interacted_at": "2026-01-02T03:04:05.000000006Z",
    "owner_actor": {"type": "workspace-member", "id": "m"},
}
LOCATION = {
    "line_1": "1 Main St",
    "line_2": None,
    "line_3": None,
    "line_4": None,
    "locality": "São Paulo",
    "region": None,
    "postcode": "01310",
    "country_code": "BR",
    "latitude": "-23.5",
    "longitude": "-46.6",
}
VALUES: dict[str, Any] = {
    "text": "Straße 5",
    "number": 2.5,
    "checkbox": True,
    "currency": 10,
    "date": "2026-01-02",
    "timestamp": "2026-01-02T03:04:05.000000006Z",
    "rating": 3,
    "status": "Open",
    "select": "Red",
    "record-reference": {"target_object": "companies", "target_record_id": "COMPANY"},
    "actor-reference": MEMBER,
    "location": LOCATION,
    "domain": "www.acme.co.uk",
    "email-address": "Ada.L@Mail.acme.com",
    "phone-number": "+442079460018",
    "interaction": MEETING,
    "personal-name": "Lovelace, Ada",
}
OTHERS = {
    "number": 4,
    "checkbox": False,
    "currency": 4,
    "date": "2000-01-01",
    "timestamp": "2000-01-01T00:00:00Z",
    "rating": 4,
    "status": "Done",
    "select": "Blue",
    "record-reference": "people",
    "actor-reference": "system",
}
CHOICES = {"status": ["Open", "Done"], "select": ["Red", "Blue"]}


def slug(kind: str) -> str:
    return kind.replace("-", "_")


@pytest.fixture
def thing(fake, new_id) -> dict[str, str]:
    """Return the ids that filters need, of a record with a value of every type; a second record has none."""
    ids = {"COMPANY": new_id("companies", name="Acme")}
    fake.seed.add_object("things")
    values = {}
    for kind in ATTRIBUTE_TYPES:
        fake.seed.add_attribute("things", slug(kind), kind, options=CHOICES.get(kind, ()))
        values[slug(kind)] = VALUES[kind]
    values["record_reference"] = {"target_object": "companies", "target_record_id": ids["COMPANY"]}
    ids["THING"] = fake.seed.add_record("things", values)["id"]["record_id"]
    fake.seed.add_record("things", {})
    return ids


def filled(value: Any, ids: dict[str, str]) -> Any:
    """Return the value with the names of ids replaced by the ids."""
    match value:
        case dict():
            return {key: filled(each, ids) for key, each in value.items()}
        case list():
            return [filled(each, ids) for each in value]
        case str():
            return ids.get(value, value)
    return value


def finds(api, thing: dict[str, str], kind: str, condition: Any) -> bool:
    answer = api.query("things", filter={slug(kind): filled(condition, thing)})
    found = [record["id"]["record_id"] for record in answer.data]
    assert found in ([], [thing["THING"]]), "a record without a value satisfies no condition"
    return bool(found)


CONDITIONS: list[tuple[str, list[Any], list[Any]]] = [
    ("text", ["Straße 5", {"$eq": "Straße 5"}], ["straße 5", "Straße", "STRASSE 5"]),
    ("text", [{"$in": ["x", "Straße 5"]}, {"$in": ["x", "Straße 5"], "$eq": "Straße 5"}], [{"$in": []}]),
    ("text", [{"$contains": "RASSE"}, {"value": {"$contains": " "}}], [{"$contains": "  "}]),
    (
        "text",
        [{"$starts_with": "STRASS"}, {"$ends_with": "E 5"}],
        [{"$starts_with": "5"}, {"$ends_with": "s"}],
    ),
    ("text", [{"$starts_with": "s", "$ends_with": "5"}], [{"$starts_with": "s", "$ends_with": "6"}]),
    ("number", [2.5, {"$eq": 2.5}, {"value": 2.5}], [2, 2.4999]),
    (
        "number",
        [{"$gt": 2.4999}, {"$gte": 2.5}, {"$lt": 2.50001}, {"$lte": 2.5}],
        [{"$gt": 2.5}, {"$lt": 2.5}],
    ),
    ("number", [{"$gte": 2, "$lt": 3}, {"$gt": -1e30}], [{"$gte": 2, "$lt": 2.5}]),
    ("checkbox", [True, {"$eq": True}, {"value": {"$eq": True}}], [False]),
    ("currency", [10, "10.00", {"currency_value": "10"}, {"$eq": 10.0}], ["10.01", 0]),
    ("currency", [{"$gt": "9.99"}, {"$lte": 10}], [{"$gt": "10"}, {"$lt": 1}]),
    (
        "date",
        ["2026-01-02", {"$gte": "2026"}, {"$lt": "2026-01-03"}],
        ["2026-01-03", {"$gt": "2026-01-02"}],
    ),
    ("date", ["2026-01-01T23:00:00-05:00"], ["2026-01-01T23:00:00"]),
    (
        "timestamp",
        ["2026-01-02T04:04:05.000000006+01:00", {"$gt": "2026-01-02T03:04:05.000000005Z"}],
        ["2026-01-02T03:04:05Z", {"$gt": "2026-01-02T03:04:05.000000006Z"}],
    ),
    ("timestamp", [{"$lte": "2026-01-02T03:05"}], [{"$gte": "2026-01-02T03:05"}]),
    ("rating", [3, {"$gte": 3}, {"$gt": 2.5, "$lt": 4}], [4, {"$gt": 3}]),
    ("status", ["Open", {"status": "Open"}, {"status": {"$eq": "Open"}}], ["Done"]),
    ("status", [{"active_from": {"$gte": "2026-01-01"}}], [{"active_from": {"$lt": "2026-01-01"}}]),
    ("select", ["Red", {"option": {"$eq": "Red"}}, {"$eq": "Red"}], ["Blue"]),
    (
        "select",
        [
            {
                "option": "Red",
                "active_from": {"$gte": "2026-01-01T00:00:00Z", "$lte": "2026-01-01T00:00:00Z"},
            }
        ],
        [{"option": "Blue", "active_from": {"$gte": "2026-01-01"}}, {"active_from": {"$gt": "2026"}}],
    ),
    (
        "record-reference",
        [
            {"target_object": "companies", "target_record_id": "COMPANY"},
            {"target_record_id": {"$eq": "COMPANY"}},
            {"target_object": "companies", "target_record_id": {"$in": ["THING", "COMPANY"]}},
            {"target_object": "companies"},
        ],
        [
            {"target_object": "people", "target_record_id": "COMPANY"},
            {"target_object": "companies", "target_record_id": "THING"},
            {"target_record_id": {"$in": []}},
        ],
    ),
    (
        "actor-reference",
        [
            {"referenced_actor_type": "workspace-member"},
            {"referenced_actor_type": {"$eq": "workspace-member"}},
        ],
        [
            {"referenced_actor_type": "system"},
            {"referenced_actor_type": "workspace-member", "referenced_actor_id": "THING"},
        ],
    ),
    (
        "location",
        [
            {"locality": "São Paulo", "country_code": "BR"},
            {"locality": {"$contains": "PAULO"}},
            {"line_1": {"$starts_with": "1 m"}, "postcode": {"$ends_with": "10"}},
            {"country_code": {"$starts_with": "b"}},
        ],
        [
            {"locality": "são paulo"},
            {"locality": "São Paulo", "country_code": "US"},
            {"region": {"$contains": ""}},
            {"line_2": {"$ends_with": "x"}},
        ],
    ),
    (
        "domain",
        ["www.acme.co.uk", "WWW.acme.co.uk", {"root_domain": "acme.co.uk"}, {"$contains": "ACME"}],
        ["acme.co.uk", {"root_domain": {"$starts_with": "www"}}],
    ),
    ("domain", [{"$not_empty": True}, {"root_domain": {"$not_empty": True}}, {"$ends_with": ".uk"}], []),
    (
        "email-address",
        [
            "ada.l@mail.ACME.com",
            {"email_domain": "mail.acme.com"},
            {"email_root_domain": {"$eq": "acme.com"}},
            {
                "email_local_specifier": {"$starts_with": "ADA"},
                "email_domain": {"$ends_with": "acme.com"},
            },
            {"$contains": "L@MAIL"},
        ],
        ["ada@acme.com", {"email_domain": "acme.com"}, {"email_local_specifier": {"$ends_with": "ada"}}],
    ),
    (
        "phone-number",
        [
            "+442079460018",
            {"phone_number": {"$contains": "7946"}},
            {"country_code": "GB"},
            {"country_code": {"$not_empty": True}},
            {"$starts_with": "+44", "$ends_with": "018"},
        ],
        ["+442079460019", {"country_code": "gb"}, {"$starts_with": "44"}],
    ),
    (
        "interaction",
        [
            {"owner_member_id": "m"},
            {"owner_member_id": {"$not_empty": True}, "interaction_type": {"$not_empty": True}},
            {"interaction_type": "calendar-event", "interacted_at": {"$gt": "2026-01-02"}},
            {"interacted_at": "2026-01-02T03:04:05.000000006Z"},
        ],
        [
            {"owner_member_id": "n"},
            {"interaction_type": "email"},
            {"interacted_at": {"$gt": "2026-01-03"}},
        ],
    ),
    (
        "personal-name",
        [
            "Ada Lovelace",
            {"first_name": "Ada", "last_name": {"$contains": "LOVE"}},
            {"$ends_with": "lace"},
        ],
        ["ada lovelace", {"first_name": "Lovelace"}, {"first_name": "Ada", "last_name": "Byron"}],
    ),
    ("personal-name", [{"$not_empty": True}, {"last_name": {"$not_empty": True}}], []),
]


def test_conditions_of_every_type(api, thing) -> None:
    misfits = [
        (kind, condition, expected)
        for kind, yes, no in CONDITIONS
        for expected, conditions in ((True, yes), (False, no))
        for condition in conditions
        if finds(api, thing, kind, condition) is not expected
    ]
    assert misfits == []


# The operators that each guide lists.
TEXTS = "$eq $contains $starts_with $ends_with"
RANGES = "$eq $lt $lte $gt $gte"
GUIDES = {
    "text": {"value": f"{TEXTS} $in"},
    "number": {"value": RANGES},
    "checkbox": {"value": "$eq"},
    "currency": {"currency_value": RANGES},
    "date": {"value": RANGES},
    "timestamp": {"value": RANGES},
    "rating": {"value": RANGES},
    "status": {"status": "$eq", "active_from": "$lt $lte $gt $gte"},
    "select": {"option": "$eq", "active_from": "$lt $lte $gt $gte"},
    "record-reference": {"target_object": "$eq", "target_record_id": "$eq $in"},
    "actor-reference": {"referenced_actor_type": "$eq", "referenced_actor_id": "$eq"},
    "location": {
        **dict.fromkeys(("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode"), TEXTS),
        "country_code": "$eq $starts_with",
    },
    "domain": dict.fromkeys(("domain", "root_domain"), f"{TEXTS} $not_empty"),
    "email-address": dict.fromkeys(
        ("email_address", "email_domain", "email_root_domain", "email_local_specifier"), TEXTS
    ),
    "phone-number": {"phone_number": TEXTS, "country_code": "$eq $not_empty"},
    "interaction": {
        "owner_member_id": "$eq $not_empty",
        "interacted_at": RANGES,
        "interaction_type": "$eq $not_empty",
    },
    "personal-name": dict.fromkeys(("first_name", "last_name", "full_name"), f"{TEXTS} $not_empty"),
}


def test_each_property_takes_the_operators_of_its_guide_only(api, thing) -> None:
    assert set(GUIDES) == set(ATTRIBUTE_TYPES)
    for kind, properties in GUIDES.items():
        for name, listed in properties.items():
            for operator in OPERATORS:
                # An object is an invalid operand, so even a supported operator is refused, by another message.
                asked = {"referenced_actor_type": "system"} if kind == "actor-reference" else {}
                asked = {**asked, name: {operator: {"an": "object"}}}
                answer = api.query("things", filter={slug(kind): asked})
                assert answer.refusal == (400, "filter_error"), (kind, name, operator)
                assert answer.json["path"] == [slug(kind), name, operator]
                is_refused = "is not supported" in answer.json["message"]
                assert is_refused is (operator not in listed.split()), (kind, name, operator)


def test_an_empty_last_name_counts_as_unset(api, new_id) -> None:
    new_id("people", name="Madonna")
    assert len(api.query("people", filter={"name": {"first_name": {"$not_empty": True}}}).data) == 1
    assert api.query("people", filter={"name": {"last_name": {"$not_empty": True}}}).data == []


def test_one_value_has_to_satisfy_every_operator(api, new_id) -> None:
    new_id("people", phone_numbers=["+442079460018", "+33170189001"], email_addresses=["a@x.org", "b@y.org"])
    assert api.query("people", filter={"phone_numbers": {"$starts_with": "+44", "$ends_with": "018"}}).data
    assert not api.query(
        "people", filter={"phone_numbers": {"$starts_with": "+44", "$ends_with": "001"}}
    ).data
    of_one = {"email_addresses": {"email_local_specifier": "a", "email_domain": "y.org"}}
    assert not api.query("people", filter=of_one).data
    of_two = {
        "$and": [
            {"email_addresses": {"email_local_specifier": "a"}},
            {"email_addresses": {"email_domain": "y.org"}},
        ]
    }
    assert api.query("people", filter=of_two).data


def test_not_also_matches_records_without_a_value(api, thing) -> None:
    for kind in ATTRIBUTE_TYPES:
        name = next(iter(GUIDES[kind]))
        value = OTHERS.get(kind, "x")
        assert len(api.query("things", filter={"$not": {slug(kind): {name: value}}}).data) == 2, kind


def test_archived_options_can_be_filtered_by(api, thing) -> None:
    options = "/v2/objects/things/attributes/select/options"
    red = api("PATCH", f"{options}/Red", {"data": {"is_archived": True}}).data["id"]["option_id"]
    assert finds(api, thing, "select", "Red")
    api("PATCH", f"{options}/{red}", {"data": {"title": "Crimson"}})
    assert finds(api, thing, "select", "Crimson")
    assert finds(api, thing, "select", red)


def test_attributes_are_found_by_id(api, thing) -> None:
    text = api("GET", "/v2/objects/things/attributes/text").data["id"]["attribute_id"]
    assert len(api.query("things", filter={text: {"$contains": "5"}}).data) == 1


INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({"text": {}}, ["text"]),
    ({"text": {"value": {}}}, ["text", "value"]),
    ({"text": {"value": {"$eq": None}}}, ["text", "value", "$eq"]),
    ({"text": ["x"]}, ["text", "value", "$eq"]),
    ({"text": {"$contains": 5}}, ["text", "value", "$contains"]),
    ({"text": {"$in": ["x", 5]}}, ["text", "value", "$in", "1"]),
    ({"text": {"$in": "x"}}, ["text", "value", "$in"]),
    ({"text": {"$like": "x"}}, ["text", "value", "$like"]),
    ({"text": {"$eq": "x", "value": "x"}}, ["text", "value", "value"]),
    ({"text": {"text": "x"}}, ["text", "text"]),
    ({"number": {"$gt": "1"}}, ["number", "value", "$gt"]),
    ({"number": {"$gt": True}}, ["number", "value", "$gt"]),
    ({"currency": {"$gt": "much"}}, ["currency", "currency_value", "$gt"]),
    ({"currency": {"$gt": "NaN"}}, ["currency", "currency_value", "$gt"]),
    ({"checkbox": "true"}, ["checkbox", "value", "$eq"]),
    ({"date": {"$gt": "soon"}}, ["date", "value", "$gt"]),
    ({"timestamp": {"$gt": "2026-01-01"}}, ["timestamp", "value", "$gt"]),
    ({"select": "Green"}, ["select", "option", "$eq"]),
    ({"select": {"active_from": "2026-01-01"}}, ["select", "active_from", "$eq"]),
    ({"status": {"active_from": {"$gt": "x"}}}, ["status", "active_from", "$gt"]),
    ({"record_reference": "x"}, ["record_reference"]),
    ({"record_reference": {"target_object": "planets"}}, ["record_reference", "target_object", "$eq"]),
    ({"actor_reference": {"referenced_actor_id": "x"}}, ["actor_reference"]),
    (
        {"actor_reference": {"referenced_actor_type": "robot"}},
        ["actor_reference", "referenced_actor_type", "$eq"],
    ),
    ({"location": {"latitude": "1"}}, ["location", "latitude"]),
    ({"location": "Rome"}, ["location"]),
    ({"domain": {"$not_empty": "yes"}}, ["domain", "domain", "$not_empty"]),
    ({"interaction": {"$not_empty": True}}, ["interaction"]),
    ({"interaction": {"interaction_type": "dance"}}, ["interaction", "interaction_type", "$eq"]),
    ({"$and": [{"text": "x"}, "x"]}, ["$and", "1"]),
    ({"$not": [{"text": "x"}]}, ["$not"]),
    ({"$or": {}}, ["$or"]),
    ({"$nor": []}, ["$nor"]),
]


def test_invalid_conditions_are_refused_with_their_path(api, thing) -> None:
    answers = [(filter, path, api.query("things", filter=filter)) for filter, path in INVALID]
    misfits = [
        (filter, answer)
        for filter, path, answer in answers
        if answer.refusal != (400, "filter_error") or answer.json["path"] != path
    ]
    assert misfits == []


def test_an_unknown_attribute_is_reported_as_by_the_api(api, thing) -> None:
    answer = api.query("things", filter={"$or": [{"text": "x"}, {"$not": {"email": "y"}}]})
    assert answer.json == {
        "status_code": 400,
        "type": "invalid_request_error",
        "code": "unknown_filter_attribute_slug",
        "message": "Unknown attribute slug: email.",
        "path": ["$or", "1", "$not", "email"],
    }


def test_filters_of_an_empty_object_are_validated(api) -> None:
    assert api.query("users", filter={"user_id": {"$gt": 1}}).refusal == (400, "filter_error")


def test_unique_numbers_are_matched_by_value(api, fake) -> None:
    fake.seed.add_object("things")
    fake.seed.add_attribute("things", "size", "number", unique=True)
    fake.seed.add_record("things", {"size": 5})
    assert len(api.query("things", filter={"size": 5.0}).data) == 1
    assert api.query("things", filter={"size": 6}).data == []


def test_deep_filters(api, thing) -> None:
    deep: dict[str, Any] = {"text": "Straße 5"}
    for _ in range(50):
        deep = {"$and": [{"$not": {"$not": {"$or": [deep]}}}]}
    assert len(api.query("things", filter=deep).data) == 1


def test_pages_by_creation_can_have_other_conditions(api, fake, clock) -> None:
    for number in range(6):
        clock.advance(0.000001 * (number % 2))
        fake.seed.add_record("companies", {"name": f"C{number}"})
    oldest_first = [{"attribute": "created_at", "direction": "asc"}]
    found = api.query("companies", sorts=oldest_first, limit=2).data
    names = [record["values"]["name"][0]["value"] for record in found]
    after = found[-1]["created_at"]
    rest = {"$and": [{"name": {"$starts_with": "c"}}, {"created_at": {"$gte": after}}]}
    found = api.query("companies", filter=rest, sorts=oldest_first).data
    assert names == ["C0", "C1"]
    assert [record["values"]["name"][0]["value"] for record in found] == ["C1", "C2", "C3", "C4", "C5"]


def test_not_empty_can_be_false(api, new_id) -> None:
    full = new_id("people", name="Lovelace, Ada", phone_numbers=["+442079460018"])
    half, none = new_id("people", name="Madonna"), new_id("people")

    def found(**filter: object) -> list[str]:
        return [one["id"]["record_id"] for one in api.query("people", filter=filter).data]

    assert found(name={"$not_empty": False}) == [none]
    assert found(name={"last_name": {"$not_empty": False}}) == [half, none]
    assert found(name={"last_name": {"$not_empty": False}, "first_name": "Madonna"}) == [half]
    assert found(name={"last_name": {"$not_empty": False, "$eq": "Lovelace"}}) == []
    assert found(phone_numbers={"country_code": {"$not_empty": False}}) == [half, none]
    assert found(**{"$not": {"name": {"last_name": {"$not_empty": False}}}}) == [full]
    refused = api.query("people", filter={"job_title": {"$not_empty": False}})
    assert refused.refusal == (400, "filter_error")
    assert "is not supported" in refused.json["message"]
