"""Files as people have them, each of another kind: what is certain is taken, what is not is refused with what decides it."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import attrs
import pytest
from tests.bulk._import.sheets import spreadsheet

from attio_async import Attio, ConfigurationError, MatchOn
from attio_async.bulk import ColumnMapping, ImportReader, ValueFormats
from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Return the one backend that is enough here: jobs are tested on both elsewhere."""
    return "asyncio"


Values = Sequence[Mapping[str, object]]


@attrs.frozen(kw_only=True)
class Dirty:
    """A file, what is refused of it with what to try, and what is read of it when that is tried.

    Attributes:
        content: The file.
        name: Its name.
        refused: What the plan says of it at first, part by part; nothing where all of it is certain.
        certain: The number of rows that are certain at first.
        tried: What decides the rest.
        values: The values of the records then, by attribute, in the order of the file.
        options: Further options, from the start.
    """

    content: bytes | str
    name: str = "people.csv"
    refused: Sequence[str] = ()
    certain: int = 0
    tried: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    values: Values = ()
    options: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


def formats(**given: Any) -> dict[str, Any]:
    return {"formats": ValueFormats(**given)}


def reader(**given: Any) -> dict[str, Any]:
    return {"reader": ImportReader(**given)}


def mapping(**given: Any) -> dict[str, Any]:
    return {"mapping": ColumnMapping(**given)}


EUROS = {"default_currency_code": "EUR", "display_type": "symbol"}
MAIL = "email_addresses"

