"""Users in a SQLite file. Hashing passwords is slow on purpose, so call these methods from a thread."""

import hashlib
import hmac
import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_TABLE = "CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, salt BLOB, digest BLOB)"


class NameTaken(Exception):
    """Another user has this name."""


class Users:
    """Creates users and checks their passwords, which are stored as salted scrypt digests."""

    def __init__(self, path: Path) -> None:
        self._path = path
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        with self._database() as database:
            database.execute(_TABLE)

    @contextmanager
    def _database(self) -> Generator[sqlite3.Connection]:
        database = sqlite3.connect(self._path)
        try:
            with database:
                yield database
        finally:
            database.close()

    def sign_up(self, name: str, password: str) -> int:
        """Create a user and return the id.

        Raises:
            NameTaken: Another user has this name.
        """
        salt = os.urandom(16)
        statement = "INSERT INTO users (name, salt, digest) VALUES (?, ?, ?)"
        try:
            with self._database() as database:
                cursor = database.execute(statement, (name, salt, _digest(password, salt)))
        except sqlite3.IntegrityError:
            raise NameTaken(name) from None
        return int(cursor.lastrowid or 0)

    def sign_in(self, name: str, password: str) -> int | None:
        """Return the id of the user with this name and password; None, after the same time, if nobody has them."""
        with self._database() as database:
            query = "SELECT id, salt, digest FROM users WHERE name = ?"
            user_id, salt, digest = database.execute(query, (name,)).fetchone() or (None, b"nobody", b"")
        return user_id if hmac.compare_digest(_digest(password, salt), digest) else None

    def name(self, user_id: int) -> str | None:
        """Return the name of a user; None if the id is unknown."""
        with self._database() as database:
            found = database.execute("SELECT name FROM users WHERE id = ?", (user_id,)).fetchone()
        return found[0] if found else None


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
