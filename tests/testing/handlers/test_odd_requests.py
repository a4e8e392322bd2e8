"""Whatever is asked, the answer is one that the API gives; and what is refused has changed nothing."""

from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given, settings

from attio_async.testing import FakeAttio, VirtualClock

WEB = FakeAttio(clock=VirtualClock())
WEB.seed.add_list("leads", parent="companies")
WEB.seed.add_attribute("people", "level", "select", options=["Low", "High"])
COMPANY = WEB.seed.add_record("companies", {"domains": ["acme.com"]})["id"]["record_id"]
ADA = WEB.seed.add_record("people", {"email_addresses": ["ada@acme.com"]})["id"]["record_id"]
BOB = WEB.seed.add_record("people", {"name": "Bob"})["id"]["record_id"]
ENTRY = WEB.seed.add_entry("leads", COMPANY)["id"]["entry_id"]
STATE = WEB.snapshot()

ATTRIBUTE = {
    "title": "x",
    "description": None,
    "api_slug": "x",
    "type": "record-reference",
    "is_required": False,
    "is_unique": False,
    "is_multiselect": False,
    "config": {"record_reference": {"allowed_objects": ["people"]}},
}
OTHER_END = {"object": "people", "title": "y", "api_slug": "y", "is_multiselect": True}
PERIOD = {"value": "x", "active_from": "2025-01-01T00:00:00Z", "active_until": None}
PLACE = dict.fromkeys(("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode"))
PLACE |= {"country_code": "FR", "latitude": "1.5", "longitude": "-1.5"}
REFERENCE = {"target_object": "companies", "target_record_id": COMPANY}
NAME = {"first_name": "A", "last_name": "B", "full_name": "A B"}
OWNER = "ada@fake-workspace.test"

REQUESTS: list[tuple[str, str, Any]] = [
    ("POST", "/v2/objects", {"data": {"api_slug": "x", "singular_noun": "x", "plural_noun": "xs"}}),
    ("PATCH", "/v2/objects/people", {"data": {"singular_noun": "x"}}),
    ("POST", "/v2/objects/people/attributes", {"data": {**ATTRIBUTE, "relationship": OTHER_END}}),
    (
        "POST",
        "/v2/objects/people/attributes",
        {"data": {**ATTRIBUTE, "type": "date", "default_value": {"type": "dynamic", "template": "P1M"}}},
    ),
    (
        "PATCH",
        "/v2/objects/people/attributes/level",
        {"data": {"default_value": {"type": "static", "template": [{"option": "Low"}]}, "api_slug": "x"}},
    ),
    ("PATCH", "/v2/objects/people/attributes/level/options/Low", {"data": {"title": "Lower"}}),
    (
        "POST",
        "/v2/objects/deals/attributes/stage/statuses",
        {"data": {"title": "Later", "celebration_enabled": True, "target_time_in_status": "P1D"}},
    ),
    (
        "POST",
        "/v2/objects/people/records",
        {
            "data": {
                "values": {
                    "name": NAME,
                    "email_addresses": [{"email_address": "new@x.com"}],
                    "phone_numbers": [{"original_phone_number": "+442079460000", "country_code": "GB"}],
                    "primary_location": PLACE,
                    "company": [REFERENCE],
                    "level": "High",
                }
            }
        },
    ),
    (
        "PUT",
        "/v2/objects/companies/records?matching_attribute=domains",
        {"data": {"values": {"domains": ["acme.com"], "foundation_date": "2020", "funding_raised_usd": 5.5}}},
    ),
    (
        "POST",
        "/v2/objects/deals/records",
        {
            "data": {
                "values": {"name": "D", "stage": "Lead", "owner": OWNER, "associated_company": "acme.com"}
            }
        },
    ),
    ("PATCH", f"/v2/objects/people/records/{ADA}", {"data": {"values": {"job_title": ["x"]}}}),
    (
        "PUT",
        f"/v2/objects/people/records/{ADA}/attributes/job_title/values",
        {"data": {"values": [PERIOD], "replace_history": True}},
    ),
    (
        "POST",
        "/v2/objects/people/records/merge",
        {"data": {"primary_record_id": ADA, "secondary_record_id": BOB}},
    ),
    (
        "POST",
        "/v2/objects/records/search",
        {"query": "ada", "objects": ["people"], "limit": 5, "request_as": {"type": "workspace"}},
    ),
    ("POST", "/v2/sql", {"sql": "select name from people"}),
    (
        "PUT",
        "/v2/lists/leads/entries",
        {"data": {"parent_record_id": COMPANY, "parent_object": "companies", "entry_values": {}}},
    ),
    ("PATCH", f"/v2/lists/leads/entries/{ENTRY}", {"data": {"entry_values": {}}}),
]

TEXTS = ("", " ", "x", "people", COMPANY, ADA, "\0", "é" * 300, "9" * 400, "P9999Y", "0000", "select")
NESTED = ([], [[]], [None], {}, {"x": 1}, {"value": {}}, [{"value": None}])
ODD = st.sampled_from([None, True, False, 0, -1, 0.5, 1e300, *TEXTS, *NESTED])


def paths(document: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: Any = ()
    if isinstance(document, dict | list):
        inner = document.items() if isinstance(document, dict) else enumerate(document)
    found = [here] if here else []
    for name, part in inner:
        found += paths(part, (*here, name))
    return found


def changed(document: Any, path: tuple[Any, ...], odd: Any, how: str) -> Any:
    copy = msgspec.json.decode(msgspec.json.encode(document))
    place = copy
    for name in path[:-1]:
        place = place[name]
    if how == "drop":
        del place[path[-1]]
    elif how == "add" and isinstance(place, dict):
        place["unheard_of"] = odd
    else:
        place[path[-1]] = odd
    return copy


def state(fake: FakeAttio) -> Any:
    document = msgspec.json.decode(fake.to_json())
    del document["workspace"]["ids_made"]
    return document


def ask(method: str, target: str, body: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {WEB.token}"}
    answer = WEB.handle(method, target, headers, msgspec.json.encode(body))
    return answer.status, msgspec.json.decode(answer.body)


UNTOUCHED = state(WEB)


@pytest.mark.parametrize(("method", "target", "body"), REQUESTS)
def test_each_request_is_one_that_is_taken(method: str, target: str, body: Any) -> None:
    WEB.restore(STATE)
    status, answer = ask(method, target, body)
    assert status == 200, answer


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_odd_requests(data: st.DataObject) -> None:
    method, target, body = data.draw(st.sampled_from(REQUESTS))
    path = data.draw(st.sampled_from(paths(body)))
    odd, how = data.draw(ODD), data.draw(st.sampled_from(("put", "put", "put", "drop", "add")))
    WEB.restore(STATE)
    status, answer = ask(method, target, changed(body, path, odd, how))
    if status == 200:
        return
    assert status in {400, 404, 409}, answer
    assert {"status_code", "type", "code", "message"} <= answer.keys()
    assert answer["code"] not in {"internal", "not_modelled"}
    assert state(WEB) == UNTOUCHED
