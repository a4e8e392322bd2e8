from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from attio_async.errors import FilterError, UnknownName
from attio_async.query import F, compile_filter
from attio_async.values import ActorRef, Location, Name, PersonName, Phone, RecordRef
from attio_async.values._types import Value

from .workspace import ALEX, JANE, compiled, schema, unsaid

NEW_YORK = timezone(timedelta(hours=-5))
NOON = datetime(2024, 1, 2, 12, 30, tzinfo=UTC)


def operand(filter, queried="companies"):
    """Return the one value that the compiled filter compares with, and its type."""
    found = compiled(filter, queried)
    while isinstance(found, dict):
        assert len(found) == 1, found
        found = next(iter(found.values()))
    return found, type(found)


def misfits(queried, cases):
    """Return the filters that compare with something else than they should."""
    found = [(filter, operand(filter, queried), (expected, type(expected))) for filter, expected in cases]
    return [(repr(filter), *each) for filter, *each in found if each[0] != each[1]]


def test_values_of_companies():
    cases = [
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
        (F.created_at >= date(2024, 1, 2), "2024-01-02T00:00:00Z"),
        (F.created_at >= "2024-01-02", "2024-01-02T00:00:00Z"),
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
        (F.record_id == UUID(JANE), JANE),
        (F.shape == NOON, "2024-01-02T12:30:00Z"),
        (F.shape == date(2024, 1, 2), "2024-01-02"),
        (F.shape == Decimal("1.5"), 1.5),
        (F.shape == Phone("+44 20 7946 0000"), "+442079460000"),
        (F.shape == True, True),  # noqa: E712
    ]
    assert misfits("companies", cases) == []


def test_values_of_people():
    cases = [
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
        (F.name == Name("Ada"), "Ada"),
        (F.name.first_name == "Ada", "Ada"),
        (F.name.last_name == 5, "5"),
        (F.primary_location.postcode == 75001, "75001"),
        (F.primary_location == Location(postcode=75001), "75001"),
        (F.primary_location == Location(country_code="fr"), "FR"),
    ]
    assert misfits("people", cases) == []


def test_values_that_do_not_fit_are_refused():
    cases = [
        (F.twitter_follower_count == "many", "people", "not a plain number"),
        (F.twitter_follower_count == 1.23456, "people", "more than 4 decimals"),
        (F.twitter_follower_count == True, "people", "of type bool"),  # noqa: E712
        (F.value == "$5", "deals", "currency"),
        (F.performance == 6, "companies", "0 to 5"),
        (F.a_custom_checkbox_attribute == 1, "companies", "True or False"),
        (F.foundation_date >= "2019", "companies", "year, month and day"),
        (F.foundation_date >= "2019-02-30", "companies", "not a valid date"),
        (F.created_at >= "2019", "companies", "neither a moment nor a day"),
        (F.created_at >= NOON.replace(tzinfo=None), "companies", "no time zone"),
        (F.created_at >= "2019-01-01T25:00:00Z", "companies", "does not exist"),
        (F.shape >= NOON.replace(tzinfo=None), "companies", "no time zone"),
        (F.categories.active_from >= "2019", "companies", "neither a moment nor a day"),
        (F.domains == "ada@acme.com", "companies", "e-mail address"),
        (F.email_addresses == "ada", "people", "not a valid e-mail address"),
        (F.phone_numbers == "020 7946 0000", "people", "which country"),
        (F.phone_numbers.contains("abc"), "people", "part of a phone number"),
        (F.primary_location.country_code == "UK", "companies", "'GB'"),
        (F.primary_location == Location(country_code="UK"), "companies", "'GB'"),
        (F.primary_location == Location(locality="\ud800"), "companies", "surrogate"),
        (F.primary_location.locality == True, "companies", "of type bool"),  # noqa: E712
        (F.name == Name(1, 2), "people", "of type int"),
        (F.name == Name(None), "people", "the name is empty"),
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
    ]
    assert unsaid(cases) == []


def test_an_unknown_option_is_refused_with_near_ones_or_all():
    with pytest.raises(FilterError, match=r"unknown status of stage 'In progess'.*'In Progress'") as caught:
        operand(F.stage == "In progess", "deals")
    assert isinstance(caught.value.__cause__, UnknownName)
    with pytest.raises(FilterError, match="use one of 'Lead', 'In Progress', 'Won 🎉', 'Lost'"):
        operand(F.stage.in_("Lead", "zzz"), "deals")


def test_titles_of_unknown_options_are_sent_unchecked():
    assert compile_filter(F.employee_range == "11-50", schema("companies")) == {
        "employee_range": {"option": {"$eq": "11-50"}}
    }
