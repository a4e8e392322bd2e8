"""Reading a page of 500 people with 34 attributes each, against `json.loads` on the same bytes."""

import json
import uuid

import people
from attio_async._records.models import Record, decode_many
from attio_async._schema import Attribute, ObjectSchema, standard_schema
from attio_async.models import Person
from harness import GoalLine, in_turns

ID = str(uuid.UUID(int=7))
STAMP = {
    "active_from": "2026-02-27T07:31:23.193000000Z",
    "active_until": None,
    "created_by_actor": {"type": "workspace-member", "id": ID},
}
ROUNDS = 15
FIVE = ("name", "email_addresses", "job_title", "phone_numbers", "company")


def value(kind: str, **fields: object) -> dict[str, object]:
    return {**STAMP, **fields, "attribute_type": kind}


def person(number: int) -> dict[str, object]:
    text = {f"text_{n}": [value("text", value=f"Some text {number} of attribute {n}")] for n in range(24)}
    return {
        "id": {"workspace_id": ID, "object_id": ID, "record_id": str(uuid.UUID(int=number))},
        "created_at": "2026-02-27T07:31:23.193000000Z",
        "web_url": f"https://app.attio.com/acme/person/{number}",
        "values": {
            "name": [
                value("personal-name", first_name="Ada", last_name=f"L{number}", full_name=f"Ada L{number}")
            ],
            "email_addresses": [
                value(
                    "email-address",
                    email_address=f"ada{number}@acme.example.com",
                    original_email_address=f"Ada{number}@acme.example.com",
                    email_domain="acme.example.com",
                    email_root_domain="acme.example.com",
                    email_local_specifier=f"ada{number}",
                )
            ],
            "job_title": [value("text", value="Engineer")],
            "phone_numbers": [value("phone-number", phone_number="+442079460018", country_code="GB")],
            "company": [value("record-reference", target_object="companies", target_record_id=ID)],
            "created_at": [value("timestamp", value="2026-02-27T07:31:23.193000000Z")],
            "twitter_follower_count": [value("number", value=number)],
            "revenue": [value("currency", currency_value=number + 0.25, currency_code="USD")],
            "tags": [value("select", option={"id": {"option_id": ID}, "title": "VIP", "is_archived": False})],
            "born": [value("date", value="1990-01-01")],
            **text,
        },
    }


def json_lines() -> list[GoalLine]:
    """Writing people as JSON that nobody has read before, described as the API describes them."""
    page = people.page()
    described = map(Attribute.parse, json.loads(people.attributes())["data"])
    schema = ObjectSchema("people", described)
    found = []
    for name, write in (
        ('to_dict(mode="json")', lambda record: record.to_dict(mode="json")),
        ("to_json()", Record.to_json),
    ):
        unread = iter([decode_many(page, Record, schema) for _ in range(ROUNDS + 1)])
        ratio, text = in_turns(
            lambda unread=unread, write=write: [len(write(record)) for record in next(unread)],
            lambda: json.loads(page),
            rounds=ROUNDS,
        )
        found.append(
            GoalLine(f"{name} of 500 people : json.loads of their page", text, "at most 0.50", ratio <= 0.50)
        )
    return found


def lines() -> list[GoalLine]:
    page = json.dumps({"data": [person(n) for n in range(500)]}).encode()
    schema = standard_schema("people")

    def wrap() -> None:
        decode_many(page, Record, schema)

    def read_five() -> None:
        for record in decode_many(page, Record, schema):
            for slug in FIVE:
                record[slug]

    # An attribute is decoded once, so that each round needs records that nobody has read.
    unread = iter([decode_many(page, Record, schema) for _ in range(ROUNDS + 1)])
    unread_models = iter([decode_many(page, Person, schema) for _ in range(ROUNDS + 1)])

    def read_records() -> None:
        for record in next(unread):
            for slug in FIVE:
                record[slug]

    def read_models() -> None:
        for record in next(unread_models):
            _ = record.name, record.email_addresses, record.job_title, record.phone_numbers, record.company

    wrapped, wrapped_text = in_turns(wrap, lambda: json.loads(page))
    read, _ = in_turns(read_five, lambda: json.loads(page))
    modelled, modelled_text = in_turns(read_models, read_records, rounds=ROUNDS)
    size = f"{len(page) / 1e6:.1f} MB"
    return [
        GoalLine(
            f"decode and wrap 500 people ({size}) : json.loads", wrapped_text, "at most 0.20", wrapped <= 0.20
        ),
        GoalLine(
            "reading five attributes of each adds",
            f"{read - wrapped:.3f}",
            "at most 0.15",
            read - wrapped <= 0.15,
        ),
        GoalLine(
            "reading the five through a model : record[slug]", modelled_text, "at most 1.15", modelled <= 1.15
        ),
        *json_lines(),
    ]
