import pytest

from attio_async._schema import Attribute, ObjectSchema, standard_schema
from attio_async.errors import UnknownName

ID = "5f0e3b1c-0000-4000-8000-000000000001"
SCHEMA = ObjectSchema(
    "people",
    [
        Attribute("email_addresses", title="E-mail", id=ID, type="email-address", is_multiselect=True),
        Attribute("name", title="Full name", type="personal-name"),
        Attribute("old_name", title="Name", is_archived=True),
        Attribute("nick", title="NAME"),
    ],
)


def test_a_name_is_found_by_slug_title_and_id_in_any_case() -> None:
    for name in ("email_addresses", "Email_Addresses", "E-MAIL", " e-mail ", ID):
        assert SCHEMA.find(name).slug == "email_addresses"


def test_slugs_win_over_titles_and_active_attributes_over_archived_ones() -> None:
    assert SCHEMA.find("name").slug == "name"
    assert SCHEMA.find("NAME").slug == "name"
    without_name = ObjectSchema("people", [a for a in SCHEMA.attributes.values() if a.slug != "name"])
    assert without_name.find("Name").slug == "nick"


def test_an_unknown_name_is_refused_with_near_ones_and_all() -> None:
    with pytest.raises(UnknownName) as caught:
        SCHEMA.find("email_adresses")
    assert caught.value.suggestions == ("email_addresses",)
    assert caught.value.available == ("email_addresses", "name", "old_name", "nick")
    assert "did you mean 'email_addresses'" in str(caught.value)
    with pytest.raises(LookupError, match="use one of"):
        SCHEMA.find("zzz")


def test_descriptions_in_another_shape_are_read() -> None:
    descriptions: list[dict[str, object]] = [
        {},
        {"id": None},
        {"id": "text", "type": None, "is_multiselect": "yes"},
    ]
    for raw in descriptions:
        attribute = Attribute.parse({**raw, "api_slug": "x", "new": 1})
        assert attribute.slug == "x"
        assert attribute.is_multiselect is False
        assert attribute.is_writable is True


def test_the_standard_objects_are_known_without_asking() -> None:
    people = standard_schema("people")
    assert people is not None
    assert people.complete is False
    assert people.attributes["email_addresses"].is_multiselect
    assert people.attributes["email_addresses"].is_unique
    assert not people.attributes["name"].is_multiselect
    assert not people.attributes["created_at"].is_writable
    assert standard_schema("invoices") is None
