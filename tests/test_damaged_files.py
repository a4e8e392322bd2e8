"""Files and databases that outlive the process: a damaged one is refused with one error of this package.

Those of jobs, exports and feeds are in tests/bulk/test_kept_files.py.
"""

import json
import random
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from attio_async import ConfigurationError, Merges
from attio_async._cli.errors import Refusal
from attio_async._cli.profiles import Profile, ProfileFile
from attio_async._cli.workspace import embedded_workspace
from attio_async.bulk import read_dead_letters
from attio_async.oauth import SQLiteTokens, TokenKeys
from attio_async.webhooks import Delivery, DeliveryFile, FileSecrets, SavingStore, SQLiteStore
from tests.support import examples, trio_when_full

pytestmark = pytest.mark.anyio
anyio_backend = trio_when_full

Use = Callable[[Path], Awaitable[object]]

_KEYS = TokenKeys("A" * 43 + "=")
_TRIALS = examples(40)


def _delivery(key: str, body: bytes = b'{"events": []}') -> Delivery:
    return Delivery(key=key, body=body, received_at=1.0, done=frozenset({"0:a"}), attempts=1, reason="failed")


async def _deliveries(path: Path) -> object:
    """Use all methods of a store, with keys that it has seen."""
    store = SQLiteStore(path)
    try:
        for key in ("pending", "finished", "dead"):
            await store.add(_delivery(key, b"\x00" * 5_000))
        pending = await store.pending()
        await store.load(pending)
        await store.finish(["finished"])
        await store.save(_delivery("pending"))
        await store.bury(_delivery("dead"))
        await store.dead_letters()
        await store.revive("dead")
        await store.bury(_delivery("dead"))
        return await store.add(_delivery("finished"))
    finally:
        await store.aclose()


async def _tokens(path: Path) -> object:
    tokens = SQLiteTokens(path, keys=_KEYS)
    try:
        for tenant in ("a", "b", "c"):
            await tokens.put(tenant, "token" * 500)
        await tokens.rotate()
        return [await tokens.get(tenant) for tenant in await tokens.tenants()]
    finally:
        await tokens.aclose()


async def _merges(path: Path) -> object:
    merges = Merges(path)
    try:
        for number in range(3):
            await merges.add(_id(number + 1), _id(number))
        return await merges.follow(_id(0))
    finally:
        await merges.aclose()


def _id(number: int) -> str:
    return f"5f0e3b1c-0000-4000-8000-{number:012}"


async def _secrets(path: Path) -> object:
    secrets = FileSecrets(path)
    await secrets.put("w1", "one")
    await secrets.put("w2", "two")
    return await secrets.known()


async def _saved(path: Path) -> object:
    store = SavingStore(SQLiteStore(path.with_name("hooks.db")), DeliveryFile(path))
    for key in ("a", "b", "c"):
        await store.add(_delivery(key, b"\xff"))
    await store.aclose()
    return list(DeliveryFile(path))


async def _letters(path: Path) -> object:
    if not path.exists():  # noqa: ASYNC240 - a test may block
        line = {"label": 1, "kind": "CoercionError", "reason": "no", "values": {"name": "A"}}
        path.write_text(json.dumps(line) + "\n", "utf-8")  # noqa: ASYNC240 - as above
    return list(read_dead_letters(path))


async def _embedded(path: Path) -> object:
    with embedded_workspace(path) as fake:
        fake.seed.add_record("companies", {"name": "Example"})
        return fake.records("companies")


async def _profiles(path: Path) -> object:
    profile = Profile(token="token", base_url="https://example.com", workspace_id="w", workspace="W")
    ProfileFile(path).put("default", profile, default=True)
    return list(ProfileFile(path))


USES: dict[str, Use] = {
    "delivery store": _deliveries,
    "token store": _tokens,
    "merges": _merges,
    "secrets": _secrets,
    "saved deliveries": _saved,
    "dead letters": _letters,
    "embedded workspace": _embedded,
    "profiles": _profiles,
}


