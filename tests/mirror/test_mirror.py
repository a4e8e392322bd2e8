# ruff: noqa: ASYNC221, ASYNC240 - files are small
"""Mirrors: what a refresh does to the tables, the log and the report, and who may read and write."""

import json
import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import duckdb
import pytest

from attio_async import ConfigurationError, StorageError
from attio_async.errors import DecodeError, UnknownName
from attio_async.mirror import MirrorFile, RefreshReport, RowCounts, _sources
from attio_async.mirror._duckdb import DuckDBTarget
from attio_async.mirror._tables import Column, ColumnType, Table
from attio_async.mirror._target import Batch, MirroredTable, MirrorSweep, StagedRow, TableProgress
from attio_async.testing import FakeAttio, FixedResponse, VirtualClock

from .support import replay, tables_of

pytestmark = pytest.mark.anyio

ASYNCIO = pytest.mark.parametrize("anyio_backend", ["asyncio"])
ONLY: dict[str, Any] = {"objects": ["companies"], "lists": (), "also": ()}


@pytest.fixture
def fake() -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock())
    for number in range(3):
        fake.seed.add_record("companies", {"name": f"C{number}", "domains": [f"c{number}.example.com"]})
    return fake


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "crm.duckdb"


def rows_of(report: RefreshReport, table: str) -> tuple[int, int, int, int]:
    (found,) = [each.rows for each in report.tables if each.table == table]
    return found.created, found.changed, found.deleted, found.merged


def ids_of(fake: FakeAttio, object: str = "companies") -> list[str]:
    return [str(record["id"]["record_id"]) for record in fake.records(object)]


@ASYNCIO
async def test_a_refresh_takes_what_is_new_changed_and_gone(fake: FakeAttio, path: Path) -> None:
    first, second, third = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        report = await mirror.refresh()
        assert rows_of(report, "objects.companies") == (3, 0, 0, 0)
        assert report.is_published
        fake.clock.advance(60)  # type: ignore[attr-defined]
        await attio.companies.update(first, {"name": "New"})
        await attio.companies.delete(second)
        merged = await attio.companies.merge(third, await attio.companies.create({"name": "Other"}))
        report = await mirror.refresh()
        assert rows_of(report, "objects.companies") == (1, 1, 1, 1)
        rows = await mirror.sql("SELECT record_id, name FROM companies ORDER BY name")
        assert rows == [{"record_id": merged.id, "name": "C2"}, {"record_id": first, "name": "New"}]
        gone = await mirror.sql("SELECT id, _merged_into FROM _deleted ORDER BY _merged_into NULLS FIRST")
        assert gone == [{"id": second, "_merged_into": None}, {"id": third, "_merged_into": merged.id}]
        changed = await mirror.sql("SELECT * FROM _changes WHERE change = 'changed'")
        assert [(line["id"], line["attribute"], line["before"], line["after"]) for line in changed] == [
            (first, "name", '"C0"', '"New"')
        ]
        assert changed[0]["at"] <= changed[0]["noticed_at"]
        assert changed[0]["actor_type"] == "api-token"
        unchanged = await mirror.refresh()
        assert (unchanged.is_changed, unchanged.is_published) == (False, False)
        status = await mirror.status()
        assert status.sweep == 2
        assert status.rows == {"objects.companies": 2}
        assert status.swept_at is not None
        assert status.changed_at is not None
        assert status.swept_at >= status.changed_at


@pytest.mark.full
@ASYNCIO
async def test_cells_are_exact(fake: FakeAttio, path: Path) -> None:
    fake.seed.add_attribute("companies", "size", "number")
    exact, *_ = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await attio.companies.update(exact, {"size": 12345678.9012})
        await mirror.refresh()
        found = await mirror.sql(f"SELECT size, _other_values FROM companies WHERE record_id = '{exact}'")
    assert found == [{"size": Decimal("12345678.9012"), "_other_values": None}]


