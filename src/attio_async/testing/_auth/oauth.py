"""Apps that workspaces connect to by OAuth: what is asked, decided, and granted. No HTTP here."""

import hashlib
import hmac
import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from ..._utils.clock import Clock

T = TypeVar("T")

_TTL = 600.0
"""Seconds that a person may think, and that a code can be exchanged: the most that RFC 6749 recommends."""
_MOST = 10_000


@attrs.frozen(kw_only=True)
class OAuthClient:
    """An app that is registered with Attio.

    Attributes:
        client_id: Its public name.
        client_secret: What it proves itself with when it exchanges a code.
        redirect_uris: Where browsers may be sent back to, each exactly as it will be given.
        scopes: What its tokens may do; None for everything.
        name: What people are shown.
    """

    client_id: str
    client_secret: str = attrs.field(repr=False)
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] | None = None
    name: str = ""


@attrs.frozen(kw_only=True)
class AuthorizationRequest:
    """What an app asks a person for. `state` is None where the app sent none."""

    client: OAuthClient
    redirect_uri: str
    state: str | None


@attrs.frozen(kw_only=True)
class _Code:
    asked: AuthorizationRequest
    member_id: str


class OAuthProblem(Exception):
    """A refusal of RFC 6749: its `error`, and a description for developers."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


class _SingleUse(Generic[T]):
    """Things that can be taken once, for some minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def put(self, key: str, thing: T) -> None:
        self._kept[key] = (self._clock.time() + _TTL, thing)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def take(self, key: str) -> T | None:
        until, thing = self._kept.pop(key, (0.0, None))
        return thing if self._clock.time() < until else None


class OAuthApps:
    """The apps of one fake, what they asked for, and the codes that they can exchange.

    Args:
        seed: Codes and tokens follow from it, and from how many there were before.
        clock: Tells when a code is too old.
        issue: Makes a token valid that an app was granted by a member of the workspace.
    """

    def __init__(self, *, seed: int, clock: Clock, issue: Callable[[str, OAuthClient, str], None]) -> None:
        self.clients: dict[str, OAuthClient] = {}
        self._seed = seed
        self._issue = issue
        self._numbers = itertools.count(1)
        self._tickets = _SingleUse[AuthorizationRequest](clock)
        self._codes = _SingleUse[_Code](clock)

    def ask(self, asked: AuthorizationRequest) -> str:
        """A ticket for the decision of a person; it can be used once."""
        ticket = self._new("ticket")
        self._tickets.put(ticket, asked)
        return ticket

    def asked(self, ticket: str) -> AuthorizationRequest | None:
        """What a ticket was for, which uses it up; None when it is unknown, used or too old."""
        return self._tickets.take(ticket)

    def grant(self, asked: AuthorizationRequest, member_id: str) -> str:
        """The code for an app that a member of the workspace has allowed."""
        code = self._new("code")
        self._codes.put(code, _Code(asked=asked, member_id=member_id))
        return code

    def authenticated(self, client_id: str, client_secret: str) -> OAuthClient:
        """The app with this id, if the secret is its own.

        Raises:
            OAuthProblem: There is no such app, or the secret is wrong.
        """
        client = self.clients.get(client_id)
        known = client.client_secret if client is not None else ""
        if client is None or not hmac.compare_digest(known.encode(), client_secret.encode()):
            raise OAuthProblem("invalid_client", "The client id or secret is wrong.", 401)
        return client

    def exchange(self, client: OAuthClient, code: str, redirect_uri: str) -> str:
        """The access token for a code, which is used up by being shown.

        Raises:
            OAuthProblem: It is unknown, used, too old, another app's, or was asked for with another address.
        """
        granted = self._codes.take(code)
        if granted is None:
            raise OAuthProblem("invalid_grant", "The code is unknown, too old, or was used already.")
        if granted.asked.client.client_id != client.client_id:
            raise OAuthProblem("invalid_grant", "The code was issued to another client.")
        if granted.asked.redirect_uri != redirect_uri:
            raise OAuthProblem(
                "invalid_grant", "The redirect URI is not the one the code was asked for with."
            )
        token = self._new("token")
        self._issue(token, client, granted.member_id)
        return token

    def _new(self, what: str) -> str:
        text = f"{self._seed}/{what}/{next(self._numbers)}"
        return hashlib.blake2b(text.encode(), digest_size=24).hexdigest()
