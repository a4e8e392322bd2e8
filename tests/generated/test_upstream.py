"""Following the vendor: what a newer description changes is told in plain words, and no sentence of it is kept."""

import contextlib
import io
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.generated.upstreams import (
    NAMES_TOML,
    OVERLAY_TOML,
    PROSE,
    description,
    failure,
    json_body,
)

ROOT = Path(__file__).parents[2]
TOYS, TOY = "/v2/toys", "/v2/toys/{toy_id}"


@pytest.fixture(autouse=True)
def codegen_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))


def drafted(*documents, current=None, names=NAMES_TOML, overlay=OVERLAY_TOML):
    from codegen import upstream, vendor

    corrections = tomllib.loads(overlay).get("correction", [])
    return upstream.draft(vendor.structure_of(list(documents)), tomllib.loads(names), corrections, current)


def current():
    draft = drafted(description())
    assert draft.problems == []
    return draft.document


def told(document, **options):
    """Return the report of what a newer document changes, and its problems."""
    from codegen import compare, report

    before = current()
    draft = drafted(document, current=before, **options)
    return report.render(compare.changes(before, draft.document), draft.kept), draft.problems


def toy_schema(document, path=TOYS, method="get"):
    schema = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]["schema"]
    data = schema["properties"]["data"]
    return data.get("items", data)


def test_the_same_description_changes_nothing():
    document = current()
    assert drafted(description(), current=document).document == document
    assert told(description()) == ("Nothing changed.\n", [])


def test_no_sentence_is_taken_over():
    text = json.dumps(current())
    assert PROSE not in text
    for kept in ("maxLength", "toy:read-write", "toy.bought", "colour", "Error404NotFound"):
        assert kept in text


def test_prose_alone_changes_nothing():
    document = json.loads(json.dumps(description()).replace(PROSE, "Reworded."))
    assert told(document) == ("Nothing changed.\n", [])


def test_a_new_operation_is_told_with_a_table_to_paste():
    from codegen import stubs

    document = description()
    document["paths"]["/v2/boxes/{box_id}/toys/query"] = {
        "post": {
            "parameters": [{"name": "box_id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "requestBody": json_body(
                {"type": "object", "properties": {"offset": {"type": "integer"}, "limit": {"maximum": 9}}}
            ),
            "responses": {"200": {"description": PROSE}},
        }
    }
    report, problems = told(document)
    key = "POST /v2/boxes/{box_id}/toys/query"
    assert f"Operations\n  appeared  {key}\n" in report
    assert problems == [f"names.toml has no table for: {key}"]
    draft = drafted(document)
    stub = stubs.as_toml(draft.unnamed, draft.document)
    assert tomllib.loads(stub) == {
        key: {
            "id": "query_toys",
            "tag": "boxes",
            "summary": "Query toys.",
            "access": "read",
            "repeatable": True,
            "paging": "offset-body",
            "limit": {"max": 9},
        }
    }
    named = drafted(document, names=stub + NAMES_TOML)
    assert (named.problems, named.unnamed) == ([], [])


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("GET /v2/toys/{toy_id}", ("get_toy", "read", True)),
        ("GET /v2/shelves", ("list_shelves", "read", True)),
        ("POST /v2/toys", ("create_toy", "write", False)),
        ("PUT /v2/toys/{toy_id}", ("overwrite_toy", "write", True)),
        ("PATCH /v2/toys/{toy_id}/work-shops/{id}", ("update_work_shop", "write", False)),
        ("DELETE /v2/toys/{toy_id}", ("delete_toy", "write", True)),
        ("GET /v2/", ("list_root", "read", True)),
    ],
)
def test_names_are_proposed_from_method_and_path(key, expected):
    from codegen import stubs

    table = stubs.proposal(key, {})
    assert (table["id"], table["access"], table["repeatable"]) == expected


def test_proposed_names_are_not_taken_twice():
    from codegen import stubs

    keys = ["GET /v2/toys", "GET /v2/other/toys"]
    made = stubs.tables(keys, {key: {} for key in keys}, {"GET /v1/toys": {"id": "list_toys"}})
    assert [table["id"] for table in made.values()] == ["list_toys_2", "list_toys_3"]


