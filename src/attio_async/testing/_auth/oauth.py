"""Apps that workspaces connect to by OAuth: their requests, grants and codes. No HTTP here."""

import hashlib
import hmac
import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from ..._utils.clock import Clock
from ..._utils.public import public

T = TypeVar("T")

_LIFETIME_S = 600.0
"""Lifetime of a ticket and of a code: the maximum that RFC 6749 recommends for codes."""
_MAX_KEPT = 10_000


@public
@attrs.frozen(kw_only=True)
class OAuthClient:
    """An app that is registered with Attio.

    Attributes:
        client_id: Its public id.
        client_secret: The secret that it exchanges codes with.
        redirect_uris: The exact URIs that browsers may be sent back to.
        scopes: What its tokens may do; None for everything.
        name: The name that people see.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] | None = None
    name: str = ""


@attrs.frozen(kw_only=True)
class AuthorizationRequest:
    """The authorization that an app asks a person for. `state` is None if the app sent none."""

    client: OAuthClient
    redirect_uri: str
    state: str | None


@attrs.frozen(kw_only=True)
class _Grant:
    request: AuthorizationRequest
    member_id: str


class OAuthProblem(Exception):
    """An error response of RFC 6749: its `error`, and a description for developers."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class _OneTimeStore(Generic[T]):
    """Values that can be taken once, within some minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def put(self, key: str, value: T) -> None:
        self._kept[key] = (self._clock.time() + _LIFETIME_S, value)
        while len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)

    def take(self, key: str) -> T | None:
        expires_at, value = self._kept.pop(key, (0.0, None))
        return value if self._clock.time() < expires_at else None


class OAuthApps:
    """The apps of a fake, their authorization requests, and the codes that they can exchange.

    Args:
        seed: Codes and tokens follow from it, and from the number of those before.
        clock: Tells when a ticket or code has expired.
        issue: Accepts the token that an app was granted by a member of the workspace.
    """

    def __init__(self, *, seed: int, clock: Clock, issue: Callable[[str, OAuthClient, str], None]) -> None:
        self.clients: dict[str, OAuthClient] = {}
        self._seed = seed
        self._issue = issue
        self._numbers = itertools.count(1)
        self._tickets = _OneTimeStore[AuthorizationRequest](clock)
        self._codes = _OneTimeStore[_Grant](clock)

    def ticket(self, request: AuthorizationRequest) -> str:
        """Return a ticket for the decision about a request, which can be used once."""
        ticket = self._new("ticket")
        self._tickets.put(ticket, request)
        return ticket

    def redeem(self, ticket: str) -> AuthorizationRequest | None:
        """Use up a ticket and return its request; None if it is unknown, used or expired."""
        return self._tickets.take(ticket)

    def grant(self, request: AuthorizationRequest, member_id: str) -> str:
        """Return the code for an app that a member of the workspace has allowed."""
        code = self._new("code")
        self._codes.put(code, _Grant(request=request, member_id=member_id))
        return code

    def authenticate(self, client_id: str, client_secret: str) -> OAuthClient:
        """Return the app with this id, if the secret is its own.

        Raises:
            OAuthProblem: The app is unknown, or the secret is wrong.
        """
        client = self.clients.get(client_id)
        known = client.client_secret if client is not None else ""
        if client is None or not hmac.compare_digest(known.encode(), client_secret.encode()):
            raise OAuthProblem("invalid_client", "The client id or secret is wrong.", 401)
        return client

    def exchange(self, client: OAuthClient, code: str, redirect_uri: str) -> str:
        """Return the access token for a code, which is used up even if it is refused.

        Raises:
            OAuthProblem: The code is unknown, used, expired, another app's, or was requested with another redirect URI.
        """
        grant = self._codes.take(code)
        if grant is None:
            raise OAuthProblem("invalid_grant", "The code is unknown, has expired, or was already used.")
        if grant.request.client.client_id != client.client_id:
            raise OAuthProblem("invalid_grant", "The code was issued to another client.")
        if grant.request.redirect_uri != redirect_uri:
            raise OAuthProblem(
                "invalid_grant", "The redirect URI is not the one the code was requested with."
            )
        token = self._new("token")
        self._issue(token, client, grant.member_id)
        return token

    def _new(self, what: str) -> str:
        text = f"{self._seed}/{what}/{next(self._numbers)}"
        return hashlib.blake2b(text.encode(), digest_size=24).hexdigest()
