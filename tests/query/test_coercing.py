from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from attio_async.errors import FilterError, UnknownName
from attio_async.query import F, compile_filter
from attio_async.values import (
    ActorRef,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
)
from attio_async.values._types import Value

from .workspace import (
    ALEX,
    JANE,
    MEMBERS,
    Workspace,
    schema,
)

NEW_YORK = timezone(timedelta(hours=-5))
NOON = datetime(2024, 1, 2, 12, 30, tzinfo=UTC)


def operand(filter, queried="companies"):
    """The one value that the compiled filter compares with."""
    found = compile_filter(filter, schema(queried), schemas=Workspace(), members=MEMBERS)
    while isinstance(found, dict):
        assert len(found) == 1, found
        found = next(iter(found.values()))
    return found


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (F.name == "  Acme ", "  Acme "),
        (F.name == 5, "5"),
        (F.name == UUID(JANE), JANE),
        (F.twitter_follower_count == 14, 14),
        (F.twitter_follower_count == 1.5, 1.5),
        (F.twitter_follower_count > Decimal("1.50"), 1.5),
        (F.twitter_follower_count > "14", 14),
        (F.amount_owed == Decimal("399.00"), 399),
        (F.amount_owed == Decimal("0.1"), 0.1),
        (F.amount_owed == "12345678901234.1234", "12345678901234.1234"),
        (F.performance >= 3, 3),
        (F.a_custom_checkbox_attribute == True, True),  # noqa: E712
        (F.a_custom_checkbox_attribute == "false", False),
        (F.foundation_date == date(2024, 1, 2), "2024-01-02"),
        (F.foundation_date == NOON, "2024-01-02"),
        (F.foundation_date == "2024-01-02", "2024-01-02"),
        (F.created_at >= NOON, "2024-01-02T12:30:00Z"),
        (F.created_at >= NOON.astimezone(NEW_YORK), "2024-01-02T12:30:00Z"),
        (F.created_at >= NOON.replace(microsecond=5), "2024-01-02T12:30:00.000005000Z"),
        (F.created_at >= "2024-01-02T12:30+02:00", "2024-01-02T10:30:00Z"),
        (F.created_at >= "2024-01-02T12:30:00.000000001Z", "2024-01-02T12:30:00.000000001Z"),
        (F.categories.active_from >= date(2024, 1, 2), "2024-01-02"),
        (F.categories.active_from >= "2024-01-02", "2024-01-02"),
        (F.categories.active_from >= NOON, "2024-01-02T12:30:00Z"),
        (F.categories.active_from >= "2024-01-02T12:30:00Z", "2024-01-02T12:30:00Z"),
        (F.last_email_interaction.interacted_at < NOON, "2024-01-02T12:30:00Z"),
        (F.domains == "https://Acme.com/about", "acme.com"),
        (F.domains.root_domain == "ACME.com", "acme.com"),
        (F.domains.contains("ACME"), "ACME"),
        (F.categories == "aerospace & defense ", "Aerospace & Defense"),
        (F.categories.option == JANE, JANE),
        (F.last_email_interaction.owner_member_id == "Jane Doe", JANE),
        (F.last_email_interaction.owner_member_id == ActorRef("workspace-member", ALEX), ALEX),
        (F.last_email_interaction.owner_member_id == UUID(ALEX), ALEX),
        (F.last_email_interaction.interaction_type == "email", "email"),
        (F.primary_location.country_code == "us", "US"),
        (F.primary_location.country_code.starts_with("u"), "U"),
        (F.primary_location.locality == "Paris", "Paris"),
        (F.team.record_id == JANE, None),
        (F.record_id == UUID(JANE), JANE),
        (F.shape == NOON, "2024-01-02T12:30:00Z"),
        (F.shape == date(2024, 1, 2), "2024-01-02"),
        (F.shape == Decimal("1.5"), 1.5),
        (F.shape == Phone("+44 20 7946 0000"), "+442079460000"),
        (F.shape == True, True),  # noqa: E712
    ],
)
def test_company_values(filter, expected):
    if expected is not None:
        found = operand(filter)
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (F.email_addresses == "Ada@Example.com", "ada@example.com"),
        (F.email_addresses.email_domain == "Example.com", "example.com"),
        (F.email_addresses.contains("Ada"), "Ada"),
        (F.phone_numbers == "+44 (0)20 7946 0000", "+442079460000"),
        (F.phone_numbers == Phone("020 7946 0000", region="GB"), "+442079460000"),
        (F.phone_numbers.starts_with("+44 20-79"), "+442079"),
        (F.phone_numbers.contains("79.46"), "7946"),
        (F.phone_numbers.country_code == "gb", "GB"),
        (F.name == Name("Ada", "Lovelace"), "Ada Lovelace"),
        (F.name == PersonName("Ada", "Lovelace", "Countess Ada"), "Countess Ada"),
        (F.name == Value("Ada", None, None, None, "text", {}), "Ada"),
        (F.name.first_name == "Ada", "Ada"),
    ],
)
def test_person_values(filter, expected):
    assert operand(filter, "people") == expected