@pytest.mark.full
@ASYNCIO
async def test_the_tables_follow_the_schema(fake: FakeAttio, path: Path) -> None:
    fake.seed.add_attribute("companies", "color", "text")
    fake.seed.add_attribute("companies", "size", "number")
    first, *_ = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await attio.companies.update(first, {"color": "red", "size": 3})
        await mirror.refresh()
        await attio.attributes("companies").update("color", api_slug="colour")
        await attio.attributes("companies").update("size", is_archived=True)
        fake.seed.add_attribute("companies", "since", "date")
        report = await mirror.refresh()
        assert sorted(map(str, report.schema_changes)) == [
            "objects.companies.colour: column renamed from color",
            "objects.companies.since: column added",
            "objects.companies.size: column removed",
        ]
        rows = await mirror.sql(f"SELECT colour, since FROM companies WHERE record_id = '{first}'")
        assert rows == [{"colour": "red", "since": None}]
        await attio.attributes("companies").update("size", is_archived=False)
        await mirror.refresh()
        assert await mirror.sql(f"SELECT size FROM companies WHERE record_id = '{first}'") == [
            {"size": Decimal("3.0000")}
        ]


@pytest.mark.full
@ASYNCIO
async def test_names_that_the_database_has_are_in_the_other_values(fake: FakeAttio, path: Path) -> None:
    names = ("rowid", "_origins", "_Changed_At")
    for name in names:
        fake.seed.add_attribute("companies", name, "text")
    first, *_ = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        await attio.companies.update(first, dict.fromkeys(names, "x"))
        await mirror.refresh()
        (found,) = await mirror.sql("SELECT _other_values FROM companies WHERE _other_values IS NOT NULL")
        assert {name: values[0]["value"] for name, values in json.loads(found["_other_values"]).items()} == (
            dict.fromkeys(names, "x")
        )


@pytest.mark.full
@ASYNCIO
async def test_a_slug_is_not_taken_for_the_title_of_another_object(path: Path) -> None:
    fake = FakeAttio()
    fake.seed.add_object("first", "Plan", "plans")
    fake.seed.add_object("plans", "Project", "Projects")
    fake.seed.add_record("plans", {})
    async with fake.client() as attio, attio.mirror(path, objects=["plans"], lists=(), also=()) as mirror:
        report = await mirror.refresh()
    assert [(each.table, each.read) for each in report.tables] == [("objects.plans", 1)]


@pytest.mark.full
@ASYNCIO
async def test_the_log_follows_names_that_are_swapped_and_passed_on(fake: FakeAttio, path: Path) -> None:
    for slug in ("a", "b", "c"):
        fake.seed.add_attribute("companies", slug, "text")
    first, *_ = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await attio.companies.update(first, {"a": "A", "b": "B", "c": "C"})
        await mirror.refresh()
        attributes = attio.attributes("companies")
        for old, new in (("a", "x"), ("b", "a"), ("x", "b"), ("c", "d")):
            await attributes.update(old, api_slug=new)
        fake.seed.add_attribute("companies", "c", "text")
        await mirror.refresh()
        assert replay(path) == tables_of(path, as_json=True)
        for old, new in (("d", "e"), ("c", "d"), ("b", "c")):
            await attributes.update(old, api_slug=new)
        await mirror.refresh()
        assert replay(path) == tables_of(path, as_json=True)
        found = await mirror.sql(f"SELECT a, c, d, e FROM companies WHERE record_id = '{first}'")
        assert found == [{"a": "B", "c": "A", "d": None, "e": "C"}]


@pytest.mark.full
@pytest.mark.parametrize("taken", ["x", "X"])
@ASYNCIO
async def test_the_log_follows_tables_whose_names_pass_to_others(
    fake: FakeAttio, path: Path, taken: str
) -> None:
    for slug in ("x", "y"):
        fake.seed.add_object(slug, f"Thing {slug}")
        fake.seed.add_attribute(slug, "title", "text")
        fake.seed.add_record(slug, {"title": slug})
    async with fake.client() as attio:
        async with attio.mirror(path, objects=["x", "y"], lists=(), also=()) as mirror:
            await mirror.refresh()
            for old, new in (("x", "z"), ("y", "x"), ("z", "y")):
                await attio.objects.update(old, api_slug=new)
            await mirror.refresh()
            assert replay(path) == tables_of(path, as_json=True)
            assert await mirror.sql("SELECT title FROM x") == [{"title": "y"}]
        await attio.objects.update("x", api_slug="old")
        fake.seed.add_object(taken, "Other")
        fake.seed.add_attribute(taken, "title", "text")
        fake.seed.add_record(taken, {"title": "other"})
        async with attio.mirror(path, objects=[taken], lists=(), also=()) as mirror:
            report = await mirror.refresh()
        assert {each.change for each in report.schema_changes} == {"table renamed", "table added"}
        assert replay(path) == tables_of(path, as_json=True)
        assert len(tables_of(path)) == 3


