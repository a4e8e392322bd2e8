from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest

from attio_async.values import (
    ActorRef,
    Location,
    Member,
    Name,
    PersonName,
    Phone,
    RecordRef,
    Ref,
    UnknownValue,
    Value,
    read_value,
)

ID = "498f9009-e208-4386-90ce-f4c272b13a74"


def test_a_name_is_parsed() -> None:
    cases = [
        ("Lovelace, Ada", "Ada", "Lovelace", "Ada Lovelace"),
        ("Ada Lovelace", "Ada", "Lovelace", "Ada Lovelace"),
        ("  Ada   King  Lovelace ", "Ada King", "Lovelace", "Ada King Lovelace"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven", "Ludwig van Beethoven"),
        ("Oscar de la Renta", "Oscar", "de la Renta", "Oscar de la Renta"),
        ("de Gaulle", "de", "Gaulle", "de Gaulle"),
        ("ada king lovelace", "ada king", "lovelace", "ada king lovelace"),
        ("Pelé", "Pelé", "", "Pelé"),
        ("Smith, John, Jr", "John", "Smith", "John Smith Jr"),
        ("Smith,", "", "Smith", "Smith"),
        ("", "", "", ""),
        (" , ", "", "", ""),
    ]
    names = [(text, Name.parse(text), expected) for text, *expected in cases]
    parsed = [(text, [name.first_name, name.last_name, str(name)], parts) for text, name, parts in names]
    assert [each for each in parsed if each[1] != each[2]] == []


def test_suffixes_are_neither_a_first_nor_a_last_name() -> None:
    cases = [
        ("Frank Pallone, Jr.", "Frank", "Pallone", "Frank Pallone, Jr."),
        ("William R. Timmons IV", "William R.", "Timmons", "William R. Timmons IV"),
        ("Pallone, Frank, Jr.", "Frank", "Pallone", "Frank Pallone Jr."),
        ("Pallone Jr., Frank", "Frank", "Pallone", "Frank Pallone Jr."),
        ("Pallone, Frank Jr.", "Frank", "Pallone", "Frank Pallone Jr."),
        ("Robert Menendez Jr", "Robert", "Menendez", "Robert Menendez Jr"),
        ("Martin Luther King, Jr., Ph.D.", "Martin Luther", "King", "Martin Luther King, Jr., Ph.D."),
        ("John Smith, II", "John", "Smith", "John Smith, II"),
        ("Jane Doe, PhD", "Jane", "Doe", "Jane Doe, PhD"),
        ("Jane Doe, MA", "Jane", "Doe", "Jane Doe, MA"),
        ("Jr.", "", "", "Jr."),
    ]
    assert [(text, first, last, str(Name.parse(text))) for text, first, last, _ in cases] == [
        (text, Name.parse(text).first_name, Name.parse(text).last_name, full) for text, _, _, full in cases
    ]


def test_words_that_look_like_suffixes_stay_names() -> None:
    cases = [
        ("Ma, Jack", "Jack", "Ma"),
        ("Nguyen, Vi", "Vi", "Nguyen"),
        ("Nguyen, DO", "DO", "Nguyen"),
        ("Malcolm V", "Malcolm", "V"),
    ]
    parsed = [(text, Name.parse(text).first_name, Name.parse(text).last_name) for text, _, _ in cases]
    assert parsed == cases


def test_particles_stay_with_the_last_name() -> None:
    cases = [
        ("Chris Van Hollen", "Chris", "Van Hollen"),
        ("Van Hollen, Chris", "Chris", "Van Hollen"),
        ("Monica De La Cruz", "Monica", "De La Cruz"),
        ("juan de la cruz", "juan", "de la cruz"),
        ("Nancy St. John", "Nancy", "St. John"),
        ("José Ortega y Gasset", "José", "Ortega y Gasset"),
        ("Van Morrison", "Van", "Morrison"),
        ("Kim Le", "Kim", "Le"),
        ("Do Kwon", "Do", "Kwon"),
    ]
    parsed = [(text, Name.parse(text).first_name, Name.parse(text).last_name) for text, _, _ in cases]
    assert parsed == cases


def test_a_person_without_a_full_name_is_called_by_the_parts() -> None:
    assert str(PersonName("Ada", "Lovelace", None)) == "Ada Lovelace"
    assert str(PersonName("Ada", "Lovelace", "Countess Lovelace")) == "Countess Lovelace"


def test_a_location_reads_as_one_line() -> None:
    cases = [
        (
            Location(
                line_1="1 Infinite Loop",
                locality="Cupertino",
                region="CA",
                postcode="95014",
                country_code="US",
            ),
            "1 Infinite Loop, Cupertino, CA, 95014, US",
        ),
        (Location(latitude="51.5", longitude=Decimal("-0.10")), "51.5, -0.10"),
        (Location(latitude=0.00001, longitude=2), "0.00001, 2"),
        (Location(), ""),
    ]
    assert [(str(place), text) for place, text in cases if str(place) != text] == []


def test_the_address_of_a_record_is_understood() -> None:
    cases = [
        (f"https://app.attio.com/acme/company/{ID}", ("companies", ID)),
        (f"https://app.attio.com/acme/person/{ID}/overview?tab=1#x", ("people", ID)),
        (f" https://app.attio.com/acme/deal/{ID}\n", ("deals", ID)),
        (f"https://app.attio.com/acme/custom/invoices/{ID}/overview", ("invoices", ID)),
        (f"https://app.attio.com/acme/custom/invoices/record/{ID}", ("invoices", ID)),
    ]
    for url, expected in cases:
        ref = RecordRef.from_url(url)
        assert (ref.object, ref.record_id) == expected
        assert str(ref) == ID


def test_another_address_is_refused() -> None:
    urls = [
        f"https://app.attio.com/{ID}",
        f"https://app.attio.com/acme/{ID}",
        f"https://attio.example.com/acme/company/{ID}",
        "https://app.attio.com/acme/company",
        "acme.com",
        "",
    ]
    for url in urls:
        with pytest.raises(ValueError, match="not the address of a record"):
            RecordRef.from_url(url)


def test_a_ref_takes_an_id_or_one_unique_attribute() -> None:
    assert Ref("companies", ID) == Ref("companies", record_id=ID)
    assert Ref("companies", domain="acme.com") == Ref("companies", domains="acme.com")
    assert Ref("people", email="ada@example.com").attribute == "email_addresses"
    assert (
        repr(Ref("users", user_id="u1"))
        == "Ref(object='users', record_id=None, attribute='user_id', value='u1')"
    )
    assert hash(Ref("a", x=[])) == hash(Ref("a", x={}))


def test_a_ref_takes_no_more_and_no_less() -> None:
    cases: list[tuple[tuple[str, ...], dict[str, str], str]] = [
        (("companies",), {}, "neither"),
        (("companies", ID), {"domain": "acme.com"}, "record_id, domain"),
        (("companies",), {"domain": "acme.com", "name": "Acme"}, "domain, name"),
    ]
    for args, unique, named in cases:
        with pytest.raises(TypeError, match=named):
            Ref(*args, **unique)


def test_values_are_frozen_and_can_be_hashed() -> None:
    samples = [
        ActorRef("system", None),
        Location(locality="Paris"),
        Member("ada@example.com"),
        Name("Ada"),
        PersonName("Ada"),
        Phone("+442079460000"),
        RecordRef("people", ID),
        Ref("people", email="ada@example.com"),
        UnknownValue("new", {"a": []}),
        read_value({"attribute_type": "text", "value": "a"}),
    ]
    assert len(set(samples)) == len(samples)
    for sample in samples:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            sample.something = 1  # type: ignore[attr-defined]


def test_values_print_as_plain_text() -> None:
    assert str(Phone("020 7946 0000", region="GB")) == "020 7946 0000"
    assert str(Member("Ada Lovelace")) == "Ada Lovelace"
    assert [str(ActorRef("app", ID)), str(ActorRef("system", None)), str(ActorRef(None, None))] == [
        ID,
        "system",
        "",
    ]


VALUE = {
    "active_from": "2026-05-15T21:51:42.783000000Z",
    "active_until": None,
    "created_by_actor": {"type": "app", "id": ID},
}


def value(**fields: object) -> Value:
    return read_value({**VALUE, **fields})


def test_a_value_carries_its_history() -> None:
    text = value(attribute_type="text", value="a", active_until="2026-05-16T00:00:00.000000000Z")
    assert text.native == "a"
    assert text.active_from == datetime(2026, 5, 15, 21, 51, 42, 783000, tzinfo=UTC)
    assert text.active_until == datetime(2026, 5, 16, tzinfo=UTC)
    assert text.created_by == ActorRef("app", ID)
    assert text.attribute_type == "text"
    assert text.raw["value"] == "a"


def test_a_value_has_the_properties_of_its_type() -> None:
    option = {"id": {"option_id": "o1"}, "title": "SaaS"}
    assert value(attribute_type="select", option=option).option_id == "o1"
    status = {"id": {"status_id": "s1"}, "title": "Lead"}
    assert value(attribute_type="status", status=status).status_id == "s1"
    assert value(attribute_type="currency", currency_value=1, currency_code="XXX").currency_code == "XXX"
    phone = value(
        attribute_type="phone-number", phone_number="+1", original_phone_number="1", country_code="US"
    )
    assert (phone.country_code, phone.original) == ("US", "1")
    email = value(attribute_type="email-address", email_root_domain="b.c", original_email_address="A@b.c")
    assert (email.root_domain, email.original) == ("b.c", "A@b.c")
    assert value(attribute_type="domain", domain="a.b.c", root_domain="b.c").root_domain == "b.c"


def test_properties_that_a_type_does_not_have_are_none() -> None:
    text = value(attribute_type="text", value="2026-01-01T00:00:00Z")
    absent = (
        "option_id",
        "status_id",
        "currency_code",
        "country_code",
        "root_domain",
        "original",
        "nanoseconds",
    )
    assert [getattr(text, name) for name in absent] == [None] * len(absent)
    assert value(attribute_type="select", option="SaaS").option_id is None


def test_a_timestamp_keeps_its_nanoseconds() -> None:
    cases = [
        ("2023-11-24T15:34:07.111222333Z", 1700840047111222333),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.123456789Z", -876543211),
        ("2023-11-24", 1700784000000000000),
        ("1970-01-01T02:00:00.5+02:00", 500000000),
        ("no time", None),
    ]
    found = [(text, value(attribute_type="timestamp", value=text).nanoseconds, each) for text, each in cases]
    assert [each for each in found if each[1] != each[2]] == []