def test_a_vanished_operation_is_told_and_stops():
    document = description()
    del document["paths"][TOY]["delete"]
    report, problems = told(document)
    assert "Operations\n  vanished  DELETE /v2/toys/{toy_id}\n" in report
    assert problems == [
        "the description no longer has: DELETE /v2/toys/{toy_id}; remove them from names.toml"
    ]


def test_a_changed_choice_is_told_once_for_all_operations():
    document = description()
    for path, method in ((TOYS, "get"), (TOY, "patch")):
        toy_schema(document, path, method)["properties"]["colour"]["enum"] = ["red", "green"]
    report, problems = told(document)
    assert problems == []
    assert '  appeared  colour: the choice "green" - list_toys, update_toy\n' in report
    assert '  vanished  colour: the choice "blue" - list_toys, update_toy\n' in report
    assert "1 appeared, 0 changed, 1 vanished.\n" in report


def test_fields_of_answers_are_told_with_what_they_hold():
    document = description()
    for path, method in ((TOYS, "get"), (TOY, "patch")):
        properties = toy_schema(document, path, method)["properties"]
        properties["maker"] = {
            "type": ["object", "null"],
            "properties": {"name": {"type": "string", "description": PROSE}},
        }
        del properties["title"]
        properties["name"]["maxLength"] = 80
    document["components"]["schemas"]["owner"]["properties"]["pets"]["items"]["type"] = "integer"
    report, problems = told(document)
    assert problems == []
    assert "Answers\n" in report
    assert "  appeared  maker (null or object, optional) - list_toys, update_toy\n" in report
    assert "  vanished  title (null or string, optional) - list_toys, update_toy\n" in report
    assert "  changed  name: maxLength 40 is now maxLength 80 - list_toys, update_toy\n" in report
    assert "  changed  owner.pets[]: string is now integer - list_toys, update_toy\n" in report
    assert "maker.name" not in report


def test_bodies_and_parameters_are_told():
    document = description()
    sent = document["components"]["requestBodies"]["change"]["content"]["application/json"]["schema"]
    sent["properties"]["data"]["properties"]["colour"] = {"type": "string"}
    sent["properties"]["data"]["required"] = ["colour", "name"]
    listing = document["paths"][TOYS]["get"]["parameters"]
    listing[1] = {"name": "sort", "in": "query", "schema": {"type": "string", "enum": ["name"]}}
    document["components"]["parameters"]["limit"]["required"] = True
    report, problems = told(document)
    assert problems == []
    assert "Request bodies\n  appeared  colour (string, required) - update_toy\n" in report
    assert "  changed  name: now required - update_toy\n" in report
    assert "Parameters\n  appeared  sort in query (string, optional) - list_toys\n" in report
    assert "  vanished  offset in query (integer, optional) - list_toys\n" in report
    assert "  changed  limit in query: now required - list_toys\n" in report


def test_statuses_codes_and_scopes_are_told():
    document = description()
    patch = document["paths"][TOY]["patch"]
    patch["responses"]["409"] = failure(409, "slug_conflict")
    patch["responses"]["404"] = failure(404, "not_found", "gone")
    patch["security"] = [{"oauth": ["toy:read-write", "owner:read"]}]
    flow = document["components"]["securitySchemes"]["oauth"]["flows"]["authorizationCode"]
    flow["scopes"]["owner:read"] = PROSE
    report, problems = told(document)
    assert problems == []
    assert "Statuses and errors\n" in report
    assert '  appeared  404: code: the choice "gone" - update_toy\n' in report
    assert "  appeared  409 - update_toy\n" in report
    assert "  appeared  owner:read is needed - update_toy\n" in report
    assert "  appeared  owner:read\n" in report


