"""The build: what it takes over, what stops it, and that it does the same thing every time."""

import copy
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ERROR = {
    "description": "Their words.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "status_code": {"type": "number", "enum": [404]},
                    "code": {"type": "string", "enum": ["not_found"]},
                },
            }
        }
    },
}
PET = {
    "type": "object",
    "title": "Their title",
    "properties": {
        "description": {"type": "string", "description": "Their words."},
        "owner": {"type": ["object", "null"], "properties": {"name": {"type": "string"}}},
        "values": {"type": "object", "additionalProperties": {"type": "array"}},
    },
    "required": ["description"],
}
STRUCTURE = {
    "info": {"version": "1"},
    "servers": [{"url": "https://api.example.com", "description": "Their words."}],
    "paths": {
        "/v2/pets/{pet}": {
            "patch": {
                "summary": "Their words.",
                "security": [{"oauth2": ["pet:read-write"]}],
                "parameters": [
                    {"name": "pet", "in": "path", "required": True, "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"type": "object", "properties": {"data": PET}}}
                    },
                },
                "responses": {
                    "200": {
                        "description": "Their words.",
                        "content": {
                            "application/json": {"schema": {"type": "object", "properties": {"data": PET}}}
                        },
                    },
                    "404": ERROR,
                },
                "x-access": "write",
            },
        },
    },
    "webhooks": {},
    "x-webhook-events-without-known-payload": ["pet.fed"],
    "components": {
        "schemas": {
            "error": {"type": "object", "properties": {"message": {"type": "string"}}},
            "actor": {"type": "object", "properties": {"id": {"type": "string"}}},
        },
        "securitySchemes": {
            "oauth2": {
                "flows": {
                    "authorizationCode": {
                        "authorizationUrl": "https://example.com/a",
                        "tokenUrl": "https://example.com/t",
                        "scopes": {"pet:read-write": "Their words."},
                    }
                }
            }
        },
    },
}
NAMES = {
    "PATCH /v2/pets/{pet}": {
        "id": "update_pet",
        "tag": "pets",
        "summary": "Change a pet.",
        "access": "write",
        "repeatable": True,
        "rate": 3,
    },
    "schemas": {"update_pet:200.data": "Pet"},
}


@pytest.fixture(autouse=True)
def codegen_importable(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))


def built(structure=None, names=None, corrections=()):
    from codegen import upstream

    return upstream.build(
        copy.deepcopy(structure or STRUCTURE), copy.deepcopy(names or NAMES), copy.deepcopy(list(corrections))
    )


def refused(**changes):
    from codegen.facts import BuildError

    with pytest.raises(BuildError) as caught:
        built(**changes)
    return str(caught.value)


def changed(value, **changes):
    return {**copy.deepcopy(value), **changes}


def test_structure_is_taken_over_and_prose_is_not():
    document = built()
    schemas = document["components"]["schemas"]
    assert "Their" not in json.dumps(document)
    assert schemas["Pet"]["properties"]["description"] == {"type": "string"}
    assert schemas["Pet"]["properties"]["owner"] == {
        "anyOf": [{"$ref": "#/components/schemas/PetOwner"}, {"type": "null"}]
    }
    assert schemas["Pet"]["properties"]["values"] == {"type": "object", "additionalProperties": True}
    operation = document["paths"]["/v2/pets/{pet}"]["patch"]
    assert operation["operationId"] == "update_pet"
    assert operation["x-rate"] == 3
    assert operation["responses"]["404"] == {"$ref": "#/components/responses/Error404NotFound"}
    assert "pet.fed" in document["webhooks"]


def test_what_is_sent_and_what_is_received_are_named_apart():
    operation = built()["paths"]["/v2/pets/{pet}"]["patch"]
    sent = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]["data"]
    received = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]
    assert (sent["$ref"], received["$ref"]) == ("#/components/schemas/UpdatePet", "#/components/schemas/Pet")


def test_an_unknown_path_stops_the_build():
    paths = {**STRUCTURE["paths"], "/v2/toys": {"get": {"responses": {}}}}
    assert refused(structure=changed(STRUCTURE, paths=paths)) == "names.toml has no table for: GET /v2/toys"


