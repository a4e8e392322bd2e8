"""`export`: every record as JSONL, CSV or Parquet, and back by `import` to the same values."""

import csv
import io
import json
import signal
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import Result

from attio_async import F
from attio_async._cli.commands.export import DEFAULT_PARALLEL, run_export
from attio_async._cli.errors import Refusal
from attio_async._cli.workspace import embedded_workspace
from attio_async._workspace.scan import PARALLEL
from attio_async.bulk import Csv, ExportResult
from attio_async.bulk._export.partial_file import KeptPart
from attio_async.errors import ConfigurationError, ServerError
from attio_async.testing import FakeAttio, FixedResponse
from tests.bulk._export.workspaces import gadget_values, gadgets_workspace
from tests.cli.support import imported, run_command, started, wait_until, workspace

pytestmark = pytest.mark.anyio


async def exported(
    fake: FakeAttio, name: str, kind: Any, separator: str = ";", formulas: Any = "escape"
) -> tuple[str, ExportResult]:
    file = io.BytesIO()
    async with fake.client() as attio:
        result = await run_export(
            attio, name, file, format=kind, separator=separator, formulas=formulas, stream=io.StringIO()
        )
    return file.getvalue().decode(), result


def stripped(fake: FakeAttio) -> list[dict[str, Any]]:
    """Return the gadgets' values without when and by whom they were written."""
    dropped = {"active_from", "active_until", "created_by_actor"}
    return [
        {
            slug: [{key: part for key, part in value.items() if key not in dropped} for value in found]
            for slug, found in record["values"].items()
            if slug not in {"record_id", "created_at", "created_by"}
        }
        for record in fake.records("gadgets")
    ]


@pytest.mark.parametrize(("kind", "separator"), [("csv", ";"), ("csv", " | "), ("jsonl", ";")])
async def test_an_exported_file_is_imported_to_the_same_values(kind: str, separator: str) -> None:
    fake = gadgets_workspace()
    filled = gadget_values(fake)
    fake.seed.add_record("gadgets", filled)
    fake.seed.add_record("gadgets", {"key": "nothing else"})
    before = stripped(fake)
    assert all(before[0][slug] for slug in filled)

    content, result = await exported(fake, "gadgets", kind, separator)
    assert result.records == 2
    emptied = FakeAttio.from_json(fake.to_json(), clock=fake.clock)
    async with emptied.client() as attio:
        for record in emptied.records("gadgets"):
            await attio.records("gadgets").delete(record["id"]["record_id"])
    assert emptied.records("gadgets") == []

    back = await imported(
        emptied, content, name=f"gadgets.{kind}", object="gadgets", match="key", separator=separator
    )
    assert back.failures == []
    assert back.created == 2
    assert stripped(emptied) == before
    assert set(back.ignored_columns) == {"record_id", "created_at", "created_by"}


