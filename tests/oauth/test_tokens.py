"""Tokens in a file: encrypted, bound to their tenant, and readable with the right keys only."""

import os
import sqlite3
import stat
import sys
from pathlib import Path

import anyio
import pytest

from attio_async import AttioPool
from attio_async.errors import ConfigurationError
from attio_async.oauth import SQLiteTokens, TokenKeys

pytestmark = pytest.mark.anyio

TOKEN = "access-token-0123456789"
OLD, NEW = TokenKeys.generate(), TokenKeys.generate()


async def test_what_was_put_is_got_until_it_is_deleted(tmp_path: Path) -> None:
    async with SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)) as tokens:
        await tokens.put("acme", "first")
        await tokens.put("acme", TOKEN)
        await tokens.put("ümläut 💡", "other")
        assert await tokens.get("acme") == TOKEN
        assert await tokens.tenants() == ["acme", "ümläut 💡"]
    async with SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)) as again:
        assert await again.get("ümläut 💡") == "other"
        await again.delete("acme")
        await again.delete("acme")
        with pytest.raises(LookupError, match="no token of 'acme'"):
            await again.get("acme")


async def test_no_file_and_no_text_holds_a_token_or_a_key(tmp_path: Path) -> None:
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


async def test_keys_are_replaced_without_losing_a_token(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    async with SQLiteTokens(path, keys=TokenKeys(OLD)) as tokens:
        for tenant in ("a", "b"):
            await tokens.put(tenant, f"token of {tenant}")
    async with SQLiteTokens(path, keys=TokenKeys(NEW)) as too_early:
        with pytest.raises(ConfigurationError, match="none of these keys"):
            await too_early.get("a")
        with pytest.raises(ConfigurationError, match="none of these keys"):
            await too_early.rotate()
    async with SQLiteTokens(path, keys=TokenKeys(NEW, OLD)) as both:
        assert await both.get("a") == "token of a"
        assert await both.rotate() == 2
    async with SQLiteTokens(path, keys=TokenKeys(NEW)) as later:
        assert [await later.get(tenant) for tenant in "ab"] == ["token of a", "token of b"]
    async with SQLiteTokens(path, keys=TokenKeys(OLD)) as too_late:
        with pytest.raises(ConfigurationError):
            await too_late.get("a")


async def test_a_token_in_another_tenants_place_is_refused_and_so_is_a_changed_one(tmp_path: Path) -> None:
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
            with pytest.raises(ConfigurationError, match="changed since"):
                await tokens.get(tenant)


async def test_two_processes_may_use_one_file(tmp_path: Path) -> None:
    path, keys = tmp_path / "tokens", TokenKeys(OLD)
    async with SQLiteTokens(path, keys=keys) as one, SQLiteTokens(path, keys=keys) as other:
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(one.put, f"one {number}", TOKEN)
                group.start_soon(other.put, f"other {number}", TOKEN)
        assert len(await one.tenants()) == len(await other.tenants()) == 20
        assert await one.get("other 9") == TOKEN


async def test_a_pool_asks_for_tokens(tmp_path: Path) -> None:
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


async def test_what_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, and long enough to be taken for none")
    for place in (tmp_path / "text", tmp_path, tmp_path / "no folder" / "tokens"):
        with pytest.raises(ConfigurationError):
            await SQLiteTokens(place, keys=TokenKeys(OLD)).get("acme")
    with pytest.raises(ConfigurationError, match="empty"):
        await SQLiteTokens(tmp_path / "tokens", keys=TokenKeys(OLD)).put("acme", "")


def test_keys_come_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    sealed = TokenKeys(OLD).seal(b"x")
    assert TokenKeys.from_env(environment={"ATTIO_TOKEN_KEYS": f"{NEW} {OLD}\n"}).open(sealed) == b"x"
    file = tmp_path / "keys"
    file.write_text(f"{NEW}\n{OLD}\n")
    file.chmod(0o600)
    assert TokenKeys.from_file(file).open(sealed) == b"x"
    with pytest.raises(ConfigurationError, match="KEYS is not set"):
        TokenKeys.from_env("KEYS", environment={"KEYS": " "})
    with pytest.raises(ConfigurationError, match="cannot be read: FileNotFoundError"):
        TokenKeys.from_file(tmp_path / "none")


@pytest.mark.skipif(os.name != "posix", reason="other systems keep permissions elsewhere")
def test_a_file_of_keys_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(OLD)
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        TokenKeys.from_file(file)


@pytest.mark.parametrize("keys", [(), ("short",), (OLD, "")])
def test_what_is_no_key_is_refused_and_not_shown(keys: tuple[str, ...]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        TokenKeys(*keys)
    assert "short" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(ConfigurationError, match=r"attio-async\[cryptography\]"):
        TokenKeys(OLD)
