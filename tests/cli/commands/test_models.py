"""`models pull` and `models check`."""

from pathlib import Path

import pytest
from typer.testing import Result

from attio_async._cli.workspace import embedded_workspace
from attio_async.models import Schema
from tests.cli.support import run_command


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_attribute("deals", "tier", "select", options=["Gold", "Silver"])
        fake.seed.add_list("sales", "Sales", parent="deals")


def run(*arguments: str) -> Result:
    return run_command("models", *arguments, "--embedded", "ws.json")


def test_a_module_is_written_and_agrees_with_the_workspace() -> None:
    pulled = run("pull", "--out", "crm.py")
    assert pulled.exit_code == 0, pulled.output
    assert "crm.py: 5 objects, 1 lists" in pulled.stderr
    assert "class Deal(" in Path("crm.py").read_text(encoding="utf-8")
    assert "class SalesEntry(" in Path("crm.py").read_text(encoding="utf-8")
    checked = run("check", "crm.py")
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert run("pull", "--out", "crm.py", "--force").exit_code == 0  # over its own file


def test_drift_has_an_exit_code_of_its_own() -> None:
    run("pull", "--out", "crm.py", "--force", "--object", "Deals")
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_option("deals", "tier", "Bronze")
        fake.seed.add_object("invoices")  # was not asked for
    checked = run("check", "crm.py")
    assert (checked.exit_code, checked.stdout) == (3, "deals.tier: option 'Bronze' is new\n")


def test_chosen_objects_and_lists() -> None:
    run("pull", "--out", "crm.py", "--force", "--list", "sales")
    schema = Schema.from_models("crm.py")
    assert [one.slug for one in schema] == ["sales"]
    assert run("pull", "--out", "crm.py", "--force", "--object", "nonsense").exit_code == 2


def test_other_files_are_left_alone() -> None:
    Path("mine.py").write_text("x = 1\n", encoding="utf-8")
    refused = run("pull", "--out", "mine.py", "--force")
    assert refused.exit_code == 2
    assert "mine.py exists and was not made by `models pull`" in refused.stderr
    assert Path("mine.py").read_text(encoding="utf-8") == "x = 1\n"
    assert run("check", "mine.py").exit_code == 2
    assert run("pull", "--out", ".").exit_code == 2
    assert run("check", "missing.py").exit_code == 2
