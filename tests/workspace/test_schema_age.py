"""A schema that could not be read, or is older than the records: neither becomes a fact about the workspace."""

import copy
import pickle
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from attio_async import Attio, F, RetryPolicy
from attio_async.errors import AttioError, PermissionDenied, ServerError
from attio_async.testing import (
    ConnectionReset,
    FakeAttio,
    FixedResponse,
    Garbled,
    ServerFailure,
    VirtualClock,
)

pytestmark = pytest.mark.anyio

_FAILURES = [Garbled(), ServerFailure(503), ConnectionReset()]
_ONCE = RetryPolicy(attempts=1)


def scored(**options: Any) -> tuple[FakeAttio, Attio]:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("companies", "score", "number")
    return fake, fake.client(**options)


@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: type(failure).__name__)
async def test_one_failure_of_reading_the_schema_is_no_fact_about_the_workspace(failure: Any) -> None:
    fake, attio = scored()
    fake.fault(failure, operation="list_attributes", times=1)
    assert (await attio.companies.create({"score": 1}))["score"] == 1
    assert [record["score"] for record in await attio.companies.query(F.score == 1)] == [1]
    report = await attio.companies.create_many([{"score": 2}])
    assert (report.created, report.failed) == (1, 0)


@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("name", ["create", "get", "query", "filter"])
async def test_a_lasting_failure_is_forgotten(failure: Any, name: str) -> None:
    fake, attio = scored(retry=_ONCE)
    id_ = fake.seed.add_record("companies", {"score": [1]})["id"]["record_id"]
    calls = {
        "create": lambda: attio.companies.create({"score": 1}),
        "get": lambda: attio.companies.get(id_),
        "query": attio.companies.first,
        "filter": lambda: attio.companies.first(F.score == 1),
    }
    with (
        fake.fault(failure, operation="list_attributes", times=9),
        suppress(AttioError),
    ):
        await calls[name]()
    assert (await calls[name]())["score"] == 1


@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: type(failure).__name__)
async def test_a_schema_that_was_read_wins_over_a_failure_to_read_it_again(failure: Any) -> None:
    fake, attio = scored(retry=_ONCE)
    await attio.companies.create({"score": 1})
    await fake.clock.sleep(301)
    with fake.fault(failure, operation="list_attributes", times=9):
        assert (await attio.companies.create({"score": 2}))["score"] == 2


async def test_a_schema_that_was_read_wins_over_one_that_was_denied() -> None:
    fake, attio = scored()
    denied = {"status_code": 403, "type": "auth_error", "code": "unauthorized", "message": "Not today."}
    fake.fault(FixedResponse(403, denied), operation="list_attributes", times=1)
    await attio.companies.create({"name": "Acme"})
    assert (await attio.schema("companies")).complete
    assert (await attio.companies.create({"score": 1}))["score"] == 1


@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: type(failure).__name__)
async def test_options_that_could_not_be_read_once_are_no_fact(failure: Any) -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.seed.add_attribute("companies", "size", "select", options=["Small"])
    attio = fake.client(retry=_ONCE)
    with (
        fake.fault(failure, operation="list_select_options", times=9),
        suppress(AttioError),
    ):
        await attio.companies.create({"size": "small"})
    assert (await attio.companies.create({"size": "small"}))["size"] == "Small"


async def test_scopes_that_could_not_be_read_once_are_told_the_next_time() -> None:
    fake = FakeAttio(clock=VirtualClock())
    fake.auth.add_token("limited", scopes=["note:read"])
    attio = fake.client(token="limited", retry=_ONCE)
    fake.fault(Garbled(), operation="get_self", times=1)
    for granted in (None, ("note:read",)):
        await fake.clock.sleep(31)
        with pytest.raises(PermissionDenied) as caught:
            await attio.tasks.list()
        assert caught.value.granted_scopes == granted


def holds(record: Mapping[str, Any]) -> bool:
    """Return True if a mapping keeps its contract."""
    slugs = list(record)
    assert len(slugs) == len(record) == len(record.values())
    assert dict(record) == {**record} == dict(record.items()) == {slug: record[slug] for slug in record}
    return all(slug in record and record.get(slug, ...) is not ... for slug in slugs)


async def test_an_attribute_newer_than_the_schema_has_it_read_again_once() -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client()
    for number in range(3):
        fake.seed.add_record("companies", {"name": f"Acme {number}"})
    first = await attio.companies.first()
    assert first is not None
    fake.seed.add_attribute("companies", "score", "number")
    await attio.companies.update(first, {"name": "Acme"})
    record = await attio.companies.get(first)
    assert ("score" in record, record.get("score", -1), record["score"]) == (True, None, None)
    assert all([holds(each) async for each in attio.companies.query(page_size=2)])
    assert [call.operation for call in fake.calls].count("list_attributes") == 2


async def test_an_attribute_that_cannot_be_described_is_in_no_method_of_a_mapping() -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client(retry=_ONCE)
    first = await attio.companies.create({"name": "Acme"})
    fake.seed.add_attribute("companies", "score", "number")
    with fake.fault(ServerFailure(503), operation="list_attributes", times=9):
        record = await attio.companies.get(first)
    assert holds(record)
    assert ("score" in record, record.get("score", -1), "score" in list(record)) == (False, -1, False)
    with pytest.raises(KeyError):
        record["score"]
    assert (record.all("score"), record.first("score")) == ([], None)
    assert "score" in record.raw["values"]


async def test_records_pages_and_schemas_can_be_pickled_and_copied() -> None:
    fake = FakeAttio(clock=VirtualClock())
    attio = fake.client()
    fake.seed.add_list("sales", "Sales", parent="companies")
    record = await attio.companies.create({"name": "Acme", "domains": ["a.example.com", "b.example.com"]})
    entry = await attio.entries("sales").create(record)
    async for page in attio.companies.query().pages():
        copies = [pickle.loads(pickle.dumps(page)), copy.deepcopy(page)]
        assert all(list(each.items) == list(page.items) for each in copies)
    found = await attio.companies.get_many([record])
    schema = await attio.schema("companies")
    for whole in (record, entry, found, schema, record.values("domains")):
        for made in (pickle.loads(pickle.dumps(whole)), copy.deepcopy(whole), copy.copy(whole)):
            assert type(made) is type(whole)
            assert repr(made) == repr(whole)
    again = pickle.loads(pickle.dumps(record))
    assert (again, dict(again), again.id, again.raw) == (record, dict(record), record.id, record.raw)
    assert pickle.loads(pickle.dumps(schema)).find("Name").slug == "name"


async def test_two_failures_at_once_are_raised_as_one() -> None:
    fake, attio = scored(retry=_ONCE)
    fake.fault(ServerFailure(503), times=9)
    with pytest.raises(ServerError):
        await attio.companies.first()
