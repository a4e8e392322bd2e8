"""The way to a workspace's permission and back."""

import hashlib
import hmac
import secrets
from collections.abc import AsyncGenerator, Mapping
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import parse_qsl, quote, urlencode

import attrs
import msgspec

from .._transport.messages import Content, HttpClient, HttpTransport, Request, Response
from .._utils.clock import Clock, SystemClock
from .._utils.urls import private_url
from .._version import __version__
from .._workspace.identity import Identity
from ..errors import (
    AccessDenied,
    ConfigurationError,
    DecodeError,
    InvalidClient,
    InvalidGrant,
    OAuthError,
    StateMismatch,
)
from ._states import MemoryStates, PendingState, StateStore

_BASE_URL = "https://app.attio.com"
_ERRORS = {"access_denied": AccessDenied, "invalid_client": InvalidClient, "invalid_grant": InvalidGrant}


@attrs.frozen(kw_only=True)
class Grant:
    """A workspace's permission: the token to make a client of. `raw` is all that was answered, the token included."""

    access_token: str = attrs.field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 - what kind of token it is
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, eq=False)


class OAuth:
    """The OAuth of one Attio app.

    A state is made for one browser session, holds for some minutes, and can be used once. Without it anybody could
    make somebody's browser connect the wrong workspace, so no code is exchanged without one.

    Args:
        client_id: The app's client id.
        client_secret: The app's client secret. It is never shown.
        redirect_uri: Where the browser comes back to; exactly as it is registered with the app.
        base_url: https, or http on this machine.
        states: Where states are kept; in this process by default.
        state_ttl: Seconds that a person may take to decide.
        timeout: Seconds that a request may be without progress before it counts as failed.
        http_client: An `httpx.AsyncClient` of yours; it stays yours to close.
        transport: An `httpx.AsyncBaseTransport` to send through, such as a fake's.
        clock: Where time comes from; for tests.

    Raises:
        ConfigurationError: An option cannot work.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        *,
        base_url: str = _BASE_URL,
        states: StateStore | None = None,
        state_ttl: float = 600.0,
        timeout: float = 30.0,
        http_client: HttpClient | None = None,
        transport: HttpTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        from .._transport.client_pool import HttpPool  # noqa: PLC0415 - the HTTP library is loaded when it is needed

        if not client_id or not client_secret:
            raise ConfigurationError("OAuth needs the client id and the client secret of an app")
        self.client_id = client_id
        self.redirect_uri = private_url("redirect_uri", redirect_uri)
        self._secret = client_secret
        self._base_url = private_url("base_url", base_url).rstrip("/")
        self._states = states or MemoryStates()
        self._state_ttl = state_ttl
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._pool = HttpPool(connections=10, client=http_client, transport=transport)

    def __repr__(self) -> str:
        return f"<OAuth {self.client_id}>"

    async def new_state(self, session: str) -> str:
        """A state for one way there and back, to be used once.

        Args:
            session: What only this browser knows, such as the random value in its session cookie.

        Raises:
            ConfigurationError: The session is empty, and would be everybody's.
        """
        state = secrets.token_urlsafe(32)
        expires_at = self._clock.time() + self._state_ttl
        await self._states.add(state, PendingState(owner=_owner(session), expires_at=expires_at))
        return state

    def authorize_url(self, state: str) -> str:
        """Where to send the browser, with a state of `new_state`. Sends nothing."""
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "state": state,
        }
        return f"{self._base_url}/authorize?{urlencode(query, quote_via=quote)}"

    async def callback(self, query: str | Mapping[str, str], *, session: str) -> Grant:
        """What the browser brought back, made into a grant.

        Args:
            query: The query string of the request, or its parameters.
            session: The same as for `new_state`.

        Raises:
            StateMismatch: The state is missing, unknown, another browser's, too old or used. Nothing was sent.
            AccessDenied: The person did not allow it. Nothing was sent.
            OAuthError: Attio reports another failure, or no code came. Nothing was sent.
            InvalidGrant: The code is wrong, too old or used.
            TransportError: No answer arrived; the code may be used up, so start again.
        """
        given = dict(parse_qsl(query.lstrip("?"))) if isinstance(query, str) else query
        state = given.get("state", "")
        if given.get("error"):
            await self._check(state, session)
            raise _error(given)
        return await self.exchange(given.get("code", ""), state=state, session=session)

    async def exchange(self, code: str, *, state: str, session: str) -> Grant:
        """The access token for a code. A code can be exchanged once, so this is never repeated.

        Args:
            code: What the browser brought back.
            state: The state that it brought with it; it is used up by this.
            session: The same as for `new_state`.

        Raises:
            StateMismatch: The state is missing, unknown, another browser's, too old or used. Nothing was sent.
            InvalidGrant: The code is wrong, too old or used.
            InvalidClient: The client id or secret is wrong.
            OAuthError: Attio refused for another reason; without a code nothing was sent.
            TransportError: No answer arrived; the code may be used up, so start again.
            DecodeError: The answer holds no token.
        """
        await self._check(state, session)
        if not code:
            raise OAuthError("invalid_request", "no code came back")
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "client_secret": self._secret,
        }
        request = Request(method="POST", path="/oauth/token", content=_form(form))
        body = self._read(request, await self._send(request, None), code)
        token = body.get("access_token")
        if not isinstance(token, str) or not token:
            raise DecodeError(
                "the answer holds no access token", status=200, method=request.method, path=request.path
            )
        return Grant(access_token=token, token_type=str(body.get("token_type") or "Bearer"), raw=body)

    async def introspect(self, token: str) -> Identity:
        """What a token is good for: its workspace and scopes. `active` is False for one that is no longer valid.

        Raises:
            ConfigurationError: The token is empty. Nothing was sent.
            OAuthError: Attio refused to say.
            TransportError: No answer arrived.
        """
        if not token:
            raise ConfigurationError("there is no token to introspect")
        request = Request(method="POST", path="/oauth/introspect")
        return Identity.from_dict(self._read(request, await self._send(request, token), token))

    async def aclose(self) -> None:
        """Close the connections, unless they belong to your `http_client`."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _check(self, state: str, session: str) -> None:
        """Use up the state, and refuse it unless it is one of this session's."""
        owner = _owner(session)
        pending = await self._states.take(state) if state else None
        if pending is None:
            raise StateMismatch("state_mismatch", "the state is missing, unknown, or was used already")
        if not hmac.compare_digest(pending.owner, owner):
            raise StateMismatch("state_mismatch", "the state was made for another browser session")
        if self._clock.time() > pending.expires_at:
            raise StateMismatch("state_mismatch", "the state is too old; start again")

    async def _send(self, request: Request, token: str | None) -> Response:
        from .._transport.transport import HttpxTransport  # noqa: PLC0415 - as above

        transport = HttpxTransport(
            self._pool,
            base_url=self._base_url,
            token=token,
            user_agent=f"attio-async/{__version__}",
            timeout=self._timeout,
        )
        return await transport.send(request)

    def _read(self, request: Request, response: Response, secret: str) -> Mapping[str, Any]:
        """The answer's object. No message shows what was sent or answered in confidence."""
        body = _object(response.body)
        if not response.is_success:
            raise _error(body or {}, response.status, hide=(secret, self._secret))
        if body is None:
            raise DecodeError(
                "not a JSON object", status=response.status, method=request.method, path=request.path
            )
        return body


def _owner(session: str) -> bytes:
    if not session:
        raise ConfigurationError("the session must not be empty: the state would be everybody's")
    return hashlib.sha256(session.encode()).digest()


def _form(fields: Mapping[str, str]) -> Content:
    encoded = urlencode(fields).encode("ascii")

    async def pieces() -> AsyncGenerator[bytes]:
        yield encoded

    return Content(type="application/x-www-form-urlencoded", open=pieces, length=len(encoded))


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return cast("dict[str, Any]", decoded) if isinstance(decoded, dict) else None


def _error(given: Mapping[str, Any], status: int | None = None, hide: tuple[str, ...] = ()) -> OAuthError:
    """The exception for an error of RFC 6749, or for a refusal in Attio's own form."""
    error = str(given.get("error") or given.get("code") or f"status {status}")
    description = str(given.get("error_description") or given.get("message") or "")
    for secret in hide:
        description = description.replace(secret, "…")
    uri = given.get("error_uri")
    cls = _ERRORS.get(error, OAuthError)
    return cls(error, description or None, uri=str(uri) if uri else None, status=status)
