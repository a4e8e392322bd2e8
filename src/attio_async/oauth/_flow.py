"""The authorization code flow: send the browser to Attio, check its return, and exchange the code for a token."""

import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode

import anyio.abc
import attrs
import msgspec

from attio_async_api.json_data import JsonData

from .._transport.messages import Content, HttpClient, HttpTransport, Request, Response
from .._utils.checks import check_at_least, private_url
from .._utils.clock import Clock, SystemClock
from .._utils.public import public
from .._utils.secret import Secret, guarded
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
_HIDDEN = "…"
"""In place of what may be a secret."""
_ERRORS = {"access_denied": AccessDenied, "invalid_client": InvalidClient, "invalid_grant": InvalidGrant}


@public
@attrs.frozen(kw_only=True)
class Grant(JsonData):
    """The permission of a workspace: an access token to create a client with.

    `raw` is the whole response, including the token.
    """

    access_token: str = attrs.field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 - not a secret
    raw: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False, eq=False)


@public
class OAuth(anyio.abc.AsyncResource):
    """The OAuth flow of one Attio app.

    A state belongs to one browser session, expires, and works once. Without it an attacker could make a victim's
    browser connect the attacker's workspace, so no code is exchanged without a valid state.

    Args:
        client_id: The app's client id.
        client_secret: The app's client secret. It is never shown.
        redirect_uri: The URL that the browser returns to, exactly as it is registered with the app.
        base_url: https, or http on this machine.
        states: The store of states; by default in this process.
        state_ttl: Seconds until a state expires.
        timeout: Seconds without progress after which a request fails.
        http_client: An `httpx.AsyncClient` of yours; it stays yours to close.
        transport: An `httpx.AsyncBaseTransport` to send through, such as a fake's.
        clock: The source of time, for tests.

    Raises:
        ConfigurationError: An option is not valid.
    """

    @guarded
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

        check_at_least(1, state_ttl=state_ttl)
        check_at_least(0.001, timeout=timeout)
        self._secret = Secret(_text(client_secret))
        self.client_id: str = _text(client_id)
        self.redirect_uri: str = private_url("redirect_uri", _text(redirect_uri))
        if not self.client_id or self._secret == Secret(""):
            raise ConfigurationError("OAuth needs the client id and the client secret of an app")
        self._base_url = private_url("base_url", base_url.strip()).rstrip("/")
        self._states = MemoryStates() if states is None else states
        self._state_ttl = state_ttl
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._pool = HttpPool(connections=10, client=http_client, transport=transport)

    def __repr__(self) -> str:
        return f"<OAuth {getattr(self, 'client_id', 'without valid options')}>"

    async def new_state(self, session: str) -> str:
        """Create a state for one connection.

        Args:
            session: A value that only this browser knows, such as the random value in its session cookie.

        Raises:
            ConfigurationError: The session is empty, or not a text.
        """
        state = secrets.token_urlsafe(32)
        expires_at = self._clock.time() + self._state_ttl
        await self._states.add(state, PendingState(owner=_digest(session), expires_at=expires_at))
        return state

    def authorize_url(self, state: str) -> str:
        """Return the URL to send the browser to, with a state of `new_state`. Nothing is sent.

        https://docs.attio.com/docs/oauth/authorize
        """
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "state": state,
        }
        return f"{self._base_url}/authorize?{urlencode(query, quote_via=quote)}"

    @guarded
    async def callback(self, query: str | bytes | Mapping[str, str], *, session: str) -> Grant:
        """Turn the query of the browser's return into a grant.

        Args:
            query: The query string of the request, its whole URL, or its parameters.
            session: The session given to `new_state`.

        Raises:
            StateMismatch: The state is missing, unknown, another session's, expired or used. Nothing was sent.
            AccessDenied: The person denied access. Nothing was sent.
            OAuthError: Attio reports another error, or the code is missing. Nothing was sent.
            InvalidGrant: The code is invalid, expired or used.
            TransportError: No response arrived. The code may be used up, so start again.
        """
        given = _parameters(query)
        code = Secret(given.pop("code", ""))
        state = given.get("state", "")
        if given.get("error"):
            await self._use_state(state, session)
            raise _error(given)
        return await self._exchange(code, state, session)

    @guarded
    async def exchange(self, code: str, *, state: str, session: str) -> Grant:
        """Exchange a code for an access token. This works once, so it is never retried.

        https://docs.attio.com/docs/oauth/token

        Args:
            code: The code that the browser returned with.
            state: The state that the browser returned with; it cannot be used again.
            session: The session given to `new_state`.

        Raises:
            StateMismatch: The state is missing, unknown, another session's, expired or used. Nothing was sent.
            InvalidGrant: The code is invalid, expired or used.
            InvalidClient: The client id or secret is wrong.
            OAuthError: Attio reports another error. If the code is empty, nothing was sent.
            TransportError: No response arrived. The code may be used up, so start again.
            DecodeError: The response has no token.
        """
        given: Any = code  # callers may not be typed
        return await self._exchange(Secret(given if isinstance(given, str) else ""), state, session)

    async def _exchange(self, code: Secret, state: str, session: str) -> Grant:
        await self._use_state(state, session)
        if code == Secret(""):
            raise OAuthError("invalid_request", "the callback has no code")
        # The tutorial sends the redirect URI as well: https://docs.attio.com/rest-api/tutorials/connect-an-app-through-oauth
        form: dict[str, str | Secret] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": self.client_id,
            "client_secret": self._secret,
        }
        request = Request(method="POST", path="/oauth/token", content=_form_content(form))
        body = await self._send(request, secret=code)
        token = body.get("access_token")
        if not isinstance(token, str) or not token:
            raise DecodeError(
                "the response has no access token",
                status=200,
                method=request.method,
                path=request.path,
                excerpt=_HIDDEN,
            )
        return Grant(access_token=token, token_type=str(body.get("token_type") or "Bearer"), raw=body)

    @guarded
    async def introspect(self, token: str) -> Identity:
        """Return the workspace and scopes of a token. `active` is False if it is no longer valid.

        https://docs.attio.com/docs/oauth/introspect

        Raises:
            ConfigurationError: The token is empty. Nothing was sent.
            OAuthError: Attio reports an error.
            TransportError: No response arrived.
        """
        secret = Secret(_text(token))
        if secret == Secret(""):
            raise ConfigurationError("the token to introspect must not be empty")
        request = Request(method="POST", path="/oauth/introspect")
        return Identity.from_dict(await self._send(request, secret=secret, token=secret))

    async def aclose(self) -> None:
        """Close the connections, unless they belong to your `http_client`."""
        await self._pool.aclose()

    async def _use_state(self, state: str, session: str) -> None:
        """Remove a state from the store, and check that it is this session's."""
        owner = _digest(session)
        pending = await self._states.take(state) if state else None
        if pending is None:
            raise StateMismatch("state_mismatch", "the state is missing, unknown or already used")
        if not hmac.compare_digest(pending.owner, owner):
            raise StateMismatch("state_mismatch", "the state belongs to another browser session")
        if self._clock.time() > pending.expires_at:
            raise StateMismatch("state_mismatch", "the state has expired; start again")

    async def _send(
        self, request: Request, *, secret: Secret, token: Secret | None = None
    ) -> Mapping[str, Any]:
        """Send a request and return the response's object. No message shows `secret` or the client secret."""
        from .._transport.transport import HttpxTransport  # noqa: PLC0415 - as above

        transport = HttpxTransport(
            self._pool,
            base_url=self._base_url,
            token=token,
            user_agent=f"attio-async/{__version__}",
            timeout=self._timeout,
        )
        response = await transport.send(request)
        if not response.is_success:
            raise _error(_object(response) or {}, response.status, hide=(secret, self._secret))
        body = _object(response)
        if body is not None and isinstance(body.get("error"), str):
            raise _error(body, response.status, hide=(secret, self._secret))
        if body is None:
            raise DecodeError(
                "the response is not a JSON object",
                status=response.status,
                method=request.method,
                path=request.path,
                excerpt=_HIDDEN if response.body else "",
            )
        return body


