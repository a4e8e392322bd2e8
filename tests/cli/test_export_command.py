"""`export` as it is typed: formats, and going on where it stopped."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from attio_async._cli.app import app
from attio_async._cli.workspace import kept_in
from attio_async.bulk._export.partial_file import KeptPart


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATTIO_API_KEY", raising=False)
    with kept_in(Path("ws.json")) as fake:
        for number in range(620):
            fake.seed.add_record("companies", {"name": f"Firm {number}", "domains": [f"f{number}.example"]})


def export(*more: str) -> Result:
    return CliRunner().invoke(app, ["export", "companies", "--embedded", "ws.json", *more])


@pytest.mark.parametrize("options", [("--out", "firms.parquet"), ("--out", "firms", "--format", "parquet")])
def test_parquet(options: tuple[str, ...]) -> None:
    result = export(*options, "--select", "Name,domains")
    assert result.exit_code == 0, result.stderr
    table = pq.read_table(options[1])
    assert table.num_rows == 620
    assert table.column_names[:3] == ["record_id", "name", "domains"]


def test_going_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    append = KeptPart.append

    def full(part: KeptPart, data: bytes, mark: object) -> None:
        if part.mark.records:
            raise OSError(28, "No space left on device")
        append(part, data, mark)  # type: ignore[arg-type]

    monkeypatch.setattr(KeptPart, "append", full)
    failed = export("--out", "firms.jsonl", "--resume")
    assert failed.exit_code == 1
    assert "No space left" in failed.stderr
    assert "kept in firms.jsonl.part" in failed.stderr
    assert not Path("firms.jsonl").exists()
    monkeypatch.setattr(KeptPart, "append", append)
    result = export("--out", "firms.jsonl", "--resume")
    assert result.exit_code == 0
    assert "620 records written to firms.jsonl (500 of them earlier)" in result.stderr
    names = [json.loads(line)["name"] for line in Path("firms.jsonl").read_text("utf-8").splitlines()]
    assert names == [f"Firm {number}" for number in range(620)]
    assert sorted(path.name for path in Path().iterdir()) == ["firms.jsonl", "ws.json"]


@pytest.mark.parametrize("options", [("--format", "parquet"), ("--resume",)])
def test_standard_output_is_no_file(options: tuple[str, ...]) -> None:
    result = export(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--out FILE" in result.stderr
