"""Tokens in a file: encrypted, bound to their tenant, and readable only with the right keys."""

import sqlite3
import stat
from pathlib import Path
from typing import cast

import anyio
import pytest

from attio_async import AttioPool
from attio_async.errors import ConfigurationError
from attio_async.oauth import SQLiteTokens, TokenKeys

pytestmark = pytest.mark.anyio

TOKEN = "access-token-0123456789"
OLD, NEW = TokenKeys.generate(), TokenKeys.generate()


async def test_a_token_is_kept_until_it_is_deleted(tmp_path: Path) -> None:
    async with SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)) as tokens:
        await tokens.put("acme", "first")
        await tokens.put("acme", f" {TOKEN}\n")
        await tokens.put("ümläut 💡", "other")
        assert await tokens.get("acme") == TOKEN
        assert await tokens.tenants() == ["acme", "ümläut 💡"]
    async with SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)) as again:
        assert await again.get("ümläut 💡") == "other"
        await again.delete("acme")
        await again.delete("acme")
        with pytest.raises(LookupError, match="no token for tenant 'acme'"):
            await again.get("acme")


async def test_tenants_and_tokens_are_texts(tmp_path: Path) -> None:
    async with SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)) as tokens:
        for odd in cast("list[str]", [5, None, b"acme", "\ud800"]):
            for use in (tokens.put(odd, TOKEN), tokens.get(odd), tokens.delete(odd)):
                with pytest.raises(ConfigurationError, match="the tenant must be a text"):
                    await use
            with pytest.raises(ConfigurationError, match="the token must be a text"):
                await tokens.put("acme", odd)
        assert await tokens.tenants() == []


async def test_no_file_and_no_repr_shows_a_token_or_a_key(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    tokens = SQLiteTokens(path, keys=TokenKeys(OLD))
    await tokens.put("acme", TOKEN)
    written = bytes_in(tmp_path)
    assert b"acme" in written
    assert TOKEN.encode() not in written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shown = f"{tokens!r} {TokenKeys(OLD, NEW)!r}"
    assert not any(secret in shown for secret in (OLD, NEW, TOKEN))
    await tokens.aclose()


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_keys_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    async with SQLiteTokens(path, keys=TokenKeys(OLD)) as tokens:
        for tenant in ("a", "b"):
            await tokens.put(tenant, f"token of {tenant}")
    async with SQLiteTokens(path, keys=TokenKeys(NEW)) as too_early:
        with pytest.raises(ConfigurationError, match="cannot be decrypted with these keys"):
            await too_early.get("a")
        with pytest.raises(ConfigurationError, match="cannot be decrypted with these keys"):
            await too_early.rotate()
    async with SQLiteTokens(path, keys=TokenKeys(NEW, OLD)) as both:
        assert await both.get("a") == "token of a"
        assert await both.rotate() == 2
    async with SQLiteTokens(path, keys=TokenKeys(NEW)) as later:
        assert [await later.get(tenant) for tenant in "ab"] == ["token of a", "token of b"]
    async with SQLiteTokens(path, keys=TokenKeys(OLD)) as too_late:
        with pytest.raises(ConfigurationError):
            await too_late.get("a")


async def test_a_moved_or_changed_token_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    async with SQLiteTokens(path, keys=TokenKeys(OLD)) as tokens:
        await tokens.put("mine", "mine")
        await tokens.put("theirs", "theirs")
        with sqlite3.connect(path) as database:
            (theirs,) = database.execute("SELECT sealed FROM tokens WHERE tenant = 'theirs'").fetchone()
            database.execute("UPDATE tokens SET sealed = ? WHERE tenant = 'mine'", (theirs,))
            database.execute("UPDATE tokens SET sealed = ? WHERE tenant = 'theirs'", (theirs[:-1] + b"!",))
        database.close()
        for tenant in ("mine", "theirs"):
            with pytest.raises(ConfigurationError, match="cannot be decrypted with these keys"):
                await tokens.get(tenant)


async def test_several_stores_may_use_one_file(tmp_path: Path) -> None:
    path, keys = tmp_path / "tokens", TokenKeys(OLD)
    async with SQLiteTokens(path, keys=keys) as one, SQLiteTokens(path, keys=keys) as other:
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(one.put, f"one {number}", TOKEN)
                group.start_soon(other.put, f"other {number}", TOKEN)
        assert len(await one.tenants()) == len(await other.tenants()) == 20
        assert await one.get("other 9") == TOKEN


async def test_a_pool_reads_tokens_from_the_file(tmp_path: Path) -> None:
    async with (
        SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)) as tokens,
        AttioPool(tokens.get) as pool,
    ):
        await tokens.put("acme", TOKEN)
        async with pool.client("acme"):
            assert len(pool) == 1
        with pytest.raises(LookupError):
            async with pool.client("nobody"):
                pass


async def test_an_unusable_file_and_an_empty_token_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but as long as the header of one")
    for place in (tmp_path / "text", tmp_path, tmp_path / "no folder" / "tokens"):
        with pytest.raises(ConfigurationError):
            await SQLiteTokens(place, keys=TokenKeys(OLD)).get("acme")
    with pytest.raises(ConfigurationError, match="must not be empty"):
        await SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)).put("acme", " \n")