def test_events_are_told():
    document = description()
    bought = document["webhooks"]["toy.bought"]
    document["webhooks"] = {"toy.sold": bought}
    assert "Webhook events\n  appeared  toy.sold\n  vanished  toy.bought\n" in told(document)[0]
    document = description()
    hook = document["webhooks"]["toy.bought"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    hook["properties"]["events"]["items"]["properties"]["price"] = {"type": "number"}
    assert "Webhook events\n  appeared  price (number, optional) - toy.bought\n" in told(document)[0]


def test_an_event_that_can_be_subscribed_to_is_known_without_a_payload():
    document = description()
    event = {"type": "string", "enum": ["toy.bought", "toy.lost"]}
    document["paths"]["/v2/webhooks"] = {
        "post": {
            "requestBody": json_body({"type": "object", "properties": {"event_type": event}}),
            "responses": {},
        }
    }
    assert list(drafted(document).document["webhooks"]) == ["toy.bought", "toy.lost"]
    names = NAMES_TOML + '[events]\nunpublished = ["toy.dreamt"]\n'
    assert list(drafted(description(), names=names).document["webhooks"]) == ["toy.bought", "toy.dreamt"]


def test_an_event_without_events_in_it_is_a_general_one():
    document = description()
    document["webhooks"]["toy.odd"] = {"post": {"summary": PROSE}}
    hooks = drafted(document).document["webhooks"]
    assert "GenericEvent" in json.dumps(hooks["toy.odd"])
    assert "ToyBoughtEvent" not in json.dumps(hooks["toy.odd"])


def test_a_new_order_alone_is_told():
    document = description()
    properties = toy_schema(document)["properties"]
    toy_schema(document)["properties"] = dict(reversed(properties.items()))
    report, _ = told(document)
    assert "  changed  fields are ordered or grouped differently - list_toys" in report


def test_a_new_version_is_told():
    document = description()
    document["info"]["version"] = "1.1.0"
    assert '"version": "1.1.0"' in told(document)[0]


def test_an_openapi_3_0_document_says_the_same():
    document = description()
    document["openapi"] = "3.0.3"
    for path, method in ((TOYS, "get"), (TOY, "patch")):
        toy_schema(document, path, method)["properties"]["title"] = {"type": "string", "nullable": True}
    assert told(document) == ("Nothing changed.\n", [])


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            {"allOf": [{"$ref": "#/components/schemas/a-b"}], "nullable": True},
            {"anyOf": [{"$ref": "#/components/schemas/AB"}, {"type": "null"}]},
        ),
        (
            {"anyOf": [{"type": "string"}], "nullable": True},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
        (
            {
                "type": "integer",
                "minimum": 0,
                "exclusiveMinimum": True,
                "maximum": 9,
                "exclusiveMaximum": False,
            },
            {"type": "integer", "exclusiveMinimum": 0, "maximum": 9},
        ),
        ({"const": "x"}, {"enum": ["x"]}),
        (
            {"type": "object", "properties": {"any": True, "none": False}},
            {"type": "object", "properties": {"any": {}, "none": {"not": {}}}},
        ),
    ],
)
def test_dialects_of_schemas_become_one(schema, expected):
    from codegen.clean_schema import clean

    assert clean(schema) == expected


@pytest.mark.parametrize(
    "reference", ["#/components/schemas/owner/properties/id", "other.json#/components/schemas/owner"]
)
def test_a_reference_to_no_component_is_refused(reference):
    from codegen.facts import BuildError

    document = description()
    toy_schema(document)["properties"]["owner"] = {"$ref": reference}
    with pytest.raises(BuildError, match="which is not a component"):
        drafted(document)


@pytest.mark.parametrize("reference", ["#/components/parameters/ghost", "other.json#/limit"])
def test_a_reference_to_nothing_is_refused(reference):
    from codegen.facts import BuildError

    document = description()
    document["paths"][TOYS]["get"]["parameters"][0] = {"$ref": reference}
    with pytest.raises(BuildError, match="leads nowhere"):
        drafted(document)


def test_parts_of_a_description_are_put_together():
    from codegen.facts import BuildError

    main, hooks = description(), description()
    del main["webhooks"]
    hooks["paths"], hooks["components"] = {}, {}
    assert drafted(main, hooks).document == current()
    with pytest.raises(BuildError, match=r"GET /v2/toys is told by two documents"):
        drafted(description(), description())


def test_what_a_description_does_not_publish_is_kept():
    names = NAMES_TOML.replace('summary = "Change a toy."', 'summary = "Change a toy."\nhidden = true')
    before = drafted(description(), names=names)
    document = description()
    del (
        document["webhooks"],
        document["paths"][TOY]["patch"],
        document["components"]["securitySchemes"]["oauth"],
    )
    document["components"]["schemas"].pop("error")
    document["paths"][TOY]["delete"]["security"] = []
    after = drafted(document, names=names, current=before.document)
    assert after.problems == []
    assert after.kept[:2] == ["PATCH /v2/toys/{toy_id}", "1 webhook events"]
    assert after.document["paths"][TOY]["patch"] == before.document["paths"][TOY]["patch"]
    assert after.document["webhooks"] == before.document["webhooks"]
    assert (
        after.document["components"]["schemas"]["Error"] == before.document["components"]["schemas"]["Error"]
    )
    assert after.document["components"]["securitySchemes"] == before.document["components"]["securitySchemes"]


