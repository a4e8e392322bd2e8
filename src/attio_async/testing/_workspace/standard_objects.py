"""The five standard objects as a compact table.

A line reads `slug type[=choices][->object.attribute][:default] traits | Title`; the traits are `multi`, `unique`,
`required` and `readonly`. Choices name an entry of `_CHOICES`; an arrow names the attribute at the other end of a
relationship; a default is the template of a dynamic one.
"""

from collections.abc import Iterator
from typing import NamedTuple

_CHOICES = {
    "categories": (
        "3D Printing|Aerospace & Defense|AI|Architecture|Automation|B2B|B2C|Biotechnology|E-commerce|Education|Energy|"
        "Enterprise|Finance|Health Care|Information Technology & Services|Logistics|Manufacturing|Media|Non-profit|"
        "Publishing|SaaS|Technology"
    ),
    "arr": "<$1M|$1M-$10M|$10M-$50M|$50M-$100M|$100M-$250M|$250M-$500M|$500M-$1B|$1B-$10B|$10B+",
    "employees": "1-10|11-50|51-250|251-1K|1K-5K|5K-10K|10K-50K|50K-100K|100K+",
    "strength": "Very weak|Weak|Good|Strong|Very strong",
    "stage": "Lead|In Progress|Won 🎉|Lost",
}

_SOCIAL = """
angellist text | AngelList
facebook text | Facebook
instagram text | Instagram
linkedin text | LinkedIn
twitter text | Twitter
twitter_follower_count number readonly | Twitter follower count
"""

_ENRICHED = """
first_calendar_interaction interaction readonly | First calendar interaction
last_calendar_interaction interaction readonly | Last calendar interaction
next_calendar_interaction interaction readonly | Next calendar interaction
first_email_interaction interaction readonly | First email interaction
last_email_interaction interaction readonly | Last email interaction
first_interaction interaction readonly | First interaction
last_interaction interaction readonly | Last interaction
next_interaction interaction readonly | Next interaction
strongest_connection_strength_legacy number readonly | Connection strength (legacy)
strongest_connection_strength select=strength readonly | Connection strength
strongest_connection_user actor-reference readonly | Strongest connection
"""

_COMMON = """
created_at timestamp:PT0S readonly | Created at
created_by actor-reference:current-user readonly | Created by
"""

_OBJECTS = {
    ("people", "Person", "People"): f"""
        name personal-name | Name
        email_addresses email-address multi unique | Email addresses
        description text | Description
        company record-reference->companies.team | Company
        job_title text | Job title
        avatar_url text readonly | Avatar URL
        phone_numbers phone-number multi | Phone numbers
        primary_location location | Primary location
        {_SOCIAL} {_ENRICHED}
        associated_deals record-reference->deals.associated_people multi | Associated deals
        associated_users record-reference->users.person multi | Associated users
    """,
    ("companies", "Company", "Companies"): f"""
        domains domain multi unique | Domains
        name text | Name
        description text | Description
        team record-reference->people.company multi | Team
        categories select=categories multi | Categories
        primary_location location | Primary location
        logo_url text readonly | Logo URL
        {_SOCIAL}
        estimated_arr_usd select=arr | Estimated ARR
        funding_raised_usd currency | Funding raised
        foundation_date date | Foundation date
        employee_range select=employees | Employee range
        {_ENRICHED}
        associated_deals record-reference->deals.associated_company multi | Associated deals
        associated_workspaces record-reference->workspaces.company multi | Associated workspaces
    """,
    ("deals", "Deal", "Deals"): """
        name text required | Deal name
        stage status=stage required | Deal stage
        owner actor-reference required | Deal owner
        value currency | Deal value
        associated_people record-reference->people.associated_deals multi | Associated people
        associated_company record-reference->companies.associated_deals | Associated company
    """,
    ("users", "User", "Users"): """
        person record-reference->people.associated_users | Person
        primary_email_address email-address required unique | Primary email address
        user_id text required unique | ID
        workspace record-reference->workspaces.users multi | Workspaces
    """,
    ("workspaces", "Workspace", "Workspaces"): """
        workspace_id text required unique | ID
        name text | Name
        users record-reference->users.workspace multi | Users
        company record-reference->companies.associated_workspaces | Company
        avatar_url text | Avatar URL
    """,
}


class AttributeFacts(NamedTuple):
    """One line of the table."""

    slug: str
    title: str
    type: str
    traits: frozenset[str]
    choices: tuple[str, ...]
    inverse: tuple[str, str] | None
    default: str | None = None
    """The template of its dynamic default."""


class ObjectFacts(NamedTuple):
    """One standard object."""

    slug: str
    singular: str
    plural: str
    attributes: tuple[AttributeFacts, ...]


STANDARD_OBJECTS = frozenset(slug for slug, _, _ in _OBJECTS)
"""Their slugs, which never change."""

_RECORD_ID = AttributeFacts("record_id", "Record ID", "text", frozenset({"readonly", "unique"}), (), None)
_ENTRY_ID = AttributeFacts("entry_id", "Entry ID", "text", frozenset({"readonly", "unique"}), (), None)


def object_attributes() -> tuple[AttributeFacts, ...]:
    """What every object has."""
    return (_RECORD_ID, *_lines(_COMMON))


def list_attributes() -> tuple[AttributeFacts, ...]:
    """What every list has."""
    return (_ENTRY_ID, *_lines(_COMMON))


def standard_objects() -> Iterator[ObjectFacts]:
    """The five standard objects, in the order a workspace lists them."""
    for (slug, singular, plural), table in _OBJECTS.items():
        yield ObjectFacts(slug, singular, plural, (_RECORD_ID, *_lines(table), *_lines(_COMMON)))


def _lines(table: str) -> Iterator[AttributeFacts]:
    for line in filter(None, map(str.strip, table.splitlines())):
        words, title = line.split(" | ")
        slug, kind, *traits = words.split()
        kind, _, default = kind.partition(":")
        kind, _, inverse = kind.partition("->")
        kind, _, choices = kind.partition("=")
        target, _, attribute = inverse.partition(".")
        yield AttributeFacts(
            slug,
            title,
            kind,
            frozenset(traits),
            tuple(_CHOICES[choices].split("|")) if choices else (),
            (target, attribute) if inverse else None,
            default or None,
        )
