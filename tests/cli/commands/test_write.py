"""The commands that write one record or entry."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from attio_async._cli.workspace import embedded_workspace
from tests.cli.support import run_command


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        fake.seed.add_member("jo@example.com", "Jo", "Doe")
        for name in ("acme", "zoe"):
            fake.seed.add_record("companies", {"name": name, "domains": [f"{name}.example.com"]})
        fake.seed.add_list("sales", "Sales pipeline", "companies")
        fake.seed.add_attribute("sales", "tier", "text")
        fake.seed.add_attribute("sales", "topics", "select", options=["A", "B", "C"], multiselect=True)
        fake.seed.add_attribute("companies", "tier", "text")
        fake.seed.add_attribute("companies", "topics", "select", options=["A", "B", "C"], multiselect=True)


def run(*arguments: str) -> Result:
    return run_command(*arguments, "--embedded", "ws.json")


def done(*arguments: str) -> tuple[dict[str, Any], str]:
    """Run a command that writes, and return what it printed and its last message."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    workspace, *messages = result.stderr.splitlines()
    assert workspace == "Workspace: Fake Workspace (fake-workspace)"
    return json.loads(result.stdout), messages[-1]


def values(reference: str) -> dict[str, Any]:
    return json.loads(run("get", reference, "--json").stdout)


