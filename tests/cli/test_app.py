"""The commands as a user types them."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from attio_async._cli import main
from attio_async._cli.app import app
from attio_async._cli.workspace import kept_in

TOKEN = "a-secret-token"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in an empty folder, without a token in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTIO_API_KEY", raising=False)
    monkeypatch.delenv("ATTIO_BASE_URL", raising=False)

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(app, list(arguments), input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


COMMANDS = "api attributes changes demo doctor export get import objects query serve webhooks whoami".split()  # noqa: SIM905 - easier to read
ROWS = "Company Name,Domains\n=Acme,acme.example\nZoë,zoe.example\n"
IMPORT = (
    "--object",
    "companies",
    "--match",
    "domains",
    "--map",
    "Company Name=name",
    "--embedded",
    "ws.json",
)


class TestImport:
    def test_a_file(self, run: Callable[..., Result]) -> None:
        Path("rows.csv").write_text(ROWS)
        result = run("import", "rows.csv", *IMPORT)
        assert result.exit_code == 0
        assert result.stdout == ""
        assert result.stderr.startswith("companies: 2 created, 0 updated, 0 unchanged, 0 failed; requests: ")

    def test_standard_input_and_a_summary_for_machines(self, run: Callable[..., Result]) -> None:
        result = run("import", "-", *IMPORT, "--json", stdin=ROWS)
        summary = json.loads(result.stdout)
        assert (summary["created"], summary["failed"], summary["not_tried"]) == (2, 0, 0)

    def test_a_row_that_fails(self, run: Callable[..., Result]) -> None:
        result = run(
            "import", "-", *IMPORT, "--json", "--report", "report.csv", stdin=f"{ROWS}Odd,no domain\n"
        )
        assert result.exit_code == 1
        assert "line 4: domains: 'no domain' is no domain" in result.stderr
        assert json.loads(result.stdout)["failures"][0]["line"] == 4
        assert [row["line"] for row in csv.DictReader(Path("report.csv").read_text().splitlines())] == ["4"]

    def test_a_dry_run(self, run: Callable[..., Result]) -> None:
        result = run("import", "-", *IMPORT, "--dry-run", stdin=ROWS)
        assert result.exit_code == 0
        assert "nothing was written" in result.stderr
        with kept_in(Path("ws.json")) as fake:
            assert fake.records("companies") == []

    def test_a_column_can_be_skipped(self, run: Callable[..., Result]) -> None:
        result = run(
            "import",
            "-",
            *IMPORT,
            "--skip",
            "Shoe size",
            stdin="Shoe size,domains,company name\n42,a.example,A\n",
        )
        assert result.exit_code == 0

    @pytest.mark.parametrize(
        ("stdin", "more", "reason"),
        [
            ("", (), "standard input is empty"),
            ("Domains,domains\na.example,b.example\n", (), "two columns are called"),
            (
                "Nme,Company Name,Domains\nA,B,a.example\n",
                (),
                "column 'Nme' is no attribute; did you mean 'name'?",
            ),
            (ROWS, ("--map", "Domains"), "not of the form"),
            (ROWS, ("--separator", ""), "--separator"),
            (ROWS, ("--separator", '"'), "--separator"),
            (ROWS, ("--report", "ws.json"), "--report and --embedded are the same file"),
            (ROWS, ("--on-error", "ignore"), "Invalid value for '--on-error'"),
        ],
    )
    def test_what_is_refused_writes_nothing_and_exits_2(
        self, stdin: str, more: tuple[str, ...], reason: str, run: Callable[..., Result]
    ) -> None:
        result = run("import", "-", *IMPORT, *more, stdin=stdin)
        assert result.exit_code == 2
        assert reason in result.stderr
        with kept_in(Path("ws.json")) as fake:
            assert fake.records("companies") == []

    def test_the_report_does_not_overwrite_the_rows(self, run: Callable[..., Result]) -> None:
        Path("rows.csv").write_text(ROWS)
        result = run("import", "rows.csv", *IMPORT, "--report", "./rows.csv")
        assert result.exit_code == 2
        assert Path("rows.csv").read_text() == ROWS

    def test_without_a_token(self, run: Callable[..., Result]) -> None:
        Path("rows.csv").write_text(ROWS)
        result = run("import", "rows.csv", "--object", "companies", "--match", "domains")
        assert result.exit_code == 2
        assert "make demo" in result.stderr
        assert "--embedded FILE" in result.stderr


class TestExport:
    def imported(self, run: Callable[..., Result]) -> None:
        assert run("import", "-", *IMPORT, stdin=ROWS).exit_code == 0

    def test_to_a_file_whose_ending_says_the_format(self, run: Callable[..., Result]) -> None:
        self.imported(run)
        result = run("export", "companies", "--out", "out.CSV", "--embedded", "ws.json")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "2 records written to out.CSV" in result.stderr
        with Path("out.CSV").open(newline="", encoding="utf-8") as file:
            assert {row["name"] for row in csv.DictReader(file)} == {"'=Acme", "Zoë"}

    def test_to_standard_output(self, run: Callable[..., Result]) -> None:
        self.imported(run)
        result = run("export", "companies", "--embedded", "ws.json")
        assert {json.loads(line)["name"] for line in result.stdout.splitlines()} == {"=Acme", "Zoë"}

    def test_some_records_and_some_attributes(self, run: Callable[..., Result]) -> None:
        self.imported(run)
        result = run(
            "export",
            "companies",
            "--format",
            "csv",
            "--filter",
            "F.domains == 'zoe.example'",
            "--select",
            "Name, domains,name,record_id",
            "--embedded",
            "ws.json",
        )
        header, row = csv.reader(result.stdout.splitlines())
        assert header == ["record_id", "name", "domains"]
        assert row[1:] == ["Zoë", "zoe.example"]
        assert "companies: 1 records written" in result.stderr

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            (("--filter", "F.name"), "compare it"),
            (("--filter", "F.nme == 'x'"), "did you mean 'name'"),
            (("--filter", '{"nme": "x"}'), "nme"),
            (("--select", "name,domain"), "did you mean 'domains'"),
            (("--select", ""), "--select"),
        ],
    )
    def test_what_is_refused_writes_nothing(
        self, more: tuple[str, ...], reason: str, run: Callable[..., Result]
    ) -> None:
        for place in ((), ("--out", "out.csv")):
            result = run("export", "companies", "--format", "csv", *more, *place, "--embedded", "ws.json")
            assert (result.exit_code, result.stdout) == (2, "")
            assert reason in result.stderr
        assert not Path("out.csv").exists()

    def test_over_an_old_file_when_it_fails_the_old_one_stays(self, run: Callable[..., Result]) -> None:
        Path("out.csv").write_text("old")
        result = run("export", "compnies", "--out", "out.csv", "--embedded", "ws.json")
        assert result.exit_code == 2
        assert Path("out.csv").read_text() == "old"
        assert sorted(path.name for path in Path().iterdir()) == ["out.csv", "ws.json"]

    def test_an_embedded_workspace_that_is_new_is_pointed_out(self, run: Callable[..., Result]) -> None:
        result = run("export", "companies", "--embedded", "typo.json")
        assert result.exit_code == 0
        assert "typo.json is new: an empty workspace" in result.stderr

    def test_not_over_the_workspace_itself(self, run: Callable[..., Result]) -> None:
        self.imported(run)
        before = Path("ws.json").read_bytes()
        assert run("export", "companies", "--out", "ws.json", "--embedded", "ws.json").exit_code == 2
        assert Path("ws.json").read_bytes() == before

    def test_without_a_token(self, run: Callable[..., Result]) -> None:
        result = run("export", "companies", "--out", "out.csv")
        assert result.exit_code == 2
        assert "make demo" in result.stderr
        assert list(Path().iterdir()) == []


class TestQuery:
    @pytest.fixture(autouse=True)
    def _imported(self, run: Callable[..., Result]) -> None:
        assert run("import", "-", *IMPORT, stdin=ROWS).exit_code == 0

    def query(self, run: Callable[..., Result], *more: str) -> Result:
        return run("query", "companies", *more, "--embedded", "ws.json")

    def test_a_table(self, run: Callable[..., Result]) -> None:
        result = self.query(run, "--sort", "name:desc")
        assert result.exit_code == 0
        assert result.stdout.index("Zoë") < result.stdout.index("=Acme")
        assert result.stderr == "2 companies\n"

    def test_json(self, run: Callable[..., Result]) -> None:
        result = self.query(run, "--filter", '{"domains": "zoe.example"}', "--json")
        assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["Zoë"]

    def test_a_limit(self, run: Callable[..., Result]) -> None:
        result = self.query(run, "--sort", "Name", "--limit", "1", "--json")
        assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["=Acme"]

    def test_nothing_found(self, run: Callable[..., Result]) -> None:
        result = self.query(run, "--filter", '{"domains": "none.example"}')
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "0 companies\n")

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            (("--filter", '{"name"'), "the filter is not JSON"),
            (("--filter", "[1]"), "a filter in JSON must be an object"),
            (("--filter", '{"nme": "x"}'), "nme"),
            (("--sort", "nme"), "did you mean 'name'"),
            (("--sort", "name:up"), "asc or desc"),
            (("--limit", "0"), "--limit"),
            (("F.nme == 'x'",), "did you mean 'name'"),
            (("F.name == Zoe",), 'Did you mean "Zoe"?\n  F.name == Zoe\n            ^^^\n'),
            (("F.domains > 5",), "domains"),
            (("F.name == 'x'", "--filter", "F.name == 'y'"), "given twice"),
            (("--sort", "F.name == 1"), "the sort cannot be read"),
            (("--sort", ":desc"), "cannot be called ''"),
            (("--explain",), "give one"),
            (("--explain", "F.name == 'x'", "--json"), "the filter alone"),
            (("--explain", "F.name == 'x'", "--sort", "name"), "the filter alone"),
            (("--explain", "F.nme == 'x'"), "did you mean 'name'"),
        ],
    )
    def test_what_is_refused(self, more: tuple[str, ...], reason: str, run: Callable[..., Result]) -> None:
        result = self.query(run, *more)
        assert result.exit_code == 2
        assert reason in result.stderr
        assert result.stdout == ""

    @pytest.mark.parametrize(
        "more",
        [
            ("F.name.starts_with('z')",),
            ('(F["domains"] == "zoe.example") & ~(F.name == "Acme")',),
            ("--filter", 'F.domains.in_("zoe.example", "other.example")'),
            ("--filter", '{"name": {"$contains": "oë"}}'),
            ("F.name != '=Acme'", "--sort", "F.name:desc"),
        ],
    )
    def test_a_filter(self, more: tuple[str, ...], run: Callable[..., Result]) -> None:
        result = self.query(run, *more, "--json")
        assert [json.loads(line)["name"] for line in result.stdout.splitlines()] == ["Zoë"]

    def test_a_filter_explained(self, run: Callable[..., Result]) -> None:
        result = self.query(run, 'F.team.via("people").name == "Ada"', "--explain")
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
    def identifier(self, run: Callable[..., Result]) -> str:
        assert run("import", "-", *IMPORT, stdin=ROWS).exit_code == 0
        found = run("query", "companies", "F.name == 'Zoë'", "--json", "--embedded", "ws.json")
        return json.loads(found.stdout)["record_id"]

    def get(self, run: Callable[..., Result], *arguments: str) -> Result:
        return run("get", *arguments, "--embedded", "ws.json")

    def test_a_record_for_people(self, identifier: str, run: Callable[..., Result]) -> None:
        result = self.get(run, "companies", identifier)
        assert result.exit_code == 0
        assert identifier in result.stdout
        assert "Zoë" in result.stdout
        assert "Description" not in result.stdout

    def test_a_record_for_machines_by_its_address(self, identifier: str, run: Callable[..., Result]) -> None:
        first = json.loads(self.get(run, "companies", identifier, "--json").stdout)
        again = json.loads(self.get(run, "companies", first["web_url"], "--json").stdout)
        assert first == again
        assert (first["record_id"], first["name"], first["description"]) == (identifier, "Zoë", None)

    def test_what_is_refused(self, identifier: str, run: Callable[..., Result]) -> None:
        url = json.loads(self.get(run, "companies", identifier, "--json").stdout)["web_url"]
        for arguments, reason in [
            (("people", url), "the address of a record of companies, not of people"),
            (("companies", "a/b"), "names no record"),
            (("companies", identifier.replace(identifier[:8], "00000000")), "404"),
            (("compnies", identifier), "did you mean 'companies'"),
        ]:
            result = self.get(run, *arguments)
            assert (result.exit_code, result.stdout) == (2, "")
            assert reason in result.stderr


class TestObjectsAndAttributes:
    def test_the_objects(self, run: Callable[..., Result]) -> None:
        table = run("objects", "--embedded", "ws.json")
        lines = [
            json.loads(line) for line in run("objects", "--embedded", "ws.json", "--json").stdout.splitlines()
        ]
        assert table.exit_code == 0
        assert {line["api_slug"] for line in lines} >= {"people", "companies", "deals"}
        for line in lines:
            assert {line["singular_noun"], line["plural_noun"], line["object_id"]} <= set(
                table.stdout.split()
            )

    def test_the_attributes_for_people(self, run: Callable[..., Result]) -> None:
        with kept_in(Path("ws.json")) as fake:
            fake.seed.add_attribute("deals", "size", "select", options=[f"S{number}" for number in range(15)])
        result = run("attributes", "deals", "--embedded", "ws.json")
        text = re.sub(r"\s+", " ", result.stdout.replace("│", " "))
        assert result.exit_code == 0
        assert "stage Deal stage status, required Lead, In Progress, Won 🎉, Lost" in text
        assert "records of people" in text
        assert "S11, and 3 more" in text

    def test_the_attributes_for_machines(self, run: Callable[..., Result]) -> None:
        result = run("attributes", "deals", "--embedded", "ws.json", "--json")
        found = {line["slug"]: line for line in map(json.loads, result.stdout.splitlines())}
        assert [option["title"] for option in found["stage"]["options"]][:1] == ["Lead"]
        assert found["associated_company"]["target_objects"] == ["companies"]
        assert found["name"]["options"] is None
        assert (found["created_at"]["is_writable"], found["associated_people"]["is_multiselect"]) == (
            False,
            True,
        )
        assert "raw" not in found["name"]


class TestApi:
    def api(self, run: Callable[..., Result], *arguments: str, stdin: str | None = None) -> Result:
        return run("api", *arguments, "--embedded", "ws.json", stdin=stdin)

    def test_an_answer_is_json(self, run: Callable[..., Result]) -> None:
        result = self.api(run, "get", "/v2/self")
        assert json.loads(result.stdout)["workspace_slug"] == "fake-workspace"
        assert (result.exit_code, result.stderr) == (0, "ws.json is new: an empty workspace\n")

    @pytest.mark.parametrize("way", ["given", "file", "stdin"])
    def test_a_body(self, way: str, run: Callable[..., Result]) -> None:
        body = '{"data": {"values": {"name": "Zoë", "domains": ["zoe.example"]}}}'
        Path("body.json").write_text("\ufeff" + body, encoding="utf-8")
        text = {"given": body, "file": "@body.json", "stdin": "@-"}[way]
        result = self.api(run, "POST", "/v2/objects/companies/records", "--json-body", text, stdin=body)
        assert json.loads(result.stdout)["data"]["values"]["name"][0]["value"] == "Zoë"
        assert '"Zoë"' in result.stdout

    def test_parameters_of_the_path_and_the_options(self, run: Callable[..., Result]) -> None:
        result = self.api(
            run,
            "GET",
            "/v2/objects/people/attributes?limit=3&offset=9",
            "--param",
            "offset=1",
            "--param",
            "x=",
        )
        assert len(json.loads(result.stdout)["data"]) == 3

    def test_an_empty_answer(self, run: Callable[..., Result]) -> None:
        created = self.api(
            run, "POST", "/v2/objects/companies/records", "--json-body", '{"data": {"values": {}}}'
        )
        identifier = json.loads(created.stdout)["data"]["id"]["record_id"]
        result = self.api(run, "DELETE", f"/v2/objects/companies/records/{identifier}")
        assert result.exit_code == 0
        assert result.stdout in {"", "{}\n"}

    def test_a_refusal_of_attio(self, run: Callable[..., Result]) -> None:
        result = self.api(run, "GET", "/v2/objects/none")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "404 not_found" in result.stderr

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (("FETCH", "/v2/self"), "no method of this API"),
            (("GET", "v2/self"), "starts with one slash"),
            (("GET", "https://api.attio.com/v2/self"), "starts with one slash"),
            (("GET", "/v2/self", "--param", "x"), "NAME=VALUE"),
            (("GET", "/v2/self", "--param", "=x"), "NAME=VALUE"),
            (("POST", "/v2/self", "--json-body", "{"), "--json-body is not JSON"),
            (("POST", "/v2/self", "--json-body", "[NaN]"), "NaN is no JSON value"),
            (("POST", "/v2/self", "--json-body", '{"a": 1, "a": 2}'), "'a' is there twice"),
            (("POST", "/v2/self", "--json-body", "[" * 100_000), "not JSON"),
            (("POST", "/v2/self", "--json-body", "null"), "leave --json-body out"),
            (("POST", "/v2/self", "--json-body", "@none.json"), "none.json cannot be read"),
            (("POST", "/v2/self", "--json-body", "@latin.json"), "latin.json is not UTF-8"),
        ],
    )
    def test_what_is_refused(
        self, arguments: tuple[str, ...], reason: str, run: Callable[..., Result]
    ) -> None:
        Path("latin.json").write_bytes(b'"\xe9"')
        result = self.api(run, *arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert reason in result.stderr


class TestWhoami:
    def test_for_people(self, run: Callable[..., Result]) -> None:
        result = run("whoami", "--embedded", "ws.json")
        assert result.exit_code == 0
        assert "Fake Workspace" in result.stdout

    def test_for_machines(self, run: Callable[..., Result]) -> None:
        facts = json.loads(run("whoami", "--embedded", "ws.json", "--json").stdout)
        assert facts["workspace_slug"] == "fake-workspace"
        assert "record_permission:read-write" in facts["scopes"]

    def test_the_token_is_never_shown(
        self, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ATTIO_API_KEY", TOKEN)
        monkeypatch.setenv("ATTIO_BASE_URL", "http://attio.example")
        result = run("whoami")
        assert result.exit_code == 2
        assert "https" in result.stderr
        assert TOKEN not in result.output


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_explains_itself(self, command: str, run: Callable[..., Result]) -> None:
        result = run(command, "--help")
        assert result.exit_code == 0
        assert command in result.stdout

    def test_the_exit_codes_are_told(self, run: Callable[..., Result]) -> None:
        text = re.sub(r"\s+", " ", run("--help").stdout)
        assert "0 all done; 1 some of it failed; 2 nothing was done" in text
        text = re.sub(r"\s+", " ", run("import", "--help").stdout)
        assert "0 every row was written; 1 some were not; 2 nothing was written" in text
        assert "130 interrupted" in text

    def test_help_loads_nothing_heavy(self) -> None:
        code = (
            "import sys; from attio_async._cli.app import app; app(['--help'], standalone_mode=False);"
            "print([m for m in ('httpx', 'anyio', 'msgspec', 'rich', 'uvicorn') if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == "[]"


def test_without_the_extra_it_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("attio_async._cli.find_spec", lambda name: None if name == "rich" else object())
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "needs rich for its command line" in captured.err
    assert 'pip install "attio-async[cli]"' in captured.err


@pytest.mark.parametrize(("name", "column"), [("companies.csv", "Domains"), ("people.csv", "Company")])
def test_the_sample_is_shipped_and_made_up(name: str, column: str) -> None:
    text = (files("attio_async._cli") / "sample" / name).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    values = ";".join(f"{row[column]};{row.get('Email addresses', '')}" for row in rows).casefold()
    hosts = [
        re.split(r"//|@|/|\?", value)[1 if "//" in value or "@" in value else 0]
        for value in values.split(";")
    ]
    assert len(rows) >= 120
    assert {host.strip().rpartition(".")[2] for host in hosts if host.strip()} == {"example"}
