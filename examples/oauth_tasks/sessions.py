"""Who is behind a browser: a cookie that nobody else can make, and that holds for some hours."""

import json
import secrets
import time
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from attio_async.oauth import TokenKeys

_COOKIE = "session"
_HOURS = 8


@attrs.frozen(kw_only=True)
class BrowserSession:
    """A browser, and who has signed in there. `id` is what only this browser knows."""

    id: str = attrs.field(factory=lambda: secrets.token_urlsafe(32), repr=False)
    user: int | None = None


class Sessions:
    """Reads and writes the cookie. It is sealed with a key: what was changed, or is too old, is nobody's."""

    def __init__(self, keys: TokenKeys) -> None:
        self._keys = keys

    def read(self, request: Request) -> BrowserSession:
        """The session of a request; a new one when it has none."""
        sealed = request.cookies.get(_COOKIE, "")
        content = self._keys.open(sealed.encode()) if sealed else None
        if content is None:
            return BrowserSession()
        kept: dict[str, Any] = json.loads(content)
        if time.time() > kept["until"]:
            return BrowserSession()
        return BrowserSession(id=kept["id"], user=kept["user"])

    def write(self, request: Request, response: Response, session: BrowserSession) -> None:
        """Have the browser keep a session."""
        seconds = _HOURS * 3600
        content = {"id": session.id, "user": session.user, "until": time.time() + seconds}
        sealed = self._keys.seal(json.dumps(content).encode()).decode()
        response.set_cookie(
            _COOKIE,
            sealed,
            max_age=seconds,
            httponly=True,  # no script reads it
            samesite="lax",  # it comes along when Attio sends the browser back, and with no foreign form
            secure=request.url.scheme == "https",
        )
