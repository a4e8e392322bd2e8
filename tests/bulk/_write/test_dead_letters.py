"""Failed rows: as a file and back, and retried by the same job."""

from decimal import Decimal
from pathlib import Path

import pytest
from tests.bulk.support import fast, read_companies

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


async def test_decimals_keep_all_their_digits(tmp_path: Path) -> None:
    fake, attio = fast()
    worth = {
        "12.0": 12,
        "1.50": 1.5,
        "0.12345678901234567890": "0.12345678901234567890",
        "1E+5000": "1E+5000",
    }
    rows = [
        {"domains": "no domain", "name": Decimal(text), "funding_raised_usd": Decimal(text)} for text in worth
    ]
    async with SQLiteJournal(tmp_path / "job.db") as journal:
        await attio.companies.upsert_many(rows, match="domains", journal=journal)
        await export_dead_letters(journal, tmp_path / "failed.jsonl")
    letters = list(read_dead_letters(tmp_path / "failed.jsonl"))
    assert [letter.values["name"] for letter in letters] == list(worth)
    assert [letter.values["funding_raised_usd"] for letter in letters] == list(worth.values())
    corrected = [{**letter.values, "domains": f"c{letter.label}.example.com"} for letter in letters[:2]]
    assert (await attio.companies.upsert_many(corrected, match="domains")).failed == 0
    assert {record.first("name") for record in await read_companies(fake)} == {"12.0", "1.50"}
