"""`FakeAttio`: one workspace behind the API, for tests and for trying things out."""

import math
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from anyio import to_thread

from .._utils.asgi import AsgiApp
from .._utils.clock import Clock, SystemClock
from .._utils.public import public
from ._auth.auth import FakeAuth
from ._auth.tokens import Tokens
from ._events.outbox import Deliveries, Outbox
from ._fault_injector import ActiveFault, Faults, FaultSelector
from ._faults import Fault, FaultedRequest, UnreliableDeliveries
from ._http.calls import Call, Calls
from ._http.router import OAUTH_OPERATIONS, match
from ._limits import Limits, LoweredLimits
from ._response import FakeResponse
from ._schema import Kind
from ._seed import Seed
from ._seed_document import fill
from ._service import Pending, Service, finished
from ._workspace import snapshots, views
from ._workspace.change_log import ChangeLog
from ._workspace.find import find_list, find_object
from ._workspace.snapshots import Snapshot, WorkspaceSnapshot
from ._workspace.state import WorkspaceState, new_workspace
from ._workspace.workspace import Workspace

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport

    from .._client import Attio, ClientOptions
    from ._http.server import RunningServer


_SLOW = frozenset({"/v2/sql"})
"""Paths of requests that take so long that others must not wait for them."""


@public
class FakeAttio:
    """A stateful stand-in for Attio: every operation of the API, with its rules, errors and limits.

    It needs no network: `client()` and `transport()` reach it in process, on asyncio and on trio; `serve()` puts it
    behind a port of this machine. What it does not model it answers with status 501.

    ::

        fake = FakeAttio(clock=VirtualClock())
        async with fake.client() as attio:
            await attio.companies.create({"domains": ["acme.example.com"]})
        assert fake.calls[-1].operation == "create_record"

    Args:
        token: The access token that the fake accepts, with every scope; `auth.add_token` adds others.
        seed: Ids follow from the seed and from the order in which things are created.
        clock: The source of time. Default: the system clock; tests want a `VirtualClock`.
        limits: The rate limits to enforce; `Limits()` are the documented ones. Default: none.
        deliveries: The form in which webhooks deliver changes. Default: each change by itself.
        latency: Seconds that every request takes, half of them before it is answered and half after.
        keep_calls: How many of the last requests `calls` keeps; for a fake that serves millions. Default: all.

    Attributes:
        clock: The source of time.
        token: The access token that clients of the fake send.
        latency: Seconds that every request takes; can be changed at any time.
        calls: The requests answered so far.
        seed: Creates objects, attributes, records, members, meetings and e-mails without requests.
        auth: Access tokens, OAuth clients and their authorization.
        faults: The faults in force; `fault` adds one.
        webhooks: The deliveries of webhooks.

    Raises:
        ValueError: `latency` or `keep_calls` is negative or not finite, or `token` is not a valid access token.
    """

    def __init__(
        self,
        *,
        token: str = "test-token",  # noqa: S107 - a token for tests
        seed: int = 0,
        clock: Clock | None = None,
        limits: Limits | None = None,
        deliveries: Deliveries | None = None,
        latency: float = 0.0,
        keep_calls: int | None = None,
    ) -> None:
        if not 0 <= latency < math.inf:
            raise ValueError(f"latency must be a finite number of seconds from 0 up, not {latency!r}")
        if keep_calls is not None and keep_calls < 0:
            raise ValueError(f"keep_calls must be at least 0, or None for all, not {keep_calls!r}")
        self.clock: Clock = clock or SystemClock()
        self.token = token
        self.latency = latency
        self.calls: Calls = Calls(keep=keep_calls)
        now = self.clock.time()
        self._state = WorkspaceState(new_workspace(seed=seed, now=now), self.clock)
        tokens = Tokens()
        tokens.add(token, None, issued_at=now)
        self._service = Service(self._state, tokens, limits or Limits.none())
        self.seed: Seed = Seed(self._state)
        self.auth: FakeAuth = FakeAuth(
            self._state, tokens, own_token=token, seed=seed, introspect=self._service.introspect
        )
        self.faults: Faults = Faults(seed, self.clock)
        self.webhooks: Outbox = Outbox(self._state, self.faults, seed, deliveries or Deliveries())
        self._snapshot: WorkspaceSnapshot | None = None

    def __repr__(self) -> str:
        data = self._state.workspace.data
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
        """Do nothing: the fake holds no connection. It can stand in one `async with` beside its client."""

    # Connect

    def client(self, **options: "Unpack[ClientOptions]") -> "Attio":
        """Create a client of this workspace, in process.

        Args:
            options: Options of `Attio`. Default: the fake's token, transport and clock.
        """
        from .._client import Attio  # noqa: PLC0415 - the fake works without the client

        all_options: ClientOptions = {
            "token": self.token,
            "base_url": "https://api.example.com",
            "transport": self.transport(),
            "clock": self.clock,
            **options,
        }
        return Attio(**all_options)

    def transport(self) -> "AsyncBaseTransport":
        """Create a transport for `httpx.AsyncClient` that hands requests to the fake, in process."""
        from ._http.transport import FakeTransport  # noqa: PLC0415 - needs httpx

        return FakeTransport(self)

    def asgi(self) -> AsgiApp:
        """Create an ASGI application that hands requests to the fake."""
        from ._http.server import asgi_app  # noqa: PLC0415 - rarely used

        return asgi_app(self)

    def serve(
        self, port: int = 0, *, host: str = "127.0.0.1", allow_hosts: Iterable[str] = ()
    ) -> "AbstractContextManager[RunningServer]":
        """Serve the fake on this machine from a thread, until the block ends. Needs uvicorn (extra `server`).

        Requests to other names than those of this machine are refused, so that no web page can reach the fake by a name
        of its own. `/healthz` is answered with 200 for any name and without a token. Bodies are limited to 16 MiB, and
        those of forms to 52 MiB.

        ::

            with fake.serve() as server:
                Attio(token=fake.token, base_url=server.url)

        Args:
            port: The port to listen on; 0 for any free one.
            host: The address to listen on; "0.0.0.0" for all of them, so that other machines can reach the fake.
            allow_hosts: Further names, without a port, that requests may be sent to, such as a container's.

        Raises:
            ModuleNotFoundError: uvicorn is not installed.
            OSError: The port is taken, or the address is not one of this machine.
        """
        from ._http.server import serve  # noqa: PLC0415 - rarely used

        return serve(self, port, host, allow_hosts)

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        """Answer one request at once, without waiting and without I/O.

        Args:
            method: The HTTP method, in capital letters.
            target: Path and query, percent-encoded, such as "/v2/objects/people/records/query".
            headers: The headers, with names in any case.
            body: The raw body.
        """
        path, _, query = target.partition("?")
        named = {name.lower(): value for name, value in headers.items()}
        with self._state.lock:
            route = match(method, path)
            operation_id = route.operation.id if route else OAUTH_OPERATIONS.get(path)
            fault = self.faults.meet(operation_id, method, path)

            def perform() -> FakeResponse | Pending:
                if path in OAUTH_OPERATIONS:
                    return self._service.completed(self.auth.answer(method, target, named, body))
                return self._service.answer(route, target, method, named, body, lowered=self.faults.lowered())

            if fault is None:
                answer = perform()
            else:
                faulted = FaultedRequest(self.clock.time(), lambda: finished(perform()))
                answer = self._service.completed(fault.answer(faulted))
            at = self.clock.time()
            self.webhooks.listen()
        response = finished(answer)
        with self._state.lock:
            self.calls.record(Call(at, method, path, operation_id, response.status, query, body, fault))
        return response

    async def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> FakeResponse:
        """Answer one request like `handle`, after the latency. Cancelled in its second half, it was carried out."""
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        if target in _SLOW and isinstance(self.clock, SystemClock):
            response = await to_thread.run_sync(
                self.handle, method, target, headers, body, abandon_on_cancel=True
            )
        else:  # while a thread works, a virtual clock would leap
            response = self.handle(method, target, headers, body)
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        return response

    # Behaviour

    def fault(
        self,
        fault: Fault | LoweredLimits | UnreliableDeliveries,
        *,
        operation: str | None = None,
        method: str | None = None,
        path: str | None = None,
        nth: int = 1,
        times: int | None = None,
        probability: float = 1.0,
        seconds: float | None = None,
    ) -> ActiveFault:
        """Make requests fail: one request, unless `times`, `probability` or `seconds` say otherwise.

        The faults of `attio_async.testing` are values, such as `ConnectionReset(when="after")`; so is anything with
        their method `answer`. Of several matching faults the oldest decides.

        ::

            fake.fault(ServerFailure(503, when="after"), operation="create_record")
            fake.fault(ConnectionReset(), method="POST", probability=0.05)
            with fake.fault(LoweredLimits(reads=50), seconds=30):
                ...

        Args:
            fault: The fault. `LoweredLimits` and `UnreliableDeliveries` concern no single requests: they last until
                they are removed, or for `seconds`.
            operation: Match only requests to this operation, by its id.
            method: Match only requests with this HTTP method, in capital letters.
            path: Match only requests to this path; `*` stands for any text, `?` for one character.
            nth: The first matching request that fails, counted from 1.
            times: How many requests fail. Default: 1, or any number with `probability` or `seconds`.
            probability: The share of matching requests that fails, drawn from the fake's seed.
            seconds: How long the fault lasts, on the fake's clock.

        Returns:
            The fault in force: `hits` counts, `remove()` ends it, and so does leaving it as a `with` block.

        Raises:
            TypeError: `fault` has no method `answer`.
            ValueError: The operation is unknown, or an argument does not fit the fault.
        """
        is_of_requests = not isinstance(fault, LoweredLimits | UnreliableDeliveries)
        if is_of_requests and times is None and probability == 1 and seconds is None:
            times = 1
        selector = FaultSelector(
            operation=operation,
            method=method,
            path=path,
            nth=nth,
            times=times,
            probability=probability,
            seconds=seconds,
        )
        with self._state.lock:
            return self.faults.add(fault, selector)

    @property
    def limits(self) -> Limits:
        """The rate limits in force. Setting others takes effect with the next request."""
        return self._service.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        with self._state.lock:
            self._service.limits = limits

    @property
    def merge_delay(self) -> float:
        """Seconds that merges take; 0, the default, carries them out at once.

        With a delay they are answered with 202. Until it is over the records involved cannot be read: 404
        `merge_in_progress`. Setting a number that is negative or not finite raises `ValueError`.
        """
        return self._state.workspace.data.merge_delay

    @merge_delay.setter
    def merge_delay(self, seconds: float) -> None:
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"merge_delay must be a finite number of seconds from 0 up, not {seconds!r}")
        with self._state.lock:
            self._state.workspace.data.merge_delay = seconds

    # State

    @property
    def changes(self) -> ChangeLog:
        """The changes of the workspace, for subscribers; restoring a snapshot keeps the subscribers."""
        return self._state.workspace.changes

    @property
    def unsubscribed(self) -> frozenset[str]:
        """The e-mail addresses that are unsubscribed from all sequences."""
        with self._state.lock:
            return frozenset(self._state.workspace.data.entities.unsubscribed)

    def load(self, records: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[str]]:
        """Create many records, object by object, and return their ids in the same order.

        ::

            fake.load({"companies": companies(100), "people": people(1000)})

        Args:
            records: Values of records, as `seed.add_record` takes them, by the slug of their object.

        Raises:
            ApiProblem: See `seed.add_record`. The records before it have been created.
        """
        return {
            object: [self.seed.add_record(object, values)["id"]["record_id"] for values in each]
            for object, each in records.items()
        }

    def fill(self, document: Mapping[str, Any]) -> None:
        """Create what a document describes: members, objects, lists, attributes, options, records, entries and webhooks.

        ::

            fake.fill({
                "objects": {"ships": {"attributes": {"name": {"unique": True}, "crew": {"type": "number"}}}},
                "lists": {"fleet": {"parent": "ships"}},
                "records": {"ships": [{"name": "Argo", "crew": 50}]},
                "entries": {"fleet": [{"record": {"name": "Argo"}}]},
            })

        Args:
            document: Decoded JSON or YAML. Objects, lists and attributes that are already there can get more attributes
                and options.

        Raises:
            ValueError: Something in the document is invalid. The message says where; nothing was created.
        """
        with self._state.lock:
            before = WorkspaceSnapshot.of(self._state.workspace)
            try:
                fill(self.seed, self._state, document)
            except ValueError:
                self.restore(before)
                raise

    def records(self, object: str) -> list[dict[str, Any]]:
        """Return all records of an object as the API shows them, oldest first.

        Raises:
            ApiProblem: The object is unknown.
        """
        with self._state.lock:
            return self._rows(find_object(self._state.workspace, object))

    def entries(self, list: str) -> list[dict[str, Any]]:
        """Return all entries of a list as the API shows them, oldest first.

        Raises:
            ApiProblem: The list is unknown.
        """
        with self._state.lock:
            return self._rows(find_list(self._state.workspace, list))

    def _rows(self, kind: Kind) -> list[dict[str, Any]]:
        workspace = self._state.workspace
        values = views.AllValues(workspace, kind)
        return views.detached(
            [views.row_view(workspace, kind, row, values) for row in workspace.records(kind)]
        )

    def snapshot(self) -> Snapshot:
        """Return the state of the workspace as it is now, for `restore`."""
        with self._state.lock:
            self._snapshot = WorkspaceSnapshot.of(self._state.workspace, self._snapshot)
            return self._snapshot

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to an earlier state and drop queued deliveries. Calls, limits, faults and tokens stay as they are.

        Raises:
            TypeError: `snapshot` does not come from a fake.
        """
        if not isinstance(snapshot, WorkspaceSnapshot):
            raise TypeError(f"snapshot must be what FakeAttio.snapshot() returned, not {snapshot!r}")
        with self._state.lock:
            self._replace_workspace(snapshot.workspace(self._state.workspace))

    def to_json(self) -> bytes:
        """Return the state as JSON, for `from_json`. It contains the secrets of webhooks, but no access tokens."""
        with self._state.lock:
            return snapshots.to_json(self._state.workspace)

    @classmethod
    def from_json(cls, document: bytes, **options: Any) -> Self:
        """Create a fake with the state that `to_json` returned.

        Args:
            document: The JSON.
            options: Options of `FakeAttio`; `seed` has no effect on ids.

        Raises:
            ValueError: The document is not a saved workspace.
        """
        fake = cls(**options)
        fake._replace_workspace(snapshots.from_json(document))
        return fake

    def _replace_workspace(self, workspace: Workspace) -> None:
        with self._state.lock:
            workspace.changes = self._state.workspace.changes
            self._state.workspace = workspace
            self.webhooks.clear()
            self.webhooks.listen()
