"""Search: matches, their order, and their fields."""

from typing import Any

import pytest

WORKSPACE = {"type": "workspace"}


def search(api, query: str, *objects: str, **more: Any):
    body = {"query": query, "objects": list(objects), "request_as": WORKSPACE, **more}
    return api("POST", "/v2/objects/records/search", body)


def named(answer) -> list[str]:
    return [one["record_text"] for one in answer.data]


@pytest.fixture
def world(api, fake) -> None:
    fake.seed.add_record(
        "companies", {"domains": ["acme.com"], "name": "The Acme Works", "logo_url": "https://x/y.png"}
    )
    fake.seed.add_record("companies", {"name": "Acme Holding", "twitter": "acmeholds"})
    fake.seed.add_record("companies", {"name": "Acme"})
    fake.seed.add_record("companies", {"name": "Placmeta"})
    fake.seed.add_record("people", {"name": "Lovelace, Ada", "phone_numbers": ["+442079460000"]})
    fake.seed.add_record("people", {"email_addresses": ["grace@gmail.com"]})
    fake.seed.add_object("pets")
    fake.seed.add_attribute("pets", "call_name", "text")
    fake.seed.add_record("pets", {"call_name": "Ada the cat"})


@pytest.mark.usefixtures("world")
class TestSearch:
    def test_the_best_matches_come_first(self, api) -> None:
        assert named(search(api, "acme", "companies")) == [
            "Acme",
            "The Acme Works",
            "Acme Holding",
            "Placmeta",
        ]
        assert named(search(api, "  ACME   works ", "companies")) == ["The Acme Works"]
        assert named(search(api, "acme", "companies", limit=2)) == ["Acme", "The Acme Works"]

    def test_every_naming_attribute_is_searched(self, api) -> None:
        assert named(search(api, "acmeholds", "companies")) == ["Acme Holding"]
        assert named(search(api, "acme.com", "companies")) == ["The Acme Works"]
        assert named(search(api, "7946", "people")) == ["Ada Lovelace"]
        assert named(search(api, "grace@", "people")) == ["grace@gmail.com"]
        assert named(search(api, "ada", "people", "pets")) == ["Ada Lovelace", "Ada the cat"]
        assert named(search(api, "nobody", "people", "companies", "pets")) == []

    def test_a_result_has_the_fields_of_its_object(self, api, fake) -> None:
        (found,) = search(api, "acme.com", "companies").data
        assert found == {
            "id": fake.records("companies")[0]["id"],
            "record_text": "The Acme Works",
            "record_image": "https://x/y.png",
            "object_slug": "companies",
            "domains": ["acme.com"],
        }
        (found,) = search(api, "ada", "people").data
        assert found["email_addresses"] == []
        assert found["phone_numbers"] == ["+442079460000"]
        assert found["record_image"] is None

    def test_a_search_can_be_on_behalf_of_a_member(self, api) -> None:
        member = api("GET", "/v2/workspace_members").data[0]
        for who in (
            {"workspace_member_id": member["id"]["workspace_member_id"]},
            {"email_address": member["email_address"]},
        ):
            asker = {"type": "workspace-member", **who}
            assert named(search(api, "ada", "people", request_as=asker)) == ["Ada Lovelace"]
        asker = {"type": "workspace-member", "email_address": "nobody@acme.com"}
        assert search(api, "ada", "people", request_as=asker).refusal == (400, "value_not_found")


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"query": "x" * 257}, "validation_type"),
    ({"objects": []}, "validation_type"),
    ({"objects": ["planets"]}, "value_not_found"),
    ({"limit": 26}, "validation_type"),
    ({"limit": 0}, "validation_type"),
    ({"limit": 1.5}, "validation_type"),
    ({"request_as": {"type": "somebody"}}, "validation_type"),
    ({"request_as": {"type": "workspace-member"}}, "validation_type"),
    ({"request_as": {"type": "workspace-member", "workspace_member_id": "x"}}, "validation_type"),
    ({"more": 1}, "validation_type"),
]


def test_invalid_searches_are_refused(api) -> None:
    search = {"query": "x", "objects": ["people"], "request_as": WORKSPACE}
    for change, code in INVALID:
        answer = api("POST", "/v2/objects/records/search", search | change)
        assert answer.refusal == (400, code), change


def test_a_name_that_is_not_a_text_is_not_searched(api, fake) -> None:
    fake.seed.add_object("rooms")
    fake.seed.add_attribute("rooms", "name", "number")
    fake.seed.add_attribute("rooms", "door", "text")
    fake.seed.add_record("rooms", {"name": 5, "door": "Blue"})
    fake.seed.add_record("rooms", {"name": 6})
    assert named(search(api, "blue", "rooms")) == ["Blue"]
    assert named(search(api, "", "rooms")) == ["Blue", ""]


@pytest.mark.anyio
@pytest.mark.usefixtures("world")
async def test_the_client_searches(fake) -> None:
    async with fake.client() as attio:
        hits = await attio.search("acme", objects=["companies"])
    assert hits[0].record_text == "Acme"
