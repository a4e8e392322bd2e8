"""None clears, everywhere, unless `nulls="skip"` says to leave alone what has it."""

from typing import Any

import pytest

from attio_async.errors import CoercionError, ConfigurationError
from attio_async.testing import FakeAttio, VirtualClock
from tests.support import trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full


async def person(**options: Any) -> tuple[FakeAttio, Any, Any]:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client(**options)
    values = {
        "email_addresses": ["a@x.example.com", "b@x.example.com"],
        "job_title": "Chief",
        "description": "x",
    }
    return fake, attio, await attio.people.create(values)


@pytest.mark.parametrize(
    ("values", "writes"),
    [
        ({"job_title": None}, ["PUT"]),
        ({"job_title": None, "description": "y"}, ["PUT"]),
        ({"Job title": None, "email_addresses": "c@x.example.com"}, ["PATCH", "PUT"]),
        ({"job_title": None, "email_addresses": None}, ["PUT"]),
    ],
)
async def test_none_clears_in_an_update_that_appends(values: dict[str, Any], writes: list[str]) -> None:
    fake, attio, ada = await person()
    before = len(fake.calls)
    ada = await attio.people.update(ada, values)
    sent = [call.method for call in fake.calls[before:] if call.method in {"PUT", "PATCH"}]
    assert sent == writes
    expected = ["a@x.example.com", "b@x.example.com"]
    if "email_addresses" in values:
        expected = ["c@x.example.com", *expected] if values["email_addresses"] else []
    assert (ada["job_title"], sorted(ada["email_addresses"])) == (None, sorted(expected))


@pytest.mark.parametrize("multiselect", ["append", "overwrite"])
async def test_none_is_left_alone_on_request(multiselect: Any) -> None:
    _, attio, ada = await person()
    given = {"job_title": None, "email_addresses": None, "description": "y"}
    ada = await attio.people.update(ada, given, multiselect=multiselect, nulls="skip")
    assert (ada["job_title"], len(ada["email_addresses"]), ada["description"]) == ("Chief", 2, "y")
    match = {"email_addresses": "a@x.example.com", "job_title": None}
    ada = await attio.people.upsert(match, match="email_addresses", nulls="skip")
    assert ada["job_title"] == "Chief"
    ada = await attio.people.upsert(match, match="email_addresses")
    assert ada["job_title"] is None


async def test_an_empty_list_still_adds_nothing() -> None:
    _, attio, ada = await person()
    with pytest.raises(CoercionError, match=r'give None to clear it: \{"email_addresses": None\}'):
        await attio.people.update(ada, {"email_addresses": []})
    with pytest.raises(ConfigurationError, match="nulls must be 'clear' or 'skip', not 'keep'"):
        await attio.people.update(ada, {"email_addresses": None}, nulls="keep")


@pytest.mark.parametrize(("nulls", "title"), [("clear", None), ("skip", "Chief")])
@pytest.mark.parametrize("method", ["upsert_many", "update_many"])
async def test_jobs_follow_the_same_rule(nulls: Any, title: str | None, method: str) -> None:
    _, attio, ada = await person()
    row = {"email_addresses": "a@x.example.com", "job_title": None}
    if method == "upsert_many":
        report = await attio.people.upsert_many([row], match="email_addresses", nulls=nulls)
    else:
        row = {"record_id": ada.id, "job_title": None, "description": "new"}
        report = await attio.people.update_many([row], nulls=nulls)
    assert report.failed == 0
    assert (await attio.people.get(ada))["job_title"] == title


async def test_all_that_is_required_is_asked_for_with_all_other_problems_at_once() -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client()
    with pytest.raises(CoercionError) as caught:
        await attio.deals.create({"name": "x", "value": "much", "nmae": 1})
    told = str(caught.value)
    assert [problem.slug for problem in caught.value.problems] == ["value", "nmae", "stage", "owner"]
    assert told.count("is required; give it a value") == 2
    assert not [call for call in fake.calls if call.method == "POST"]
    report = await attio.deals.create_many([{"name": "x"}])
    assert "stage (status): is required" in str(report.failures[0].error)
    deal = await attio.deals.create({"name": "x", "stage": "Lead", "owner": "ada@fake-workspace.example.com"})
    with pytest.raises(CoercionError, match=r"owner .*: is required, so it cannot be cleared"):
        await attio.deals.update(deal, {"owner": None})
