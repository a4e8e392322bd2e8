"""JSON Schemas of objects: `create` accepts what they accept, and what is read fits the one for reading."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st
from jsonschema import Draft202012Validator
from tests.integrations.support import workspace
from tests.support import examples

from attio_async import Attribute, ObjectSchema, Option
from attio_async.errors import CoercionError
from attio_async.values import coerce_values

TYPES = (
    "actor-reference",
    "checkbox",
    "currency",
    "date",
    "domain",
    "email-address",
    "interaction",
    "location",
    "number",
    "personal-name",
    "phone-number",
    "rating",
    "record-reference",
    "select",
    "status",
    "text",
    "timestamp",
    "a-newer-type",
)
TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
SLUGS = st.from_regex("[a-z][a-z0-9_]{0,8}", fullmatch=True)
ID = "5f000000-0000-4000-8000-000000000001"


@st.composite
def attributes(draw: st.DrawFn, types: st.SearchStrategy[str]) -> Attribute:
    titles = draw(st.none() | st.lists(TITLES, min_size=1, max_size=4))
    return Attribute(
        draw(SLUGS),
        title=draw(TITLES),
        type=draw(types),
        is_multiselect=draw(st.booleans()),
        is_required=draw(st.booleans()),
        is_writable=draw(st.sampled_from([True, True, True, False])),
        is_archived=draw(st.sampled_from([False, False, False, True])),
        options=None if titles is None else tuple(Option(title) for title in titles),
        target_objects=draw(st.sampled_from([(), ("companies",), ("people", "companies"), (ID,)])),
        raw={"description": draw(st.none() | st.text(max_size=5))},
    )


def instances(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a schema accepts, for the words that our schemas are made of."""
    if "anyOf" in schema:
        return st.one_of([instances(each) for each in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) if schema["enum"] else st.nothing()
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([_OF_KIND[kind](schema) for kind in kinds])


def objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    parts = {name: instances(each) for name, each in schema["properties"].items()}
    required = {name: part for name, part in parts.items() if name in schema.get("required", ())}
    optional = {name: part for name, part in parts.items() if name not in required}
    found = st.fixed_dictionaries(required, optional=optional)
    return found.filter(lambda each: len(each) >= schema.get("minProperties", 0))


_OF_KIND: dict[str, Callable[[dict[str, Any]], st.SearchStrategy[Any]]] = {
    "array": lambda schema: st.lists(
        instances(schema["items"]), min_size=schema.get("minItems", 0), max_size=3
    ),
    "boolean": lambda _: st.booleans(),
    "integer": lambda schema: st.integers(schema["minimum"], schema["maximum"]),
    "object": objects,
    "string": lambda schema: st.from_regex(schema["pattern"]) if "pattern" in schema else st.text(),
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.just(ID),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def problems(schema: dict[str, Any], values: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(values)]


@pytest.mark.parametrize("type", TYPES)
@settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_the_schema_accepts_can_be_written(type: str, data: st.DataObject) -> None:
    purpose = data.draw(st.sampled_from(["create", "update"]))
    attribute = data.draw(attributes(st.just(type)))
    described = ObjectSchema("things", [attribute]).json_schema(for_=purpose)
    Draft202012Validator.check_schema(described)
    values = data.draw(instances(described) | st.dictionaries(st.just(attribute.slug), JSON))
    assume(not problems(described, values))
    written = coerce_values(values, {attribute.slug: attribute})
    assert written.keys() == values.keys()
    assert purpose == "create" or all(written.values())


@settings(max_examples=examples(40))
@given(st.lists(attributes(st.sampled_from(TYPES)), max_size=6, unique_by=lambda each: each.slug))
def test_schemas_are_valid(found: list[Attribute]) -> None:
    schema = ObjectSchema("things", found)
    for purpose in ("create", "update", "read"):
        Draft202012Validator.check_schema(schema.json_schema(for_=purpose))
    create = schema.json_schema(for_="create")
    assert set(create.get("required", ())) <= create["properties"].keys()
    assert "required" not in schema.json_schema(for_="update")
    assert schema.json_schema(for_="read")["properties"].keys() == schema.attributes.keys()


@pytest.mark.parametrize(
    ("type", "good", "bad"),
    [
        ("actor-reference", ["ada@example.com", ID], ["Ada", 5]),
        ("checkbox", [True, False], ["yes", None]),
        ("currency", [5, "499.50", "-0.0001"], ["1,000", 1.5, "5 EUR", "0.00001"]),
        ("date", ["2024-02-29", "2026-12-31"], ["2023-02-29", "2026-13-01", "31.12.2026"]),
        ("domain", ["example.com", "a.b.example.co.uk"], ["example", "a b.com", "ada@example.com"]),
        ("email-address", ["ada.lovelace+x@mail.example.com"], ["ada", "@example.com", "a..b@example.com"]),
        ("location", ["Paris", {"locality": "Paris", "country_code": "FR"}], [{}, {"town": "x"}, {"country_code": "UK"}]),
        ("number", [0, "12.5"], ["many"]),
        ("personal-name", ["Lovelace, Ada", {"first_name": "Ada"}], ["", " , ", {}, {"name": "Ada"}]),
        ("phone-number", ["+442079460000"], ["020 7946 0000", "+0"]),
        ("rating", [0, 5], [6, -1, 2.5]),
        (
            "record-reference",
            [{"target_object": "companies", "target_record_id": ID}],
            [{"target_object": "deals", "target_record_id": ID}, {"target_object": "companies"}, "x"],
        ),
        ("select", ["Lead"], ["lead", "Other", ""]),
        ("text", ["", "anything"], [5, None]),
        ("timestamp", ["2026-01-02T03:04:05Z", "2024-02-29T03:04:05.123456789+01:00"], ["2026-01-02", "2026-01-02T03:04:05"]),
    ],
)  # fmt: skip
def test_usual_values_are_told_from_others(type: str, good: list[Any], bad: list[Any]) -> None:
    attribute = Attribute(
        "it",
        type=type,
        options=(Option("Lead"), Option("Old", is_archived=True)),
        target_objects=("companies",),
    )
    schema = ObjectSchema("things", [attribute]).json_schema(for_="create")
    for value in good:
        assert problems(schema, {"it": value}) == []
        assert coerce_values({"it": value}, {"it": attribute})["it"]
    for value in bad:
        assert problems(schema, {"it": value})


def test_a_schema_says_what_is_required_and_what_it_means() -> None:
    stage = Attribute(
        "stage", title="Deal stage", type="status", is_required=True, options=(Option("Lead"), Option("Won"))
    )
    tags = Attribute("tags", type="select", is_multiselect=True, raw={"description": "What it is about."})
    seen = Attribute("last_interaction", type="interaction")
    fixed = Attribute("created_by", type="actor-reference", is_writable=False)
    schema = ObjectSchema("deals", [stage, tags, seen, fixed])
    assert schema.json_schema(for_="create") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deals",
        "type": "object",
        "properties": {
            "stage": {"title": "Deal stage", "type": "string", "enum": ["Lead", "Won"]},
            "tags": {
                "title": "tags",
                "type": "array",
                "items": schema.attributes["tags"].json_schema()["items"],
                "description": "What it is about.",
            },
        },
        "additionalProperties": False,
        "required": ["stage"],
    }
    with pytest.raises(ValueError, match="for_ must be 'create', 'update' or 'read', not 'delete'"):
        schema.json_schema(for_="delete")  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_what_is_read_fits_the_schema_to_read() -> None:
    async with workspace() as (attio, person, _):
        await attio.people.update(
            person,
            {
                "phone_numbers": ["+442079460000"],
                "primary_location": "Paris, France",
                "company": {"target_object": "companies", "domains": [{"domain": "example.com"}]},
            },
        )
        for name in ("people", "companies"):
            schema = (await attio.schema(name, options=True)).json_schema(for_="read")
            async for record in attio.records(name).query():
                assert problems(schema, record.to_dict(mode="json")["values"]) == []


@pytest.mark.anyio
async def test_create_accepts_what_the_schema_of_a_workspace_does() -> None:
    async with workspace() as (attio, _, _):
        schema = (await attio.schema("people", options=True)).json_schema(for_="create")
        values = {
            "name": {"first_name": "Grace", "last_name": "Hopper"},
            "email_addresses": ["grace@example.com"],
            "job_title": "Admiral",
        }
        assert problems(schema, values) == []
        grace = await attio.people.create(values)
        assert grace["name"].full_name == "Grace Hopper"
        with pytest.raises(CoercionError):
            await attio.people.create({"email_addresses": ["grace"]})
        assert problems(schema, {"email_addresses": ["grace"]})
