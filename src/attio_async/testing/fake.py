"""`FakeAttio`: one workspace behind the API, for tests and for trying things out."""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .._core.clock import Clock, SystemClock
from . import moments, persist
from .answers import Response
from .calls import Call, Calls
from .changes import Changes
from .conditions import Conditions
from .connecting import Connecting
from .faulting import Faults
from .faults import Asked
from .limits import Limits
from .new_workspace import new_workspace
from .oauth_pages import ENDPOINTS
from .routes import match
from .seeding import Seeding
from .seeding_talks import TalkSeeding
from .seeding_things import ThingSeeding
from .service import Service
from .snapshots import Snapshot
from .state import Workspace
from .tokens import Tokens

if TYPE_CHECKING:
    import httpx

    from ..client import Attio
    from .server import AsgiApp, RunningServer


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
    def changes(self) -> Changes:
        """What happens in the workspace, for whoever subscribes; restoring a snapshot keeps the subscribers."""
        return self._workspace.changes

    def _now(self) -> str:
        return moments.iso_nanoseconds(self.clock.time())

    # Answering

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
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

            def perform() -> Response:
                if path in ENDPOINTS:
                    return self._service.completed(self._pages.answer(method, target, named, body))
                return self._service.answer(route, target, method, named, body, lowered=self.faults.lowered())

            if fault is None:
                response = perform()
            else:
                asked = Asked(self.clock.time(), perform)
                response = self._service.completed(fault.answer(asked))
            self.calls.record(
                Call(self.clock.time(), method, path, operation_id, response.status, query, body, fault)
            )
            self._outbox.listen()
        return response

    async def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Like `handle`, taking the latency's time; cancelled in its second half, the request was answered."""
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        response = self.handle(method, target, headers, body)
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        return response

    # Ways in

    def transport(self) -> "httpx.AsyncBaseTransport":
        """A transport for `httpx.AsyncClient` that ends here, in process."""
        from .transport import FakeTransport  # noqa: PLC0415 - needs httpx

        return FakeTransport(self)

    def client(self, **options: Any) -> "Attio":
        """A client of this workspace; takes the options of `Attio`."""
        from ..client import Attio  # noqa: PLC0415 - the fake works without the client

        defaults: dict[str, Any] = {
            "token": self.token,
            "base_url": "https://api.attio.test",
            "transport": self.transport(),
            "clock": self.clock,
        }
        return Attio(**{**defaults, **options})

    def asgi(self) -> "AsgiApp":
        """An ASGI application that ends here."""
        from .server import asgi_app  # noqa: PLC0415 - rarely used

        return asgi_app(self)

    def serve(self, port: int = 0) -> "AbstractContextManager[RunningServer]":
        """Serve on 127.0.0.1 in a thread, until the block is left. Needs uvicorn (extra `server`).

        ::

            with fake.serve() as server:
                Attio(token=fake.token, base_url=server.url)

        Args:
            port: 0 takes a free one.
        """
        from .server import serve  # noqa: PLC0415 - rarely used

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
            return persist.to_json(self._workspace)

    @classmethod
    def from_json(cls, document: bytes, **options: Any) -> Self:
        """A fake with the state that `to_json` wrote; takes the options of `FakeAttio`, `seed` has no effect.

        Raises:
            ValueError: The document is no such state.
        """
        fake = cls(**options)
        fake._replace_workspace(persist.from_json(document))
        return fake
