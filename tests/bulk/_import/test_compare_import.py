"""The comparison of a file with the workspace it was imported into finds every difference, and no other."""

from pathlib import Path

import pytest
from conformance.compare_import import differences

from attio_async import Attio
from attio_async.bulk import ColumnMapping, ValueFormats
from attio_async.testing import FakeAttio
from attio_async.values import Location

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Return the one backend that is enough here: jobs are tested on both elsewhere."""
    return "asyncio"


FILE = """\
Mail;Full name;Birthday;Score;Phone;Plan;Employer;Note;Country;Phone
a@example.com;Chris Van Hollen;16/11/1987;1.234,5;020 7946 0000;Pro;acme.example.com;"two
lines";Germany;07400 123456
b@example.com;Lovelace, Ada;05/06/1990;n/a;+1 202-555-0123;Free;;x;USA;
"""
MAPPING = ColumnMapping(
    columns={
        "Mail": "email_addresses",
        "Full name": "name",
        "Birthday": "birthday",
        "Score": "score",
        "Phone": "phone_numbers",
        "Plan": "plan",
        "Employer": "company.domains",
        "Note": "description",
        "Country": "primary_location.country_code",
    }
)
FORMATS = ValueFormats(dayfirst=True, null="n/a", region="GB", decimal=",")


async def found(attio: Attio, path: Path) -> list[str]:
    options = {"object": "people", "match": "email_addresses", "mapping": MAPPING, "formats": FORMATS}
    return [each async for each in differences(attio, path, **options)]  # type: ignore[arg-type]


async def test_every_difference_is_found(tmp_path: Path) -> None:
    fake, path = FakeAttio(), tmp_path / "people.csv"
    path.write_text(FILE, encoding="cp1252")
    for slug, kind in (("birthday", "date"), ("score", "number"), ("plan", "select")):
        fake.seed.add_attribute("people", slug, kind)
    async with fake.client() as attio:
        options = {"create_options": True, "create_references": True}
        report = await attio.people.import_from(path, mapping=MAPPING, formats=FORMATS, **options)  # type: ignore[arg-type]
        assert (report.created, report.failed) == (2, 0)
        assert await found(attio, path) == []
        (ada,) = [each async for each in attio.people.query({"email_addresses": "b@example.com"})]
        changed = {
            "birthday": "1990-05-06",
            "phone_numbers": ["+12025550124"],
            "plan": "Pro",
            "primary_location": Location(country_code="UM"),
        }
        await attio.people.update(ada.id, changed, multiselect="overwrite")
        told = await found(attio, path)
        assert [each.partition(": the file")[0] for each in told] == [
            "line 4: Birthday -> birthday",
            "line 4: Phone -> phone_numbers",
            "line 4: Plan -> plan",
            "line 4: Country -> primary_location",
        ]
        await attio.people.delete(ada.id)
        assert await found(attio, path) == ["line 4: no record has 'b@example.com' as email_addresses"]
