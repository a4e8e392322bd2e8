"""The session of a browser, in an encrypted cookie that expires and can be revoked."""

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from attio_async.oauth import TokenKeys

_LIFETIME_S = 8 * 3600
_TABLE = "CREATE TABLE IF NOT EXISTS ended (digest BLOB PRIMARY KEY, expires_at REAL NOT NULL)"


@attrs.frozen(kw_only=True)
class BrowserSession:
    """The session of a browser, and the user who signed in. Only this browser knows the `id`."""

    id: str = attrs.field(factory=lambda: secrets.token_urlsafe(32), repr=False)
    user: int | None = None

    @property
    def form_token(self) -> str:
        """A token for the forms of this session, so that no other site can make a browser submit one."""
        return hashlib.sha256(f"form {self.id}".encode()).hexdigest()

    def has_form_token(self, given: str) -> bool:
        """Return True if a form was on a page of this session."""
        return hmac.compare_digest(given.encode(), self.form_token.encode())


class Sessions:
    """Reads and writes the cookie. It is encrypted, so a changed, expired or ended one is a new session.

    Args:
        keys: Keys for cookies alone. Those of the tokens would let whoever can forge a token's row forge a session.
        path: A SQLite file that keeps the digests of sessions that ended before they expired.
    """

    def __init__(self, keys: TokenKeys, path: Path) -> None:
        self._keys = keys
        self._path = path
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        self._execute(_TABLE)

    def read(self, request: Request) -> BrowserSession:
        """Return the session of a request; a new one if it has none."""
        sealed = request.cookies.get(_cookie(request), "")
        content = self._keys.open(sealed.encode()) if sealed else None
        if content is None:
            return BrowserSession()
        saved: dict[str, Any] = json.loads(content)
        if time.time() > saved["expires_at"] or self._has_ended(saved["id"]):
            return BrowserSession()
        return BrowserSession(id=saved["id"], user=saved["user"])

    def end(self, session: BrowserSession) -> None:
        """End a session for good, also in copies of its cookie."""
        now = time.time()
        self._execute("DELETE FROM ended WHERE expires_at < ?", now)
        self._execute("INSERT OR IGNORE INTO ended VALUES (?, ?)", _digest(session.id), now + _LIFETIME_S)

    def _has_ended(self, session_id: str) -> bool:
        return bool(self._execute("SELECT 1 FROM ended WHERE digest = ?", _digest(session_id)))

    def _execute(self, statement: str, *parameters: object) -> list[Any]:
        with closing(sqlite3.connect(self._path)) as database, database:
            return database.execute(statement, parameters).fetchall()

    def write(self, request: Request, response: Response, session: BrowserSession) -> None:
        """Store a session in the browser."""
        content = {"id": session.id, "user": session.user, "expires_at": time.time() + _LIFETIME_S}
        sealed = self._keys.seal(json.dumps(content).encode()).decode()
        response.set_cookie(
            _cookie(request),
            sealed,
            max_age=_LIFETIME_S,
            httponly=True,  # scripts cannot read it
            samesite="lax",  # sent when Attio redirects the browser back, but not with forms of other sites
            secure=request.url.scheme == "https",
        )


def _cookie(request: Request) -> str:
    """Return the name of the cookie. Over https it is one that other hosts of the domain cannot set."""
    return "__Host-session" if request.url.scheme == "https" else "session"


def _digest(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode()).digest()
