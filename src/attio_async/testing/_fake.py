"""`FakeAttio`: one workspace behind the API, for tests and for trying things out."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from .._transport.poster import AsgiApp, AsgiPoster, HttpPoster
from .._utils.clock import Clock, SystemClock
from .._utils.urls import private_url
from . import _timestamps
from ._auth.oauth import OAuthApps, OAuthClient
from ._auth.oauth_pages import ENDPOINTS, OAuthPages, Unwelcome
from ._auth.scopes import check_scopes
from ._auth.tokens import Tokens
from ._events.outbox import (
    TIMEOUT,
    DeliveryAttempt,
    Outbox,
    QueuedDelivery,
)
from ._events.recordings import settle
from ._faults.faults import Deliveries, Fault, FaultedRequest, FixedResponse
from ._faults.injector import Active, Faults, Selector
from ._http.calls import Call, Calls
from ._http.router import match
from ._limits.limits import Limits, LoweredLimits
from ._response import FakeResponse
from ._seed.activity import TalkSeeding, ThingSeeding
from ._seed.records import Seeding
from ._service import Service
from ._timestamps import iso_nanoseconds
from ._workspace import snapshots
from ._workspace.change_log import ChangeLog
from ._workspace.factory import new_workspace
from ._workspace.snapshots import Snapshot
from ._workspace.workspace import Workspace

if TYPE_CHECKING:
    from .._client import Attio
    from ._http.server import AsgiApp, RunningServer
    from ._http.transport import FakeTransport


class Conditions:
    """The part of `FakeAttio` that says who may ask how much, and what goes wrong."""

    clock: Clock
    token: str
    faults: Faults
    """What is in force; `clear()` it to have peace."""
    _lock: threading.RLock
    _service: Service

    # Tokens

    def add_token(
        self, token: str, scopes: Iterable[str] | None = None, *, client_id: str | None = None
    ) -> str:
        """Accept one more access token; returns it. What it writes is by an actor of its own.

        A token that is accepted already gets these scopes instead of its own; a dead one lives again.

        Args:
            token: Not empty, without spaces.
            scopes: What it may do, such as "note:read-write", which includes reading. Default: everything.
            client_id: The id that `/v2/self` tells. Default: a new one.

        Raises:
            ValueError: The token cannot be one, or a scope does not exist.
        """
        with self._lock:
            self._service.tokens.add(token, scopes, issued_at=self.clock.time(), client_id=client_id)
        return token

    def revoke_token(self, token: str | None = None) -> None:
        """From now on a token is dead: 401 everywhere, and `{"active": false}` from `/v2/self`.

        Args:
            token: Default: the one the fake was made with.
        """
        with self._lock:
            self._service.tokens.revoke(self.token if token is None else token)

    # Limits

    @property
    def limits(self) -> Limits:
        """The rates that are kept; others can be set at any time, and count from there."""
        return self._service.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        with self._lock:
            self._service.limits = limits

    # Faults

    def fault(
        self,
        fault: Fault | LoweredLimits | Deliveries,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        nth: int = 1,
        times: int | None = None,
        probability: float = 1.0,
        seconds: float | None = None,
    ) -> Active:
        """Let something go wrong, once unless `times`, `probability` or `seconds` say otherwise.

        The faults of `attio_async.testing` are values, such as `ConnectionReset(when="after")`; anything with
        their method `answer` can be one. Of several faults the first that meets a request decides.

        ::

            fake.fault(ServerFailure(503, when="after"), operation="create_record")
            fake.fault(ConnectionReset(), method="POST", probability=0.05)
            with fake.fault(LoweredLimits(reads=50), seconds=30):
                ...

        Args:
            fault: What goes wrong. `LoweredLimits` and `Deliveries` are about no single requests and last until
                they are removed, or for `seconds`.
            operation: Only requests to this operation, by its id.
            method: Only requests with this HTTP method, in capital letters.
            path: Only requests to this path; `*` stands for any text, `?` for one character.
            nth: The first of these requests that is met, counted from 1.
            times: How many requests are met. Default: 1, or any number with `probability` or `seconds`.
            probability: The share of these requests that are met; which ones follows from the fake's seed.
            seconds: How long it lasts, on the fake's clock.

        Returns:
            The fault in force: `hits` counts, `remove()` ends it, and so does leaving it as a block.

        Raises:
            TypeError: It is no fault.
            ValueError: There is no such operation, or a number makes no sense.
        """
        is_of_requests = not isinstance(fault, LoweredLimits | Deliveries)
        if is_of_requests and times is None and probability == 1 and seconds is None:
            times = 1
        selector = Selector(
            operation=operation,
            method=method,
            path=path,
            nth=nth,
            times=times,
            probability=probability,
            seconds=seconds,
        )
        with self._lock:
            return self.faults.add(fault, selector)

    def respond_next(
        self,
        status: int,
        body: bytes | Mapping[str, Any] = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next requests with this, whatever they ask for; they change nothing.

        The short form of `fault(FixedResponse(...))`.

        Args:
            status: The HTTP status.
            body: Sent as it is, or as JSON.
            headers: Besides, and over, those that every answer has.
            times: How many requests.
        """
        self.fault(FixedResponse(status, body, headers or {}), times=times)


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

    def _introspected(self, headers: Mapping[str, str]) -> FakeResponse:
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


