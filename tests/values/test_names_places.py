from decimal import Decimal

from attio_async.values import (
    Location,
    Name,
    PersonName,
)

from .attributes import Attribute, misfits, refused, unsaid

JOHN = {"first_name": "John", "last_name": "Smith", "full_name": "John Smith"}


def test_all_parts_of_a_name_are_sent() -> None:
    cases = [
        ("Smith, John", JOHN),
        ("John Smith", JOHN),
        (JOHN, JOHN),
        (PersonName("John", "Smith", "John Smith"), JOHN),
        (Name("John", "Smith"), JOHN),
        (Name(" John ", " Smith "), JOHN),
        (Name(None, None, "John Smith"), JOHN),
        ({"full_name": "Smith, John"}, {**JOHN, "full_name": "Smith, John"}),
        ({"first_name": "John", "last_name": "Smith"}, JOHN),
        (Name("John", "Smith", "Dr John Smith"), {**JOHN, "full_name": "Dr John Smith"}),
        ("Pelé", {"first_name": "Pelé", "last_name": "", "full_name": "Pelé"}),
        (PersonName(None, "Smith", None), {"first_name": "", "last_name": "Smith", "full_name": "Smith"}),
    ]
    assert misfits(Attribute("personal-name"), cases) == []


def test_values_that_are_not_names_are_refused() -> None:
    values = ["", " , ", Name(""), PersonName(), Name("a\udc80"), {"first_name": 3}, {"first": "John"}, 3, {}]
    for value in values:
        assert refused(Attribute("personal-name"), value).hint


NOWHERE = dict.fromkeys(
    (
        "line_1",
        "line_2",
        "line_3",
        "line_4",
        "locality",
        "region",
        "postcode",
        "country_code",
        "latitude",
        "longitude",
    )
)
APPLE = {
    **NOWHERE,
    "line_1": "1 Infinite Loop",
    "locality": "Cupertino",
    "region": "CA",
    "postcode": "95014",
    "country_code": "US",
    "latitude": "37.331741",
    "longitude": "-122.030333",
}


def test_all_parts_of_a_location_are_sent() -> None:
    cases = [
        ("1 Infinite Loop, Cupertino, CA, 95014, US", "1 Infinite Loop, Cupertino, CA, 95014, US"),
        (APPLE, APPLE),
        (Location(**APPLE), APPLE),
        (
            Location(locality="Paris", country_code="FR"),
            {**NOWHERE, "locality": "Paris", "country_code": "FR"},
        ),
        (
            {"locality": " Paris ", "country_code": "fr", "region": " "},
            {**NOWHERE, "locality": "Paris", "country_code": "FR"},
        ),
        (Location(latitude=90, longitude=-180.0), {**NOWHERE, "latitude": "90", "longitude": "-180.0"}),
        (
            {"latitude": Decimal("-0.50"), "longitude": "+05.1"},
            {**NOWHERE, "latitude": "-0.50", "longitude": "5.1"},
        ),
    ]
    assert misfits(Attribute("location"), cases) == []


def test_values_that_are_not_locations_are_refused() -> None:
    cases = [
        ({"city": "Paris"}, "", "'locality'"),
        ({"locality": "Paris", "country_code": "France"}, "", "two letters"),
        ({"locality": "London", "country_code": "UK"}, "", "'GB'"),
        ({"country_code": 33}, "", "two-letter"),
        ({"locality": 3}, "", "locality as a text"),
        ({"latitude": "90.1"}, "", "-90 to 90"),
        ({"longitude": -180.5}, "", "-180 to 180"),
        ({"latitude": "51°30'N"}, "", "-90 to 90"),
        ({"latitude": float("nan")}, "", "-90 to 90"),
        ({"latitude": True}, "", "degrees"),
        ({"latitude": []}, "", "degrees"),
        (Location(), "", "None"),
        ({"locality": ""}, "", "None"),
        ("", "", "None"),
        (75001, "", "Location"),
    ]
    assert unsaid(Attribute("location"), cases) == []
