"""Made-up people as the API sends them: 25 to 34 attributes each, some without a value, no two people alike.

A page of 500 is 3.2 MB, of which gzip makes about 0.3: colleagues, options and companies come back again and again, and
most values of a person were set at one of a few moments.
"""

import json
import random
import uuid
from collections.abc import Callable

from attio_async._schema import standard_schema

FIVE = ("name", "email_addresses", "job_title", "phone_numbers", "company")
WORDS = [
    "account",
    "annual",
    "board",
    "budget",
    "calls",
    "company",
    "contract",
    "customer",
    "deal",
    "decision",
    "delivery",
    "demo",
    "europe",
    "founder",
    "growth",
    "interested",
    "launch",
    "leads",
    "market",
    "meeting",
    "next",
    "office",
    "partner",
    "pilot",
    "plan",
    "product",
    "quarter",
    "renewal",
    "sales",
    "team",
    "trial",
]
FIRST = ("Ada", "Alan", "Barbara", "Edsger", "Grace", "Hedy", "Katherine", "Linus", "Margaret", "Radia")
LAST = ("Hamilton", "Hopper", "Johnson", "Lamarr", "Liskov", "Lovelace", "Perlman", "Turing", "Dijkstra")
CITIES = (("London", "GB"), ("Berlin", "DE"), ("Paris", "FR"), ("Boston", "US"), ("Nairobi", "KE"))
MEMBERS, OPTIONS, COMPANIES, MOMENTS = 8, 12, 300, 6
"""How many different ones there are: in all, in all, in all, and of one person."""

Draw = Callable[[random.Random, str], list[dict[str, object]]]


def _id(draw: random.Random) -> str:
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


def _one_of(what: str, count: int, draw: random.Random) -> str:
    """Return the id of one of so many things of a kind."""
    return _id(random.Random(f"{what} {draw.randrange(count)}"))


def _stamp(draw: random.Random) -> str:
    day, second = draw.randrange(1, 28), draw.randrange(86400)
    return f"2026-0{draw.randrange(1, 10)}-{day:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{draw.randrange(1000):03}000000Z"


def _text(draw: random.Random, _: str) -> list[dict[str, object]]:
    return [{"value": " ".join(draw.choices(WORDS, k=draw.randrange(1, 9)))}]


def _name(draw: random.Random, _: str) -> list[dict[str, object]]:
    first, last = draw.choice(FIRST), draw.choice(LAST)
    return [{"first_name": first, "last_name": last, "full_name": f"{first} {last}"}]


def _emails(draw: random.Random, _: str) -> list[dict[str, object]]:
    found = []
    for _ in range(draw.randrange(1, 3)):
        local, domain = (
            f"{draw.choice(FIRST).lower()}{draw.randrange(9999)}",
            f"{draw.choice(WORDS)}.example.com",
        )
        found.append(
            {
                "original_email_address": f"{local}@{domain}",
                "email_address": f"{local}@{domain}",
                "email_domain": domain,
                "email_root_domain": domain,
                "email_local_specifier": local,
            }
        )
    return found


def _phones(draw: random.Random, _: str) -> list[dict[str, object]]:
    number = f"+4420794600{draw.randrange(10, 99)}"
    return [{"original_phone_number": number, "country_code": "GB", "phone_number": number}]


def _reference(draw: random.Random, slug: str) -> list[dict[str, object]]:
    target = {"associated_deals": "deals", "associated_users": "users"}.get(slug, "companies")
    return [{"target_object": target, "target_record_id": _one_of(target, COMPANIES, draw)}]


def _place(draw: random.Random, _: str) -> list[dict[str, object]]:
    city, country = draw.choice(CITIES)
    lines = {
        "line_1": f"{draw.randrange(1, 200)} High Street",
        "line_2": None,
        "line_3": None,
        "line_4": None,
    }
    rest = {"locality": city, "region": None, "postcode": None, "country_code": country}
    return [{**lines, **rest, "latitude": None, "longitude": None}]


def _choice(draw: random.Random, slug: str) -> list[dict[str, object]]:
    number = draw.randrange(OPTIONS)
    ids = {
        "workspace_id": WORKSPACE,
        "object_id": OBJECT,
        "attribute_id": ATTRIBUTES[slug],
        "option_id": _id(random.Random(f"{slug} {number}")),
    }
    return [{"option": {"id": ids, "title": WORDS[number].title(), "is_archived": False}}]


