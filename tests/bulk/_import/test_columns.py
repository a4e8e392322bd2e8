"""Columns mapped to attributes, with every problem in one message."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from attio_async._cli.commands.import_ import parse_pairs
from attio_async._cli.errors import Refusal
from attio_async._schema import Attribute, ObjectSchema
from attio_async.bulk import ColumnMapping
from attio_async.bulk._import.columns import ColumnMap, map_columns
from attio_async.errors import ConfigurationError

SCHEMA = ObjectSchema(
    "companies",
    [
        Attribute("record_id", "Record ID", is_writable=False, is_unique=True),
        Attribute("name", "Name"),
        Attribute("domains", "Domains", type="domain", is_multiselect=True, is_unique=True),
        Attribute("about", "Description"),
        Attribute("old", "Former", is_archived=True),
        Attribute("created_at", "Created at", type="timestamp", is_writable=False),
    ],
)


def mapped(columns: Sequence[str], match: str | None = "domains", **options: Any) -> ColumnMap:
    mapping = ColumnMapping(columns=options.pop("renames", {}), **options)
    return map_columns(columns, SCHEMA, mapping, match=match)


def slugs(found: ColumnMap) -> dict[str, str]:
    return {column: attribute.slug for column, attribute in found.attributes.items()}


def refusal(columns: Sequence[str], **options: Any) -> str:
    with pytest.raises(ConfigurationError) as refused:
        mapped(columns, **options)
    return str(refused.value)


class TestMapping:
    def test_columns_match_slugs_and_titles_in_any_case(self) -> None:
        found = mapped(["NAME", "Domains", " description "])
        assert slugs(found) == {"NAME": "name", "Domains": "domains", " description ": "about"}

    def test_renames_come_first(self) -> None:
        found = mapped(["Company", "Web"], renames={"company": "name", "WEB": "Domains"})
        assert slugs(found) == {"Company": "name", "Web": "domains"}

    def test_columns_that_attio_sets_itself_are_left_out_and_listed(self) -> None:
        found = mapped(["record_id", "name", "domains", "created_at", "Created_By"])
        assert slugs(found) == {"name": "name", "domains": "domains"}
        assert found.read_only == ("record_id", "created_at", "Created_By")

    def test_a_column_can_be_skipped(self) -> None:
        assert slugs(mapped(["domains", "Shoe size"], skip=["shoe SIZE"])) == {"domains": "domains"}


class TestRefusals:
    def test_every_unknown_column_is_listed_with_near_matches(self) -> None:
        message = refusal(["domains", "Shoe size", "namme"])
        assert "column 'Shoe size' does not match an attribute\n" in message
        assert "column 'namme' does not match an attribute; did you mean 'name'?" in message
        assert "writable attributes: name, domains, about (Description)\n" in message
        assert '--map "COLUMN=SLUG"' in message

    def test_a_mapping_to_an_unknown_attribute(self) -> None:
        assert "unknown attribute 'domain' for the column 'Web'; did you mean 'domains'?" in refusal(
            ["Web"], renames={"Web": "domain"}
        )

    def test_an_option_for_an_unknown_column(self) -> None:
        options: list[Mapping[str, Any]] = [{"renames": {"Wbe": "domains"}}, {"skip": ["Wbe"]}]
        for option in options:
            message = refusal(["Web", "domains"], **option)
            assert "unknown column 'Wbe'; did you mean 'Web'?" in message

    def test_an_option_without_near_matches_lists_the_columns(self) -> None:
        assert "unknown column 'Umsatz'; the file has 'domains', 'name'" in refusal(
            ["domains", "name"], skip=["Umsatz"]
        )

    def test_two_columns_for_one_attribute(self) -> None:
        message = refusal(["Name", "Firm", "domains"], renames={"Firm": "name"})
        assert message == (
            "the columns 'Name' and 'Firm' both map to the attribute 'name'; leave one out, as with --skip 'Firm'"
        )

    def test_a_column_that_is_given_twice(self) -> None:
        message = refusal(["Title", "domains"], renames={"Title": "name", "title": "about"})
        assert message == "--map: the column 'Title' is given twice, in another case"

    def test_a_mapping_has_texts(self) -> None:
        odd: Any = {"Title": None}
        with pytest.raises(
            ConfigurationError, match="attribute of the column 'Title' must be a text, not None"
        ):
            ColumnMapping(columns=odd)
        one: Any = "Shoe size"
        assert slugs(mapped(["domains", "Shoe size"], skip=one)) == {"domains": "domains"}

    def test_a_column_cannot_be_renamed_to_what_attio_sets_itself(self) -> None:
        message = refusal(["Since", "domains"], renames={"Since": "created_at"})
        assert message == "column 'Since': Attio sets 'created_at' itself, so it cannot be written"

    def test_an_archived_attribute(self) -> None:
        assert refusal(["old", "domains"]) == "column 'old': the attribute 'old' is archived"

    def test_a_match_attribute_without_a_column(self) -> None:
        message = refusal(["name"])
        assert "no column maps to 'domains'" in message
        assert "the file has 'name'" in message

    def test_an_unknown_match_attribute(self) -> None:
        assert "--match: unknown attribute 'web'" in refusal(["domains"], match="web")

    def test_all_problems_are_listed_at_once(self) -> None:
        message = refusal(["Foo", "old"], match="domains", skip=["bar"])
        assert [line.split(":")[0].split(" ")[0] for line in message.splitlines()[:4]] == [
            "column",
            "--skip",
            "column",
            "--match",
        ]


class TestOptions:
    def test_the_last_equals_sign_separates(self) -> None:
        assert parse_pairs("--map", "COLUMN=SLUG", ["Company Name=name", "a=b = domains "]) == {
            "Company Name": "name",
            "a=b": "domains",
        }

    def test_other_forms_are_refused(self) -> None:
        for option in ("name", "=name", "Column=", " = "):
            with pytest.raises(Refusal, match="not of the form"):
                parse_pairs("--map", "COLUMN=SLUG", [option])

    def test_a_column_is_renamed_once(self) -> None:
        with pytest.raises(Refusal, match="twice"):
            parse_pairs("--map", "COLUMN=SLUG", ["A=name", "a=domains"])