def test_a_kept_operation_is_corrected_as_before():
    names = NAMES_TOML.replace('summary = "List the toys."', 'summary = "List the toys."\nhidden = true')
    before = drafted(description(), names=names)
    document = description()
    del document["paths"][TOYS], document["paths"][TOY]["patch"]
    names = names.replace('summary = "Change a toy."', 'summary = "Change a toy."\nhidden = true')
    after = drafted(document, names=names, current=before.document)
    assert after.problems == []
    assert after.document["components"]["schemas"]["Toy"]["required"] == ["name", "colour"]


def test_values_told_as_a_union_get_their_names():
    document = description()
    kinds = [
        {"type": "object", "properties": {"attribute_type": {"type": "string", "enum": ["text"]}}},
        {"type": "object", "properties": {"attribute_type": {"const": "big-number"}}},
    ]
    document["components"]["schemas"]["output-value"] = {"anyOf": kinds}
    schemas = drafted(document).document["components"]["schemas"]
    assert {"TextValue", "BigNumberValue"} <= schemas.keys()


def test_an_error_without_codes_or_content_is_taken():
    document = description()
    responses = document["paths"][TOYS]["get"]["responses"]
    responses["402"] = {"description": PROSE}
    responses["413"] = {"description": PROSE, **json_body({"$ref": "#/components/schemas/error"})}
    errors = drafted(document).document["components"]["responses"]
    for name in ("Error402", "Error413"):
        schema = errors[name]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Error"}


def test_a_correction_whose_defect_is_gone_stops_though_the_report_is_made():
    document = description()
    for path, method in ((TOYS, "get"), (TOY, "patch")):
        toy_schema(document, path, method)["required"] = ["name", "colour"]
    report, problems = told(document)
    assert report == "Nothing changed.\n"
    assert problems == [
        'overlay.toml: /components/schemas/Toy/required holds ["name", "colour"] by now; the correction is out of date'
    ]


def test_a_schema_that_contains_itself_is_compared():
    document = description()
    owner = document["components"]["schemas"]["owner"]["properties"]
    owner["parent"] = {"$ref": "#/components/schemas/owner"}
    report, problems = told(document)
    assert problems == []
    assert "  appeared  owner.parent (Owner, optional) - list_toys, update_toy\n" in report


def test_alternatives_are_compared_by_their_fields():
    from codegen.shapes import fields_of

    one = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]}
    two = {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}
    fields = fields_of({}, {"anyOf": [one, two, {"type": "null"}]})
    assert fields[".a"].told() == "number or string, required"
    assert fields[".b"].told() == "anything, optional"
    assert fields[""].told() == "null or object, required"
    assert fields_of({}, {"allOf": [one, {"type": "object", "properties": {"a": {}}}]})[".a"].required