def _interaction(draw: random.Random, slug: str) -> list[dict[str, object]]:
    kind = "email" if "email" in slug else "calendar-event"
    owner = {"type": "workspace-member", "id": _one_of("member", MEMBERS, draw)}
    return [{"interaction_type": kind, "interacted_at": _stamp(draw), "owner_actor": owner}]


def _actor(draw: random.Random, _: str) -> list[dict[str, object]]:
    return [
        {"referenced_actor_type": "workspace-member", "referenced_actor_id": _one_of("member", MEMBERS, draw)}
    ]


KINDS: dict[str, Draw] = {
    "text": _text,
    "personal-name": _name,
    "email-address": _emails,
    "phone-number": _phones,
    "record-reference": _reference,
    "location": _place,
    "select": _choice,
    "interaction": _interaction,
    "actor-reference": _actor,
    "timestamp": lambda draw, _: [{"value": _stamp(draw)}],
    "number": lambda draw, _: [{"value": draw.randrange(100_000)}],
    "currency": lambda draw, _: [{"currency_value": draw.randrange(10**6) / 4, "currency_code": "USD"}],
    "checkbox": lambda draw, _: [{"value": draw.random() < 0.5}],
    "date": lambda draw, _: [{"value": _stamp(draw)[:10]}],
}
OWN = {
    "lead_source": "select",
    "region": "select",
    "budget": "currency",
    "subscribed": "checkbox",
    "customer_since": "date",
}
TYPES = {slug: spec.type for slug, spec in standard_schema("people").attributes.items()} | OWN
MARK = "-4aaa-8aaa-"
"""In the id of every record and nowhere else, so that the same people can be sent again under other ids."""

UNSET = 0.45
"""The share of attributes that are there and hold nothing; a person has all of these or misses up to nine."""

_fixed = random.Random(1)
WORKSPACE, OBJECT, MEMBER = _id(_fixed), _id(_fixed), _id(_fixed)
ATTRIBUTES = {slug: _id(_fixed) for slug in TYPES}


def person(number: int) -> dict[str, object]:
    """Return one person, the same for the same number."""
    draw = random.Random(number)
    identity, created = f"{_id(draw)[:13]}{MARK}{number:012x}", _stamp(draw)
    missing = set(draw.sample(sorted(TYPES.keys() - set(FIVE) - {"record_id"}), draw.randrange(10)))
    moments = [_stamp(draw) for _ in range(MOMENTS)]
    values: dict[str, object] = {}
    for slug, kind in TYPES.items():
        if slug in missing:
            continue
        empty = slug not in FIVE and draw.random() < UNSET
        stamp = {
            "active_from": draw.choice(moments),
            "active_until": None,
            "created_by_actor": {"type": "workspace-member", "id": MEMBER},
        }
        found = [] if empty else KINDS[kind](draw, slug)
        values[slug] = [{**stamp, **value, "attribute_type": kind} for value in found]
    values["record_id"] = [{**stamp, "value": identity, "attribute_type": "text"}]
    return {
        "id": {"workspace_id": WORKSPACE, "object_id": OBJECT, "record_id": identity},
        "created_at": created,
        "web_url": f"https://app.attio.com/made-up/person/{identity}",
        "values": values,
    }


def page(first: int = 0, size: int = 500) -> bytes:
    """Return a page of them, as the API writes JSON."""
    return json.dumps({"data": [person(first + n) for n in range(size)]}, separators=(",", ":")).encode()


def attributes() -> bytes:
    """Return the API's description of their attributes."""
    standard = standard_schema("people").attributes
    described = [
        {
            "id": {"workspace_id": WORKSPACE, "object_id": OBJECT, "attribute_id": ATTRIBUTES[slug]},
            "title": slug.replace("_", " ").capitalize(),
            "description": None,
            "api_slug": slug,
            "type": kind,
            "is_system_attribute": slug in standard,
            "is_writable": True,
            "is_required": False,
            "is_unique": False,
            "is_multiselect": slug in standard and standard[slug].is_multiselect,
            "is_default_value_enabled": False,
            "is_archived": False,
            "default_value": None,
            "relationship": None,
            "created_at": "2026-01-01T00:00:00.000000000Z",
            "config": {"currency": {"default_currency_code": None}, "record_reference": {}},
        }
        for slug, kind in TYPES.items()
    ]
    return json.dumps({"data": described}).encode()
