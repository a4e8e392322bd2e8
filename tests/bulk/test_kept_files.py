"""Files that jobs, exports and feeds resume from: whose they are, and what happens when they are damaged or cannot grow."""

import errno
import random
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.support import examples, trio_when_full

from attio_async import Attio, AttioError, ConfigurationError, StorageError
from attio_async.bulk import SQLiteJournal
from attio_async.testing import FakeAttio, VirtualClock

from .support import companies

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

Use = Callable[[Attio, Path], Awaitable[object]]


async def _journal(attio: Attio, path: Path) -> object:
    return await attio.companies.upsert_many(companies(3), match="domains", journal=path)


async def _plan(attio: Attio, path: Path) -> object:
    async with await attio.companies.upsert_many(companies(6), match="domains", journal=path).plan() as plan:
        return plan


async def _changes(attio: Attio, path: Path) -> object:
    async with attio.feed(path, objects=["companies"]) as feed:
        return [change async for change in feed]


async def _sync(attio: Attio, path: Path) -> object:
    rows = companies(2)
    return await attio.companies.sync_to(rows, match="domains", owned=["name"], state=path, missing="ignore")


class _Enough(Exception):
    pass


async def _export(attio: Attio, path: Path) -> object:
    def stop(_: object) -> None:
        raise _Enough

    try:
        return await attio.companies.export(path, resume=True, progress=stop)
    except _Enough:
        return None


USES: dict[str, tuple[Use, str]] = {
    "journal": (_journal, ""),
    "plan": (_plan, ""),
    "changes": (_changes, ""),
    "sync": (_sync, ""),
    "export": (_export, ".part-state"),
}
ALL = pytest.mark.parametrize(("use", "suffix"), USES.values(), ids=USES)


def workspace(seed: int) -> FakeAttio:
    fake = FakeAttio(clock=VirtualClock(), seed=seed)
    for row in companies(3):
        fake.seed.add_record("companies", {"name": [row["name"]], "domains": [row["domains"]]})
    return fake