class FakeAttio(Conditions, Connecting, Seeding, TalkSeeding, ThingSeeding):
    """A stateful stand-in for Attio: every operation of the API, with its rules, errors and limits.

    It needs no network: `client()` and `transport()` reach it in process, on asyncio and on trio;
    `serve()` puts it behind a port of this machine. What it does not model of one it refuses with status 501.

    ::

        fake = FakeAttio(clock=VirtualClock())
        async with fake.client() as attio:
            await attio.companies.create({"domains": ["acme.com"]})
        assert fake.calls[-1].operation_id == "create_record"

    Args:
        token: The access token it accepts, with every scope; `add_token` adds others.
        seed: Ids follow from it and from the order in which things are made.
        clock: Where time comes from. Default: the machine's clock; tests want a `VirtualClock`.
        limits: Rate limits to keep, strictly; `Limits()` are those of Attio. Default: none.
        latency: Seconds that every request takes, half before it is answered and half after.
        keep_calls: How many requests `calls` holds, the last ones; for a fake that serves millions. Default: all.
    """

    def __init__(
        self,
        *,
        token: str = "test-token",  # noqa: S107 - a token for tests
        seed: int = 0,
        clock: Clock | None = None,
        limits: Limits | None = None,
        latency: float = 0.0,
        keep_calls: int | None = None,
    ) -> None:
        if not latency >= 0:
            raise ValueError(f"latency must be at least 0 seconds, not {latency!r}")
        if keep_calls is not None and keep_calls < 0:
            raise ValueError(f"keep_calls must be at least 0, or None for all, not {keep_calls!r}")
        self.clock: Clock = clock or SystemClock()
        self.token = token
        self.latency = latency
        self.calls = Calls(keep=keep_calls)
        self.faults = Faults(seed, self.clock)
        self._lock = threading.RLock()
        self._snapshot: Snapshot | None = None
        now = self.clock.time()
        tokens = Tokens()
        tokens.add(token, None, issued_at=now)
        workspace = new_workspace(seed=seed, now=now)
        self._service = Service(workspace, tokens, limits or Limits.none(), self.clock)
        self._connect(seed)

    def __repr__(self) -> str:
        data = self._workspace.data
        counts = {
            kind.slug: len(data.rows[kind.id])
            for kind in (*data.objects.values(), *data.lists.values())
            if data.rows[kind.id]
        }
        return f"FakeAttio(records={counts}, calls={len(self.calls)})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close: for symmetry with what is used beside it."""

    @property
    def _workspace(self) -> Workspace:
        return self._service.workspace

    @property
    def changes(self) -> ChangeLog:
        """What happens in the workspace, for whoever subscribes; restoring a snapshot keeps the subscribers."""
        return self._workspace.changes

    def _now(self) -> str:
        return _timestamps.iso_nanoseconds(self.clock.time())

    # Answering

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        """The answer to one request, at once: no waiting, no I/O.

        Args:
            method: The HTTP method.
            target: Path and query, percent-encoded, such as "/v2/objects/people/records/query".
            headers: Their names may be in any case.
            body: The raw body.
        """
        path, _, query = target.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            route = match(method, path)
            operation_id = route.operation.id if route else ENDPOINTS.get(path)
            fault = self.faults.meeting(operation_id, method, path)

            def perform() -> FakeResponse:
                if path in ENDPOINTS:
                    return self._service.completed(self._pages.answer(method, target, named, body))
                return self._service.answer(route, target, method, named, body, lowered=self.faults.lowered())

            if fault is None:
                response = perform()
            else:
                asked = FaultedRequest(self.clock.time(), perform)
                response = self._service.completed(fault.answer(asked))
            self.calls.record(
                Call(self.clock.time(), method, path, operation_id, response.status, query, body, fault)
            )
            self._outbox.listen()
        return response

    async def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> FakeResponse:
        """Like `handle`, taking the latency's time; cancelled in its second half, the request was answered."""
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        response = self.handle(method, target, headers, body)
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        return response

    # Ways in

    def transport(self) -> "FakeTransport":
        """A transport for `httpx.AsyncClient` that ends here, in process."""
        from ._http.transport import FakeTransport  # noqa: PLC0415 - needs httpx

        return FakeTransport(self)

    def client(self, **options: Any) -> "Attio":
        """A client of this workspace; takes the options of `Attio`."""
        from .._client import Attio  # noqa: PLC0415 - the fake works without the client

        defaults: dict[str, Any] = {
            "token": self.token,
            "base_url": "https://api.attio.test",
            "transport": self.transport(),
            "clock": self.clock,
        }
        return Attio(**{**defaults, **options})

    def asgi(self) -> "AsgiApp":
        """An ASGI application that ends here."""
        from ._http.server import asgi_app  # noqa: PLC0415 - rarely used

        return asgi_app(self)

    def serve(self, port: int = 0) -> "AbstractContextManager[RunningServer]":
        """Serve on 127.0.0.1 in a thread, until the block is left. Needs uvicorn (extra `server`).

        ::

            with fake.serve() as server:
                Attio(token=fake.token, base_url=server.url)

        Args:
            port: 0 takes a free one.
        """
        from ._http.server import serve  # noqa: PLC0415 - rarely used

        return serve(self, port)

    # Keeping

    def snapshot(self) -> Snapshot:
        """The state as it is now, for `restore`."""
        with self._lock:
            self._snapshot = Snapshot.of(self._workspace, self._snapshot)
            return self._snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to an earlier state, with nothing to deliver. Calls, limits, faults and tokens stay as they are."""
        with self._lock:
            self._replace_workspace(snapshot.workspace(self._workspace))

    def _replace_workspace(self, workspace: Workspace) -> None:
        with self._lock:
            workspace.changes = self._workspace.changes
            self._service.workspace = workspace
            self._outbox.clear()
            self._outbox.listen()

    def to_json(self) -> bytes:
        """The state as JSON, for a file; `from_json` reads it. It holds no token, but the secrets of webhooks."""
        with self._lock:
            return snapshots.to_json(self._workspace)

    @classmethod
    def from_json(cls, document: bytes, **options: Any) -> Self:
        """A fake with the state that `to_json` wrote; takes the options of `FakeAttio`, `seed` has no effect.

        Raises:
            ValueError: The document is no such state.
        """
        fake = cls(**options)
        fake._replace_workspace(snapshots.from_json(document))
        return fake
