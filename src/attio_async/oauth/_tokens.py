"""Where tokens are kept: the protocol, and a file of encrypted ones."""

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

import anyio
import anyio.to_thread
import msgspec

from ..errors import ConfigurationError
from ._encryption import TokenKeys

T = TypeVar("T")

_TABLE = "CREATE TABLE IF NOT EXISTS tokens (tenant TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID"
_BUSY = 10.0
"""Seconds to wait for another process that writes."""


class TokenStore(Protocol):
    """Where an app keeps the tokens of its users' workspaces, encrypted. Its `get` is what `AttioPool` asks."""

    async def get(self, tenant: str) -> str:
        """The token of a tenant; a `LookupError` when there is none."""
        ...

    async def put(self, tenant: str, token: str) -> None:
        """Keep a tenant's token, in place of any earlier one."""
        ...

    async def delete(self, tenant: str) -> None:
        """Forget a tenant's token, if there is one."""
        ...


class SQLiteTokens:
    """A `TokenStore` in a SQLite file that its owner alone may read; several processes may use it at once.

    Tokens are encrypted, together with the tenant they belong to, so that one cannot be put in another's place.
    Tenants are not encrypted. Needs the extra `cryptography`.

    ::

        tokens = SQLiteTokens("tokens.db", keys=TokenKeys.from_env())
        pool = AttioPool(tokens.get)

    Args:
        path: The file. It is made when it is first used.
        keys: What to encrypt with.
    """

    def __init__(self, path: str | os.PathLike[str], *, keys: TokenKeys) -> None:
        self._path = Path(path)
        self._keys = keys
        self._one_thread = anyio.CapacityLimiter(1)
        self._guard = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def __repr__(self) -> str:
        return f"SQLiteTokens({str(self._path)!r})"

    async def get(self, tenant: str) -> str:
        """The token of a tenant.

        Raises:
            LookupError: There is none.
            ConfigurationError: It was encrypted with another key, or changed; or the file cannot be used.
        """
        query = "SELECT sealed FROM tokens WHERE tenant = ?"
        row = await self._do(lambda db: db.execute(query, (tenant,)).fetchone())
        if row is None:
            raise LookupError(f"there is no token of {tenant!r}")
        return self._unsealed(tenant, row[0])

    async def put(self, tenant: str, token: str) -> None:
        """Keep a tenant's token, in place of any earlier one.

        Raises:
            ConfigurationError: The token is empty, or the file cannot be used.
        """
        if not token:
            raise ConfigurationError(f"the token of {tenant!r} is empty")
        statement = (
            "INSERT INTO tokens (tenant, sealed) VALUES (?, ?)"
            " ON CONFLICT (tenant) DO UPDATE SET sealed = excluded.sealed"
        )
        sealed = self._sealed(tenant, token)
        await self._do(lambda db: db.execute(statement, (tenant, sealed)))

    async def delete(self, tenant: str) -> None:
        """Forget a tenant's token, if there is one.

        Raises:
            ConfigurationError: The file cannot be used.
        """
        await self._do(lambda db: db.execute("DELETE FROM tokens WHERE tenant = ?", (tenant,)))

    async def tenants(self) -> Sequence[str]:
        """All tenants that have a token, in the order of their names.

        Raises:
            ConfigurationError: The file cannot be used.
        """
        query = "SELECT tenant FROM tokens ORDER BY tenant"
        return await self._do(lambda db: [tenant for (tenant,) in db.execute(query)])

    async def rotate(self) -> int:
        """Encrypt every token again, with the first key; how many there are. All of them or none.

        Raises:
            ConfigurationError: One was encrypted with another key, or changed; or the file cannot be used.
        """

        def rotate(database: sqlite3.Connection) -> int:
            database.execute(
                "BEGIN IMMEDIATE"
            )  # a token that another process keeps meanwhile must not get lost
            rows = database.execute("SELECT tenant, sealed FROM tokens").fetchall()
            fresh = [
                (self._sealed(tenant, self._unsealed(tenant, sealed)), tenant) for tenant, sealed in rows
            ]
            database.executemany("UPDATE tokens SET sealed = ? WHERE tenant = ?", fresh)
            return len(fresh)

        return await self._do(rotate)

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self._close, limiter=self._one_thread)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def _sealed(self, tenant: str, token: str) -> bytes:
        return self._keys.seal(msgspec.json.encode([tenant, token]))

    def _unsealed(self, tenant: str, sealed: bytes) -> str:
        content = self._keys.open(sealed)
        owner, token = msgspec.json.decode(content, type=tuple[str, str]) if content is not None else ("", "")
        if content is None or owner != tenant:
            raise ConfigurationError(
                f"the token of {tenant!r} was encrypted with none of these keys, or changed since; "
                "give the key it was encrypted with, or connect that workspace again"
            )
        return token

    async def _do(self, action: Callable[[sqlite3.Connection], T]) -> T:
        return await anyio.to_thread.run_sync(self._transaction, action, limiter=self._one_thread)

    def _transaction(self, action: Callable[[sqlite3.Connection], T]) -> T:
        with self._guard:
            if self._database is None:
                self._database = _opened(self._path)
            try:
                with self._database as database:
                    return action(database)
            except sqlite3.Error as error:
                raise ConfigurationError(f"{self._path} cannot be used: {error}") from None

    def _close(self) -> None:
        with self._guard:
            database, self._database = self._database, None
            if database is not None:
                database.close()


def _opened(path: Path) -> sqlite3.Connection:
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(f"{path} cannot be used: {error}") from None
    try:
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA synchronous = FULL")
        database.execute(_TABLE)
    except sqlite3.Error as error:
        database.close()
        raise ConfigurationError(f"{path} is no file of tokens: {error}") from None
    return database
