"""Every example of filtering and sorting in Attio's guides: what it is for, as an expression, and as their JSON.

`queried` is an object or "candidates", a list of people. The JSON is the guide's, corrected where it could not
work; placeholders have become ids. ERRATA names what was corrected, and the captions that say something else than
their JSON.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from attio_async.query import (
    F,
    Filter,
    Sort,
    asc,
    desc,
)
from attio_async.values import ActorRef, Location, RecordRef

ALICE = "0a11ce00-0000-4000-8000-000000000000"
BOB = "0b0b0000-0000-4000-8000-000000000000"
LAUREN = "1a04e400-0000-4000-8000-000000000000"
STEVE_JOBS = "57e7e000-0000-4000-8000-000000000000"
MANAGER = "3a4a6e40-0000-4000-8000-000000000000"
TOM = "50cf242c-7fa3-4cad-87d0-75b1af71c57b"
MEMBER = "ec44a06c-b690-4e4f-95b6-757fb4e2f55f"
COMPANY = "99a03ff3-0435-47da-95cc-76b2caeb4dab"
USERS = "97052eb9-e65e-443f-a297-f2d9a4a7f795"
USER = "5e3fb280-007b-495a-a530-9354bde01de1"
STATUS = "11f07f01-c10f-4e05-a522-33e050bc52ee"
COMPANIES = ["3aeb39cd-fed8-524e-94b8-1300549354ac", "8c5cd602-1297-45d2-a99c-14ae091cbac3"]
RECORDS = ["000e8881-37cc-41d2-bc22-39fe35e76e6b", "592dc9d8-548b-4148-813f-1259055ca83c"]


def _member(id: str) -> dict[str, str]:
    return {"referenced_actor_type": "workspace-member", "referenced_actor_id": id}


class Example(NamedTuple):
    """One example. `page` is the guide it is in, `guide` the JSON of its filter."""

    page: str
    caption: str
    queried: str
    expression: Filter
    guide: Mapping[str, Any]


class SortExample(NamedTuple):
    """One example of sorting."""

    page: str
    caption: str
    queried: str
    sorts: Sequence[Sort]
    guide: Sequence[Mapping[str, Any]]


FILTERS = [
    Example(
        "filtering",
        'People called "John Smith" with the email "john@smith.com"',
        "people",
        (F.name == "John Smith") & (F.email_addresses == "john@smith.com"),
        {"name": "John Smith", "email_addresses": "john@smith.com"},
    ),
    Example(
        "filtering",
        "The same, verbose",
        "people",
        (F.name.full_name == "John Smith") & (F.email_addresses.email_address == "john@smith.com"),
        {
            "$and": [
                {"name": {"full_name": {"$eq": "John Smith"}}},
                {"email_addresses": {"email_address": {"$eq": "john@smith.com"}}},
            ]
        },
    ),
    Example(
        "filtering",
        "Deals with an exact name",
        "deals",
        F.name == "Contract with Apple",
        {"name": {"$eq": "Contract with Apple"}},
    ),
    Example(
        "filtering",
        "Companies which have at least one domain",
        "companies",
        F.domains.not_empty(),
        {"domains": {"$not_empty": True}},
    ),
    Example(
        "filtering",
        "Records where record_id is one of many values",
        "people",
        F.record_id.in_(RECORDS),
        {"record_id": {"$in": RECORDS}},
    ),
    Example(
        "filtering",
        "Companies in New York",
        "companies",
        F.primary_location.locality.contains("new york"),
        {"primary_location": {"locality": {"$contains": "new york"}}},
    ),
    Example(
        "filtering",
        'Companies with "LTD" in the name',
        "companies",
        F.name.contains("LTD"),
        {"name": {"$contains": "LTD"}},
    ),
    Example(
        "filtering",
        "People with phone numbers starting +44",
        "people",
        F.phone_numbers.starts_with("+44"),
        {"phone_numbers": {"$starts_with": "+44"}},
    ),
    Example(
        "filtering",
        'People with a job title "X engineer"',
        "people",
        F.job_title.ends_with("of things"),
        {"job_title": {"$ends_with": "of things"}},
    ),
    Example(
        "filtering",
        "Phone number starts with +44 and ends with 798",
        "people",
        Filter.same_value(F.phone_numbers.starts_with("+44"), F.phone_numbers.ends_with("798")),
        {"phone_numbers": {"$starts_with": "+44", "$ends_with": "798"}},
    ),
    Example(
        "filtering",
        "People with 1000 or more Twitter followers",
        "people",
        F.twitter_follower_count >= 1000,
        {"twitter_follower_count": {"$gte": 1000}},
    ),
    Example(
        "filtering",
        "People with between 100 and 200 followers",
        "people",
        F.twitter_follower_count.between(100, 200),
        {"twitter_follower_count": {"$gte": 100, "$lt": 200}},
    ),
    Example(
        "filtering",
        "Companies founded in 2019",
        "companies",
        (F.foundation_date >= date(2019, 1, 1)) & (F.foundation_date <= date(2019, 12, 31)),
        {"foundation_date": {"$gte": "2019-01-01", "$lte": "2019-12-31"}},
    ),
    Example(
        "filtering",
        'Deals assigned to Lauren in the "In Progress" state',
        "deals",
        (F.stage == "In Progress") & (F.owner == ActorRef("workspace-member", LAUREN)),
        {"$and": [{"stage": "In Progress"}, {"owner": _member(LAUREN)}]},
    ),
    Example(
        "filtering",
        'List entries on a kanban board in either the "One" or "Two" stage',
        "candidates",
        (F.stage == "One") | (F.stage == "Two"),
        {"$or": [{"stage": "One"}, {"stage": "Two"}]},
    ),
    Example(
        "filtering",
        "People not called John",
        "people",
        F.name.first_name != "John",
        {"$not": {"name": {"first_name": "John"}}},
    ),
    Example(
        "filtering",
        'Deals not in the "In Progress" state',
        "deals",
        F.stage != "In Progress",
        {"$not": {"stage": "In Progress"}},
    ),
    Example(
        "filtering",
        "Companies with Apple in their name that aren't using an apple domain",
        "companies",
        F.name.contains("Apple") & ~(F.domains.root_domain == "apple.com"),
        {"$and": [{"name": {"$contains": "Apple"}}, {"$not": {"domains": {"root_domain": "apple.com"}}}]},
    ),
    Example(
        "filtering",
        "Deals owned by Alice/Bob worth more than $500",
        "deals",
        F.owner.in_(ActorRef("workspace-member", ALICE), ActorRef("workspace-member", BOB)) & (F.value > 500),
        {
            "$and": [
                {"$or": [{"owner": _member(ALICE)}, {"owner": _member(BOB)}]},
                {"value": {"$gt": 500}},
            ]
        },
    ),
    Example(
        "filtering",
        "List entries filtered by their parent record email",
        "candidates",
        F.parent.via("people").email_addresses.email_domain == "apple.com",
        {
            "path": [["candidates", "parent_record"], ["people", "email_addresses"]],
            "constraints": {"email_domain": "apple.com"},
        },
    ),
    Example(
        "filtering",
        "Candidates who have worked with Steve Jobs",
        "candidates",
        F.parent.via("people").company.via("companies").team == RecordRef("people", STEVE_JOBS),
        {
            "path": [["candidates", "parent_record"], ["people", "company"], ["companies", "team"]],
            "constraints": {"target_object": "people", "target_record_id": STEVE_JOBS},
        },
    ),
    Example(
        "actor-reference",
        "Value written by workspace member",
        "people",
        F.created_by == ActorRef("workspace-member", MEMBER),
        {"created_by": _member(MEMBER)},
    ),
    Example(
        "actor-reference",
        "Value written by API token",
        "people",
        F.created_by == ActorRef("api-token", None),
        {"created_by": {"referenced_actor_type": "api-token"}},
    ),
    Example(
        "actor-reference",
        "Expanded format",
        "people",
        F.created_by.referenced_actor_type == "api-token",
        {"created_by": {"referenced_actor_type": {"$eq": "api-token"}}},
    ),
    Example(
        "checkbox",
        "Records where checkbox is checked",
        "companies",
        F.a_custom_checkbox_attribute == True,  # noqa: E712
        {"a_custom_checkbox_attribute": True},
    ),
    Example(
        "checkbox",
        "Expanded format",
        "companies",
        F.a_custom_checkbox_attribute.value == False,  # noqa: E712
        {"a_custom_checkbox_attribute": {"value": {"$eq": False}}},
    ),
    Example(
        "currency",
        "Finding records with an exact currency value",
        "companies",
        F.amount_owed == "399.00",
        {"amount_owed": "399.00"},
    ),
    Example(
        "currency",
        "Currency at least 500",
        "companies",
        F.amount_owed >= 500,
        {"amount_owed": {"currency_value": {"$gte": 500}}},
    ),
    Example(
        "date",
        "Companies founded on 2023-11-24",
        "companies",
        F.foundation_date == date(2023, 11, 24),
        {"foundation_date": "2023-11-24"},
    ),
    Example(
        "date",
        "Companies formed after the year 2000",
        "companies",
        F.foundation_date >= "2000-01-01",
        {"foundation_date": {"value": {"$gte": "2000-01-01"}}},
    ),
    Example(
        "domain",
        "Companies where domain=app.attio.com",
        "companies",
        F.domains == "app.attio.com",
        {"domains": "app.attio.com"},
    ),
    Example(
        "domain",
        "...where subdomain=attio.com",
        "companies",
        F.domains.root_domain == "attio.com",
        {"domains": {"root_domain": {"$eq": "attio.com"}}},
    ),
    Example(
        "domain",
        "...where domain includes attio",
        "companies",
        F.domains.contains("attio"),
        {"domains": {"domain": {"$contains": "attio"}}},
    ),
    Example(
        "email-address",
        "People where email_addresses=person@company.com",
        "people",
        F.email_addresses == "person@company.com",
        {"email_addresses": "person@company.com"},
    ),
    Example(
        "email-address",
        "...where domain=attio.com",
        "people",
        F.email_addresses.email_domain == "attio.com",
        {"email_addresses": {"email_domain": {"$eq": "attio.com"}}},
    ),
    Example(
        "email-address",
        "...where local part includes person",
        "people",
        F.email_addresses.email_local_specifier.contains("person"),
        {"email_addresses": {"email_local_specifier": {"$contains": "person"}}},
    ),
    Example(
        "interaction",
        "Companies ... which have had an email interaction",
        "companies",
        F.last_email_interaction.owner_member_id.not_empty(),
        {"last_email_interaction": {"owner_member_id": {"$not_empty": True}}},
    ),
    Example(
        "interaction",
        "... with whom Tom had a recent meeting",
        "companies",
        Filter.same_value(
            F.last_calendar_interaction.owner_member_id == TOM,
            F.last_calendar_interaction.interacted_at >= date(2023, 11, 1),
        ),
        {"last_calendar_interaction": {"owner_member_id": TOM, "interacted_at": {"$gte": "2023-11-01"}}},
    ),
    Example(
        "interaction",
        "... via email",
        "companies",
        F.first_email_interaction.interaction_type == "email",
        {"first_email_interaction": {"interaction_type": "email"}},
    ),
    Example(
        "location",
        "People in Cupertino, California",
        "people",
        F.primary_location == Location(locality="Cupertino", region="CA", country_code="US"),
        {"primary_location": {"locality": "Cupertino", "region": "CA", "country_code": "US"}},
    ),
    Example(
        "location",
        '...where locality contains "cuper"',
        "people",
        F.primary_location.locality.contains("cuper"),
        {"primary_location": {"locality": {"$contains": "cuper"}}},
    ),
    Example(
        "number",
        "Finding records with 14 Twitter followers",
        "people",
        F.twitter_follower_count == 14,
        {"twitter_follower_count": 14},
    ),
    Example(
        "number",
        "... with more than 1000 followers",
        "people",
        F.twitter_follower_count >= 1000,
        {"twitter_follower_count": {"value": {"$gte": 1000}}},
    ),
    Example(
        "personal-name",
        "People exactly named John Smith",
        "people",
        F.name == "John Smith",
        {"name": "John Smith"},
    ),
    Example(
        "personal-name",
        '...where first_name starts with "jo"',
        "people",
        F.name.first_name.starts_with("jo"),
        {"name": {"first_name": {"$starts_with": "jo"}}},
    ),
    Example(
        "personal-name",
        "... where last_name is specified",
        "people",
        F.name.last_name.not_empty(),
        {"name": {"last_name": {"$not_empty": True}}},
    ),
    Example(
        "phone-number",
        "People by exact phone number",
        "people",
        F.phone_numbers == "+15558675309",
        {"phone_numbers": "+15558675309"},
    ),
    Example(
        "phone-number",
        "... with US phone numbers",
        "people",
        F.phone_numbers.country_code == "US",
        {"phone_numbers": {"country_code": {"$eq": "US"}}},
    ),
    Example(
        "phone-number",
        "... with part of a phone number",
        "people",
        F.phone_numbers.phone_number.contains("67530"),
        {"phone_numbers": {"phone_number": {"$contains": "67530"}}},
    ),
    Example(
        "rating",
        "Finding records rated 4 stars",
        "companies",
        F.performance == 4,
        {"performance": 4},
    ),
    Example(
        "rating",
        "... with more than 3 stars",
        "companies",
        F.performance >= 3,
        {"performance": {"value": {"$gte": 3}}},
    ),
    Example(
        "record-reference",
        "Find people with a given company",
        "people",
        F.company == RecordRef("companies", COMPANY),
        {"company": {"target_object": "companies", "target_record_id": COMPANY}},
    ),
    Example(
        "record-reference",
        "Find workspaces with a given user",
        "workspaces",
        F.users == RecordRef(USERS, USER),
        {"users": {"target_object": USERS, "target_record_id": USER}},
    ),
    Example(
        "record-reference",
        "Find people where their company's record_id is one of several possible values",
        "people",
        F.company.in_(RecordRef("companies", id) for id in COMPANIES),
        {"company": {"target_object": "companies", "target_record_id": {"$in": COMPANIES}}},
    ),
    Example(
        "record-reference",
        "Companies with an employee named John",
        "companies",
        F.team.via("people").name.first_name == "John",
        {
            "path": [["companies", "team"], ["people", "name"]],
            "constraints": {"first_name": {"$eq": "John"}},
        },
    ),
    Example(
        "record-reference",
        "People by their manager's manager's manager",
        "people",
        F.manager.via("people").manager == RecordRef("people", MANAGER),
        {
            "path": [["people", "manager"], ["people", "manager"]],
            "constraints": {"target_object": "people", "target_record_id": MANAGER},
        },
    ),
    Example(
        "select",
        'Finding companies in the "Aerospace & Defense" category',
        "companies",
        F.categories == "Aerospace & Defense",
        {"categories": "Aerospace & Defense"},
    ),
    Example(
        "select",
        "... with an option ID instead",
        "companies",
        F.categories.option == "Aerospace & Defense",
        {"categories": {"option": {"$eq": "Aerospace & Defense"}}},
    ),
    Example(
        "select",
        "Find Companies in one of many categories",
        "companies",
        F.categories.in_("Aerospace & Defense", "Biotechnology"),
        {"$or": [{"categories": "Aerospace & Defense"}, {"categories": "Biotechnology"}]},
    ),
    Example(
        "select",
        "Finding companies where the category was changed this week",
        "companies",
        F.categories.active_from >= date(2023, 11, 20),
        {"categories": {"active_from": {"$gte": "2023-11-20"}}},
    ),
    Example(
        "select",
        "... where the category was not changed this year",
        "companies",
        F.categories.active_from < date(2023, 1, 1),
        {"categories": {"active_from": {"$lt": "2023-01-01"}}},
    ),
    Example(
        "status",
        'Finding deals in the "In Progress" stage',
        "deals",
        F.stage == "In Progress",
        {"stage": "In Progress"},
    ),
    Example(
        "status",
        "... with a status ID instead",
        "deals",
        F.stage.status == STATUS,
        {"stage": {"status": {"$eq": STATUS}}},
    ),
    Example(
        "status",
        'Finding deals in either "In Progress" or "Lead" stage',
        "deals",
        F.stage.in_("In Progress", "Lead"),
        {"$or": [{"stage": "In Progress"}, {"stage": "Lead"}]},
    ),
    Example(
        "status",
        "Finding deals where the stage was changed this week",
        "deals",
        F.stage.active_from >= "2023-11-20",
        {"stage": {"active_from": {"$gte": "2023-11-20"}}},
    ),
    Example(
        "status",
        "... where the stage was not changed this year",
        "deals",
        F.stage.active_from < "2023-01-01",
        {"stage": {"active_from": {"$lt": "2023-01-01"}}},
    ),
    Example(
        "text",
        "Finding companies with an exact description",
        "companies",
        F.description == "An exact match",
        {"description": "An exact match"},
    ),
    Example(
        "text",
        "... which starts with a prefix",
        "companies",
        F.description.starts_with("Headquartered in New York City"),
        {"description": {"value": {"$starts_with": "Headquartered in New York City"}}},
    ),
    Example(
        "text",
        "... which contains a keyword",
        "companies",
        F.description.contains("New York City"),
        {"description": {"value": {"$contains": "New York City"}}},
    ),
    Example(
        "text",
        "...where record_id is one of supplied values",
        "companies",
        F.record_id.in_(*RECORDS),
        {"record_id": {"$in": RECORDS}},
    ),
    Example(
        "timestamp",
        "Companies created on 2023-11-24 at 15:34:07.111222333Z",
        "companies",
        F.created_at == "2023-11-24T15:34:07.111222333Z",
        {"created_at": "2023-11-24T15:34:07.111222333Z"},
    ),
    Example(
        "timestamp",
        "... after the year 2000",
        "companies",
        F.created_at >= datetime(2000, 1, 1, tzinfo=UTC),
        {"created_at": {"value": {"$gte": "2000-01-01T00:00:00Z"}}},
    ),
    Example(
        "timestamp",
        "Companies created between 8am and 9am",
        "companies",
        F.created_at.between("2023-11-24T08:00:00Z", "2023-11-24T09:00:00Z"),
        {"created_at": {"$gte": "2023-11-24T08:00:00Z", "$lt": "2023-11-24T09:00:00Z"}},
    ),
    Example(
        "timestamp",
        "... on 24th November",
        "companies",
        F.created_at.between(datetime(2023, 11, 24, tzinfo=UTC), datetime(2023, 11, 25, tzinfo=UTC)),
        {"created_at": {"$gte": "2023-11-24T00:00:00Z", "$lt": "2023-11-25T00:00:00Z"}},
    ),
]

SORTS = [
    SortExample(
        "filtering",
        "People sorted by last name, then email",
        "people",
        [asc("name", "last_name"), desc("email_addresses")],
        [
            {"direction": "asc", "attribute": "name", "field": "last_name"},
            {"direction": "desc", "attribute": "email_addresses"},
        ],
    ),
    SortExample(
        "filtering",
        "People sorted by their Company name",
        "people",
        [asc(F.company.via("companies").name)],
        [{"direction": "asc", "path": [["people", "company"], ["companies", "name"]]}],
    ),
]


class Erratum(NamedTuple):
    """A mistake in a guide. `corrected` is set where its JSON could not work and was changed here."""

    page: str
    caption: str
    slip: str
    corrected: bool = False


ERRATA = [
    Erratum("filtering", FILTERS[0].caption, "the request goes to companies"),
    Erratum("filtering", "The same, verbose", "the text calls the property normalized_email_address"),
    Erratum("filtering", 'People with a job title "X engineer"', 'the JSON looks for "of things"'),
    Erratum(
        "filtering",
        "Candidates who have worked with Steve Jobs",
        'the path says "company" for companies',
        True,
    ),
    Erratum("filtering", "People sorted by last name, then email", "the second direction is descending"),
    Erratum("date", "Companies formed after the year 2000", "the year 2000 is included"),
    Erratum("domain", "Companies where domain=app.attio.com", 'the attribute is called "domain"', True),
    Erratum("domain", "...where subdomain=attio.com", "it is the root domain"),
    Erratum("domain", "...where domain includes attio", "a closing brace is missing", True),
    Erratum(
        "email-address", "People where email_addresses=person@company.com", "the address is hidden", True
    ),
    Erratum("email-address", "...where local part includes person", "a closing brace is missing", True),
    Erratum("location", '...where locality contains "cuper"', "the JSON holds a comment", True),
    Erratum("number", "... with more than 1000 followers", "1000 is included"),
    Erratum("personal-name", '...where first_name starts with "jo"', "the JSON holds a comment", True),
    Erratum("rating", "... with more than 3 stars", "3 is included"),
    Erratum(
        "record-reference",
        "People by their manager's manager's manager",
        "the path finds the manager's manager",
    ),
    Erratum("select", "... with an option ID instead", "the value is a title"),
    Erratum("timestamp", "... after the year 2000", "the year 2000 is included"),
]
