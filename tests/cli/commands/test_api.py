"""`api`: any request."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from tests.cli.support import run_command

RECORDS = "/v2/objects/companies/records"


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    pass


def api(*arguments: str, stdin: str | None = None) -> Result:
    return run_command("api", *arguments, "--embedded", "ws.json", stdin=stdin)


def test_the_answer_is_printed_as_json() -> None:
    result = api("get", "/v2/self")
    assert json.loads(result.stdout)["workspace_slug"] == "fake-workspace"
    assert (result.exit_code, result.stderr) == (0, "ws.json is new: an empty workspace\n")


def test_a_body_is_an_argument_a_file_or_standard_input() -> None:
    body = '{"data": {"values": {"name": "Zoë", "domains": ["%s.example.com"]}}}'
    Path("body.json").write_text("\ufeff" + body % "file", encoding="utf-8")
    for text, stdin in [(body % "given", None), ("@body.json", None), ("@-", body % "stdin")]:
        result = api("POST", RECORDS, "--json-body", text, stdin=stdin)
        assert json.loads(result.stdout)["data"]["values"]["name"][0]["value"] == "Zoë"
        assert '"Zoë"' in result.stdout


def test_parameters_come_from_the_path_and_the_options() -> None:
    path = "/v2/objects/people/attributes?limit=3&offset=9"
    result = api("GET", path, "--param", "offset=1", "--param", "x=")
    assert len(json.loads(result.stdout)["data"]) == 3


def test_an_empty_answer_is_no_output() -> None:
    created = api("POST", RECORDS, "--json-body", '{"data": {"values": {}}}')
    identifier = json.loads(created.stdout)["data"]["id"]["record_id"]
    result = api("DELETE", f"{RECORDS}/{identifier}", "--yes")
    assert result.exit_code == 0
    assert result.stdout in {"", "{}\n"}


def test_an_error_of_attio_is_exit_code_1() -> None:
    result = api("GET", "/v2/objects/none")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "404 not_found" in result.stderr


def test_nothing_is_sent_when_the_answer_cannot_be_written() -> None:
    misfits = {}
    for out, reason in [
        ("none/answer.json", "none does not exist; create it first"),
        (".", ". is not an ordinary file"),
        ("x" * 300, "is not a valid path"),
    ]:
        result = api("POST", RECORDS, "--json-body", '{"data": {"values": {}}}', "--out", out, "--force")
        if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
            misfits[out] = result.output
    assert not misfits
    assert json.loads(api("POST", f"{RECORDS}/query", "--json-body", "{}").stdout)["data"] == []


def test_invalid_requests_are_refused() -> None:
    Path("latin.json").write_bytes(b'"\xe9"')
    misfits = {}
    for arguments, reason in [
        (("FETCH", "/v2/self"), "method"),
        (("GET", "v2/self"), "slash"),
        (("GET", "https://api.attio.com/v2/self"), "slash"),
        (("GET", "/v2/self", "--param", "x"), "NAME=VALUE"),
        (("GET", "/v2/self", "--param", "=x"), "NAME=VALUE"),
        (("POST", "/v2/self", "--json-body", "{"), "--json-body is not valid JSON"),
        (("POST", "/v2/self", "--json-body", "[" * 100_000), "not valid JSON"),
        (("POST", "/v2/self", "--json-body", "null"), "leave --json-body out"),
        (("POST", "/v2/self", "--json-body", "@none.json"), "none.json cannot be read"),
        (("POST", "/v2/self", "--json-body", "@latin.json"), "latin.json is not UTF-8"),
    ]:
        result = api(*arguments)
        if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
            misfits[arguments[:4]] = result.output
    assert not misfits
