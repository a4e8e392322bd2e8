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


async def test_a_thousand_people_with_addresses_and_companies_of_their_own() -> None:
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


def test_they_are_the_same_every_time() -> None:
    assert list(people(20)) == list(people(30))[:20]
    assert list(companies(20)) == list(companies(20))
    assert list(deals(20)) == list(deals(20))


def test_what_cannot_be_written_says_so_and_the_rest_stays() -> None:
    fake = FakeAttio(clock=VirtualClock())
    with pytest.raises(ApiProblem):
        fake.load({"companies": [*companies(2), {"domains": ["no domain"]}]})
    assert len(fake.records("companies")) == 2