def _text(given: object) -> str:
    """Return a text without blanks around it; an empty one for anything else, as for a variable that is not set."""
    return given.strip() if isinstance(given, str) else ""


def _parameters(query: str | bytes | Mapping[str, str]) -> dict[str, str]:
    if isinstance(query, bytes | bytearray | memoryview):
        query = bytes(query).decode("latin-1")
    if not isinstance(query, str):
        try:
            # Not `dict`: frameworks have several texts a name. None is a parameter that a framework found missing.
            given = {str(name): cast("object", query[name]) for name in query}
            return {name: str(value) for name, value in given.items() if value is not None}
        except (LookupError, TypeError):
            raise ConfigurationError(
                "give the query of the browser's return as a text, as bytes or as a mapping"
            ) from None
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|/", query):
        query = query.partition("?")[2]
    return dict(parse_qsl(query.partition("#")[0].lstrip("?")))


def _digest(session: str) -> bytes:
    given = cast("object", session)  # callers may not be typed
    if not given:
        raise ConfigurationError("the session must not be empty: every browser would have the same")
    if not isinstance(given, str):
        raise ConfigurationError("the session must be a text, and one that is not was given")
    return hashlib.sha256(given.encode("utf-8", "surrogatepass")).digest()


def _form_content(fields: Mapping[str, str | Secret]) -> Content:
    def encoded() -> bytes:
        revealed = {
            name: text.reveal() if isinstance(text, Secret) else text for name, text in fields.items()
        }
        return urlencode(revealed).encode("ascii")

    async def chunks() -> AsyncGenerator[bytes]:
        yield encoded()

    return Content(type="application/x-www-form-urlencoded", open=chunks, length=len(encoded()))


def _object(response: Response) -> Mapping[str, Any] | None:
    """Return the JSON object in a response; None if there is something else."""
    try:
        decoded = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return cast("dict[str, Any]", decoded) if isinstance(decoded, dict) else None


def _error(given: Mapping[str, Any], status: int | None = None, hide: tuple[Secret, ...] = ()) -> OAuthError:
    """Return the exception for an error in the form of RFC 6749, or in that of Attio's API."""
    error = given.get("error") or given.get("code") or f"status {status}"
    description = given.get("error_description") or given.get("message") or ""
    texts = [str(part) for part in (error, description, given.get("error_uri") or "")]
    shown = [secret.reveal() for secret in hide]
    for form in (
        *shown,
        *(quote(secret, safe="") for secret in shown),
    ):  # a server may echo one as it was sent
        texts = [text if re.fullmatch("[a-z_]+", text) else text.replace(form, _HIDDEN) for text in texts]
    error, description, uri = texts
    return _ERRORS.get(error, OAuthError)(error, description or None, uri=uri or None, status=status)
