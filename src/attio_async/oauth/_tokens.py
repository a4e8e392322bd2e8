"""Keep access tokens: the protocol, and an encrypted SQLite file."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import anyio.abc
import msgspec

from .._storage.sqlite import SQLiteDatabase, SQLiteFormat
from .._utils.public import public
from .._utils.secret import guarded
from ..errors import ConfigurationError
from ._encryption import TokenKeys

_FORMAT = SQLiteFormat(
    purpose="token store",
    application_id=0x4174546F,
    tables="CREATE TABLE tokens (tenant TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID",
    is_shared=True,
)
_PUT = """
INSERT INTO tokens (tenant, sealed) VALUES (?, ?) ON CONFLICT (tenant) DO UPDATE SET sealed = excluded.sealed
"""


@public
class TokenStore(Protocol):
    """Keeps the token of each tenant, encrypted. Give its `get` to `AttioPool`."""

    async def get(self, tenant: str) -> str:
        """Return the token of a tenant. Raise a `LookupError` if it has none."""
        ...

    async def put(self, tenant: str, token: str) -> None:
        """Store the token of a tenant, replacing an earlier one."""
        ...

    async def delete(self, tenant: str) -> None:
        """Delete the token of a tenant, if there is one."""
        ...


@public
class SQLiteTokens(anyio.abc.AsyncResource):
    """A `TokenStore` in a SQLite file, which several processes may use at once. Only its owner may read the file.

    A token is encrypted together with its tenant, so that it cannot be moved to another. Names of tenants are not
    encrypted. Needs the extra `cryptography`.

    ::

        tokens = SQLiteTokens("tokens.db", keys=TokenKeys.from_env())
        pool = AttioPool(tokens.get)

    Args:
        path: The file. It is created when it is first used.
        keys: The keys to encrypt with.
    """

    def __init__(self, path: str | os.PathLike[str], *, keys: TokenKeys) -> None:
        self._database = SQLiteDatabase(path, _FORMAT)
        self._keys = keys

    def __repr__(self) -> str:
        return f"SQLiteTokens({str(self._database.path)!r})"

    @guarded
    async def get(self, tenant: str) -> str:
        """Return the token of a tenant.

        Raises:
            LookupError: The tenant has no token.
            ConfigurationError: It was encrypted with another key or changed, the name is not a text, or the file cannot
                be used.
        """
        _check_text("tenant", tenant)
        for (sealed,) in await self._database.fetch("SELECT sealed FROM tokens WHERE tenant = ?", (tenant,)):
            return self._unseal(tenant, sealed)
        raise LookupError(f"no token for tenant {tenant!r}")

    @guarded
    async def put(self, tenant: str, token: str) -> None:
        """Store the token of a tenant, replacing an earlier one. Surrounding blanks are removed.

        Raises:
            ConfigurationError: The token is empty, it or the name is not a text, or the file cannot be used.
        """
        _check_text("tenant", tenant)
        _check_text("token", token)
        token = token.strip()
        if not token:
            raise ConfigurationError(f"the token of tenant {tenant!r} must not be empty")
        await self._database.run(_PUT, [(tenant, self._seal(tenant, token))])

    async def delete(self, tenant: str) -> None:
        """Delete the token of a tenant, if there is one.

        Raises:
            ConfigurationError: The name is not a text, or the file cannot be used.
        """
        _check_text("tenant", tenant)
        await self._database.run("DELETE FROM tokens WHERE tenant = ?", [(tenant,)])

    async def tenants(self) -> Sequence[str]:
        """Return the tenants that have a token, sorted by name.

        Raises:
            ConfigurationError: The file cannot be used.
        """
        rows = await self._database.fetch("SELECT tenant FROM tokens ORDER BY tenant")
        return [tenant for (tenant,) in rows]

    @guarded
    async def rotate(self) -> int:
        """Encrypt all tokens again with the first key, or none of them, and return their number.

        Raises:
            ConfigurationError: A token was encrypted with another key or changed, or the file cannot be used.
        """

        def rotate(database: sqlite3.Connection) -> int | ConfigurationError:
            rows = database.execute("SELECT tenant, sealed FROM tokens").fetchall()
            try:
                resealed = [
                    (tenant, self._seal(tenant, self._unseal(tenant, sealed))) for tenant, sealed in rows
                ]
            except ConfigurationError as error:
                return error  # raised here it would undo what other tasks put in the same transaction
            database.executemany(_PUT, resealed)
            return len(resealed)

        count = await self._database.do(rotate)
        if isinstance(count, ConfigurationError):
            raise count
        return count

    async def aclose(self) -> None:
        """Close the file. The next use opens it again."""
        await self._database.aclose()

    def _seal(self, tenant: str, token: str) -> bytes:
        return self._keys.seal(msgspec.json.encode([tenant, token]))

    def _unseal(self, tenant: str, sealed: object) -> str:
        content = (
            self._keys.open(sealed) if isinstance(sealed, bytes) else None
        )  # a damaged file may hold anything
        owner, token = msgspec.json.decode(content, type=tuple[str, str]) if content is not None else ("", "")
        if content is None or owner != tenant:
            raise ConfigurationError(
                f"the token of tenant {tenant!r} cannot be decrypted with these keys: give the key that encrypted it, "
                "or connect the workspace again"
            )
        return token


def _check_text(name: str, given: object) -> None:
    """Check that a tenant or token can be kept as text; SQLite would take a number, and find it under another name.

    Raises:
        ConfigurationError: It cannot. What was given is not shown, since it may be a token.
    """
    with suppress(UnicodeEncodeError):  # of half a surrogate pair
        if isinstance(given, str):
            given.encode()
            return
    raise ConfigurationError(f"the {name} must be a text, and one that is not was given")