@pytest.mark.parametrize(
    ("filter", "queried", "said"),
    [
        (F.twitter_follower_count == "many", "people", "not a plain number"),
        (F.twitter_follower_count == 1.23456, "people", "more than 4 decimals"),
        (F.twitter_follower_count == True, "people", "of type bool"),  # noqa: E712
        (F.value == "$5", "deals", "currency"),
        (F.performance == 6, "companies", "0 to 5"),
        (F.a_custom_checkbox_attribute == 1, "companies", "True or False"),
        (F.foundation_date >= "2019", "companies", "year, month and day"),
        (F.foundation_date >= "2019-02-30", "companies", "no date"),
        (F.created_at >= "2019-01-01", "companies", "a day and a time"),
        (F.created_at >= date(2019, 1, 1), "companies", "a day and a time"),
        (F.created_at >= NOON.replace(tzinfo=None), "companies", "no time zone"),
        (F.created_at >= "2019-01-01T25:00:00Z", "companies", "does not exist"),
        (F.shape >= NOON.replace(tzinfo=None), "companies", "no time zone"),
        (F.categories.active_from >= "2019", "companies", "a day and a time"),
        (F.domains == "ada@acme.com", "companies", "e-mail address"),
        (F.email_addresses == "ada", "people", "no e-mail address"),
        (F.phone_numbers == "020 7946 0000", "people", "which country"),
        (F.phone_numbers.contains("abc"), "people", "no part of a phone number"),
        (F.primary_location.country_code == "UK", "companies", "'GB'"),
        (F.record_id == "abc", "companies", "UUID"),
        (F.name == date(2024, 1, 1), "companies", "of type date"),
        (F.name == "\ud800", "companies", "surrogate"),
        (F.name.contains("\ud800"), "companies", "surrogate"),
        (F.name == RecordRef("people", JANE), "companies", "of type RecordRef"),
        (F.foundation_date == 2019, "companies", "of type int"),
        (F.last_email_interaction.owner_member_id == 5, "companies", "a member's id"),
        (
            F.last_email_interaction.owner_member_id == ActorRef("api-token", JANE),
            "companies",
            "a member's id",
        ),
    ],
)
def test_what_does_not_fit_is_refused(filter, queried, said):
    with pytest.raises(FilterError) as caught:
        operand(filter, queried)
    assert str(caught.value).startswith(repr(filter))
    assert said in str(caught.value)


def test_an_unknown_option_is_refused_with_near_ones_or_all():
    with pytest.raises(
        FilterError, match=r"no status of stage is called 'In progess'.*'In Progress'"
    ) as caught:
        operand(F.stage == "In progess", "deals")
    assert isinstance(caught.value.__cause__, UnknownName)
    with pytest.raises(FilterError, match="there is 'Lead', 'In Progress', 'Won 🎉', 'Lost'"):
        operand(F.stage.in_("Lead", "zzz"), "deals")


def test_options_that_are_not_known_are_left_to_the_api():
    assert operand(F.employee_range == "11-50") == "11-50"


class TestLocations:
    def test_parts_that_are_given_must_fit(self):
        where = F.primary_location == Location(locality="Paris", country_code="FR")
        expected = {"primary_location": {"locality": "Paris", "country_code": "FR"}}
        assert compile_filter(where, schema("people")) == expected
        assert compile_filter(where) == expected

    def test_any_of_several(self):
        filter = F.primary_location.in_(Location(locality="Paris"), Location(region="CA"))
        assert compile_filter(filter, schema("people")) == {
            "$or": [{"primary_location": {"locality": "Paris"}}, {"primary_location": {"region": "CA"}}]
        }

    @pytest.mark.parametrize(
        "filter",
        [
            F.primary_location == Location(),
            F.primary_location == Location(latitude="1.5"),
            F.primary_location.in_(Location(locality="Paris"), "Rome"),
            F.primary_location > Location(locality="Paris"),
            F.primary_location.locality == Location(locality="Paris"),
        ],
    )
    def test_what_cannot_be_looked_for(self, filter):
        with pytest.raises(FilterError):
            compile_filter(filter, schema("people"))


def _actor(id):
    return {"referenced_actor_type": "workspace-member", "referenced_actor_id": id}


class TestActors:
    @pytest.mark.parametrize(
        "value",
        [
            "jane@acme.com",
            " Jane@Acme.com",
            "Jane  Doe",
            Member("jane@acme.com"),
            JANE,
            UUID(JANE),
            Member(JANE),
        ],
    )
    def test_members_as_people_write_them(self, value):
        compiled = compile_filter(F.owner == value, schema("deals"), members=MEMBERS)
        assert compiled == {"owner": _actor(JANE)}

    def test_any_of_several(self):
        compiled = compile_filter(F.owner.in_("jane@acme.com", ALEX), schema("deals"), members=MEMBERS)
        assert compiled == {"$or": [{"owner": _actor(JANE)}, {"owner": _actor(ALEX)}]}

    def test_members_are_actors_without_a_schema_too(self):
        compiled = compile_filter(F.owner != Member("jane@acme.com"), members=MEMBERS)
        assert compiled == {"$not": {"owner": _actor(JANE)}}

    def test_type_and_id_may_be_asked_for_apart(self):
        both = (F.owner.referenced_actor_type == "workspace-member") & (F.owner.referenced_actor_id == JANE)
        assert compile_filter(both, schema("deals")) == {
            "owner": {
                "referenced_actor_type": {"$eq": "workspace-member"},
                "referenced_actor_id": {"$eq": JANE},
            }
        }

    @pytest.mark.parametrize("attributes", [None, schema("deals")])
    def test_an_id_without_a_type_is_refused(self, attributes):
        with pytest.raises(FilterError, match=r"ActorRef\('workspace-member', id\)"):
            compile_filter(F.owner.referenced_actor_id == JANE, attributes)

    @pytest.mark.parametrize(
        ("value", "members", "said"),
        [
            ("jane@acme.com", None, "members are not known"),
            ("jan@acme.com", MEMBERS, "did you mean 'jane@acme.com'"),
            ("Sam Smith", MEMBERS, "2 members"),
            (5, MEMBERS, "full name"),
            (ActorRef(None, JANE), MEMBERS, "without a type"),
        ],
    )
    def test_who_cannot_be_known_is_refused(self, value, members, said):
        with pytest.raises(FilterError, match=said):
            compile_filter(F.owner == value, schema("deals"), members=members)