FILES = {
    # How the file is written
    "semicolons, a mark of byte order and a sep= line": Dirty(
        content=b"\xef\xbb\xbfsep=;\r\nE-mail;Job title\r\na@x.example.com;Head; of sales\r\nb@x.example.com;Boss\r\n",
        refused=["1 row (line 3): has 3 cells where the header has 2"],
        certain=1,
        values=[{MAIL: "b@x.example.com", "job_title": "Boss"}],
    ),
    "UTF-16 with tabs, as spreadsheets save Unicode text": Dirty(
        content="E-mail\tDescription\na@x.example.com\tZoë\n".encode("utf-16"),
        name="people.txt",
        certain=1,
        values=[{MAIL: "a@x.example.com", "description": "Zoë"}],
    ),
    "Windows-1252, which is said": Dirty(
        content="email;description\na@x.example.com;Café “à la carte”\n".encode("cp1252"),
        refused=["is not UTF-8; taken as Windows-1252"],
        certain=1,
        values=[{"description": "Café “à la carte”"}],
    ),
    "Cyrillic, which is not guessed": Dirty(
        content="email;description\na@x.example.com;Привет\n".encode("cp1251"),
        refused=[
            "line 2 is not UTF-8, and would be no words in Windows-1252; state the encoding, as in --encoding"
        ],
        tried=reader(encoding="cp1251"),
        values=[{"description": "Привет"}],
    ),
    "UTF-8 with a damaged byte": Dirty(
        content="email,description\na@x.example.com,Zoë\n".encode() + b"b@x.example.com,\xff\n",
        refused=["has characters of UTF-8", "--encoding"],
        tried=reader(encoding="latin-1"),
        values=[{}, {"description": "ÿ"}],
    ),
    "old line endings, bars and a title above the header": Dirty(
        content="Contacts of 2024\r\rEmail|Job Title\ra@x.example.com|Head\r",
        refused=["does not match an attribute", "--skip-unknown"],
        tried=reader(skip_lines=2),
        values=[{MAIL: "a@x.example.com", "job_title": "Head"}],
    ),
    "cells of two megabytes, and line breaks in cells": Dirty(
        content=f'email,description\na@x.example.com,{"x" * 2_000_000}\nb@x.example.com,"two\nlines"\n',
        certain=2,
        values=[{"description": "x" * 2_000_000}, {"description": "two\nlines"}],
    ),
    "a spreadsheet with real dates and numbers": Dirty(
        content=spreadsheet(
            People=[
                ["E-mail", "Birthday", "Score", "VIP", "Phone"],
                ["a@x.example.com", date(1987, 11, 16), 12, True, 442079460000],
                ["b@x.example.com", date(1990, 1, 2), 1.5, False, "+44 20 7946 0001"],
            ]
        ),
        name="people.xlsx",
        refused=[
            "phone_numbers: 1 row like 442079460000 (line 2): does not say its country; try --region GB"
        ],
        certain=1,
        tried=formats(region="GB"),
        values=[
            {"birthday": "1987-11-16", "score": "12", "vip": "True", "phone_numbers": "+442079460000"},
            {"birthday": "1990-01-02", "score": "1.5", "vip": "False", "phone_numbers": "+442079460001"},
        ],
    ),
    "a spreadsheet with several sheets": Dirty(
        content=spreadsheet(People=[["Email"], ["a@x.example.com"]], Notes=[["Text"], ["x"]]),
        name="people.xlsx",
        refused=["several sheets with rows: 'People', 'Notes'; choose one with --sheet"],
        tried=reader(sheet="People"),
        values=[{MAIL: "a@x.example.com"}],
    ),
    "a JSON array": Dirty(
        content=json.dumps([{"email_addresses": ["a@x.example.com"], "score": 1.25, "vip": None}]),
        name="people.json",
        certain=1,
        values=[{MAIL: "a@x.example.com", "score": "1.25", "vip": ""}],
    ),
    # Numbers
    "amounts with signs and separators that are certain": Dirty(
        content='email;salary\na@x.example.com;"€1.234,50"\nb@x.example.com;1 234 567\nc@x.example.com;(3.5)\n'
        "d@x.example.com;EUR 12'000\n",
        certain=4,
        values=[{"salary": "1234.5"}, {"salary": "1234567"}, {"salary": "-3.5"}, {"salary": "12000"}],
    ),
    "amounts that may be thousands or decimals": Dirty(
        content="email;salary\na@x.example.com;1.234\nb@x.example.com;99,5\n",
        refused=["salary: 1 row like '1.234' (line 2): may be 1234 or 1.234; try --decimal . or --decimal ,"],
        certain=1,
        tried=formats(decimal=","),
        values=[{"salary": "1234"}, {"salary": "99.5"}],
    ),
    "amounts in another currency": Dirty(
        content="email,salary\na@x.example.com,$1200\nb@x.example.com,1300\n",
        refused=[
            "salary: 1 row like '$1200' (line 2): is in $, and the attribute is in EUR; try --ignore-currency"
        ],
        certain=1,
        tried=formats(ignore_currency=True),
        values=[{"salary": "1200"}, {"salary": "1300"}],
    ),
    "percent signs": Dirty(
        content="email,score\na@x.example.com,12.5 %\n",
        refused=["try --percent number or --percent fraction"],
        tried=formats(percent="fraction"),
        values=[{"score": "0.125"}],
    ),
    "rounded amounts and ranges, which nothing decides": Dirty(
        content="email,score\na@x.example.com,1.5M\nb@x.example.com,10-20\nc@x.example.com,7\n",
        refused=["is a rounded number, such as 1.5M; write it in full", "is a range; give one number"],
        certain=1,
        values=[{"score": "7"}],
    ),
    # Dates
    "days and months": Dirty(
        content="email,birthday\na@x.example.com,16/11/1987\nb@x.example.com,05/06/1990\nc@x.example.com,1990-06-05\n",
        refused=["birthday: 2 rows like '16/11/1987' (line 2)", "; try --dayfirst or --no-dayfirst (1 row)"],
        certain=1,
        tried=formats(dayfirst=True),
        values=[{"birthday": "1987-11-16"}, {"birthday": "1990-06-05"}, {"birthday": "1990-06-05"}],
    ),
    "months and days": Dirty(
        content="email,birthday\na@x.example.com,11/16/1987\nb@x.example.com,05/06/1990\n",
        refused=["birthday: 2 rows like '11/16/1987'", "try --no-dayfirst or --dayfirst (1 row)"],
        tried=formats(dayfirst=False),
        values=[{"birthday": "1987-11-16"}, {"birthday": "1990-05-06"}],
    ),
    "dates in words, and with the year first": Dirty(
        content='email,birthday\na@x.example.com,16 Nov 1987\nb@x.example.com,"November 16, 1987"\n'
        "c@x.example.com,1987/11/16\nd@x.example.com,19871116\n",
        certain=4,
        values=[{"birthday": "1987-11-16"}] * 4,
    ),
    "years of two digits": Dirty(
        content="email,birthday\na@x.example.com,16.11.87\n",
        refused=["has a year of two digits; try --date-format %d.%m.%y"],
        tried=formats(date_format="DD.MM.YY"),
        values=[{"birthday": "1987-11-16"}],
    ),
    "days that a spreadsheet has counted": Dirty(
        content="email,birthday\na@x.example.com,32097\n",
        refused=["may be a day counted by a spreadsheet; try --date-format excel"],
        tried=formats(date_format="excel"),
        values=[{"birthday": "1987-11-16"}],
    ),
    "times without a zone": Dirty(
        content="email,met_at\na@x.example.com,2024-07-01 09:30\nb@x.example.com,2024-07-01T09:30:00+02:00\n",
        refused=[
            "met_at: 1 row like '2024-07-01 09:30' (line 2): does not say its time zone; try --timezone UTC"
        ],
        certain=1,
        tried=formats(timezone="Europe/London"),
        values=[{"met_at": "2024-07-01 08:30:00+00:00"}, {"met_at": "2024-07-01 07:30:00+00:00"}],
    ),
    "times of which neither the order nor the zone is known": Dirty(
        content="email,met_at\na@x.example.com,16/11/2024 2:30 pm\n",
        refused=[
            "needs the order of day and month, which is decided for all dates at once; try --dayfirst",
            "try --timezone UTC",
        ],
        tried=formats(timezone="Europe/Paris", dayfirst=True),
        values=[{"met_at": "2024-11-16 13:30:00+00:00"}],
    ),
    # Other values
    "national phone numbers": Dirty(
        content="email,phone\na@x.example.com,020 7946 0000\nb@x.example.com,+1 202-555-0123\n"
        "c@x.example.com,(0161) 496 0000\nd@x.example.com,07400 123456\n",
        refused=["phone_numbers: 3 rows like", "does not say its country; try --region GB"],
        certain=1,
        tried=formats(region="GB"),
        values=[
            {"phone_numbers": "+442079460000"},
            {"phone_numbers": "+12025550123"},
            {"phone_numbers": "+441614960000"},
            {"phone_numbers": "+447400123456"},
        ],
    ),
    "phone numbers that a spreadsheet has rounded": Dirty(
        content="email,phone\na@x.example.com,4.47946E+11\n",
        refused=["was rounded by a spreadsheet; format the column as text there"],
    ),
    "words for yes and no": Dirty(
        content="email,vip\na@x.example.com,Yes\nb@x.example.com,no\nc@x.example.com,TRUE\n",
        refused=[
            "is neither true nor false; try --true Yes (1 row) or --false no (1 row)",
            "--true Yes: 1 row",
            "--false no: 1 row",
        ],
        certain=1,
        tried=formats(true="yes", false="no"),
        values=[{"vip": "True"}, {"vip": "False"}, {"vip": "True"}],
    ),
    "words for no value": Dirty(
        content="email,score,job_title\na@x.example.com,n/a,Head\nb@x.example.com,3,n/a\n",
        refused=["is not a number; try --null n/a", "--null n/a: 2 rows"],
        certain=1,
        tried=formats(null="n/a"),
        values=[{"score": "", "job_title": "Head"}, {"score": "3", "job_title": ""}],
    ),
    "formulas of a spreadsheet that failed": Dirty(
        content="email,score,job_title\na@x.example.com,3,#REF!\nb@x.example.com,#REF!,Head\n",
        refused=["is not a number; try --null '#REF!'", "--null '#REF!': 2 rows"],
        certain=1,
        tried=formats(null="#REF!"),
        values=[{"score": "3", "job_title": ""}, {"score": "", "job_title": "Head"}],
    ),
    "addresses with names around them": Dirty(
        content="email\nAda Lovelace <ada@x.example.com>\nmailto:bob@x.example.com\ncarol(at)x.example.com\n",
        refused=[
            "email_addresses: 1 row like 'carol(at)x.example.com' (line 4): is not a valid e-mail address"
        ],
        certain=2,
        values=[{MAIL: "ada@x.example.com"}, {MAIL: "bob@x.example.com"}],
    ),
    "options that do not exist": Dirty(
        content="email,plan\na@x.example.com,free\nb@x.example.com,Gold\nc@x.example.com,gold\n",
        refused=["plan: 2 rows like 'Gold' (line 3): unknown option; try --create-options, which creates 1"],
        certain=1,
        tried={"create_options": True},
        values=[{"plan": "Free"}, {"plan": "Gold"}, {"plan": "Gold"}],  # one option of the two spellings
    ),
    "several values on the lines of a cell": Dirty(
        content='email,tags\na@x.example.com,"A\nB"\n',
        refused=["tags: 1 row like 'A\\nB' (line 2): unknown option", r"--separator '\n'"],
        tried=formats(separator="\n"),
        values=[{"tags": "A, B"}],
    ),
    # Columns
    "first and last names, and two columns of phone numbers": Dirty(
        content="First name,Last name,E-mail,Work phone,Mobile\nAda,King of Lovelace,a@x.example.com,+442079460000,\n"
        "Bob,Bee,b@x.example.com,+442079460001,+447700900123\n",
        refused=["column 'Work phone' does not match an attribute"],
        tried=mapping(columns={"Work phone": "phone_numbers"}),
        values=[
            {"name": "Ada King of Lovelace", "phone_numbers": "+442079460000"},
            {"name": "Bob Bee", "phone_numbers": "+442079460001, +447700900123"},
        ],
    ),
    "two columns of one name": Dirty(
        content="Email,Phone,Phone,Job title,Job title\na@x.example.com,+442079460000,+447700900123,Head,Boss\n"
        "b@x.example.com,,+442079460001,,\n",
        refused=[
            "the columns 'Job title' and 'Job title (2)' both map to the attribute 'job_title'",
            "--skip",
        ],
        tried=mapping(skip=["Job title (2)"]),
        values=[
            {"phone_numbers": "+442079460000, +447700900123", "job_title": "Head"},
            {"phone_numbers": "+442079460001", "job_title": ""},
        ],
    ),
    "full names that are split by guess, which is said": Dirty(
        content="email,name\na@x.example.com,Chris Van Hollen\nb@x.example.com,Ada Lovelace\n",
        refused=[
            "1 full names are split by guess, such as 'Chris Van Hollen' (line 2): first name 'Chris', last"
        ],
        certain=2,
        values=[{"name": "Chris Van Hollen"}, {"name": "Ada Lovelace"}],
    ),
    "parts of places, and a value for all": Dirty(
        content="email,City,Country\na@x.example.com,Paris,fr\n",
        refused=["column 'City' does not match an attribute"],
        tried=mapping(
            columns={"City": "primary_location.locality", "Country": "primary_location.country_code"},
            constants={"plan": "Pro"},
        ),
        values=[{"primary_location": "Paris, FR", "plan": "Pro"}],
    ),
    "names of countries": Dirty(
        content="email,Land\na@x.example.com,United States\nb@x.example.com,Austria\nc@x.example.com,Congo\n"
        "d@x.example.com,U.K.\n",
        options=mapping(columns={"Land": "primary_location.country_code"}),
        refused=["primary_location: 1 row like 'Congo' (line 4): is a name of several countries: CD, CG"],
        certain=3,
        values=[
            {"primary_location": "US"},
            {"primary_location": "AT"},
            {"primary_location": "GB"},
        ],
    ),
    "companies by a column of theirs": Dirty(
        content="email,Employer\na@x.example.com,https://www.acme.example.com/about\nb@x.example.com,none.example.com\n",
        refused=["column 'Employer' does not match an attribute"],
        tried={**mapping(columns={"Employer": "company.domains"}), "create_references": True},
        values=[{"company": "acme.example.com"}, {"company": "none.example.com"}],
    ),
    "thousands of columns that nobody knows": Dirty(
        content=f"email,{','.join(f'c{n}' for n in range(2_000))}\na@x.example.com{',x' * 2_000}\n",
        refused=["2,000 columns do not match an attribute: 'c0', 'c1', 'c2' and 1,997 more"],
        tried=mapping(skip_unknown=True),
        values=[{MAIL: "a@x.example.com"}],
    ),
    # Rows
    "rows without a key": Dirty(
        content='email,name\n,"Lovelace, Ada"\nb@x.example.com,"Bee, Bob"\n',
        refused=["email_addresses: 1 row (line 2): has no value to match on; try --create-unmatched"],
        certain=1,
        tried={"create_unmatched": True},
        values=[{"name": "Ada Lovelace"}, {"name": "Bob Bee"}],
    ),
    "rows with the same key": Dirty(
        content="email,job_title\na@x.example.com,Head\nA@X.example.com,Boss\n",
        refused=[
            "another row has the same value",
            "try --duplicates first or --duplicates last or --duplicates merge",
        ],
        certain=1,
        tried={"duplicates": "last"},
        values=[{"job_title": "Boss"}],
    ),
    "nothing unique to match on": Dirty(
        content='name,job_title\n"Lovelace, Ada",Head\n',
        refused=["'job_title' is not unique", "--on-ambiguous error, first or skip"],
        options={"match": "job_title"},
        tried={"match": MatchOn("job_title")},
        values=[{"name": "Ada Lovelace", "job_title": "Head"}],
    ),
}


