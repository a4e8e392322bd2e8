"""The session of a browser, in an encrypted cookie that expires."""

import json
import secrets
import time
from typing import Any

import attrs
from starlette.requests import Request
from starlette.responses import Response

from attio_async.oauth import TokenKeys

_COOKIE = "session"
_LIFETIME_S = 8 * 3600


@attrs.frozen(kw_only=True)
class BrowserSession:
    """The session of a browser, and the user who signed in. Only this browser knows the `id`."""

    id: str = attrs.field(factory=lambda: secrets.token_urlsafe(32), repr=False)
    user: int | None = None


class Sessions:
    """Reads and writes the cookie. It is encrypted, so a changed or expired one is a new session."""

    def __init__(self, keys: TokenKeys) -> None:
        self._keys = keys

    def read(self, request: Request) -> BrowserSession:
        """Return the session of a request; a new one if it has none."""
        sealed = request.cookies.get(_COOKIE, "")
        content = self._keys.open(sealed.encode()) if sealed else None
        if content is None:
            return BrowserSession()
        saved: dict[str, Any] = json.loads(content)
        if time.time() > saved["expires_at"]:
            return BrowserSession()
        return BrowserSession(id=saved["id"], user=saved["user"])

    def write(self, request: Request, response: Response, session: BrowserSession) -> None:
        """Store a session in the browser."""
        content = {"id": session.id, "user": session.user, "expires_at": time.time() + _LIFETIME_S}
        sealed = self._keys.seal(json.dumps(content).encode()).decode()
        response.set_cookie(
            _COOKIE,
            sealed,
            max_age=_LIFETIME_S,
            httponly=True,  # scripts cannot read it
            samesite="lax",  # sent when Attio redirects the browser back, but not with forms of other sites
            secure=request.url.scheme == "https",
        )
