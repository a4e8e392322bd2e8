"""Merging two records into a new one, at once or after a delay."""

from typing import Any

import pytest

MISSING = "4b0a6ab5-5ba5-4b1c-a7bf-6a6d4e6b3f5c"


def merge(api, kind: str, primary: str, secondary: str):
    ids = {"primary_record_id": primary, "secondary_record_id": secondary}
    return api("POST", f"/v2/objects/{kind}/records/merge", {"data": ids})


def merged(api, kind: str, primary: str, secondary: str) -> str:
    return merge(api, kind, primary, secondary).data["new_record_id"]


def ends(answer, slug: str) -> list[str]:
    return [value["target_record_id"] for value in answer.values[slug]]


def native(answer, slug: str, key: str = "value") -> list[Any]:
    return [value[key] for value in answer.values[slug]]


def test_the_new_record_has_the_values_of_both(api, new_id) -> None:
    first = new_id("companies", domains=["a.com", "b.com"], name="A", categories=["SAAS"])
    second = new_id(
        "companies", domains=["c.com"], name="B", description="Old", categories=["Mobile", "SAAS"]
    )
    new = merged(api, "companies", first, second)
    assert new not in (first, second)
    answer = api.get("companies", new)
    assert native(answer, "domains", "domain") == ["a.com", "b.com", "c.com"]
    assert native(answer, "name") == ["A"]
    assert native(answer, "description") == ["Old"]
    assert [one["title"] for one in native(answer, "categories", "option")] == ["SAAS", "Mobile"]
    assert native(answer, "record_id") == [new]
    for old in (first, second):
        assert api.get("companies", old).refusal == (404, "not_found")
    assert api.assert_("companies", "domains", domains=["c.com"]).data["id"]["record_id"] == new


def test_relationships_follow(api, new_id) -> None:
    first, second = new_id("companies", domains=["a.com"]), new_id("companies", domains=["b.com"])
    ada = new_id("people", email_addresses=["ada@a.com"])
    bob = new_id("people", email_addresses=["bob@b.com"])
    new = merged(api, "companies", first, second)
    assert ends(api.get("companies", new), "team") == [ada, bob]
    assert [ends(api.get("people", one), "company") for one in (ada, bob)] == [[new], [new]]
    both = merged(api, "people", ada, bob)
    assert ends(api.get("companies", new), "team") == [both]


def test_a_merged_person_leaves_the_other_company(api, new_id) -> None:
    first, second = new_id("companies", domains=["a.com"]), new_id("companies", domains=["b.com"])
    ada = new_id("people", email_addresses=["ada@a.com"])
    bob = new_id("people", email_addresses=["bob@b.com"])
    both = merged(api, "people", ada, bob)
    assert ends(api.get("people", both), "company") == [first]
    assert ends(api.get("companies", first), "team") == [both]
    assert ends(api.get("companies", second), "team") == []


def test_one_way_references_and_entries_follow(api, fake, new_id) -> None:
    fake.seed.add_attribute("deals", "seen", "record-reference", multiselect=True)
    fake.seed.add_list("leads", parent="people")
    deal = {"name": "D", "stage": "Lead", "owner": "ada@fake-workspace.example.com"}
    ada, bob = new_id("people"), new_id("people")
    references = [{"target_object": "people", "target_record_id": one} for one in (ada, bob)]
    seen = new_id("deals", seen=references, **deal)
    entries = [fake.seed.add_entry("leads", one)["id"]["entry_id"] for one in (ada, bob)]
    both = merged(api, "people", ada, bob)
    assert ends(api.get("deals", seen), "seen") == [both]
    shown = api("GET", f"/v2/objects/people/records/{both}/entries").data
    assert [one["entry_id"] for one in shown] == entries
    assert {entry["parent_record_id"] for entry in fake.entries("leads")} == {both}