def workspace() -> FakeAttio:
    fake = FakeAttio()
    kinds = {
        "birthday": "date",
        "met_at": "timestamp",
        "score": "number",
        "vip": "checkbox",
        "plan": "select",
    }
    for slug, kind in kinds.items():
        fake.seed.add_attribute("people", slug, kind)
    fake.seed.add_attribute("people", "tags", "select", multiselect=True)
    for slug, title in (("plan", "Free"), ("plan", "Pro"), ("tags", "A"), ("tags", "B")):
        fake.seed.add_option("people", slug, title)
    fake.seed.add_record("companies", {"domains": ["acme.example.com"]})
    return fake


async def planned(attio: Attio, dirty: Dirty, **options: Any) -> tuple[str, int, int]:
    """Return the plan as text, or why there is none, and how many rows would be written and would not."""
    content = dirty.content.encode() if isinstance(dirty.content, str) else dirty.content
    given = {**dirty.options, **options}
    try:
        table = given.pop("reader", ImportReader()).read(io.BytesIO(content), name=dirty.name)
        async with await attio.people.import_from(table, **given).plan() as plan:
            return await plan.table(), plan.create, plan.invalid
    except ConfigurationError as error:
        return str(error), 0, 0


async def texts(attio: Attio) -> list[dict[str, str]]:
    """Return the values of all people as text, the oldest first."""
    companies = {each.id: str(each["domains"][0]) async for each in attio.companies.query()}
    people = [person async for person in attio.people.scan()]
    return [
        {
            slug: ", ".join(companies.get(str(value), str(value)) for value in person.all(slug))
            for slug in (await attio.people.schema()).attributes
        }
        for person in people
    ]


