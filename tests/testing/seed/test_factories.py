"""Generated companies, people and deals."""

import pytest

from attio_async.testing import (
    FakeAttio,
    VirtualClock,
    companies,
    deals,
    people,
)
from attio_async.testing._errors import ApiProblem

pytestmark = pytest.mark.anyio


async def test_a_thousand_people_have_addresses_and_companies() -> None:
    fake = FakeAttio(clock=VirtualClock())
    ids = fake.load({"companies": companies(100), "people": people(1000), "deals": deals(40)})
    assert [len(each) for each in ids.values()] == [100, 1000, 40]
    assert len(fake.records("companies")) == 100
    async with fake.client() as attio:
        found = [person async for person in attio.people.query()]
        assert [person.id for person in found] == ids["people"]
        assert len({person["email_addresses"][0] for person in found}) == 1000
        assert {person["company"].record_id for person in found} == set(ids["companies"])
        (deal,) = await attio.deals.get_many(ids["deals"][:1])
        assert deal["stage"] == "Lead"


def test_factories_are_deterministic() -> None:
    assert list(people(20)) == list(people(30))[:20]
    assert list(companies(20)) == list(companies(20))
    assert list(deals(20)) == list(deals(20))


def test_an_invalid_record_stops_the_load_after_the_valid_ones() -> None:
    fake = FakeAttio(clock=VirtualClock())
    with pytest.raises(ApiProblem):
        fake.load({"companies": [*companies(2), {"domains": ["not a domain"]}]})
    assert len(fake.records("companies")) == 2
