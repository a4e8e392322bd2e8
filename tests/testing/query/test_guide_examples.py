"""Every example of the guides finds the records that its caption describes."""

import pytest
from tests.query.guide_examples import FILTERS, SORTS

from .guide_world import GuideWorld

# The records found in the workspace, by page and caption.
FOUND = {
    "filtering": {
        'People called "John Smith" with the email "john@smith.com"': {"john"},
        "The same, verbose": {"john"},
        "Deals with an exact name": {"contract"},
        "Companies which have at least one domain": {"attio", "apple", "orchard"},
        "Records where record_id is one of many values": {"boss", "joan"},
        "Companies in New York": {"attio"},
        'Companies with "LTD" in the name': {"attio"},
        "People with phone numbers starting +44": {"john", "steve"},
        'People with a job title "X engineer"': {"john"},
        "Phone number starts with +44 and ends with 798": {"john"},
        "People with 1000 or more Twitter followers": {"john"},
        "People with between 100 and 200 followers": {"steve"},
        "Companies founded in 2019": {"attio"},
        'Deals assigned to Lauren in the "In Progress" state': {"contract"},
        'List entries on a kanban board in either the "One" or "Two" stage': {
            "john's entry",
            "steve's entry",
        },
        "People not called John": {"boss", "middle", "steve", "joan", "johnny", "machine"},
        'Deals not in the "In Progress" state': {"lead", "cheap", "laurens"},
        "Companies with Apple in their name that aren't using an apple domain": {"orchard"},
        "Deals owned by Alice/Bob worth more than $500": {"larger", "lead"},
        "List entries filtered by their parent record email": {"john's entry"},
        "Candidates who have worked with Steve Jobs": {"steve's entry", "joan's entry"},
    },
    "actor-reference": {
        "Value written by workspace member": {"boss"},
        "Value written by API token": {"machine"},
        "Expanded format": {"machine"},
    },
    "checkbox": {"Records where checkbox is checked": {"attio"}, "Expanded format": {"apple"}},
    "currency": {
        "Finding records with an exact currency value": {"attio"},
        "Currency at least 500": {"apple"},
    },
    "date": {
        "Companies founded on 2023-11-24": {"orchard"},
        "Companies formed after the year 2000": {"attio", "orchard"},
    },
    "domain": {
        "Companies where domain=app.attio.com": {"attio"},
        "...where subdomain=attio.com": {"attio"},
        "...where domain includes attio": {"attio", "apple"},
    },
    "email-address": {
        "People where email_addresses=person@company.com": {"steve"},
        "...where domain=attio.com": {"joan"},
        "...where local part includes person": {"steve", "joan"},
    },
    "interaction": {
        "Companies ... which have had an email interaction": {"attio"},
        "... with whom Tom had a recent meeting": {"attio"},
        "... via email": {"attio"},
    },
    "location": {
        "People in Cupertino, California": {"john"},
        '...where locality contains "cuper"': {"john", "steve"},
    },
    "number": {
        "Finding records with 14 Twitter followers": {"joan"},
        "... with more than 1000 followers": {"john"},
    },
    "personal-name": {
        "People exactly named John Smith": {"john"},
        '...where first_name starts with "jo"': {"john", "joan", "johnny"},
        "... where last_name is specified": {"boss", "john", "steve", "joan", "johnny"},
    },
    "phone-number": {
        "People by exact phone number": {"john"},
        "... with US phone numbers": {"john"},
        "... with part of a phone number": {"john"},
    },
    "rating": {"Finding records rated 4 stars": {"attio"}, "... with more than 3 stars": {"attio", "apple"}},
    "record-reference": {
        "Find people with a given company": {"steve", "joan"},
        "Find workspaces with a given user": {"first space"},
        "Find people where their company's record_id is one of several possible values": {"john"},
        "Companies with an employee named John": {"attio"},
        "People by their manager's manager's manager": {"john"},
    },
    "select": {
        'Finding companies in the "Aerospace & Defense" category': {"attio"},
        "... with an option ID instead": {"attio"},
        "Find Companies in one of many categories": {"attio", "apple", "orchard"},
        "Finding companies where the category was changed this week": {"orchard"},
        "... where the category was not changed this year": {"attio", "apple"},
    },
    "status": {
        'Finding deals in the "In Progress" stage': {"contract", "larger"},
        "... with a status ID instead": {"contract", "larger"},
        'Finding deals in either "In Progress" or "Lead" stage': {"contract", "larger", "lead", "laurens"},
        "Finding deals where the stage was changed this week": {"contract", "larger", "lead", "laurens"},
        "... where the stage was not changed this year": {"cheap"},
    },
    "text": {
        "Finding companies with an exact description": {"attio"},
        "... which starts with a prefix": {"apple"},
        "... which contains a keyword": {"apple", "orchard"},
        "...where record_id is one of supplied values": {"attio", "bare"},
    },
    "timestamp": {
        "Companies created on 2023-11-24 at 15:34:07.111222333Z": {"attio"},
        "... after the year 2000": {"attio", "apple", "orchard"},
        "Companies created between 8am and 9am": {"apple"},
        "... on 24th November": {"attio", "apple", "orchard"},
    },
}


@pytest.fixture(scope="module")
def guide() -> GuideWorld:
    return GuideWorld()


def test_every_example_is_listed() -> None:
    assert {(page, caption) for page, found in FOUND.items() for caption in found} == {
        (example.page, example.caption) for example in FILTERS
    }


def test_every_example_finds_the_records_of_its_caption(guide: GuideWorld) -> None:
    misfits = {}
    for example in FILTERS:
        found = guide.ask(example.queried, filter=example.guide)
        if sorted(found) != sorted(FOUND[example.page][example.caption]):
            misfits[example.page, example.caption] = found
    assert misfits == {}


def test_people_sorted_by_last_name_then_email(guide: GuideWorld) -> None:
    found = guide.ask("people", sorts=SORTS[0].guide)
    assert found == ["middle", "boss", "steve", "john", "joan", "johnny", "machine"]


def test_people_sorted_by_the_name_of_their_company(guide: GuideWorld) -> None:
    found = guide.ask("people", sorts=SORTS[1].guide)
    assert found == ["steve", "joan", "john", "boss", "middle", "johnny", "machine"]