@ALL
async def test_a_file_of_one_workspace_is_refused_in_another_which_is_left_alone(
    use: Use, suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / "kept"
    trial, real = workspace(1), FakeAttio(clock=VirtualClock(), seed=2)
    async with trial.client() as attio:
        await use(attio, path)
    async with real.client() as attio:
        with pytest.raises(ConfigurationError, match="workspace"):
            await use(attio, path)
        assert await attio.companies.query().count() == 0
    async with trial.client() as attio:  # nothing was changed by that
        await use(attio, path)


async def test_an_attribute_that_was_made_anew_is_another_one(tmp_path: Path) -> None:
    fake = workspace(1)
    async with fake.client() as attio:
        attributes = attio.attributes("companies")
        score = await attributes.create("Score", type="number", api_slug="score")
        await _journal(attio, tmp_path / "j.db")
        await attributes.update("score", api_slug="old_score")
        await attributes.create("Score 2", type="number", api_slug="score")
        with pytest.raises(ConfigurationError, match=f"attribute score was number {score.id} and is number"):
            await _journal(fake.client(), tmp_path / "j.db")


@ALL
@pytest.mark.parametrize("how", ["empty", "dangling link"])
async def test_a_file_becomes_private_whatever_was_there_before(
    use: Use, suffix: str, how: str, tmp_path: Path
) -> None:
    for name in {"kept", f"kept{suffix}"} | ({"kept.part"} if suffix else set()):
        if how == "empty":
            (tmp_path / name).touch(0o644)
        elif name != "kept" or not suffix:
            (tmp_path / name).symlink_to(tmp_path / f"target-{name}")
    async with workspace(1).client() as attio:
        await use(attio, tmp_path / "kept")
    for name in ["kept.part", f"kept{suffix}"] if suffix else ["kept"]:
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


async def _damage(use: Use, path: Path, kept: Path, damage: Callable[[bytearray], bytes]) -> str:
    """Damage a kept file, use it, and return how that ended. Nothing but the errors of this package may come out."""
    async with workspace(1).client() as attio:
        await use(attio, path)
        kept.write_bytes(damage(bytearray(kept.read_bytes())))  # noqa: ASYNC240 - a test may block
        try:
            await use(attio, path)
        except AttioError as error:
            return type(error).__name__
        return "used"


@ALL
async def test_a_damaged_file_is_refused_with_an_error_of_this_package(
    use: Use, suffix: str, tmp_path: Path
) -> None:
    generator, seen = random.Random(1), set[str]()

    def flip(content: bytearray) -> bytes:
        for _ in range(generator.choice([1, 20, 500])):
            content[generator.randrange(len(content))] = generator.randrange(256)
        return bytes(content)

    def cut(content: bytearray) -> bytes:
        return bytes(content[: generator.randrange(len(content))])

    for number in range(examples(40)):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "kept"
        seen.add(await _damage(use, path, folder / f"kept{suffix}", flip if number % 4 else cut))
    assert "ConfigurationError" in seen


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attio_jobs SET info = x'ff00'",
        "UPDATE attio_jobs SET info = '{'",
        "UPDATE attio_jobs SET info = 5",
        "DELETE FROM attio_jobs",
        "UPDATE attio_rows SET label = x'ff', state = 'dead', kind = 'x', reason = 'y'",
        "UPDATE attio_rows SET label = NULL",
        "UPDATE attio_rows SET state = 'pending', label = 7, payload = NULL",
        "UPDATE attio_rows SET state = 'pending', payload = x'00'",
        "UPDATE attio_rows SET state = 'pending', payload = '[1]'",
        "UPDATE attio_rows SET digest = 3",
        "UPDATE attio_rows SET plan = x'00'",
        "UPDATE attio_rows SET plan = '{}'",
        "UPDATE attio_rows SET plan = replace(hex(zeroblob(50000)), '0', '[')",
        "DROP TABLE attio_rows",
        "ALTER TABLE attio_rows RENAME COLUMN digest TO other",
    ],
)
async def test_a_journal_with_other_content_is_refused_with_an_error_of_this_package(
    statement: str, tmp_path: Path
) -> None:
    path = tmp_path / "j.db"
    async with workspace(1).client() as attio:
        await _plan(attio, path)
        connection = sqlite3.connect(path)
        with suppress(sqlite3.IntegrityError):  # where the tables do not allow it
            connection.execute(statement)
        connection.commit()
        connection.close()
        with suppress(AttioError):
            await _plan(attio, path)
        with suppress(AttioError):
            async with SQLiteJournal(path) as journal:
                await journal.dead_letters()


@pytest.mark.parametrize("where", ["export", "resumed export", "download", "parquet"])
async def test_a_full_disk_leaves_nothing_new_behind_and_is_told_with_the_path(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "target"
    async with workspace(1).client() as attio:
        company = (await attio.companies.query())[0]
        file = await attio.files.upload(company, b"content", name="a.txt")
        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(StorageError, match=r"cannot write .*target.*: No space left") as failed:
            if where == "download":
                await attio.files.download(file, target)
            else:
                format_ = "parquet" if where == "parquet" else "jsonl"
                await attio.companies.export(target, resume=where == "resumed export", format=format_)
        assert failed.value.errno == errno.ENOSPC
        monkeypatch.undo()
        left = {each.name for each in tmp_path.iterdir()}  # noqa: ASYNC240 - a test may block
        assert left == ({"target.part", "target.part-state"} if where == "resumed export" else set())
        if where == "resumed export":
            await attio.companies.export(target, resume=True)
            assert len(target.read_text("utf-8").splitlines()) == 3


@pytest.mark.parametrize("what", ["folder", "device"])
async def test_what_is_not_an_ordinary_file_is_refused_with_an_error_of_this_package(
    what: str, tmp_path: Path
) -> None:
    path = tmp_path if what == "folder" else Path("/dev/null")
    async with workspace(1).client() as attio:
        for use in (_changes, _journal, _export):
            with pytest.raises(ConfigurationError, match=r"is not an ordinary file$"):
                await use(attio, path)
