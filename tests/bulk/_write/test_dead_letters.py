"""Failed rows: as a file and back, and retried by the same job."""

from pathlib import Path

import pytest
from tests.bulk.support import fast

from attio_async import (
    RecordRef,
    Row,
    SQLiteJournal,
)
from attio_async.bulk import export_dead_letters, read_dead_letters
from attio_async.errors import ConfigurationError

pytestmark = pytest.mark.anyio


async def test_revived_rows_are_retried(tmp_path: Path) -> None:
    fake, attio = fast()
    rows = [{"domains": "a.example.com", "categories": ["New one"]}, {"domains": "b.example.com"}]
    async with SQLiteJournal(tmp_path / "job.db") as journal:
        first = await attio.companies.upsert_many(rows, match="domains", journal=journal)
        assert (first.created, first.failed) == (1, 1)
        letter = first.dead_letters[0]
        assert (letter.label, letter.failure.attribute) == (0, "categories")
        fake.seed.add_option("companies", "categories", "New one")
        fresh = fake.client()
        assert await journal.revive() == 1
        again = await fresh.companies.upsert_many(rows, match="domains", journal=journal)
    assert (again.created, again.failed, again.dead_letters) == (2, 0, [])


async def test_failed_rows_as_a_file_and_back(tmp_path: Path) -> None:
    fake, attio = fast()
    fake.seed.add_list("sales", parent="companies")
    gone = "00000000-0000-4000-8000-000000000000"
    rows = [Row({"nope": 1}, label="line 2", parent=RecordRef("companies", gone)), Row({}, parent="x")]
    async with SQLiteJournal(tmp_path / "job.db") as journal:
        await attio.entries("sales").create_many(rows, journal=journal)
        assert await export_dead_letters(journal, tmp_path / "failed.jsonl") == 2
    first, second = read_dead_letters(tmp_path / "failed.jsonl")
    assert first.label == "line 2"
    assert first.values["nope"] == 1
    assert second.label == 1
    (tmp_path / "failed.jsonl").write_text('\n{"label": 1}\n')
    with pytest.raises(ConfigurationError, match="line 2 of"):
        list(read_dead_letters(tmp_path / "failed.jsonl"))