class TestEdit:
    @pytest.fixture
    def editor(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """An editor that keeps what it was given, and changes it by the sed script of the file."""
        script = folder / "script.sed"
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f'sh -c \'cp "$0" given.txt && sed -i -f {script} "$0"\'')
        return script

    def test_the_lines_that_change_are_written(self, editor: Path) -> None:
        done("update", "companies/acme.example.com", "tier=1", "topics=A;B")
        editor.write_text("s/^tier=1$/tier=2/\ns/^topics=.*/topics=C/\n/^name=/d\n")
        _, told = done("edit", "companies/acme.example.com")
        assert told.endswith(": set tier, topics")
        found = values("companies/acme.example.com")
        assert (found["name"], found["tier"], found["topics"]) == ("acme", "2", ["C"])
        editor.write_text("s/^tier=.*/tier=/\n")
        _, told = done("edit", "companies/acme.example.com")
        assert told.endswith(": cleared tier")
        given = Path("given.txt").read_text("utf-8").splitlines()
        assert {"name=acme", "tier=2", "topics=C", "domains=acme.example.com"} <= set(given)

    @pytest.mark.parametrize("mark", ["\r", "\v", "\x1c", "\u2028"])
    def test_a_value_with_any_line_break_is_left_alone(self, editor: Path, mark: str) -> None:
        for tier in (f"1{mark}name=Other", f"1{mark}"):
            done("update", "companies/acme.example.com", f"tier={tier}")
            kept = values("companies/acme.example.com")
            editor.write_text("")
            assert "nothing was changed" in run("edit", "companies/acme.example.com").stdout
            assert values("companies/acme.example.com") == kept
            assert kept["name"] == "acme"

    def test_what_the_editor_saves_has_to_be_utf_8(
        self, editor: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done("update", "companies/acme.example.com", "tier=Zoë")
        monkeypatch.setenv("EDITOR", 'sh -c \'iconv -f utf-8 -t latin1 "$0" > other && cp other "$0"\'')
        result = run("edit", "companies/acme.example.com")
        assert (result.exit_code, "did not save the values as UTF-8" in result.stderr) == (2, True)
        assert values("companies/acme.example.com")["tier"] == "Zoë"
        editor.write_text("1s/^/\\xef\\xbb\\xbf/\ns/^tier=.*/tier=2/\n")  # as some editors begin a file
        monkeypatch.setenv("EDITOR", f"env LC_ALL=C sed -i -f {editor}")
        _, told = done("edit", "companies/acme.example.com")
        assert told.endswith(": set tier")

    def test_nothing_is_written_where_nothing_changes_or_the_editor_fails(
        self, editor: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        editor.write_text("")
        assert "nothing was changed" in run("edit", "companies/acme.example.com").stdout
        editor.write_text("s/^tier=.*/tier=9/\n")
        assert "would update" in run("edit", "companies/acme.example.com", "--dry-run").stdout
        for command in ("false", "no-such-editor", "'"):
            monkeypatch.setenv("EDITOR", command)
            result = run("edit", "companies/acme.example.com")
            assert (result.exit_code, "the editor" in result.stderr) == (2, True)
        monkeypatch.delenv("EDITOR")
        assert "set EDITOR" in run("edit", "companies/acme.example.com").stderr
        assert values("companies/acme.example.com")["tier"] is None


class TestBoth:
    """A record and an entry answer the same words."""

    @pytest.mark.parametrize("name", ["companies", "sales"])
    def test_create_update_upsert_and_delete(self, name: str) -> None:
        about = ["--parent", "companies/acme.example.com"] if name == "sales" else ["domains=new.example.com"]
        created, told = done("create", name, *about, "tier=1", "topics=A;B")
        identifier = created["entry_id" if name == "sales" else "record_id"]
        reference = f"{name}/{identifier}"
        assert told.startswith(f"created {reference}: set ")
        assert (values(reference)["tier"], values(reference)["topics"]) == ("1", ["A", "B"])

        _, told = done("update", reference, "tier=2", "topics+=C", "topics-=A")
        assert told == f"updated {reference}: set tier; added to topics; removed from topics"
        assert (values(reference)["tier"], values(reference)["topics"]) == ("2", ["B", "C"])
        _, told = done("update", reference, "Tier=", "topics=A", "topics=C")
        assert told == f"updated {reference}: set topics; cleared tier"
        assert (values(reference)["tier"], values(reference)["topics"]) == (None, ["A", "C"])

        upserted, told = done("upsert", name, *about, "tier=3")
        assert told.startswith(f"upserted {reference}: set ")
        assert upserted == created | {"action": "upserted"}
        assert values(reference)["tier"] == "3"

        refused = run("delete", reference)
        assert refused.exit_code == 2
        assert "give --yes" in refused.stderr
        done("delete", reference, "--yes")
        assert run("get", reference).exit_code == 2

    @pytest.mark.parametrize("name", ["companies", "sales"])
    def test_a_dry_run_checks_and_writes_nothing(self, name: str) -> None:
        about = ["--parent", "companies/acme.example.com"] if name == "sales" else ["domains=new.example.com"]
        identifier = done("create", name, *about, "tier=1")[0]["entry_id" if name == "sales" else "record_id"]
        before = Path("ws.json").read_bytes()
        for arguments, told in [
            (("create", name, *about, "tier=2"), "would create one of the"),
            (("update", f"{name}/{identifier}", "tier=2"), f"would update {name}/{identifier}: set tier"),
            (("upsert", name, *about, "tier=2"), "would create or update one of the"),
            (("delete", f"{name}/{identifier}"), f"would delete {name}/{identifier}"),
        ]:
            result = run(*arguments, "--dry-run")
            assert (result.exit_code, result.stdout[: len(told)]) == (0, told)
            invalid = run(*arguments[:-1], "topics=Z", "--dry-run")
            assert arguments[0] == "delete" or (invalid.exit_code, invalid.stdout) == (2, "")
        assert Path("ws.json").read_bytes() == before


def test_a_text_keeps_its_apostrophes() -> None:
    created, _ = done("create", "companies", "name='=1+1")
    assert values(f"companies/{created['record_id']}")["name"] == "'=1+1"


def test_references_are_given_as_people_know_them() -> None:
    created, _ = done(
        *("create", "deals", "name=Pump", "stage=Lead", "owner=jo@example.com", "value=1200.50"),
        *("associated_company=acme.example.com",),
    )
    deal = values(f"deals/{created['record_id']}")
    company = values("companies/acme.example.com")
    assert deal["associated_company"]["target_record_id"] == company["record_id"]
    assert (deal["stage"], deal["value"]) == ("Lead", "1200.5")
    assert deal["owner"]["referenced_actor_type"] == "workspace-member"
    for written in ("companies/zoe.example.com", f"companies/{company['record_id']}", company["web_url"]):
        done("update", f"deals/{created['record_id']}", f"associated_company={written}")
    shown = run("get", f"deals/{created['record_id']}", "--format", "table").stdout
    assert "acme" in shown
    assert "Jo Doe" in shown


def test_two_records_are_merged() -> None:
    result = run("merge", "companies/acme.example.com", "companies/zoe.example.com", "--dry-run")
    first, *plan = result.stdout.splitlines()
    assert first.startswith("would merge companies/")
    assert "name: acme stays; zoe goes" in plan
    assert "domains: acme.example.com stays; zoe.example.com joined" in plan
    assert values("companies/zoe.example.com")["name"] == "zoe"
    merged, told = done("merge", "companies/acme.example.com", "companies/zoe.example.com", "--yes")
    assert told == f"merged companies/{merged['record_id']}"
    assert values(f"companies/{merged['record_id']}")["domains"] == ["acme.example.com", "zoe.example.com"]


def test_the_question_can_be_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attio_async._cli.output.is_interactive", lambda: True)
    kept = run_command("delete", "companies/acme.example.com", "--embedded", "ws.json", stdin="n\n")
    assert (kept.exit_code, "nothing was done" in kept.stderr) == (2, True)
    gone = run_command("delete", "companies/acme.example.com", "--embedded", "ws.json", stdin="y\n")
    assert gone.exit_code == 0
    assert "(acme) for good? [y/N]" in gone.stderr


def test_what_cannot_be_written_is_refused() -> None:
    before = Path("ws.json").read_bytes()
    misfits = {}
    for arguments, reason in [
        (("update", "companies/acme.example.com", "tier"), "is not an assignment"),
        (("update", "companies/acme.example.com", "topics+="), "has no value"),
        (("update", "companies/acme.example.com", "tire=1"), "did you mean 'tier'"),
        (("update", "companies/acme.example.com", "tier=1", "tier=2"), "assigned to twice"),
        (("update", "companies/acme.example.com", "topics=Z"), "topics"),
        (("create", "companies", "topics+=A"), "nothing to add"),
        (("create", "companies", "name=x", "--parent", "companies/acme.example.com"), "is an object"),
        (("create", "sales"), "give the record with --parent"),
        (("upsert", "companies", "name=x"), "give --match"),
        (("merge", "companies/acme.example.com", "sales/acme"), "sales"),
        (("update", "sales/acme", "tier=1"), "is not the id of"),
    ]:
        result = run(*arguments)
        if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
            misfits[arguments] = result.output
    assert not misfits
    assert Path("ws.json").read_bytes() == before