def _flip(content: bytearray, generator: random.Random) -> bytes:
    for _ in range(generator.choice([1, 20, 500])):
        content[generator.randrange(len(content))] = generator.randrange(256)
    return bytes(content)


def _cut(content: bytearray, generator: random.Random) -> bytes:
    return bytes(content[: generator.randrange(len(content))])


def _nest(content: bytearray, generator: random.Random) -> bytes:
    return generator.choice([b"[", b'{"a":']) * 100_000 + bytes(content)


def _nest_more(content: bytearray, generator: random.Random) -> bytes:
    """Add a field that nobody asks for."""
    deep = b'{"more": ' + b"[" * 100_000 + b"]" * 100_000 + b","
    return bytes(content).replace(b"{", deep, 1)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
async def test_a_damaged_file_is_refused_with_an_error_of_this_package(use: Use, tmp_path: Path) -> None:
    generator, refusals = random.Random(1), 0
    await use(tmp_path / "kept")
    whole = (tmp_path / "kept").read_bytes()
    for number in range(_TRIALS):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "kept"
        damage = (_nest, _nest_more)[number] if number < 2 else _flip if number % 4 else _cut
        path.write_bytes(damage(bytearray(whole), generator))
        try:
            await use(path)
        except (ConfigurationError, Refusal) as error:
            refusals += 1
            assert "kept" in str(error) or use is _tokens, error
    assert refusals


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE attio_deliveries SET key = x'ff00' WHERE state = 'dead'",
        "UPDATE attio_deliveries SET key = CAST(x'ff' AS TEXT) WHERE state = 'dead'",
        "UPDATE attio_deliveries SET body = 'text'",
        "UPDATE attio_deliveries SET received_at = 'never'",
        "UPDATE attio_deliveries SET done = '{'",
        "UPDATE attio_deliveries SET done = '[1]'",
        "UPDATE attio_deliveries SET done = 5",
        "UPDATE attio_deliveries SET attempts = 'many'",
        "UPDATE attio_deliveries SET attempts = x'ff'",
        "UPDATE attio_deliveries SET reason = x'ff'",
        "ALTER TABLE attio_deliveries RENAME COLUMN body TO other",
        "DROP TABLE attio_deliveries",
    ],
)
async def test_a_delivery_store_with_other_content_is_refused_with_an_error_of_this_package(
    statement: str, tmp_path: Path
) -> None:
    path = tmp_path / "hooks.db"
    store = SQLiteStore(path)
    await store.add(_delivery("pending"))
    await store.bury(_delivery("dead"))
    await store.aclose()
    await _execute(path, statement)
    refused = 0
    for read in (lambda: store.load(["pending"]), store.dead_letters, lambda: store.revive("dead")):
        try:
            await read()
        except ConfigurationError as error:
            assert str(path) in str(error)
            refused += 1
    await store.aclose()
    assert refused


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tokens SET sealed = 'text'",
        "UPDATE tokens SET sealed = x''",
        "UPDATE tokens SET sealed = 7",
        "UPDATE tokens SET tenant = 'b'",
        "DROP TABLE tokens",
    ],
)
async def test_a_token_store_with_other_content_is_refused_with_an_error_of_this_package(
    statement: str, tmp_path: Path
) -> None:
    tokens = SQLiteTokens(tmp_path / "tokens.db", keys=_KEYS)
    await tokens.put("a", "token")
    await tokens.aclose()
    await _execute(tmp_path / "tokens.db", statement)
    with pytest.raises(ConfigurationError):
        await tokens.rotate()
    await tokens.aclose()


async def _execute(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
    connection.close()


async def test_a_file_of_another_kind_loses_nothing_to_a_delivery(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"one line without an end")
    with pytest.raises(ConfigurationError, match=r"notes\.txt"):
        await DeliveryFile(path).append(_delivery("a"))
    assert path.read_bytes() == b"one line without an end"


async def test_a_delivery_that_a_crash_has_cut_off_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "saved.jsonl"
    await DeliveryFile(path).append(_delivery("a"))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole + whole[:length])
        await DeliveryFile(path).append(_delivery("b"))
        assert [each.key for each in DeliveryFile(path)] == ["a", "b"]
