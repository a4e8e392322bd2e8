"""Where tokens are kept: the protocol, and a file of encrypted ones."""

import os
import sqlite3
from collections.abc import Sequence
from typing import Protocol

import anyio.abc
import msgspec

from .._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..errors import ConfigurationError
from ._encryption import TokenKeys

_FORMAT = SQLiteFormat(
    purpose="token store",
    application_id=0x4174546F,
    tables="CREATE TABLE tokens (tenant TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    is_shared=True,
)


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


class SQLiteTokens(anyio.abc.AsyncResource):
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
        self._database = SQLiteDatabase(path, _FORMAT)
        self._keys = keys

    def __repr__(self) -> str:
        return f"SQLiteTokens({str(self._database.path)!r})"

    async def get(self, tenant: str) -> str:
        """The token of a tenant.

        Raises:
            LookupError: There is none.
            ConfigurationError: It was encrypted with another key, or changed; or the file cannot be used.
        """
        for (sealed,) in await self._database.fetch("SELECT sealed FROM tokens WHERE tenant = ?", (tenant,)):
            return self._unsealed(tenant, sealed)
        raise LookupError(f"there is no token of {tenant!r}")

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
        await self._database.run(statement, [(tenant, self._sealed(tenant, token))])

    async def delete(self, tenant: str) -> None:
        """Forget a tenant's token, if there is one.

        Raises:
            ConfigurationError: The file cannot be used.
        """
        await self._database.run("DELETE FROM tokens WHERE tenant = ?", [(tenant,)])

    async def tenants(self) -> Sequence[str]:
        """All tenants that have a token, in the order of their names.

        Raises:
            ConfigurationError: The file cannot be used.
        """
        return [
            tenant for (tenant,) in await self._database.fetch("SELECT tenant FROM tokens ORDER BY tenant")
        ]

    async def rotate(self) -> int:
        """Encrypt every token again, with the first key; how many there are. All of them or none.

        Raises:
            ConfigurationError: One was encrypted with another key, or changed; or the file cannot be used.
        """

        def rotate(database: sqlite3.Connection) -> int | ConfigurationError:
            rows = database.execute("SELECT tenant, sealed FROM tokens").fetchall()
            try:
                fresh = [
                    (self._sealed(tenant, self._unsealed(tenant, sealed)), tenant) for tenant, sealed in rows
                ]
            except ConfigurationError as error:
                return error  # raised here, it would undo what is put at the same time
            database.executemany("UPDATE tokens SET sealed = ? WHERE tenant = ?", fresh)
            return len(fresh)

        done = await self._database.do(rotate)
        if isinstance(done, ConfigurationError):
            raise done
        return done

    async def aclose(self) -> None:
        """Close the file; the next use opens it again."""
        await self._database.aclose()

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