def test_a_path_that_is_gone_stops_the_build():
    assert "no longer has: PATCH /v2/pets/{pet}" in refused(structure=changed(STRUCTURE, paths={}))


def test_a_contradicted_fact_stops_the_build():
    names = changed(NAMES)
    names["PATCH /v2/pets/{pet}"]["access"] = "read"
    assert "x-access is 'write' in the description and 'read' in names.toml" in refused(names=names)


@pytest.mark.parametrize("change", [{"colour": "red"}, {"id": None}])
def test_a_table_with_wrong_keys_stops_the_build(change):
    names = changed(NAMES)
    table = names["PATCH /v2/pets/{pet}"]
    table.update(change)
    if change == {"id": None}:
        del table["id"]
    assert "PATCH /v2/pets/{pet} needs" in refused(names=names)


def test_a_name_for_nothing_stops_the_build():
    names = changed(NAMES, schemas={"update_pet:200.data": "Pet", "update_pet:404.data": "Ghost"})
    assert "places that do not exist: update_pet:404.data" in refused(names=names)


def test_two_things_of_one_name_stop_the_build():
    assert "something else is called UpdatePet" in refused(
        names=changed(NAMES, schemas={"update_pet:200.data": "UpdatePet"})
    )


def correction(**changes):
    plain = {
        "pointer": "/components/schemas/Pet/required",
        "old": '["description"]',
        "new": "[]",
        "why": "Seen.",
    }
    return {**plain, **changes}


def test_a_correction_is_made():
    assert built(corrections=[correction()])["components"]["schemas"]["Pet"]["required"] == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"old": '["other"]'}, 'holds ["description"] by now'),
        ({"pointer": "/components/schemas/Dog/required"}, "leads nowhere"),
        ({"pointer": "/components/schemas/Pet/required/7"}, "leads nowhere"),
        ({"because": "?"}, "a correction has"),
    ],
)
def test_a_correction_out_of_date_stops_the_build(changes, message):
    assert message in refused(corrections=[correction(**changes)])


def test_another_version_of_the_generator_is_refused(monkeypatch):
    from codegen import build
    from codegen.facts import BuildError

    monkeypatch.setattr(build, "GENERATOR_VERSION", "0.0.1")
    with pytest.raises(BuildError, match=r"written for 0\.0\.1"):
        build.check_generator()


def test_every_correction_says_why():
    from codegen.facts import read_toml

    for entry in read_toml(ROOT / "openapi" / "overlay.toml")["correction"]:
        assert entry.keys() == {"pointer", "old", "new", "why"}
        assert entry["why"].endswith(".")
        assert json.loads(entry["old"]) != json.loads(entry["new"])


@pytest.fixture
def copied(tmp_path):
    """Copy what the script needs to a path with a space in it."""
    home = tmp_path / "a copy"
    for name in ("scripts", "openapi", "generated"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
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


def test_what_is_committed_is_what_is_generated(copied):
    done = regenerate(copied, "--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.full
def test_a_hand_made_change_is_found_and_undone(copied):
    package = copied / "generated" / "attio_async_api"
    edited, gone, extra = package / "types.py", package / "operations.py", package / "models" / "mine.py"
    original = {path: path.read_bytes() for path in (edited, gone)}
    edited.write_text("x = 1\n", encoding="utf-8")
    gone.unlink()
    extra.touch()
    done = regenerate(copied, "--check")
    assert done.returncode == 1
    for line in (
        "differs: types.py",
        "missing: operations.py",
        "not generated: models/mine.py",
        "not up to date",
    ):
        assert line in done.stderr
    assert regenerate(copied).returncode == 0
    assert {path: path.read_bytes() for path in original} == original
    assert not extra.exists()


def test_an_unreadable_description_is_told(copied):
    before = (copied / "openapi" / "attio.json").read_bytes()
    done = regenerate(copied, "--upstream", "/nowhere/at all.json")
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
    assert "Traceback" not in done.stderr
    assert (copied / "openapi" / "attio.json").read_bytes() == before
