"""How a fake is connected with apps: OAuth, and deliveries of webhooks."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from .._core.addresses import private_url
from .._core.clock import Clock
from .._core.posting import AsgiApp, AsgiPoster, HttpPoster
from .answers import Response
from .deliveries import TIMEOUT, DeliveryAttempt, Outbox, QueuedDelivery
from .faulting import Faults
from .moments import iso_nanoseconds
from .oauth_apps import OAuthApps, OAuthClient
from .oauth_pages import OAuthPages, Unwelcome
from .recordings import settle
from .routes import match
from .scopes import check_scopes
from .service import Service
from .state import Workspace

__all__ = ["Connecting"]


class Connecting(ABC):
    """The part of `FakeAttio` that apps are connected with."""

    clock: Clock
    faults: Faults
    _lock: threading.RLock
    _service: Service
    _apps: OAuthApps
    _pages: OAuthPages
    _outbox: Outbox

    @property
    @abstractmethod
    def _workspace(self) -> Workspace: ...

    def _connect(self, seed: int) -> None:
        self._apps = OAuthApps(seed=seed, clock=self.clock, issue=self._issue)
        self._pages = OAuthPages(
            self._apps, workspace=lambda: self._workspace.data, introspect=self._introspected
        )
        self._outbox = Outbox(
            workspace=lambda: self._workspace,
            seed=seed,
            clock=self.clock,
            faults=self.faults,
            lock=self._lock,
        )

    # OAuth

    def add_oauth_client(
        self,
        client_id: str,
        client_secret: str,
        redirect_uris: str | Iterable[str],
        scopes: Iterable[str] | None = None,
        *,
        name: str = "",
    ) -> OAuthClient:
        """Register an app that this workspace can be connected to by OAuth.

        The pages are where Attio has them, `/authorize`, `/oauth/token` and `/oauth/introspect`, at any host in process,
        and beside the API on a served fake. A person there may be any member of the workspace.

        Args:
            client_id: The app's public name.
            client_secret: What it exchanges codes with.
            redirect_uris: Where browsers may be sent back to, exactly.
            scopes: What its tokens may do, such as "task:read-write". Default: everything.
            name: What people are shown. Default: the client id.

        Raises:
            ValueError: Something is empty, a scope does not exist, or an app with that id is registered already.
        """
        addresses = (redirect_uris,) if isinstance(redirect_uris, str) else tuple(redirect_uris)
        if not (client_id and client_secret and addresses and all(addresses)):
            raise ValueError("an app has a client id, a client secret and a redirect URI")
        if client_id in self._apps.clients:
            raise ValueError(f"an app with the client id {client_id!r} is registered already")
        client = OAuthClient(
            client_id=client_id,
            client_secret=client_secret,
            redirect_uris=addresses,
            scopes=None if scopes is None else tuple(scopes),
            name=name,
        )
        if scopes is not None:
            check_scopes(client.scopes or ())
        self._apps.clients[client_id] = client
        return client

    def _issue(self, token: str, client: OAuthClient, member_id: str) -> None:
        self._service.tokens.add(
            token,
            client.scopes,
            issued_at=self.clock.time(),
            client_id=client.client_id,
            member_id=member_id,
            actor_type="app",
        )

    def _introspected(self, headers: Mapping[str, str]) -> Response:
        """The same as what `GET /v2/self` says, at another address."""
        return self._service.answer(match("GET", "/v2/self"), "/v2/self", "GET", headers, b"")

    def authorize(self, url: str, *, allow: bool = True, member: str | None = None) -> str:
        """Decide as a person would on the page at `url`; the address that the browser is sent back to.

        ::

            back = fake.authorize(oauth.authorize_url(await oauth.new_state(session)))
            grant = await oauth.callback(urlsplit(back).query, session=session)

        Args:
            url: Of the authorize page, as the app made it.
            allow: Whether to allow the connection, or to deny it.
            member: Id or e-mail address of the member who decides. Default: the first one.

        Raises:
            LookupError: There is no such member; or the page shows an error, as the app or its address is not registered.
        """
        with self._lock:
            known = self._workspace.data.members[0] if member is None else self._workspace.member(member)
            if known is None:
                raise LookupError(f"the workspace has no member {member!r}")
            try:
                asked = self._pages.read(urlsplit(url).query)
            except Unwelcome as unwelcome:
                return unwelcome.location
            return self._pages.decide(asked, allow=allow, member_id=known.id)

    # Webhooks

    @property
    def queued_deliveries(self) -> Sequence[QueuedDelivery]:
        """What webhooks are still to be told, in the order in which it is due."""
        return self._outbox.queued

    async def deliver(
        self, app: AsgiApp | None = None, *, to: str | None = None, wait: bool = False
    ) -> list[DeliveryAttempt]:
        """Tell the webhooks of this workspace what they are to be told, and say how each attempt went.

        Everything that happens in the workspace is queued for each webhook whose subscriptions, with their filters,
        include it. A delivery is signed with the webhook's secret and carries its Idempotency-Key. One that is not
        answered with a status of the 200s within 5 seconds is queued again: 10 times, with growing pauses, over some
        three days; after that its webhook is degraded. The rate is not limited.

        ::

            await fake.deliver(receiver.asgi())

        Args:
            app: An ASGI application to hand all deliveries to, in process. Its lifespan is not run: a
                `WebhookReceiver` runs its handlers before this returns, or is used as a context manager.
            to: Where to send all deliveries, in place of the webhooks' own addresses; https, or http on this machine.
            wait: Wait, on the fake's clock, for what is delayed or to be tried again, until nothing is left.

        Raises:
            ConfigurationError: `to` is neither https nor on this machine.
        """
        if to is not None:
            private_url("to", to)
        with self._lock:
            settle(self._workspace, iso_nanoseconds(self.clock.time()))
        if app is not None:
            return await self._outbox.deliver(AsgiPoster(app, timeout=TIMEOUT), to=to, wait=wait)
        poster = HttpPoster(timeout=TIMEOUT)
        try:
            return await self._outbox.deliver(poster, to=to, wait=wait)
        finally:
            await poster.aclose()
