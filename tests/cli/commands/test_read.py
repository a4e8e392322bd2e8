"""The commands that read: `query`, `get`, `objects`, `attributes` and `whoami`."""

import json
import re
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from typer.testing import Result

from attio_async import Request, Response
from attio_async._cli.commands import read
from attio_async._cli.workspace import embedded_workspace
from attio_async.testing import FakeAttio
from tests.cli.support import run_command, workspace


@pytest.fixture(autouse=True)
def _folder(folder: Path) -> None:
    with embedded_workspace(Path("ws.json")) as fake:
        for name, domain in (("=Acme", "acme.example.com"), ("Zoë", "zoe.example.com")):
            fake.seed.add_record("companies", {"name": name, "domains": [domain]})


def run(*arguments: str) -> Result:
    return run_command(*arguments, "--embedded", "ws.json")


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestQuery:
    def query(self, *more: str) -> Result:
        return run("query", "companies", *more)

    def test_a_table(self) -> None:
        result = self.query("--sort", "name:desc")
        assert result.exit_code == 0
        assert result.stdout.index("Zoë") < result.stdout.index("=Acme")
        assert result.stderr == "2 companies\n"

    def test_json(self) -> None:
        assert [line["name"] for line in lines(self.query("--json"))] == ["=Acme", "Zoë"]

    def test_a_limit(self) -> None:
        result = self.query("--sort", "Name", "--limit", "1", "--json")
        assert [line["name"] for line in lines(result)] == ["=Acme"]
        assert "1 companies (the first 1; --limit shows more)" in self.query("--limit", "1").stderr

    def test_a_table_has_20_results_and_a_file_all(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            for number in range(25):
                fake.seed.add_record("companies", {"domains": [f"{number}.example.com"]})
        assert "20 companies (the first 20; --limit shows more)" in self.query("--format", "table").stderr
        result = self.query("--format", "ids", "-o", "ids")
        assert (result.stdout, result.stderr) == ("", "27 written to ids\n27 companies\n")
        assert len(Path("ids").read_text().split()) == 27

    def test_the_columns_are_chosen(self) -> None:
        result = self.query("--columns", "Name,domains", "--sort", "name:desc")
        heading, first, _ = result.stdout.splitlines()
        assert heading == "record_id\tweb_url\tname\tdomains"
        assert first.endswith("\tZoë\tzoe.example.com")

    def test_no_matches(self) -> None:
        result = self.query("--filter", '{"domains": "none.example.com"}')
        assert (result.exit_code, result.stderr) == (0, "0 companies\n")
        assert result.stdout.startswith("record_id\tweb_url\t")

    def test_every_form_of_a_filter(self) -> None:
        misfits = {}
        for more in [
            ("F.name.starts_with('z')",),
            ('(F["domains"] == "zoe.example.com") & ~(F.name == "Acme")',),
            ("--filter", 'F.domains.in_("zoe.example.com", "other.example.com")'),
            ("--filter", '{"domains": "zoe.example.com"}'),
            ("--filter", '{"name": {"$contains": "oë"}}'),
            ("F.name != '=Acme'", "--sort", "F.name:desc"),
        ]:
            result = self.query(*more, "--json")
            if [line["name"] for line in lines(result)] != ["Zoë"]:
                misfits[more] = result.output
        assert not misfits

    def test_invalid_filters_and_sorts_are_refused(self) -> None:
        misfits = {}
        for more, reason in [
            (("--filter", '{"name"'), "the filter is not valid JSON"),
            (("--filter", "[1]"), "the filter must be a JSON object"),
            (("--filter", '{"nme": "x"}'), "nme"),
            (("--sort", "nme"), "did you mean 'name'"),
            (("--sort", "name:up"), "asc or desc"),
            (("--limit", "0"), "--limit"),
            (("F.nme == 'x'",), "did you mean 'name'"),
            (("F.name == Zoe",), 'Did you mean "Zoe"?\n  F.name == Zoe\n            ^^^\n'),
            (("F.domains > 5",), "domains"),
            (("F.name == 'x'", "--filter", "F.name == 'y'"), "given twice"),
            (("--sort", "F.name == 1"), "invalid sort"),
            (("--sort", ":desc"), "--sort ':desc'"),
            (("--explain",), "--explain needs a filter"),
            (("--explain", "F.name == 'x'", "--json"), "cannot be combined with"),
            (("--explain", "F.name == 'x'", "--sort", "name"), "cannot be combined with"),
            (("--explain", "F.nme == 'x'"), "did you mean 'name'"),
        ]:
            result = self.query(*more)
            if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
                misfits[more] = result.output
        assert not misfits

    def test_a_filter_is_explained(self) -> None:
        result = self.query('F.team.via("people").name == "Ada"', "--explain")
        compiled, _, told = result.stdout.partition("\n\n")
        assert json.loads(compiled) == {
            "path": [["companies", "team"], ["people", "name"]],
            "constraints": {"full_name": {"$eq": "Ada"}},
        }
        assert told == (
            "F.team.via('people').name == 'Ada'\n"
            "  companies.team -> people.name, type personal-name, property full_name\n"
        )
        assert (result.exit_code, result.stderr) == (0, "")


class TestGet:
    @pytest.fixture
    def identifier(self) -> str:
        return lines(run("query", "companies", "F.name == 'Zoë'", "--json"))[0]["record_id"]

    def test_a_table_of_all_values(self, identifier: str) -> None:
        result = run("get", f"companies/{identifier}", "--format", "table")
        assert result.exit_code == 0
        assert identifier in result.stdout
        assert "Zoë" in result.stdout
        assert "Description" not in result.stdout

    def test_a_moment_that_has_no_local_time(self, identifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_attribute("companies", "ends_at", type="timestamp")
        run("update", f"companies/{identifier}", "ends_at=9999-12-31T23:59:59Z")
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        try:
            result = run("get", f"companies/{identifier}", "--format", "table")
            assert (result.exit_code, "9999-12-31T23:59:59" in result.stdout) == (0, True)
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_json_by_id_and_by_web_address(self, identifier: str) -> None:
        (first,) = lines(run("get", f"companies/{identifier}", "--json"))
        for reference in (first["web_url"], "companies/zoe.example.com"):
            assert [first] == lines(run("get", reference, "--json"))
        assert (first["record_id"], first["name"], first["description"]) == (identifier, "Zoë", None)

    def test_invalid_references_are_refused(self, identifier: str) -> None:
        misfits = {}
        for arguments, reason in [
            (("companies",), "'companies' is not of the form NAME/ID"),
            (("companies/a/b",), "none of the companies has 'a/b' as domains"),
            ((f"companies/{identifier.replace(identifier[:8], '00000000')}",), "404"),
            ((f"compnies/{identifier}",), "did you mean 'companies'"),
        ]:
            result = run("get", *arguments)
            if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
                misfits[arguments] = result.output
        assert not misfits


class TestObjectsAndAttributes:
    def test_the_objects(self) -> None:
        table, found = run("objects"), lines(run("objects", "--json"))
        assert table.exit_code == 0
        assert {line["api_slug"] for line in found} >= {"people", "companies", "deals"}
        words = set(table.stdout.split())
        for line in found:
            assert {line["singular_noun"], line["plural_noun"], line["object_id"]} <= words

    def test_the_attributes_as_a_table(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_attribute("deals", "size", "select", options=[f"S{number}" for number in range(15)])
        result = run("attributes", "deals")
        text = re.sub(r"\s+", " ", result.stdout.replace("│", " "))
        assert result.exit_code == 0
        assert "stage Deal stage status, required Lead, In Progress, Won 🎉, Lost" in text
        assert "records of people" in text
        assert "S11, and 3 more" in text

    def test_the_attributes_as_json(self) -> None:
        found = {line["slug"]: line for line in lines(run("attributes", "deals", "--json"))}
        assert [option["title"] for option in found["stage"]["options"]][:1] == ["Lead"]
        assert found["associated_company"]["target_objects"] == ["companies"]
        assert found["name"]["options"] is None
        assert not found["created_at"]["is_writable"]
        assert found["associated_people"]["is_multiselect"]
        assert "raw" not in found["name"]

    def test_archived_attributes_are_counted(self) -> None:
        async def archive() -> None:
            with embedded_workspace(Path("ws.json")) as fake:
                fake.seed.add_attribute("deals", "old", "text")
                async with fake.client() as attio:
                    await attio.attributes("deals").update("old", is_archived=True)

        anyio.run(archive)
        shown, data = run("attributes", "deals", "--format", "table"), run("attributes", "deals", "--json")
        assert "old" not in shown.stdout
        assert "1 more are archived" in shown.stderr
        assert {line["slug"]: line["is_archived"] for line in lines(data)}["old"]
        assert data.stderr == ""

    def test_unreadable_options_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def refuse(request: Request, send: Any) -> Response:
            if request.path.endswith(("/statuses", "/options")):
                body = b'{"type": "auth_error", "code": "missing_scope", "message": "No."}'
                return Response(status=403, headers={}, body=body)
            return await send(request)

        fake = workspace()
        fake.seed.add_attribute("deals", "size", "select", options=["S"])
        work_on(fake, monkeypatch, middleware=[refuse])
        result = run("attributes", "deals", "--json")
        assert (result.exit_code, result.stderr) == (0, "the options of stage, size could not be read\n")
        assert {line["slug"]: line["options"] for line in lines(result)}["size"] is None


def work_on(fake: FakeAttio, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
    @asynccontextmanager
    async def opened(_: object) -> AsyncGenerator[Any]:
        async with fake.client(**options) as attio:
            yield attio

    monkeypatch.setattr(read, "read_workspace", opened)


class TestLists:
    @pytest.fixture(autouse=True)
    def _entries(self, _folder: None) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_list("sales", "Sales pipeline", "companies")
            fake.seed.add_attribute("sales", "tier", "text")
            company = fake.records("companies")[0]["id"]["record_id"]
            fake.seed.add_entry("sales", company, {"tier": "A"})

    def test_a_list_answers_the_same_questions_as_an_object(self) -> None:
        (entry,) = lines(run("query", "sales", 'F.tier == "A"', "--json"))
        assert (entry["parent_object"], entry["tier"]) == ("companies", "A")
        assert lines(run("query", "Sales pipeline", "--json")) == [entry]
        assert lines(run("get", f"sales/{entry['entry_id']}", "--json")) == [entry]
        assert "tier" in {line["slug"] for line in lines(run("attributes", "sales", "--json"))}
        assert '"tier"' in run("query", "sales", 'F.tier == "A"', "--explain").stdout
        shown = run("query", "sales", "--format", "table")
        assert "Parent" in shown.stdout
        assert shown.stderr == "1 entries\n"

    def test_a_saved_view_is_a_filter(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_view("sales", "Best", filter={"tier": "A"})
            fake.seed.add_view("companies", "Zoes", filter={"name": "Zoë"})
        assert len(lines(run("query", "sales", "--view", "Best", "--json"))) == 1
        assert [each["name"] for each in lines(run("query", "companies", "--view", "Zoes", "--json"))] == [
            "Zoë"
        ]
        assert [each["name"] for each in lines(run("export", "companies", "--view", "Zoes"))] == ["Zoë"]
        assert len(lines(run("export", "sales", "--view", "Best"))) == 1
        assert run("query", "sales", "--view", "Worst").exit_code == 2

    def test_the_lists(self) -> None:
        (found,) = lines(run("lists", "--json"))
        assert (found["api_slug"], found["name"], found["parent_object"]) == (
            "sales",
            "Sales pipeline",
            "companies",
        )


class TestWorkspace:
    def test_a_search(self) -> None:
        result = run("search", "Zoë", "--json")
        assert [line["name"] for line in lines(result)] == ["Zoë"]
        assert result.stderr == "1 found\n"
        assert lines(run("search", "Zoë", "--object", "people", "--json")) == []

    def test_the_members(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            fake.seed.add_member("jo@example.com", "Jo", "Doe")
        assert "jo@example.com" in {line["email_address"] for line in lines(run("members", "--json"))}

    def test_sql(self) -> None:
        result = run("sql", "SELECT name FROM companies ORDER BY name LIMIT 1", "--json")
        assert (lines(result), result.stderr) == ([{"name": "=Acme"}], "1 rows\n")
        assert run("sql", "SELEC").exit_code == 2


class TestWhoami:
    def test_a_table(self) -> None:
        result = run("whoami")
        assert result.exit_code == 0
        assert "Fake Workspace" in result.stdout

    def test_json(self) -> None:
        (facts,) = lines(run("whoami", "--json"))
        assert facts["workspace_slug"] == "fake-workspace"
        assert "record_permission:read-write" in facts["scopes"]

    def test_the_token_is_never_shown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ATTIO_API_KEY", "a-secret-token")
        monkeypatch.setenv("ATTIO_BASE_URL", "http://attio.example.com")
        result = run_command("whoami")
        assert result.exit_code == 2
        assert "https" in result.stderr
        assert "a-secret-token" not in result.output