@pytest.mark.full
@ASYNCIO
async def test_histories_are_read_when_a_value_changed(fake: FakeAttio, path: Path) -> None:
    first, second, _ = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY, history=["companies.name"]) as mirror:
        await mirror.refresh()
        before = len(fake.calls)
        fake.clock.advance(60)  # type: ignore[attr-defined]
        await attio.companies.update(first, {"name": "Second"})
        await attio.companies.update(second, {"domains": ["other.example.com"]})
        await mirror.refresh()
        reads = [call for call in fake.calls[before:] if call.operation == "list_record_attribute_values"]
        assert len(reads) == 1
        query = f"SELECT value, active_until IS NULL AS is_current FROM history.companies_name WHERE record_id = '{first}'"
        assert await mirror.sql(f"{query} ORDER BY active_from") == [
            {"value": "C0", "is_current": False},
            {"value": "Second", "is_current": True},
        ]
        await attio.companies.delete(first)
        await mirror.refresh()
        assert await mirror.sql(query) == []


@pytest.mark.full
@ASYNCIO
async def test_histories_with_the_same_name_have_tables_of_their_own(path: Path) -> None:
    fake = FakeAttio()
    for slug, attribute in (("x", "y_z"), ("x_y", "z")):
        fake.seed.add_object(slug, f"Thing {slug}")
        fake.seed.add_attribute(slug, attribute, "text")
        fake.seed.add_record(slug, {attribute: slug})
    history = ["x.y_z", "x_y.z"]
    async with (
        fake.client() as attio,
        attio.mirror(path, objects=["x", "x_y"], lists=(), also=(), history=history) as mirror,
    ):
        first, second = [
            each.table for each in (await mirror.refresh()).tables if each.table.startswith("history.")
        ]
        assert first == "history.x_y_z"
        assert second.startswith("history.x_y_z_")
        assert await mirror.sql(
            f'SELECT value FROM {first} UNION ALL SELECT value FROM history."{second[8:]}"'
        ) == [
            {"value": "x"},
            {"value": "x_y"},
        ]


@pytest.mark.full
@ASYNCIO
async def test_large_rows_get_the_memory_that_they_need(fake: FakeAttio, path: Path) -> None:
    for number in range(8):
        fake.seed.add_record("companies", {"name": f"D{number}", "description": f"{number}" * 4_000_000})
    limits: list[str] = []
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        target: Any = mirror._target
        commit = target.commit

        def committed(*given: Any, **options: Any) -> Any:
            found = commit(*given, **options)
            limits.extend(target._db.execute("SELECT current_setting('memory_limit')").fetchone())
            return found

        target.commit = committed
        assert rows_of(await mirror.refresh(), "objects.companies") == (11, 0, 0, 0)
        found = await mirror.sql("SELECT sum(length(description)) AS n FROM companies")
    assert found == [{"n": 32_000_000}]
    assert limits == ["953.6 MiB"]


@pytest.mark.full
@ASYNCIO
async def test_numbers_of_a_history_are_exact(fake: FakeAttio, path: Path) -> None:
    fake.seed.add_attribute("companies", "size", "number")
    (first, *_) = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY, history=["companies.size"]) as mirror:
        for size in (1.0001, 2):
            fake.clock.advance(60)  # type: ignore[attr-defined]
            await attio.companies.update(first, {"size": size})
        await mirror.refresh()
        found = await mirror.sql("SELECT value, _other_values FROM history.companies_size ORDER BY value")
    assert found == [
        {"value": Decimal("1.0001"), "_other_values": None},
        {"value": Decimal("2.0000"), "_other_values": None},
    ]