def test_references_between_the_two_are_dropped(api, fake, new_id) -> None:
    fake.seed.add_attribute("people", "friends", "record-reference", multiselect=True)
    ada = new_id("people")
    friend = {"target_object": "people", "target_record_id": ada}
    bob = new_id("people", friends=[friend])
    assert ends(api.get("people", merged(api, "people", ada, bob)), "friends") == []


def test_a_reference_to_itself_is_kept(api, fake, new_id) -> None:
    fake.seed.add_attribute("people", "friends", "record-reference", multiselect=True)
    ada, bob = new_id("people"), new_id("people")
    api.patch("people", ada, friends=[{"target_object": "people", "target_record_id": ada}])
    both = merged(api, "people", ada, bob)
    assert ends(api.get("people", both), "friends") == [both]


def test_the_history_is_kept(api, clock, new_id) -> None:
    first, second = new_id("companies", name="A"), new_id("companies", description="B")
    clock.advance(60)
    api.patch("companies", first, name="A2")
    new = merged(api, "companies", first, second)
    history = api(
        "GET", f"/v2/objects/companies/records/{new}/attributes/name/values?show_historic=true"
    ).data
    assert [value["value"] for value in history] == ["A", "A2"]
    assert history[0]["active_until"] == history[1]["active_from"]


def test_the_history_of_both_is_merged(api, clock, new_id) -> None:
    first, second = new_id("companies", domains=["a.com", "b.com"]), new_id("companies", domains=["c.com"])
    clock.advance(60)
    api.put("companies", first, domains=["b.com"])
    api.put("companies", second, domains=["d.com"])
    new = merged(api, "companies", first, second)
    every = f"/v2/objects/companies/records/{new}/attributes/domains/values?show_historic=true"
    ends_at = {value["domain"]: value["active_until"] for value in api("GET", every).data}
    now = "2026-01-01T00:01:00.000000000Z"
    assert ends_at == {"a.com": now, "b.com": None, "c.com": now, "d.com": None}


def test_invalid_merges_are_refused(api, new_id) -> None:
    ada = new_id("people")
    assert merge(api, "people", ada, ada).refusal == (400, "self_merge")
    assert merge(api, "people", ada, MISSING).refusal == (404, "value_not_found")
    assert merge(api, "people", MISSING, ada).refusal == (404, "value_not_found")
    assert merge(api, "planets", ada, MISSING).refusal == (404, "not_found")
    assert merge(api, "people", ada, "x").refusal == (400, "validation_type")
    assert api.get("people", ada).status == 200


def test_a_merge_can_be_delayed(api, fake, clock, new_id) -> None:
    fake.merge_delay = 5
    first, second = new_id("companies", domains=["a.com"]), new_id("companies", domains=["b.com"])
    answer = merge(api, "companies", first, second)
    assert answer.status == 202
    new = answer.json["data"]["new_record_id"]
    for one in (new, first, second):
        assert api.get("companies", one).refusal == (404, "merge_in_progress")
    assert api.query("companies").data == []
    assert merge(api, "companies", new, first).refusal == (404, "merge_in_progress")
    clock.advance(4.9)
    assert api.patch("companies", new, name="A").refusal == (404, "merge_in_progress")
    clock.advance(0.1)
    assert native(api.get("companies", new), "domains", "domain") == ["a.com", "b.com"]
    assert len(api.query("companies").data) == 1
    assert api.get("companies", first).refusal == (404, "not_found")
    fake.merge_delay = 0
    third = new_id("companies")
    assert merge(api, "companies", new, third).status == 200


def test_invalid_delays_are_refused(fake) -> None:
    for seconds in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="finite number of seconds"):
            fake.merge_delay = seconds


@pytest.mark.anyio
async def test_the_client_waits_for_a_merge(fake, clock) -> None:
    fake.merge_delay = 3
    async with fake.client() as attio:
        first = await attio.companies.create({"domains": ["a.com"]})
        second = await attio.companies.create({"domains": ["b.com"]})
        record = await attio.companies.merge(first.id, second.id, wait=True)
        assert record["domains"] == ["a.com", "b.com"]
    assert clock.monotonic() >= 3
