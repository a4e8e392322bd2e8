"""`schema pull`, `plan`, `apply` and `check`."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_attribute("deals", "tier", "select", options=["Gold"])


def run(*arguments: str) -> Result:
    return run_command("schema", *arguments, "--embedded", "ws.json")


def pulled() -> Path:
    result = run("pull", "--out", "attio.toml", "--object", "deals")
    assert result.exit_code == 0, result.output
    return Path("attio.toml")


def test_a_file_that_was_pulled_changes_nothing() -> None:
    pulled()
    assert run("pull", "--out", "attio.toml").exit_code == 2  # it exists
    plan = run("plan", "attio.toml")
    assert (plan.exit_code, plan.stdout) == (0, "")
    checked = run("check", "attio.toml")
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_a_change_is_planned_applied_and_then_done() -> None:
    file = pulled()
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text + '\n[objects.deals.attributes.renewal_date]\ntitle = "Renewal date"\ntype = "date"\n',
        encoding="utf-8",
    )
    assert run("plan", "attio.toml").stdout == "+ deals.renewal_date (date)\n"
    assert "1 of 1 changes cannot be undone" in run("plan", "attio.toml").stderr
    as_json = json.loads(run("plan", "attio.toml", "--json").stdout)
    assert [change["path"] for change in as_json["changes"]] == ["deals.renewal_date"]
    refused = run("apply", "attio.toml")
    assert refused.exit_code == 2
    assert "give --yes" in refused.stderr
    applied = run("apply", "attio.toml", "--yes")
    assert applied.exit_code == 0, applied.output
    assert "1 of 1 changes cannot be undone" in applied.stderr
    assert "1 of 1 changes done" in applied.stderr
    again = run("apply", "attio.toml", "--yes")
    assert "Nothing to do." in again.stderr
    assert run("check", "attio.toml").exit_code == 0


def test_drift_has_an_exit_code_of_its_own() -> None:
    pulled()
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_option("deals", "tier", "Silver")
    checked = run("check", "attio.toml")
    assert (checked.exit_code, checked.stdout) == (3, "deals.tier: option 'Silver' is new\n")
    found = json.loads(run("check", "attio.toml", "--json").stdout)
    assert found["text"] == "deals.tier: option 'Silver' is new"
    assert (found["path"], found["aspect"], found["name"]) == ("deals.tier", "option", "Silver")
    assert run("plan", "attio.toml").stdout == ""
    assert run("plan", "attio.toml", "--prune").stdout == '- deals.tier: archive "Silver"\n'


def test_a_schema_is_copied() -> None:
    command = (
        "schema",
        "copy",
        "--from-embedded",
        "ws.json",
        "--to-embedded",
        "other.json",
        "--object",
        "deals",
    )
    refused = run_command(*command)
    assert refused.exit_code == 2
    assert refused.stdout == '+ deals.tier (select)\n+ deals.tier: + "Gold"\n'
    assert run_command(*command, "--yes").exit_code == 0
    with embedded_workspace(Path("other.json")) as fake:
        assert b'"tier"' in fake.to_json()
    assert "Nothing to do." in run_command(*command, "--yes").stderr
    for wrong in (("copy",), ("copy", "--from-profile", "staging")):
        refused = run_command("schema", *wrong)
        assert refused.exit_code == 2
        assert "--from-profile" in refused.stderr


def test_a_file_with_a_mistake_is_refused() -> None:
    Path("bad.toml").write_text("[objects.deals]\nsingualr = 'Deal'\n", encoding="utf-8")
    for command in ("plan", "apply", "check"):
        refused = run(command, "bad.toml")
        assert refused.exit_code == 2
        assert "bad.toml: objects.deals.singualr is unknown" in refused.stderr