@pytest.mark.full
@ASYNCIO
async def test_what_the_token_may_not_read_is_left_out(fake: FakeAttio, path: Path) -> None:
    fake.auth.add_token("little", scopes=["object_configuration:read", "record_permission:read", "note:read"])
    fake.seed.add_list("sales", parent="companies")
    async with fake.client() as attio, attio.mirror(path) as mirror:
        await mirror.refresh()
    async with fake.client(token="little") as attio, attio.mirror(path) as mirror:
        report = await mirror.refresh()
        left_out = {each.name: each.missing_scopes for each in report.left_out}
        assert left_out["lists"] == ("list_configuration:read",)
        assert left_out["mirror.members"] == ("user_management:read",)
        assert {"mirror.tasks", "mirror.meetings"} <= left_out.keys()
        assert not report.is_changed
        assert len(await mirror.sql("SELECT * FROM mirror.members")) == 2


@pytest.mark.full
@ASYNCIO
async def test_comments_are_read_if_they_are_asked_for(fake: FakeAttio, path: Path) -> None:
    member = fake.seed.add_member("jo@example.com", "Jo", "Doe")
    async with (
        fake.client() as attio,
        attio.mirror(path, objects=["companies"], lists=(), also=["comments"]) as mirror,
    ):
        company = await attio.companies.get(ids_of(fake)[0])
        comment = await attio.comments.create("Hello", author=member, record=company)
        await mirror.refresh()
        assert await mirror.sql("SELECT content_plaintext FROM mirror.comments") == [
            {"content_plaintext": "Hello"}
        ]
        await attio.comments.delete(comment)
        report = await mirror.refresh()
        assert rows_of(report, "mirror.comments") == (0, 0, 1, 0)


@pytest.mark.full
@pytest.mark.parametrize("case", [(3, 2, 1), (520, 0, 420)])
@ASYNCIO
async def test_a_comment_that_a_merge_moves_meanwhile_is_kept_once(
    fake: FakeAttio, path: Path, monkeypatch: pytest.MonkeyPatch, case: tuple[int, int, int]
) -> None:
    """The merged record was not read yet and the new one is met no more, or both are met."""
    records, place, merged_at = case
    monkeypatch.setattr(_sources, "_AT_ONCE", 1)
    monkeypatch.setattr(_sources, "_ROWS_PER_BATCH", 1)
    member = fake.seed.add_member("jo@example.com", "Jo", "Doe")
    for number in range(3, records):
        fake.seed.add_record("companies", {"name": f"C{number}"})
    ids = ids_of(fake)
    left = 0

    async def merge(request: Any, send: Any) -> Any:
        nonlocal left
        response = await send(request)
        left -= "/threads" in request.path
        if left == 0 and "/threads" in request.path:
            await others.companies.merge(ids[0], ids[2])
        return response

    coverage = {"objects": ["companies"], "lists": (), "also": ["comments"]}
    query = "SELECT content_plaintext FROM mirror.comments"
    async with fake.client() as others, fake.client(middleware=[merge]) as attio:
        record = await others.companies.get(ids[place])
        await others.comments.create("Hello", author=member, record=record)
        async with attio.mirror(path, **coverage) as mirror:
            if place:
                await mirror.refresh()
            left = merged_at
            for _ in range(2):
                await mirror.refresh()
                assert await mirror.sql(query) == [{"content_plaintext": "Hello"}]