class Answer(io.BytesIO):
    """A body that fails to be read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("broken off")


@pytest.mark.parametrize(
    ("source", "content", "message"),
    [
        ("http://example.com/a.json", b"{}", "is not an https:// address"),
        ("file:///etc/hostname", b"{}", "is not an https:// address"),
        ("https://example.com/a.json", b"<html>", "is not an OpenAPI 3.0 or 3.1 document"),
        ("https://example.com/a.json", b"\xff\xfe\xfa", "is neither JSON nor YAML"),
        ("https://example.com/a.json", b"{'a': 1}", "is neither JSON nor YAML"),
        ("https://example.com/a.json", b"a: [", "is neither JSON nor YAML"),
        ("https://example.com/a.json", b"[]", "is not an OpenAPI 3.0 or 3.1 document"),
        ("https://example.com/a.json", b'{"swagger": "2.0"}', "is not an OpenAPI 3.0 or 3.1 document"),
        ("https://example.com/a.json", None, "cannot be read: broken off"),
    ],
)
def test_what_cannot_be_read_is_told(source, content, message):
    from codegen import fetch
    from codegen.facts import BuildError

    with pytest.raises(BuildError, match=message):
        fetch.read(source, lambda _: Answer() if content is None else io.BytesIO(content))


def test_a_description_is_fetched(monkeypatch):
    from codegen import fetch
    from codegen.facts import BuildError

    asked = []

    def opener(address):
        asked.append(address)
        return io.BytesIO(json.dumps(description()).encode())

    assert fetch.read("https://example.com/a.json", opener) == description()
    assert asked == ["https://example.com/a.json"]
    monkeypatch.setattr(fetch, "LARGEST", 10)
    with pytest.raises(BuildError, match="more than"):
        fetch.read("https://example.com/a.json", opener)


def test_a_redirect_stays_encrypted():
    import urllib.request

    from codegen.facts import BuildError
    from codegen.fetch import SecureRedirects

    request = urllib.request.Request("https://example.com/a.json")
    with contextlib.closing(io.BytesIO()) as nothing:
        move = SecureRedirects().redirect_request
        followed = move(request, nothing, 302, "Found", {}, "https://example.com/b.json")
        assert followed.full_url == "https://example.com/b.json"
        with pytest.raises(BuildError, match="not https"):
            move(request, nothing, 302, "Found", {}, "http://example.com/b.json")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The scripts with the made-up API, at a path with spaces in it."""
    home = tmp_path_factory.mktemp("following") / "a made up project"
    shutil.copytree(ROOT / "scripts", home / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "openapi").mkdir()
    (home / "generated").mkdir()
    (home / "openapi" / "names.toml").write_text(NAMES_TOML, encoding="utf-8")
    (home / "openapi" / "overlay.toml").write_text(OVERLAY_TOML, encoding="utf-8")
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from codegen.facts import write_json

        write_json(home / "openapi" / "attio.json", current())
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    return home


