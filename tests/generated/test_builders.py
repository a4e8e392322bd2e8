"""Every request builder: importable, and building what the table says."""

import importlib
import inspect
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest

from attio_async_api.operations import OPERATIONS

DOCUMENT = json.loads(Path(__file__).parents[2].joinpath("openapi", "attio.json").read_text(encoding="utf-8"))
DESCRIBED = {o["operationId"]: o for item in DOCUMENT["paths"].values() for o in item.values()}
WITH_PATH = [entry for entry in OPERATIONS.values() if "{" in entry.path]
AWKWARD = "a/b?c=d#e %ü.."


def builder(entry):
    return importlib.import_module(f"attio_async_api.api.{entry.tag}.{entry.id}").build_request


def given(entry, part="x1"):
    """Return one argument for every parameter of the builder; query parameters by the name they have."""
    arguments = {}
    for name, parameter in inspect.signature(builder(entry)).parameters.items():
        if name == "body":
            arguments[name] = {"some": "json"}
        elif parameter.kind is parameter.KEYWORD_ONLY:
            arguments[name] = "bool" in str(parameter.annotation) or 7
        else:
            arguments[name] = part
    return arguments


def test_method_and_path():
    misfits = {}
    for entry in OPERATIONS.values():
        request = builder(entry)(**given(entry))
        expected = {"method": entry.method, "url": re.sub(r"{\w+}", "x1", entry.path)}
        if not expected.items() <= request.items() or not request.keys() <= {
            "method",
            "url",
            "params",
            "json",
        }:
            misfits[entry.id] = request
    assert misfits == {}


def test_positional_arguments_are_the_path_in_order():
    misfits = {}
    for entry in OPERATIONS.values():
        positional = [
            name.rstrip("_")
            for name, parameter in inspect.signature(builder(entry)).parameters.items()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        if positional != re.findall(r"{(\w+)}", entry.path):
            misfits[entry.id] = positional
    assert misfits == {}


def test_query_parameters():
    misfits = {}
    for entry in OPERATIONS.values():
        expected = {
            p["name"]: "true" if p["schema"].get("type") == "boolean" else 7
            for p in DESCRIBED[entry.id].get("parameters", ())
            if p["in"] == "query"
        }
        params = builder(entry)(**given(entry)).get("params", {})
        if params != expected:
            misfits[entry.id] = params
    assert misfits == {}


def test_optional_parameters_are_left_out():
    misfits = {}
    for entry in OPERATIONS.values():
        parameters = inspect.signature(builder(entry)).parameters
        wanted = {
            name: value
            for name, value in given(entry).items()
            if parameters[name].default is inspect.Parameter.empty
        }
        required = {
            p["name"]
            for p in DESCRIBED[entry.id].get("parameters", ())
            if p["in"] == "query" and p["required"]
        }
        params = builder(entry)(**wanted).get("params", {})
        if params.keys() != required:
            misfits[entry.id] = params
    assert misfits == {}


def test_body():
    misfits = {}
    for entry in OPERATIONS.values():
        content = DESCRIBED[entry.id].get("requestBody", {}).get("content", {})
        expected = {}
        if "application/json" in content:
            enveloped = "data" in content["application/json"]["schema"].get("properties", {})
            expected = {"json": {"data": {"some": "json"}} if enveloped else {"some": "json"}}
        request = builder(entry)(**given(entry))
        if {name: value for name, value in request.items() if name == "json"} != expected:
            misfits[entry.id] = request
    assert misfits == {}


def test_path_parts_are_quoted():
    misfits = {}
    for entry in WITH_PATH:
        url = builder(entry)(**given(entry, AWKWARD))["url"]
        expected = re.sub(r"{\w+}", lambda _: quote(AWKWARD, safe=""), entry.path)
        if url != expected or url.count("/") != entry.path.count("/") or "?" in url or "#" in url:
            misfits[entry.id] = url
    assert misfits == {}


@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_part_that_would_lead_elsewhere_is_refused(part):
    accepted = {}
    for entry in WITH_PATH:
        try:
            accepted[entry.id] = builder(entry)(**given(entry, part))
        except ValueError as error:
            assert "must name something, not be" in str(error)
    assert accepted == {}


def test_false_is_sent_and_none_is_not():
    entry = OPERATIONS["list_tasks"]
    assert builder(entry)(is_completed=False, limit=None)["params"] == {"is_completed": "false"}


def test_a_braced_part_is_taken_literally():
    assert builder(OPERATIONS["get_object"])("{object_}")["url"] == "/v2/objects/%7Bobject_%7D"