@pytest.mark.full
@ASYNCIO
async def test_one_writer_at_a_time_and_any_number_of_readers(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        fake.seed.add_record("companies", {"name": "Fourth"})
        seen: list[int] = []

        async def look(request: Any, send: Any) -> Any:
            if "query" in request.path:
                with pytest.raises(ConfigurationError, match="is being written by another refresh"):
                    await mirror.refresh()
                command = "import sys, duckdb; print(duckdb.connect(sys.argv[1], read_only=True).sql('FROM objects.companies').shape[0])"
                done = subprocess.run([sys.executable, "-c", command, path], capture_output=True, check=True)
                seen.append(int(done.stdout))
                seen.append(len(await mirror.sql("SELECT * FROM companies")))
            return await send(request)

        async with fake.client(middleware=[look]) as other, other.mirror(path, **ONLY) as second:
            report = await second.refresh()
        assert rows_of(report, "objects.companies") == (1, 0, 0, 0)
        assert set(seen) == {3}
        assert len(await mirror.sql("SELECT * FROM companies")) == 4


@pytest.mark.full
@ASYNCIO
async def test_links_to_a_file_lead_to_the_same_mirror(fake: FakeAttio, path: Path, tmp_path: Path) -> None:
    link = tmp_path / "folder" / "link.duckdb"
    link.parent.mkdir()
    link.symlink_to(path)
    first, second, _ = ids_of(fake)
    async with (
        fake.client() as attio,
        attio.mirror(path, **ONLY) as mirror,
        attio.mirror(link, **ONLY) as other,
    ):
        await mirror.refresh()
        for id_, each in ((first, other), (second, mirror)):
            await attio.companies.update(id_, {"name": f"by {each}"})
            assert (await each.refresh()).is_published
        assert await other.sql("SELECT count(*) AS n FROM companies WHERE name LIKE 'by %'") == [{"n": 2}]
    assert [entry.name for entry in link.parent.iterdir()] == [link.name]


@pytest.mark.full
@ASYNCIO
async def test_an_interrupted_refresh_is_resumed(
    fake: FakeAttio, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attio_async.mirror._sources._ROWS_PER_BATCH", 1)
    failing = True
    queries = 0

    async def fail(request: Any, send: Any) -> Any:
        nonlocal queries
        queries += request.path.endswith("people/records/query")
        if failing and request.path.endswith("people/records/query"):
            raise ConnectionError
        return await send(request)

    async with (
        fake.client(middleware=[fail]) as attio,
        attio.mirror(path, objects=["companies", "people"], lists=(), also=()) as mirror,
    ):
        with pytest.raises(ConnectionError):
            await mirror.refresh()
        with pytest.raises(ConfigurationError, match="does not exist"):
            await mirror.sql("SELECT 1")
        failing = False
        before = len(fake.calls)
        report = await mirror.refresh()
        assert report.is_resumed
        assert rows_of(report, "objects.companies") == (3, 0, 0, 0)
        assert not any("companies/records" in call.path for call in fake.calls[before:])
        fake.clock.advance(1)  # type: ignore[attr-defined]
        assert not (await mirror.refresh()).is_resumed


def test_a_killed_refresh_reads_anew_only_what_was_not_noted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attio_async.mirror._duckdb._ROWS_PER_NOTE", 4)
    table = MirroredTable("t", Table("objects", "t", (Column("record_id", ColumnType("text")),), {}))
    digests = {f"{number}": number - 5 for number in range(12)} | {"0": -(2**63), "1": 2**63 - 1}
    parts = [dict(list(digests.items())[start : start + 2]) for start in range(0, 12, 2)]
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def begun() -> tuple[DuckDBTarget, TableProgress]:
        target = DuckDBTarget(path)
        target.open()
        sweep = MirrorSweep(workspace_id="w", tables=(table,), began_at=at, resumable_from=at)
        return target, target.begin(sweep).get("t", TableProgress())

    def read(target: DuckDBTarget, place: int) -> int:
        stale = target.stale(table, parts[place])
        target.take(table, Batch(parts[place], stale, [StagedRow((id_,)) for id_ in stale], f"{place}"))
        return len(stale)

    def committed(target: DuckDBTarget) -> RowCounts:
        target.complete(table)
        counts = target.commit([table], at=at, retention=None).counts["t"]
        target.close()
        return counts

    target, _ = begun()
    assert sum(read(target, place) for place in range(6)) == 12
    assert committed(target) == RowCounts(created=12)

    target, progress = begun()
    assert progress == TableProgress()
    assert not any(read(target, place) for place in range(3))  # the last two rows wait for two others
    target.close()
    target, progress = begun()
    assert progress == TableProgress("1", is_read=False, read=4)
    assert not read(target, 2)
    parts[3]["6"] = 600
    assert read(target, 3) == 1  # what is stale is noted at once, and what waits with it
    target.close()
    target, progress = begun()
    assert progress == TableProgress("3", is_read=False, read=8)
    assert not read(target, 4)
    assert sorted(target.unseen(table, 10)) == ["10", "11"]
    target.drop(table, {"10": None})
    assert list(target.unseen(table, 10)) == ["11"]
    del parts[5]["10"]
    assert not read(target, 5)
    assert committed(target) == RowCounts(deleted=1)

    target, _ = begun()
    assert [read(target, place) for place in range(6)] == [0] * 6
    assert committed(target) == RowCounts()


@pytest.mark.full
@ASYNCIO
async def test_a_full_disk_leaves_the_last_complete_sweep(
    fake: FakeAttio, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        content = path.read_bytes()
        fake.seed.add_record("companies", {"name": "Fourth"})

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("attio_async.mirror._duckdb.shutil.copyfileobj", full)
            with pytest.raises(StorageError, match="No space left"):
                await mirror.refresh()
        assert path.read_bytes() == content
        assert [each.name for each in path.parent.iterdir() if "part" in each.name] == []
        report = await mirror.refresh()  # what was committed and not published is published now
        assert (report.is_changed, report.is_published) == (False, True)
        assert len(await mirror.sql("SELECT * FROM companies")) == 4


@pytest.mark.full
@ASYNCIO
async def test_who_is_forgotten_is_in_no_file(fake: FakeAttio, path: Path) -> None:
    fake.seed.add_list("sales", parent="companies")
    first, *_ = ids_of(fake)
    fake.seed.add_entry("sales", first)
    async with fake.client() as attio, attio.mirror(path, history=["companies.name"]) as mirror:
        company = await attio.companies.get(first)
        await attio.companies.update(first, {"name": "Forget-me-not"})
        await attio.notes.create(company, title="About Forget-me-not", content="x")
        await mirror.refresh()
        await attio.companies.delete(first)
        await mirror.refresh()
        files = [path, *path.parent.joinpath(".crm.duckdb.mirror").iterdir()]
        assert any(b"Forget-me-not" in file.read_bytes() for file in files)
        assert await mirror.forget(first) > 3
        files = [path, *path.parent.joinpath(".crm.duckdb.mirror").iterdir()]
        assert [file for file in files if b"Forget-me-not" in file.read_bytes()] == []
        assert await mirror.sql(f"SELECT * FROM _changes WHERE id = '{first}'") == []
        assert not (await mirror.refresh()).is_changed


@pytest.mark.full
@ASYNCIO
async def test_what_was_merged_into_a_forgotten_record_is_forgotten_with_it(
    fake: FakeAttio, path: Path
) -> None:
    first, second, third = ids_of(fake)
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        merged = await attio.companies.merge(first, second)
        await mirror.refresh()
        merged = await attio.companies.merge(merged, third)
        await mirror.refresh()
        await attio.companies.delete(merged)
        await mirror.forget(merged.id)
        assert await mirror.sql("SELECT * FROM _changes WHERE change <> 'schema'") == []
        assert await mirror.sql("SELECT * FROM _deleted") == []


@pytest.mark.full
@ASYNCIO
async def test_the_log_is_kept_for_as_long_as_it_is_to_be(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY, retention=timedelta(days=1)) as mirror:
        await mirror.refresh()
        fake.clock.advance(2 * 86_400)  # type: ignore[attr-defined]
        fake.seed.add_record("companies", {"name": "Fourth"})
        await mirror.refresh()
        assert [row["change"] for row in await mirror.sql("SELECT change FROM _changes")] == ["created"]


@ASYNCIO
async def test_bounds_may_be_as_large_as_they_like(
    fake: FakeAttio, path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY, retention=timedelta.max) as mirror:
        await mirror.refresh()
        found = await mirror.sql("SELECT count(*) AS n FROM _changes", timeout=math.inf, max_rows=10**30)
        assert found[0]["n"] > 0
        with pytest.raises(ConfigurationError, match="surrogate"):
            await mirror.sql("SELECT '\ud800'")
    assert not [str(each.message) for each in recwarn]  # such as of a timer's thread


@ASYNCIO
async def test_sql_is_one_bounded_select(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        for query, message in (
            ("DROP TABLE companies", "not one SELECT"),
            ("SELECT 1; SELECT 2", "not one SELECT"),
            ("DESCRIBE companies", "not one SELECT"),
            ("PRAGMA database_list", "not one SELECT"),
            ("SELECT * FROM read_csv('/etc/passwd')", "disabled"),
            ("SELECT * FROM glob('/*')", "disabled"),
            ("SELECT none FROM companies", "none"),
            ("SELECT 1 AS a, 2 AS a", "name one with AS"),
            ("SELECT * FROM range(11)", "more than 10 rows"),
            ("SELECT count(*) FROM range(10000000) a, range(10000000) b", "stopped after"),
            ("", "not one SELECT"),
        ):
            with pytest.raises(ConfigurationError, match=message):
                await mirror.sql(query, timeout=0.2, max_rows=10)


@ASYNCIO
async def test_another_file_is_left_alone(fake: FakeAttio, path: Path) -> None:
    path.write_bytes(b"mine")
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        with pytest.raises(ConfigurationError, match="is not a mirror"):
            await mirror.refresh()
    assert path.read_bytes() == b"mine"
    path.unlink()
    with duckdb.connect(str(path)) as database:
        database.execute("CREATE TABLE mine (x INTEGER)")
    content = path.read_bytes()
    async with MirrorFile(path) as file:
        with pytest.raises(ConfigurationError, match="is not a mirror"):
            await file.status()
        with pytest.raises(ConfigurationError, match="is not a mirror"):
            await file.forget("x")
    assert path.read_bytes() == content


@pytest.mark.full
@ASYNCIO
async def test_another_format_or_workspace_is_refused(
    fake: FakeAttio, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        with monkeypatch.context() as patch:
            patch.setattr("attio_async.mirror._target.FORMAT_VERSION", 9)
            for use in (mirror.refresh, mirror.status):
                with pytest.raises(
                    ConfigurationError, match="a mirror of format 1, and this version reads format 9"
                ):
                    await use()
    other = FakeAttio(seed=7)
    async with other.client() as attio, attio.mirror(path, **ONLY) as mirror:
        with pytest.raises(ConfigurationError, match="mirrors another workspace"):
            await mirror.refresh()


@pytest.mark.full
@ASYNCIO
async def test_a_backup_is_one_file(fake: FakeAttio, path: Path, tmp_path: Path) -> None:
    async with fake.client() as attio:
        async with attio.mirror(path, **ONLY) as mirror:
            await mirror.refresh()
        restored = tmp_path / "restored" / "crm.duckdb"
        restored.parent.mkdir()
        restored.write_bytes(path.read_bytes())
        async with attio.mirror(restored, **ONLY) as mirror:
            report = await mirror.refresh()
            assert not report.is_changed
            assert len(await mirror.sql("SELECT * FROM _changes WHERE change = 'created'")) == 3


@pytest.mark.full
@ASYNCIO
async def test_files_are_private(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
    folder = path.parent / ".crm.duckdb.mirror"
    assert [oct(each.stat().st_mode & 0o777) for each in (path, folder)] == ["0o600", "0o700"]


@ASYNCIO
async def test_arguments_are_checked(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as attio:
        with pytest.raises(UnknownName):
            attio.mirror(path, also=["files"])
        with pytest.raises(ConfigurationError, match="retention"):
            attio.mirror(path, retention=timedelta(0))
        with pytest.raises(ConfigurationError, match="a path"):
            attio.mirror(7)  # type: ignore[arg-type]
        for options in (
            {"objects": ["none"]},
            {"lists": ["none"]},
            {"history": ["none.x"]},
            {"history": ["people.x"]},
        ):
            with pytest.raises(UnknownName):
                await attio.mirror(path, **options).refresh()
        with pytest.raises(ConfigurationError, match="ids"):
            await attio.mirror(path).forget()


@pytest.mark.full
async def test_watching_refreshes_again_and_again(fake: FakeAttio, path: Path) -> None:
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        with anyio.fail_after(30):
            seen: list[int] = []
            async for report in mirror.watch(every=900):
                seen.append(report.sweep)
                if len(seen) == 2:
                    break
    assert seen == [1, 2]


@ASYNCIO
async def test_values_in_another_shape_are_an_error_and_change_nothing(fake: FakeAttio, path: Path) -> None:
    row = {"id": {"record_id": "r"}, "created_at": "2026-01-01T00:00:00.000000000Z", "values": [1]}
    async with fake.client() as attio, attio.mirror(path, **ONLY) as mirror:
        await mirror.refresh()
        fault = fake.fault(FixedResponse(200, {"data": [row]}), operation="query_records", times=1)
        with fault, pytest.raises(DecodeError, match="the values of r cannot be read"):
            await mirror.refresh()
        assert rows_of(await mirror.refresh(), "objects.companies") == (0, 0, 0, 0)