def regenerate(home, *arguments):
    return subprocess.run(
        [str(home / "scripts" / "regenerate.sh"), *arguments],
        cwd="/",
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def written(home, document):
    path = home / "a newer description.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


@pytest.mark.full
def test_the_command_follows_a_description(project):
    document = project / "openapi" / "attio.json"
    before = document.read_bytes()
    same = regenerate(project, "--upstream", written(project, description()))
    assert (same.returncode, same.stdout, same.stderr) == (0, "Nothing changed.\n", "")
    assert document.read_bytes() == before
    newer = description()
    toy_schema(newer)["properties"]["age"] = {"type": "integer", "description": PROSE}
    source = written(project, newer)
    dry = regenerate(project, "--upstream", source, "--dry-run")
    assert (dry.returncode, document.read_bytes()) == (0, before)
    assert "  appeared  age (integer, optional) - list_toys\n" in dry.stdout
    wet = regenerate(project, "--upstream", source)
    assert (wet.returncode, wet.stdout, wet.stderr) == (0, dry.stdout, "")
    assert document.read_bytes() != before
    assert PROSE not in document.read_text(encoding="utf-8")
    assert regenerate(project, "--check", "--upstream", source).returncode == 0


def test_the_command_stops_before_it_writes(project):
    before = (project / "openapi" / "attio.json").read_bytes()
    newer = description()
    newer["paths"]["/v2/boxes"] = {"get": {"responses": {"200": {"description": PROSE}}}}
    del newer["paths"][TOY]["delete"]
    done = regenerate(project, "--upstream", written(project, newer))
    assert done.returncode == 1
    assert '["GET /v2/boxes"]\nid = "list_boxes"\n' in done.stdout
    assert "names.toml has no table for: GET /v2/boxes" in done.stderr
    assert "no longer has: DELETE /v2/toys/{toy_id}" in done.stderr
    assert "nothing was changed" in done.stderr
    assert (project / "openapi" / "attio.json").read_bytes() == before


@pytest.mark.parametrize("arguments", [["--dry-run"], ["--dry-run", "--check", "--upstream", "x.json"]])
def test_a_dry_run_needs_something_to_run(project, arguments):
    done = regenerate(project, *arguments)
    assert done.returncode == 2
    assert "--dry-run goes with --upstream" in done.stderr


def as_yaml(document):
    from io import BytesIO

    from ruamel.yaml import YAML

    stream = BytesIO()
    YAML().dump(document, stream)
    return stream.getvalue().replace(b"'200'", b"200").replace(b"'404'", b"404")


def test_yaml_is_read_as_json_is(tmp_path):
    from codegen import fetch

    newer = description()
    newer["info"]["version"] = "2026-11-28"
    source = tmp_path / "description.yaml"
    content = as_yaml(newer).replace(b"'2026-11-28'", b"2026-11-28")
    assert b" 200:" in content
    source.write_bytes(content)
    assert fetch.read(str(source)) == newer


def test_a_body_that_is_a_list_is_taken(project):
    name, toy, boxed = {"type": "string"}, {"type": "object"}, {"type": "object"}
    toy["properties"], boxed["properties"] = {"name": name}, {"box": name}
    cases = {  # what is in the list, whether it is in an envelope, how it is typed, what is sent
        "toy": (toy, False, "Iterable[CreateToy | Mapping[str, Any]]", "[content(item) for item in body]"),
        "boxed_toy": (boxed, True, "Iterable[CreateBoxedToy | Mapping[str, Any]]", "[content(item) for item in body]"),
        "name": (name, False, "Iterable[Any]", "list(body)"),
        "boxed_name": (name, True, "Iterable[Any]", "list(body)"),
    }  # fmt: skip
    newer, names = description(), NAMES_TOML
    for noun, (items, enveloped, _, _) in cases.items():
        many = {"type": "array", "items": items}
        whole = {"type": "object", "properties": {"data": many}} if enveloped else many
        path = f"{TOYS}/{noun}s"
        newer["paths"][path] = {"post": {"requestBody": json_body(whole), "responses": {"200": {}}}}
        table = f'id = "create_{noun}s"\ntag = "toys"\nsummary = "Create toys."\naccess = "write"\nrepeatable = false\n'
        names = f'["POST {path}"]\n{table}\n{names}'
    copied = project.parent / "lists"
    shutil.copytree(project, copied)
    (copied / "openapi" / "names.toml").write_text(names, encoding="utf-8")
    done = regenerate(copied, "--upstream", written(copied, newer))
    assert (done.returncode, done.stderr) == (0, "")
    for noun, (_, enveloped, body, sent) in cases.items():
        (made,) = (copied / "generated").rglob(f"api/*/create_{noun}s.py")
        code = made.read_text(encoding="utf-8")
        assert f"body: {body}" in code
        assert f'"json": {{"data": {sent}}}' in code if enveloped else f'"json": {sent}' in code


def test_enums_of_values_are_compared_though_no_operation_shows_them():
    def with_mood(*words):
        document = description()
        mood = {"type": "object", "properties": {"mood": {"type": "string", "enum": list(words)}}}
        document["components"]["schemas"]["value-output-mood"] = mood
        return document

    from codegen import compare, report

    before = drafted(with_mood("glad", "sad")).document
    after = drafted(with_mood("glad", "calm"), current=before).document
    text = report.render(compare.changes(before, after), [])
    assert '  appeared  mood: the choice "calm" - MoodValue\n' in text
    assert '  vanished  mood: the choice "sad" - MoodValue\n' in text


def test_levels_of_tokens_are_compared():
    document = description()
    document["paths"][TOYS]["get"]["x-token-levels"] = ["workspace"]
    report, problems = told(document)
    assert '  changed  token-levels: null is now ["workspace"] - list_toys\n' in report
    assert problems == [
        "GET /v2/toys: x-token-levels is ['workspace'] in the description and None in names.toml"
    ]


def test_a_fact_that_is_known_better_here_may_differ():
    document = description()
    document["paths"][TOYS]["get"]["x-stability"] = "alpha"
    assert told(document)[1] == ["GET /v2/toys: x-stability is 'alpha' in the description and None in names.toml"]
    names = NAMES_TOML.replace('id = "list_toys"\n', 'id = "list_toys"\nsettled = ["stage"]\n')
    assert told(document, names=names)[1] == []


def test_a_payload_known_from_a_docs_page_is_told_with_its_event():
    names = NAMES_TOML + '\n[payloads]\n"toy.lost" = ["workspace_id", "toy_id?"]\n'
    hooks = drafted(description(), names=names).document
    event = hooks["components"]["schemas"]["ToyLostEvent"]
    assert event["properties"]["event_type"] == {"type": "string", "enum": ["toy.lost"]}
    assert "toy.lost" in hooks["webhooks"]
