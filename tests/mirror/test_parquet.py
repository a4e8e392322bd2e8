"""A mirror as a folder of Parquet files: what is written, what stays, and what is refused."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from attio_async.errors import ConfigurationError
from attio_async.mirror import MirrorFile
from attio_async.mirror._parquet import ParquetTarget
from attio_async.testing import FakeAttio

pytestmark = [pytest.mark.anyio, pytest.mark.full]
ONLY: dict[str, Any] = {"objects": ["companies", "people"], "lists": (), "also": ()}


@pytest.fixture
def anyio_backend() -> str:
    """Nothing here depends on the event loop."""
    return "asyncio"


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio()
    fake.seed.add_record("companies", {"name": "Acme"})
    fake.seed.add_record("people", {"name": "Lovelace, Ada"})
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "crm"


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def files(folder: Path) -> dict[str, list[str]]:
    return {table["name"]: table["files"] for table in manifest(folder)["tables"]}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def on_disk(folder: Path) -> list[Path]:
    return sorted(folder.glob("[!.]*/*/*.parquet"))


def is_private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


def rows(folder: Path, table: str) -> list[tuple[Any, ...]]:
    paths = [str(folder / file) for file in files(folder)[table]]
    with duckdb.connect(":memory:") as database:
        return database.execute("SELECT * FROM read_parquet($1)", [paths]).fetchall()


async def test_a_refresh_writes_files_of_what_changed(fake: FakeAttio, folder: Path) -> None:
    async with fake.client() as attio, attio.mirror(f"{folder}/", **ONLY) as mirror:
        assert (await mirror.refresh()).is_published
        first = files(folder)
        assert first["companies"] == ["objects/companies/000000001.parquet"]
        assert not (await mirror.refresh()).is_published
        assert files(folder) == first
        fake.seed.add_record("companies", {"name": "Beta"})
        assert (await mirror.refresh()).is_published
        second = files(folder)
        assert second["companies"] == ["objects/companies/000000003.parquet"]
        assert second["people"] == first["people"]
        assert second["_changes"] == [*first["_changes"], "mirror/_changes/000000003.parquet"]
        assert (folder / first["companies"][0]).exists()  # for readers of the manifest before
        fake.seed.add_record("companies", {"name": "Gamma"})
        await mirror.refresh()
        assert not (folder / first["companies"][0]).exists()
        assert len(rows(folder, "companies")) == 3
        assert len(rows(folder, "_changes")) == 4 + len(ONLY["objects"])
        status = await mirror.status()
        assert (status.where, status.sweep, manifest(folder)["sweep"]) == (str(folder), 4, 4)
        assert await mirror.sql("SELECT count(*) AS n FROM companies") == [{"n": 3}]
    assert all(map(is_private, (folder, folder / ".mirror", folder / "manifest.json", *on_disk(folder))))


async def test_what_was_committed_and_not_written_is_written_by_the_next_refresh(
    fake: FakeAttio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake.client() as attio, attio.mirror(folder.as_posix() + "/", **ONLY) as mirror:
        await mirror.refresh()
        for name, broken in (("Beta", "_write_manifest"), ("Gamma", "_write")):
            fake.seed.add_record("companies", {"name": name})
            with monkeypatch.context() as patch, pytest.raises(KeyError):
                patch.setattr(ParquetTarget, broken, lambda *_: {}["cut"])
                await mirror.refresh()
        assert len(rows(folder, "companies")) == 1
        fake.seed.add_record("people", {"name": "Hopper, Grace"})
        assert (await mirror.refresh()).is_published
    assert len(rows(folder, "companies")) == 3
    assert len(rows(folder, "people")) == 2
    assert len(rows(folder, "_changes")) == 5 + len(ONLY["objects"])
    named = {file for table in files(folder).values() for file in table}
    assert named <= {path.relative_to(folder).as_posix() for path in on_disk(folder)}


@pytest.mark.parametrize("sweeps", [1, 2])
async def test_a_database_that_was_removed_is_not_mistaken_for_its_successor(
    fake: FakeAttio, folder: Path, sweeps: int
) -> None:
    async with fake.client() as attio, attio.mirror(f"{folder}/", **ONLY) as mirror:
        for number in range(sweeps):
            fake.seed.add_record("companies", {"name": f"Beta {number}"})
            await mirror.refresh()
        before = {path: path.read_bytes() for path in on_disk(folder)}
        shutil.rmtree(folder / ".mirror")
        fake.seed.add_record("companies", {"name": "Gamma"})
        assert (await mirror.refresh()).is_published
        assert len(rows(folder, "companies")) == 2 + sweeps
        logged = await mirror.sql("SELECT count(*) AS n FROM _changes")
        assert len(rows(folder, "_changes")) == logged[0]["n"]
        assert {path: path.read_bytes() for path in before if path.exists()}.items() <= before.items()


async def test_who_is_forgotten_is_in_no_file(fake: FakeAttio, folder: Path) -> None:
    person = fake.records("people")[0]["id"]["record_id"]
    async with fake.client() as attio, attio.mirror(f"{folder}/", **ONLY) as mirror:
        await mirror.refresh()
        await attio.people.delete(person)
        assert await mirror.forget(person) >= 2
    for path in on_disk(folder):
        with duckdb.connect(":memory:") as database:
            text = database.execute(f"SELECT string_agg(t::VARCHAR) FROM '{path}' t").fetchone()
        assert person not in str(text)
    named = {file for table in files(folder).values() for file in table}
    assert named == {path.relative_to(folder).as_posix() for path in on_disk(folder)}


async def test_the_log_is_written_anew_when_old_lines_are_removed(fake: FakeAttio, folder: Path) -> None:
    async with fake.client() as attio:
        async with attio.mirror(f"{folder}/", **ONLY) as mirror:
            await mirror.refresh()
        fake.seed.add_record("companies", {"name": "Beta"})
        async with attio.mirror(f"{folder}/", retention=timedelta(microseconds=1), **ONLY) as mirror:
            await mirror.refresh()
    assert len(files(folder)["_changes"]) == 1
    assert len(rows(folder, "_changes")) == 1


async def test_tables_of_any_name_have_folders_of_their_own(fake: FakeAttio, folder: Path) -> None:
    slugs = ["a/b", "a.b", "a b", "A_b", "x" * 150]
    for slug in slugs:
        fake.seed.add_object(slug)
    async with fake.client() as attio, attio.mirror(f"{folder}/", objects=slugs, lists=(), also=()) as mirror:
        await mirror.refresh()
    found = [files(folder)[slug][0] for slug in slugs]
    assert len(set(found)) == len(slugs)
    assert all(len(Path(file).parts) == 3 and (folder / file).exists() for file in found)


async def test_other_folders_and_formats_are_refused(fake: FakeAttio, folder: Path) -> None:
    write(folder / "mine.csv", "x")
    async with fake.client() as attio, attio.mirror(folder, **ONLY) as mirror:
        with pytest.raises(
            ConfigurationError, match="has other files; give the path of a mirror, or of a new folder"
        ):
            await mirror.refresh()
        (folder / "mine.csv").unlink()
        await mirror.refresh()
        write(folder / "manifest.json", '{"format": 99}')
        with pytest.raises(ConfigurationError, match="is a mirror of format 99"):
            await mirror.refresh()
    async with MirrorFile(f"{folder.parent / 'none'}/") as mirror:
        with pytest.raises(ConfigurationError, match="does not exist; refresh the mirror first"):
            await mirror.status()


def test_without_psycopg_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"needs psycopg: pip install \"attio-async\[postgres\]\""):
        MirrorFile("postgresql://host/crm")