def test_there_are_thirty_kinds_of_dirt() -> None:
    assert len(FILES) >= 30


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.full] * ("megabytes" in name)) for name in FILES]
)
async def test_what_is_certain_is_taken_and_the_rest_refused(name: str) -> None:
    dirty, fake = FILES[name], workspace()
    async with fake.client() as attio:
        salary = {"api_slug": "salary", "type": "currency", "config": {"currency": EUROS}}
        await attio.attributes("people").create("Salary", **salary)
        text, create, invalid = await planned(attio, dirty)
        assert [part for part in dirty.refused if part not in text] == [], text
        assert create == dirty.certain, text
        if "2,000 columns" in text:
            assert len(text.splitlines()) == 3
        if dirty.tried:
            text, create, invalid = await planned(attio, dirty, **dirty.tried)
            assert invalid == 0, text
        assert not fake.records("people")
        given = {**dirty.options, **dirty.tried}
        content = dirty.content.encode() if isinstance(dirty.content, str) else dirty.content
        table = given.pop("reader", ImportReader()).read(io.BytesIO(content), name=dirty.name)
        report = await attio.people.import_from(table, **given)
        assert report.created == create
        found = await texts(attio)
        seen = [
            {slug: row.get(slug) for slug in wanted} for row, wanted in zip(found, dirty.values, strict=True)
        ]
        assert seen == [dict(wanted) for wanted in dirty.values]
