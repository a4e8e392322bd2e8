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
EVERY = pytest.mark.parametrize("entry", OPERATIONS.values(), ids=OPERATIONS)
WITH_PATH = pytest.mark.parametrize(
    "entry", [e for e in OPERATIONS.values() if "{" in e.path], ids=lambda e: e.id
)
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


@EVERY
def test_method_and_path(entry):
    request = builder(entry)(**given(entry))
    assert request["method"] == entry.method
    assert request["url"] == re.sub(r"{\w+}", "x1", entry.path)
    assert request.keys() <= {"method", "url", "params", "json"}


@EVERY
def test_positional_arguments_are_the_path_in_order(entry):
    positional = [
        name.rstrip("_")
        for name, parameter in inspect.signature(builder(entry)).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    assert positional == re.findall(r"{(\w+)}", entry.path)


@EVERY
def test_query_parameters(entry):
    described = {p["name"]: p for p in DESCRIBED[entry.id].get("parameters", ()) if p["in"] == "query"}
    params = builder(entry)(**given(entry)).get("params", {})
    assert params.keys() == described.keys()
    for name, value in params.items():
        assert value == ("true" if described[name]["schema"].get("type") == "boolean" else 7)


@EVERY
def test_optional_parameters_are_left_out(entry):
    wanted = {
        name: value
        for name, value in given(entry).items()
        if inspect.signature(builder(entry)).parameters[name].default is inspect.Parameter.empty
    }
    required = {
        p["name"] for p in DESCRIBED[entry.id].get("parameters", ()) if p["in"] == "query" and p["required"]
    }
    assert builder(entry)(**wanted).get("params", {}).keys() == required


@EVERY
def test_body(entry):
    content = DESCRIBED[entry.id].get("requestBody", {}).get("content", {})
    request = builder(entry)(**given(entry))
    if "application/json" not in content:
        assert "json" not in request
        return
    enveloped = "data" in content["application/json"]["schema"].get("properties", {})
    assert request["json"] == ({"data": {"some": "json"}} if enveloped else {"some": "json"})


@WITH_PATH
def test_path_parts_are_quoted(entry):
    url = builder(entry)(**given(entry, AWKWARD))["url"]
    assert url == re.sub(r"{\w+}", lambda _: quote(AWKWARD, safe=""), entry.path)
    assert url.count("/") == entry.path.count("/")
    assert "?" not in url
    assert "#" not in url


@WITH_PATH
@pytest.mark.parametrize("part", ["", ".", ".."])
def test_a_part_that_would_lead_elsewhere_is_refused(entry, part):
    with pytest.raises(ValueError, match=r"must name something, not be"):
        builder(entry)(**given(entry, part))


def test_false_is_sent_and_none_is_not():
    entry = OPERATIONS["list_tasks"]
    assert builder(entry)(is_completed=False, limit=None)["params"] == {"is_completed": "false"}


def test_a_braced_part_is_taken_literally():
    assert builder(OPERATIONS["get_object"])("{object_}")["url"] == "/v2/objects/%7Bobject_%7D"
