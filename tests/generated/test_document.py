"""Our own document of the API."""

import json
import re
from pathlib import Path

import pytest

TEXT = Path(__file__).parents[2].joinpath("openapi", "attio.json").read_text(encoding="utf-8")
DOCUMENT = json.loads(TEXT)
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = [operation for item in DOCUMENT["paths"].values() for operation in item.values()]


def parts(value):
    """Yield every object in a piece of JSON, itself first."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from parts(child)


def test_it_has_every_operation_and_event():
    assert DOCUMENT["openapi"] == "3.1.0"
    assert len(OPERATIONS) == 97
    assert len(DOCUMENT["webhooks"]) == 34


def test_operations_are_called_verb_noun():
    for operation in OPERATIONS:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"])
        assert len(operation["tags"]) == 1


def test_every_reference_leads_somewhere():
    for part in parts(DOCUMENT):
        if isinstance(part.get("$ref"), str):
            target = DOCUMENT
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target[step]


def test_bodies_are_named():
    for operation in OPERATIONS:
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            assert "$ref" in schema or "$ref" in schema["properties"]["data"], operation["operationId"]


def test_attribute_values_are_free_form():
    free = {"type": "object", "additionalProperties": True}
    assert SCHEMAS["CreateRecord"]["properties"]["values"] == free
    assert SCHEMAS["CreateEntry"]["properties"]["entry_values"] == free
    assert SCHEMAS["Record"]["properties"]["values"]["additionalProperties"] is True
    assert not [name for name in SCHEMAS if "[" in name]


def test_schemas_hold_no_prose():
    for schema in SCHEMAS.values():
        for part in parts(schema):
            assert not isinstance(part.get("description"), str)
            assert not isinstance(part.get("title"), str)
            assert "example" not in part


def test_error_bodies_are_kept():
    statuses = {
        int(status) for operation in OPERATIONS for status in operation["responses"] if status != "default"
    }
    assert all("default" in operation["responses"] for operation in OPERATIONS)
    assert {400, 403, 404, 409, 413} < statuses
    found = json.dumps(DOCUMENT["components"]["responses"])
    for code in ("uniqueness_conflict", "multiple_match_results", "merge_in_progress", "value_not_found"):
        assert code in found


@pytest.mark.parametrize(
    ("schema", "name"),
    [("Task", "completed_at"), ("Record", "values"), ("Record", "web_url"), ("Entry", "entry_values")],
)
def test_what_may_be_missing_is_not_required(schema, name):
    assert name in SCHEMAS[schema]["properties"]
    assert name not in SCHEMAS[schema]["required"]


def test_corrected_facts():
    assert None in SCHEMAS["ListWorkspaceMemberAccess"]["properties"]["level"]["enum"]
    assert SCHEMAS["TimestampValue"]["properties"]["value"]["format"] == "date-time"
    assert SCHEMAS["Query"]["properties"]["limit"] == {"type": "integer"}
