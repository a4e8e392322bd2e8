"""The actions of a chatbot, against the fake."""

import json
from typing import Any

import pytest

from attio_async.errors import CoercionError
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock
from tests.examples.support import example

pytestmark = pytest.mark.anyio

botpress = example("botpress/actions.py")


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_member("jane@mail.example.com", "Jane", "Doe")
    return fake


async def test_the_token_is_checked_when_the_bot_is_configured(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        checked = await botpress.BotActions(attio).check()
        assert checked["workspace"]
        assert "record_permission:read-write" in checked["scopes"]


async def test_a_token_that_is_revoked_or_lacks_a_scope_is_refused(
    fake: FakeAttio, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.fault(
        FixedResponse(200, {"active": True, "scope": "record_permission:read", "workspace_name": "W"}),
        times=2,
    )
    async with fake.client() as attio:
        with pytest.raises(
            botpress.UnusableToken, match="object_configuration:read and record_permission:read-write"
        ):
            await botpress.BotActions(attio).check()
        with pytest.raises(botpress.UnusableToken, match=r"lacks object_configuration:read;"):
            await botpress.BotActions(attio, writes=False).check()
        fake.auth.revoke_token()
        with pytest.raises(botpress.UnusableToken, match="rejects this token"):
            await botpress.BotActions(attio).check()


async def test_objects_and_attributes_are_listed(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        actions = botpress.BotActions(attio)
        slugs = {found["slug"] for found in (await actions.list_objects())["objects"]}
        assert {"people", "companies", "deals"} <= slugs
        assert (await actions.get_object("people"))["singular"] == "Person"
        attributes = {each["slug"]: each for each in (await actions.list_attributes("deals"))["attributes"]}
        assert attributes["stage"]["title"] == "Deal stage"
        assert "Lead" in attributes["stage"]["options"]


async def test_records_are_shown_with_titles_and_names(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        actions = botpress.BotActions(attio)
        company = await actions.create_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
        shown = await actions.create_record(
            "deals",
            {
                "name": "Big one",
                "stage": "Lead",
                "owner": "jane@mail.example.com",
                "value": 1234.5,
                "associated_company": {"target_object": "companies", "target_record_id": company["id"]},
            },
        )
        values = shown["values"]
        assert values["Deal name"] == "Big one"
        assert values["Deal stage"] == "Lead"
        assert values["Deal owner"] == "Jane Doe"
        assert values["Deal value"] == "1,234.50 USD"
        assert values["Associated company"] == "Acme"
        assert values["Created at"].endswith("UTC")
        assert "Associated people" not in values
        assert await actions.get_record("deals", shown["id"]) == shown
        assert json.loads(json.dumps(shown)) == shown
    assert company["values"]["Domains"] == ["acme.example.com"]


async def test_an_update_replaces_values_or_adds_them(fake: FakeAttio) -> None:
    async with fake.client() as attio:
        actions = botpress.BotActions(attio)
        made = await actions.create_record("companies", {"domains": ["a.example.com"], "Name": "A"})
        for domain, options, expected in (
            ("b.example.com", {}, {"b.example.com"}),
            ("c.example.com", {"add": True}, {"b.example.com", "c.example.com"}),
        ):
            updated = await actions.update_record("companies", made["id"], {"domains": [domain]}, **options)
            assert set(updated["values"]["Domains"]) == expected
            assert updated["values"]["Name"] == "A"
        sent = fake.calls.where(path=f"/v2/objects/companies/records/{made['id']}")
        assert [call.method for call in sent] == ["PUT", "PATCH"]
        with pytest.raises(CoercionError, match="foundation_date"):
            await actions.update_record("companies", made["id"], {"foundation_date": "someday"})


async def test_records_can_be_filtered_sorted_and_paged(fake: FakeAttio) -> None:
    for number in range(7):
        fake.seed.add_record("companies", {"name": f"Firm {number}", "domains": [f"f{number}.example.com"]})
    async with fake.client() as attio:
        actions = botpress.BotActions(attio)

        async def names(**options: Any) -> tuple[list[str], bool]:
            found = await actions.list_records("companies", **options)
            return [record["values"]["Name"][-1] for record in found["records"]], found["has_more"]

        order = {"sorts": [{"attribute": "name", "direction": "desc"}]}
        assert await names(**order, limit=3) == (["6", "5", "4"], True)
        assert await names(**order, limit=3, offset=5) == (["1", "0"], False)
        queries = fake.calls.where(operation="query_records")
        assert [call.json for call in queries] == [
            {"sorts": order["sorts"], "limit": 3, "offset": 0},
            {"sorts": order["sorts"], "limit": 3, "offset": 5},
        ]
        assert await names(filter={"name": {"$eq": "Firm 3"}}) == (["3"], False)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_program_runs_one_action(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeAttio()
    fake.seed.add_record("companies", {"name": "Acme", "domains": ["acme.example.com"]})
    monkeypatch.setattr(botpress, "Attio", fake.client)
    assert await botpress.main("list_records", "companies", '{"limit": 1}') == 0
    assert json.loads(capsys.readouterr().out)["records"][0]["values"]["Name"] == "Acme"
    assert "list_records" in botpress.ACTIONS