async def test_csv_has_a_column_per_attribute_and_no_formula() -> None:
    fake = gadgets_workspace()
    fake.seed.add_record("gadgets", gadget_values(fake))
    content, _ = await exported(fake, "gadgets", "csv")
    header, row = csv.reader(io.StringIO(content, newline=""))
    cells = dict(zip(header, row, strict=True))
    assert header[0] == "record_id"
    assert header.count("record_id") == 1
    assert cells["key"] == "'=key"
    assert cells["some_phone_number"] == "+442079460100;+12125550100"
    assert cells["a_number"] == "-12.5"
    assert cells["a_status"] == "'=1+1"
    assert not [cell for cell in row if cell.startswith(("=", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("formulas", ["escape", "keep"])
async def test_cells_that_look_like_formulas_are_escaped_or_kept_and_read_back(formulas: Any) -> None:
    fake = gadgets_workspace()
    texts = ["=key", "'=key", "''+1", "@ada", "+442079460100", "'+442079460100", "a;=b"]
    for text in texts:
        fake.seed.add_record("gadgets", {"key": text})
    before = stripped(fake)
    content, _ = await exported(fake, "gadgets", "csv", formulas=formulas)
    cells = [row["key"] for row in csv.DictReader(io.StringIO(content, newline=""))]
    escaped = ["'=key", "''=key", "'''+1", "'@ada", "+442079460100", "''+442079460100", "a;'=b"]
    assert cells == (escaped if formulas == "escape" else texts)
    async with fake.client() as attio:
        for record in fake.records("gadgets"):
            await attio.records("gadgets").delete(record["id"]["record_id"])
    back = await imported(fake, content, name="gadgets.csv", object="gadgets", match="key", formulas=formulas)
    assert back.created == len(texts)
    assert stripped(fake) == before


def test_the_handling_of_formulas_is_checked() -> None:
    with pytest.raises(ConfigurationError, match=r"formulas must be 'escape' or 'keep', not 'drop'"):
        Csv(formulas="drop")  # type: ignore[arg-type]


async def test_jsonl_is_plain_data_in_attios_form() -> None:
    fake = gadgets_workspace()
    fake.seed.add_record("gadgets", gadget_values(fake))
    content, _ = await exported(fake, "gadgets", "jsonl")
    row = json.loads(content)
    assert content.count("\n") == 1
    assert Decimal(row["a_currency"]) == Decimal("1234567.8901")
    assert row["a_number"] == -12.5
    assert date.fromisoformat(row["a_date"]) == date(2024, 2, 29)
    assert row["a_timestamp"] == "2024-02-29T12:30:00.123456Z"
    assert row["a_personal_name"]["full_name"] == "Dr. Karl Müller"
    assert row["a_record_reference"]["target_object"] == "companies"
    assert row["some_domain"] == ["a.example.com", "b.example.com"]


async def test_every_record_is_written_once_over_many_pages() -> None:
    fake = workspace(limits=None, latency=0.0)
    for number in range(1203):
        fake.seed.add_record(
            "companies", {"domains": [f"firm-{number}.example.com"], "name": f"=Firm {number}"}
        )
    content, result = await exported(fake, "companies", "csv")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert result.records == len(rows) == 1203
    assert {row["domains"] for row in rows} == {f"firm-{number}.example.com" for number in range(1203)}


async def test_an_empty_object_is_an_empty_file() -> None:
    fake = workspace()
    csv_text, result = await exported(fake, "companies", "csv")
    jsonl_text, _ = await exported(fake, "companies", "jsonl")
    assert (csv_text.count("\n"), jsonl_text, result.records) == (1, "", 0)


async def test_an_unknown_object_is_answered_with_near_matches() -> None:
    with pytest.raises(Refusal, match="did you mean 'companies'"):
        await exported(workspace(), "compnies", "csv")


async def test_a_failure_while_reading_is_raised() -> None:
    fake = workspace(latency=0.0, limits=None)
    for number in range(2000):
        fake.seed.add_record("companies", {"domains": [f"firm-{number}.example.com"]})

    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            if b"firm-499" in bytes(data):
                fake.fault(FixedResponse(500, {"message": "no"}), times=50)
            return super().write(data)

    async with fake.client() as attio:
        with pytest.raises(ServerError):
            await run_export(
                attio, "companies", File(), format="jsonl", separator=";", stream=io.StringIO(), parallel=1
            )


@pytest.mark.full
async def test_every_record_is_written_once_while_others_write() -> None:
    fake = workspace(latency=0.0, limits=None)
    for number in range(2400):
        fake.clock.advance(0.01)
        fake.seed.add_record("companies", {"domains": [f"firm-{number}.example.com"]})
    first = fake.records("companies")[0]["id"]["record_id"]

    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            if b"firm-499" in bytes(data):
                fake.handle(
                    "DELETE",
                    f"/v2/objects/companies/records/{first}",
                    {"authorization": f"Bearer {fake.token}"},
                    b"",
                )
                fake.clock.advance(1)
                fake.seed.add_record("companies", {"domains": ["late.example.com"]})
            return super().write(data)

    file = File()
    async with fake.client() as attio:
        await run_export(
            attio, "companies", file, format="jsonl", separator=";", stream=io.StringIO(), parallel=1
        )
    domains = [json.loads(line)["domains"][0] for line in file.getvalue().splitlines()]
    assert domains == [*(f"firm-{number}.example.com" for number in range(2400)), "late.example.com"]
    assert len(fake.records("companies")) == 2400


@pytest.mark.full
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_memory_does_not_grow_with_the_records() -> None:
    """Both exports have more pages than are held at once: two that are read, and four as records."""

    class Nowhere(io.BytesIO):
        def write(self, data: Any) -> int:
            return len(data)

    async def peak(count: int) -> int:
        fake = workspace(latency=0.0, limits=None)
        for number in range(count):
            fake.clock.advance(0.01)
            fake.seed.add_record(
                "companies", {"domains": [f"firm-{number}.example.com"], "description": "x" * 300}
            )
        async with fake.client() as attio:
            tracemalloc.start()
            result = await run_export(
                attio, "companies", Nowhere(), format="csv", separator=";", stream=io.StringIO(), parallel=2
            )
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert result.records == count
        return most

    assert await peak(7000) < 1.25 * await peak(3500)


async def test_a_filter_and_a_selection() -> None:
    fake = workspace()
    for name in ("Acme", "Zoë"):
        fake.seed.add_record("companies", {"domains": [f"{name[0]}.example.com"], "name": name})
    file = io.BytesIO()
    async with fake.client() as attio:
        result = await run_export(
            attio,
            "companies",
            file,
            format="jsonl",
            separator=";",
            stream=io.StringIO(),
            filter=F.name.contains("z"),
            select="name",
        )
    row = json.loads(file.getvalue())
    assert (list(row), row["name"], result.records) == (["record_id", "name"], "Zoë", 1)


ROWS = [
    {
        "Name": f"Company {n}, Ltd",
        "Domains": f"c{n}.example.com;c{n}.example.org",
        "Description": f'Line 1 of {n}\nline 2, "quoted"; and =1+1',
        "Foundation date": f"20{n % 20:02d}-0{n % 9 + 1}-17",
    }
    for n in range(1000)
]


@pytest.mark.full
async def test_a_thousand_rows_are_imported_twice_changed_and_exported() -> None:
    out = io.StringIO()
    writer = csv.DictWriter(out, ROWS[0])
    writer.writeheader()
    writer.writerows(ROWS)
    fake, content = workspace(), out.getvalue()
    first = await imported(fake, content)
    assert (first.created, first.updated, first.failed, first.rate_limited) == (1000, 0, 0, 0)
    writes = [call.time for call in fake.calls if call.method == "PUT"]
    late = [time for time in writes if time >= writes[0] + 1]
    assert len(late) / (late[-1] - late[0]) >= 0.9 * 25
    assert {call.status for call in fake.calls} == {200}

    await fake.clock.sleep(1)  # a process of its own takes that long to start
    second = await imported(fake, content)
    assert (second.created, second.updated, second.unchanged, second.failed) == (0, 0, 1000, 0)
    assert (second.writes, second.rate_limited) == (0, 0)

    await fake.clock.sleep(1)
    third = await imported(fake, content.replace("Line 1", "First line"))
    assert (third.created, third.updated, third.failed, third.rate_limited) == (0, 1000, 0, 0)

    await fake.clock.sleep(1)
    text, _ = await exported(fake, "companies", "csv")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert len(rows) == 1000
    found = {(row["name"], row["domains"], row["description"], row["foundation_date"]) for row in rows}
    assert found == {tuple(value.replace("Line 1", "First line") for value in row.values()) for row in ROWS}


class TestCommand:
    @pytest.fixture(autouse=True)
    def _folder(self, folder: Path) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            for name, domain in (("=Acme", "acme.example.com"), ("Zoë", "zoe.example.com")):
                fake.seed.add_record("companies", {"name": name, "domains": [domain]})

    def export(self, *more: str) -> Result:
        return run_command("export", "companies", *more, "--embedded", "ws.json")

    def test_the_ending_of_the_file_chooses_the_format(self) -> None:
        result = self.export("--out", "out.CSV")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "2 written to out.CSV" in result.stderr
        with Path("out.CSV").open(newline="", encoding="utf-8") as file:
            assert {row["name"] for row in csv.DictReader(file)} == {"'=Acme", "Zoë"}

    def test_pages_are_read_in_parallel_and_in_order_if_asked(self) -> None:
        for options in (("--parallel", "1"), ("--parallel", "4"), ("--ordered",)):
            result = self.export("--format", "csv", "--columns", "name", *options)
            assert result.exit_code == 0, result.stderr
            assert sorted(line.partition(",")[2] for line in result.stdout.splitlines()) == [
                "'=Acme",
                "Zoë",
                "name",
            ]
        assert self.export("--parallel", "0").exit_code == 2
        assert DEFAULT_PARALLEL == PARALLEL

    def test_parquet(self) -> None:
        for options in (("--out", "firms.parquet"), ("--out", "firms", "--format", "parquet")):
            result = self.export(*options, "--columns", "Name,domains")
            assert result.exit_code == 0, result.stderr
            table = pq.read_table(options[1])
            assert table.num_rows == 2
            assert table.column_names[:3] == ["record_id", "name", "domains"]

    def test_a_list_in_every_format(self) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            company = fake.records("companies")[0]["id"]["record_id"]
            fake.seed.add_list("sales", "Sales pipeline", "companies")
            fake.seed.add_attribute("sales", "tier", "text")
            entry = fake.seed.add_entry("sales", company, {"tier": "A"})["id"]["entry_id"]
        parent = {"target_object": "companies", "target_record_id": company}
        for name, file, command in (
            ("Sales pipeline", "sales.parquet", "export"),
            ("sales", "found.parquet", "query"),
        ):
            result = run_command(command, name, "-o", file, "--columns", "tier", "--embedded", "ws.json")
            assert result.exit_code == 0, result.stderr
            (row,) = pq.read_table(file).to_pylist()
            assert (row["entry_id"], row["parent_record"], row["tier"]) == (entry, parent, "A")
        result = run_command("export", "sales", "--filter", 'F.tier == "A"', "--embedded", "ws.json")
        row = json.loads(result.stdout)
        assert (row["entry_id"], row["parent_record"], row["tier"]) == (entry, parent, "A")
        assert "sales: 1 written to standard output" in result.stderr

    def test_standard_output_is_the_default(self) -> None:
        result = self.export()
        assert {json.loads(line)["name"] for line in result.stdout.splitlines()} == {"=Acme", "Zoë"}
        assert "companies: 2 written to standard output" in result.stderr

    def test_records_and_attributes_can_be_selected(self) -> None:
        more = ("--filter", "F.domains == 'zoe.example.com'", "--columns", "Name, domains,name,record_id")
        result = self.export("--format", "csv", *more)
        header, row = csv.reader(result.stdout.splitlines())
        assert header == ["record_id", "name", "domains"]
        assert row[1:] == ["Zoë", "zoe.example.com"]
        assert "companies: 1 written" in result.stderr

    def test_invalid_options_are_refused_before_anything_is_written(self) -> None:
        misfits = {}
        for more, reason in [
            (("--filter", "F.name"), "compare it"),
            (("--filter", "F.nme == 'x'"), "did you mean 'name'"),
            (("--filter", '{"nme": "x"}'), "nme"),
            (("--columns", "name,domain"), "did you mean 'domains'"),
            (("--columns", ""), "--columns"),
        ]:
            for place in ((), ("--out", "out.csv")):
                result = self.export("--format", "csv", *more, *place)
                if (result.exit_code, result.stdout) != (2, "") or reason not in result.stderr:
                    misfits[more] = result.output
        assert not misfits
        assert not Path("out.csv").exists()

    def test_parquet_and_resuming_need_a_file(self) -> None:
        for options in (("--format", "parquet"), ("--resume",)):
            result = self.export(*options)
            assert (result.exit_code, result.stdout) == (2, "")
            assert "--out FILE" in result.stderr

    def test_a_failure_leaves_the_old_file(self) -> None:
        Path("out.csv").write_text("old")
        result = run_command("export", "compnies", "--out", "out.csv", "--embedded", "ws.json")
        assert result.exit_code == 2
        assert Path("out.csv").read_text() == "old"
        assert sorted(path.name for path in Path().iterdir()) == ["out.csv", "ws.json"]

    def test_an_existing_file_is_replaced_by_force_only(self) -> None:
        Path("out.csv").write_text("old")
        for more in ((), ("--resume",)):
            refused = self.export("-o", "out.csv", *more)
            assert (refused.exit_code, Path("out.csv").read_text()) == (2, "old")
            assert "out.csv exists; give --force" in refused.stderr
        for more in ((), ("--resume",)):
            assert self.export("-o", "out.csv", "--force", *more).exit_code == 0
            assert Path("out.csv").read_text().startswith("record_id")

    def test_the_embedded_workspace_is_not_overwritten(self) -> None:
        before = Path("ws.json").read_bytes()
        refused = self.export("--out", "ws.json", "--format", "jsonl", "--force")
        assert refused.exit_code == 2
        assert "--out and --embedded are the same file" in refused.stderr
        assert Path("ws.json").read_bytes() == before

    @pytest.mark.parametrize("command", ["export", "query"])
    def test_a_file_of_another_format_is_refused_and_not_made(self, command: str) -> None:
        for name in ("x.xlsx", "x.csv.gz", "x.XML"):
            refused = run_command(command, "companies", "-o", name, "--embedded", "ws.json")
            assert refused.exit_code == 2
            assert f"{name}: the format " in refused.stderr
            assert "use " in refused.stderr
            assert " or give --format" in refused.stderr
            assert not Path(name).exists()
            given = run_command(command, "companies", "-o", name, "--format", "csv", "--embedded", "ws.json")
            assert given.exit_code == 0

    def test_without_a_token_it_says_how_to_start(self) -> None:
        result = run_command("export", "companies", "--out", "out.csv")
        assert result.exit_code == 2
        assert "attio-async demo" in result.stderr
        assert not Path("out.csv").exists()

    def test_an_interrupted_export_can_resume(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with embedded_workspace(Path("ws.json")) as fake:
            for number in range(618):
                fake.seed.add_record("companies", {"name": f"Firm {number}"})
        append = KeptPart.append

        def full(part: KeptPart, data: bytes, mark: object) -> None:
            if part.position.records:
                raise OSError(28, "No space left on device")
            append(part, data, mark)  # type: ignore[arg-type]

        monkeypatch.setattr(KeptPart, "append", full)
        failed = self.export("--out", "firms.jsonl", "--resume")
        assert failed.exit_code == 1
        assert "No space left" in failed.stderr
        assert "kept in firms.jsonl.part; run the same command again to resume" in failed.stderr
        assert not Path("firms.jsonl").exists()
        monkeypatch.setattr(KeptPart, "append", append)
        result = self.export("--out", "firms.jsonl", "--resume")
        assert result.exit_code == 0
        assert "620 written to firms.jsonl (500 of them earlier)" in result.stderr
        names = [json.loads(line)["name"] for line in Path("firms.jsonl").read_text("utf-8").splitlines()]
        assert sorted(names) == sorted(["=Acme", "Zoë", *(f"Firm {number}" for number in range(618))])
        assert sorted(path.name for path in Path().iterdir()) == ["firms.jsonl", "ws.json"]


@pytest.mark.full
def test_an_interrupted_export_leaves_nothing_behind(tmp_path: Path) -> None:
    fake = FakeAttio(latency=0.5)
    arguments = ("export", "companies", "--out", "out.csv")
    with fake.serve() as server, started(*arguments, cwd=tmp_path, fake_url=server.url) as process:
        wait_until(lambda: list(tmp_path.glob(".out.csv.*.part")) and fake.calls)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.full
def test_a_reader_that_goes_away_ends_an_export_quietly(tmp_path: Path) -> None:
    with embedded_workspace(tmp_path / "ws.json") as fake:
        for number in range(2000):
            fake.seed.add_record(
                "companies", {"domains": [f"firm-{number}.example.com"], "description": "x" * 200}
            )
    with started("export", "companies", "--embedded", "ws.json", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["record_id"]
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(timeout=30) == 141
    assert "Traceback" not in err
    assert "Exception" not in err
