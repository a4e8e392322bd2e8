"""An engine: jobs of many workspaces, on procrastinate and PostgreSQL."""

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack, overload

import attrs

from attio_async_api.json_data import JsonData

from .._client import SharedOptions
from .._limits.limiter import RateLimiter
from .._limits.redis_limiter import RedisRateLimiter
from .._pool import AttioPool
from .._utils.asgi import AsgiApp
from .._utils.callbacks import check_async, check_sync
from .._utils.checks import check_count
from .._utils.public import public
from .._utils.shield import asyncio_task, finish
from ..errors import ConfigurationError, UnknownName
from ..webhooks import Delivery, Event, EventType, HandlerOptions
from ._definition import Duration, JobDefinition, JobFunction, check_name, seconds_of
from ._fence import fence
from ._job import Job
from ._overview import Overview, Run
from ._tenants import Tenants, check_possible
from ._webhooks import JOB, WebhookHandlers, WebhooksApp, WebhookSecrets

if TYPE_CHECKING:
    import procrastinate

    from ._connector import DurableConnector
    from ._page import StatusAuth
    from ._store import EngineStore, RunOutcome
    from ._worker import EngineWorker

F = TypeVar("F", bound=JobFunction)
E = TypeVar("E", bound=Event)
R = TypeVar("R")
H = TypeVar("H", bound=Callable[[Job, Any], Awaitable[object]])

_READS_PER_S, _WRITES_PER_S = 100, 25
_CONNECTIONS = 10
_MANUAL_PRIORITY = 10
_MIN_MAX_WAIT_S = 3_600.0
_LISTED = 200

_log = logging.getLogger("attio_async")


@public
@attrs.frozen(kw_only=True)
class RunEvent(JsonData):
    """The end of one attempt of a run, as `on_run` gets it.

    Attributes:
        run, job, tenant, attempt: Those of the run.
        outcome: "succeeded", "failed" (it will be retried, or its tenant is paused) or "dead".
        seconds: How long the attempt took.
        counts: The rows of its bulk jobs, by outcome.
        error: The kind of the error; None if there was none.
    """

    run: str
    job: str
    tenant: str
    attempt: int
    outcome: str
    seconds: float
    counts: dict[str, int]
    error: str | None = None


@public
class Engine:
    """Jobs of many workspaces on procrastinate and PostgreSQL. asyncio only. Needs the extra `engine`.

    ::

        engine = Engine("postgresql://localhost/jobs", tokens=tokens.get, redis="redis://localhost")

        @engine.job(every="15m")
        async def push(job: Job) -> None:
            await job.attio.companies.upsert_many(rows_of(job.tenant), match="domains", **job.durable)

    Creating one connects to nothing. The first call that needs the database opens it; `aclose`, or the end of an ``async
    with`` block, closes it.

    Args:
        postgres: The connection string of libpq: a URL, or words such as "dbname=jobs". Never shown.
        tokens: An async function from a tenant's name to its access token; called when its client is opened.
        redis: The URL of a Redis through which all workers share the rate limits of each tenant.
        workers: How many workers there are. Without Redis each uses its part of every tenant's limits.
        lease: The time after which the runs of a worker that is not heard of are taken over: "60s", or seconds.
        grace: The time that jobs have to stop when their worker is stopped.
        keep: The time that ended runs are kept. Dead ones stay until they are retried.
        reads: Allowed reads per second of each tenant.
        writes: Allowed writes per second of each tenant.
        max_clients: The most clients of tenants that a worker keeps open, beside those that runs use. Each has a connection
            to Redis.
        tenant_options: Returns options of one tenant's client, which count before the others.
        on_run: Called with the end of each attempt of a run, in the worker; it must be quick.
        options: Options of `Attio` for the clients of all tenants.

    Raises:
        ConfigurationError: An option is not valid, or the extra `engine` is not installed.
    """

    def __init__(
        self,
        postgres: str,
        *,
        tokens: Callable[[str], Awaitable[str]],
        redis: str | None = None,
        workers: int = 1,
        lease: Duration = "60s",
        grace: Duration = 20.0,
        keep: Duration = "7d",
        reads: int = _READS_PER_S,
        writes: int = _WRITES_PER_S,
        max_clients: int = 100,
        tenant_options: Callable[[str], SharedOptions] | None = None,
        on_run: Callable[[RunEvent], object] | None = None,
        **options: Unpack[SharedOptions],
    ) -> None:
        check_count(1, workers=workers, reads=reads, writes=writes)
        if on_run is not None:
            check_sync(on_run, "on_run")
        self._conninfo = postgres
        self._redis = redis
        self._workers = workers
        self._lease = seconds_of("lease", lease, least=1)
        self._grace = seconds_of("grace", grace)
        self._keep = seconds_of("keep", keep, least=60)
        self._reads, self._writes = reads, writes
        self._on_run = on_run
        self._definitions: dict[str, JobDefinition] = {}
        self._worker: EngineWorker | None = None
        self._resumed: dict[str, int] = {}
        self._is_checked = False
        self._opening = asyncio.Lock()
        self._limiter("tenant")  # so that what is wrong is told now

        def fenced(tenant: str) -> SharedOptions:
            own = SharedOptions() if tenant_options is None else tenant_options(tenant)
            middleware = own.get("middleware", options.get("middleware", ()))
            return {**own, "middleware": (*middleware, fence)}

        self._make_pool: Callable[[], AttioPool] = lambda: AttioPool(
            tokens, max_clients=max_clients, limiter=self._limiter, tenant_options=fenced, **options
        )
        self._pool = self._make_pool()
        self._connector, self._app, self._store = _backend(postgres, self._definitions, self._max_wait)
        self._tenants = Tenants(self._opened, self._forget)
        self._handlers: WebhookHandlers | None = None

    def __repr__(self) -> str:
        return f"<Engine of {len(self._definitions)} jobs>"

    @property
    def app(self) -> "procrastinate.App":
        """The app of procrastinate, for tasks of your own. What it raises are procrastinate's exceptions."""
        return self._app

    @property
    def tenants(self) -> Tenants:
        """The tenants."""
        return self._tenants

    def job(
        self,
        *,
        every: Duration | None = None,
        per_tenant: bool = True,
        name: str | None = None,
        retries: int = 8,
        backoff: Duration = "30s",
        max_backoff: Duration = "1h",
        timeout: Duration | None = "6h",
        backfill: bool = False,
    ) -> Callable[[F], F]:
        """Register an async function as a job.

        The function is called again after a crash, a deploy or a failure, so it has to be safe to run twice: with
        ``**job.durable`` a bulk job is. One job of a tenant runs at a time, or more if `Tenants.add` says so.

        Args:
            every: The time between two runs, such as "15m" or 90 seconds; None for a job that is only run by hand.
            per_tenant: True runs it for each tenant; False for none, and `Job.tenant` is empty.
            name: The name, by default that of the function. Runs are kept under it.
            retries: The number of retries before a run is dead.
            backoff: The time before the first retry; doubled for each further one.
            max_backoff: The longest time before a retry.
            timeout: The time after which an attempt is cancelled, and fails; None for no limit.
            backfill: True lets it yield: it starts when nothing else is due, and stops at its next row when something is.

        Raises:
            ConfigurationError: An option is not valid, or the name is taken.
        """
        check_count(0, retries=retries)
        interval = None if every is None else seconds_of("every", every, least=1)
        pause = seconds_of("backoff", backoff)
        most = seconds_of("max_backoff", max_backoff)
        limit = None if timeout is None else seconds_of("timeout", timeout)

        def register(function: F) -> F:
            check_async(function, "a job", "async def push(job: Job) -> None: ...")
            given = check_name(name or str(getattr(function, "__name__", "")))
            if given in self._definitions:
                raise ConfigurationError(f"the job {given!r} is there already. Give this one another name")
            definition = self._definitions[given] = JobDefinition(
                name=given,
                function=function,
                every=interval,
                per_tenant=per_tenant,
                retries=retries,
                backoff=pause,
                max_backoff=most,
                timeout=limit,
                backfill=backfill,
            )
            self._app.task(name=definition.task, queue=definition.queue, pass_context=True)(self._perform)
            return function

        return register

    @overload
    def on(
        self, first: type[E], /, *types: type[E], name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Callable[[Job, E], Awaitable[R]]], Callable[[Job, E], Awaitable[R]]]: ...
    @overload
    def on(
        self, *types: str, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[H], H]: ...
    def on(
        self, *types: EventType, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Any], Any]:
        """Register an async function that receives matching events of all tenants, one at a time.

        ::

            @engine.on("record.updated", object="deals", attribute="stage")
            async def on_stage_change(job: Job, event: RecordUpdated) -> None: ...

        `webhooks` stores what arrives, and the job "webhooks" of each tenant calls the functions in a worker: events of
        the same record one after the other in the order of arrival, others concurrently. A failed one is retried with
        backoff while others are handled; at last it is a dead letter, as a run that is dead. A function that was running
        when its worker died is called again, so it has to be safe to run twice.

        Args:
            types: Event classes, or types by Attio's names; none means all events.
            name: The name by which the engine knows the function, so that it does not receive an event twice when it is
                called again because of another one. By default its module and name.
            options: Conditions on the events; see `HandlerOptions`. Names are looked up in the tenant's workspace.

        Raises:
            UnknownName: An event type is unknown.
            ConfigurationError: The name is taken, or a condition is ambiguous.
        """
        return self._webhook_handlers().register(types, name, options, takes_bursts=False)

    @overload
    def on_burst(
        self, first: type[E], /, *types: type[E], name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[
        [Callable[[Job, Sequence[E]], Awaitable[R]]], Callable[[Job, Sequence[E]], Awaitable[R]]
    ]: ...
    @overload
    def on_burst(
        self, *types: str, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[H], H]: ...
    def on_burst(
        self, *types: EventType, name: str | None = None, **options: Unpack[HandlerOptions]
    ) -> Callable[[Any], Any]:
        """Register an async function that receives all pending events of a record together, as a sequence.

        Args:
            types: As for `on`.
            name: As for `on`.
            options: As for `on`.

        Raises:
            UnknownName: An event type is unknown.
            ConfigurationError: The name is taken, or a condition is ambiguous.
        """
        return self._webhook_handlers().register(types, name, options, takes_bursts=True)

    def webhooks(self, *, secrets: WebhookSecrets, max_body: int = 1024 * 1024) -> AsgiApp:
        """Return an ASGI application that takes the deliveries of all tenants, each at a path of its own.

        ::

            routes = [Mount("/hooks", engine.webhooks(secrets=secrets.get))]  # https://example.com/hooks/acme

        A delivery is answered with a 2xx status once it is verified and stored, and handled by a worker; see `on`. A
        repeated one, recognised by its Idempotency-Key for a week, is answered and not handled again. Bodies are kept in
        the database until they are handled, and arguments of jobs hold ids only. The answers to a wrong signature and to
        an unknown tenant are the same.

        Args:
            secrets: An async function from a tenant's name to the secret of its webhook, or to several while one
                replaces another; None, or a `LookupError`, if it has none.
            max_body: The size of the largest body in bytes; larger ones are answered with 413.

        Raises:
            ConfigurationError: A number is out of range, or `secrets` is not an async function.
        """
        check_count(1, max_body=max_body)
        check_async(secrets, "secrets", "async def secrets(tenant: str) -> str | None: ...")
        self._webhook_handlers()
        return WebhooksApp(secrets, self._deliver, max_body=max_body)

    def status(self, *, auth: "StatusAuth") -> AsgiApp:
        """Return an ASGI application: a page with the state of the engine, as `overview` returns it.

        ::

            routes = [Mount("/engine", engine.status(auth=lambda request: request.user.is_staff))]

        It is read-only, without scripts, and shows no values of rows. It answers GET and HEAD, and nothing before `auth`
        has allowed it.

        Args:
            auth: A function, or an async one, that gets the request of Starlette and returns True to show the page.
                Anything else, or an error, shows nothing. To answer differently it raises Starlette's `HTTPException`,
                such as one with status 401 and a `WWW-Authenticate` header.

        Raises:
            ConfigurationError: Starlette is not installed, or `auth` is not a function.
        """
        if not callable(auth):
            raise ConfigurationError("auth must be a function that says who may look at the page")
        try:
            from ._page import status_app  # noqa: PLC0415 - needs the extra
        except ImportError:
            raise ConfigurationError('the page needs Starlette: pip install "attio-async[engine]"') from None
        return status_app(self.overview, auth)

    async def init(self) -> None:
        """Create the tables of the engine and of procrastinate. Those that are there are left alone.

        Raises:
            ConfigurationError: The database cannot be used, or has tables of another format.
        """
        await self._connect()
        await self._store.create()
        self._is_checked = True

    async def run(self, job: str | JobFunction, tenant: str = "") -> Run:
        """File a run of a job now, and return it. A worker does it; this does not wait.

        If a run of the same job waits for the tenant already, that one is brought forward and returned.

        Args:
            job: The job: its function or its name.
            tenant: The tenant; none for a job that is not per tenant.

        Raises:
            UnknownName: The job or tenant is unknown. Nothing was filed.
            ConfigurationError: The tenant is paused, or the database cannot be used.
        """
        definition = self._definition(job)
        store = await self._opened()
        if definition.per_tenant:
            await self._check_runnable(store, tenant)
        elif tenant:
            raise ConfigurationError(f"the job {definition.name!r} is not per tenant. Leave the tenant out")
        run = await store.file(definition, tenant, priority=_MANUAL_PRIORITY)
        found = await store.run(run)
        if found is None:
            raise UnknownName("run", str(run))
        return found

    async def work(self, *, concurrency: int = 50, wait: bool = True, signals: bool = True) -> None:
        """Do runs until SIGTERM or SIGINT, or until this is cancelled; then drain.

        When it drains, rows in flight are finished, and the rest stays in the journals; the runs go on where another
        worker takes them. An outage of the database or of Redis is waited for.

        Args:
            concurrency: The most runs at a time.
            wait: False ends when nothing is due any more.
            signals: False leaves SIGTERM and SIGINT to the program.

        Raises:
            ConfigurationError: The database was never initialised, or cannot be used.
        """
        from ._worker import EngineWorker, WorkerSettings  # noqa: PLC0415 - needs the extra

        check_count(1, concurrency=concurrency)
        if self._worker is not None:
            raise ConfigurationError("this engine works already. One process needs one worker")
        await self._connect(patiently=True)
        store = await self._opened()
        await store.schedule()
        settings = WorkerSettings(
            conninfo=self._conninfo, lease=self._lease, grace=self._grace, keep=self._keep
        )
        worker = self._worker = EngineWorker(
            app=self._app,
            connector=self._connector,
            store=store,
            definitions=self._definitions,
            pool=self._pool,
            settings=settings,
            on_end=self._tell,
            resumed=self._resumed,
            concurrency=concurrency,
        )
        try:
            async with _draining_on_signals(worker) if signals else _nothing():
                await worker.work(wait=wait)
        finally:
            self._worker = None

    async def dead(self) -> list[Run]:
        """Return the runs that were retried too often, the latest first.

        Raises:
            ConfigurationError: The database cannot be used.
        """
        return await (await self._opened()).dead()

    async def retry(self, run: str | Run) -> Run:
        """Retry a run that is dead or failed, from the start of its retries; its journal resumes.

        Raises:
            UnknownName: The run is unknown, or neither dead nor failed.
            ConfigurationError: The same job is enqueued for the tenant already, or the database cannot be used.
        """
        given = run.run if isinstance(run, Run) else str(run)
        store = await self._opened()
        if not given.isdecimal() or not await store.revive(int(given)):
            raise UnknownName("dead run", given)
        await store.dispatch()
        found = await store.run(int(given))
        if found is None:
            raise UnknownName("run", given)
        return found

    async def overview(self, *, limit: int = _LISTED) -> Overview:
        """Return the state of the engine: tenants, runs, rates used of those allowed, dead letters and next runs.

        Args:
            limit: The most entries of each list.

        Raises:
            ConfigurationError: The database cannot be used.
        """
        check_count(1, limit=limit)
        return await (await self._opened()).overview(limit)

    async def aclose(self) -> None:
        """Close the connections."""
        await finish(self._close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _close(self) -> None:
        await self._pool.aclose()
        self._pool = self._make_pool()
        await self._app.close_async()

    async def _forget(self, tenant: str) -> None:
        await self._pool.forget(tenant)

    async def _opened(self) -> "EngineStore":
        await self._connect()
        if not self._is_checked:
            await self._store.check()
            self._is_checked = True
        return self._store

    async def _connect(self, *, patiently: bool = False) -> None:
        if asyncio_task() is None:
            raise ConfigurationError("an engine runs on asyncio, not on trio")
        async with self._opening:
            await self._connector.connect(self._app, patiently=patiently)

    async def _check_runnable(self, store: "EngineStore", tenant: str) -> None:
        check_possible(tenant)
        status = await store.tenant(tenant)
        if status is None:
            raise UnknownName("tenant", tenant)
        if status["paused_at"] is not None:
            raise ConfigurationError(
                f"the tenant {tenant!r} is paused: {status['paused_reason']}. Resume it first, with tenants.resume"
            )

    def _webhook_handlers(self) -> WebhookHandlers:
        if self._handlers is None:
            self._handlers = WebhookHandlers(self._ask)
            self.job(name=JOB)(self._handlers.handle)
        return self._handlers

    async def _deliver(self, tenant: str, delivery: Delivery, is_invalid: bool) -> bool | None:  # noqa: FBT001
        store = await self._opened()
        return await store.deliver(self._definitions[JOB], tenant, delivery, invalid=is_invalid)

    async def _ask(self, name: str, **words: Any) -> list[dict[str, Any]]:
        return await (await self._opened()).ask(name, **words)

    def _definition(self, job: str | JobFunction) -> JobDefinition:
        for definition in self._definitions.values():
            if job in (definition.name, definition.function):
                return definition
        name = job if isinstance(job, str) else str(getattr(job, "__name__", "job"))
        raise UnknownName("job", name, available=tuple(self._definitions))

    def _max_wait(self) -> float:
        return max([_MIN_MAX_WAIT_S, *(each.max_backoff for each in self._definitions.values())])

    def _limiter(self, tenant: str) -> RateLimiter:
        if self._redis is not None:
            return RedisRateLimiter(
                self._redis,
                scope=tenant,
                processes=self._workers,
                reads=self._reads,
                writes=self._writes,
            )
        parts = self._workers
        return RateLimiter(reads=max(1, self._reads // parts), writes=max(1, self._writes // parts))

    async def _perform(self, context: Any, tenant: str, run: str) -> None:
        if self._worker is None:
            raise ConfigurationError(
                "jobs of an engine are done by engine.work(), not by a worker of procrastinate"
            )
        await self._worker.perform(context, tenant, run)

    def _tell(self, job: Job, outcome: str, seconds: float, result: "RunOutcome") -> None:
        if self._on_run is None:
            return
        event = RunEvent(
            run=job.run,
            job=job.name,
            tenant=job.tenant,
            attempt=job.attempt,
            outcome=outcome,
            seconds=seconds,
            counts=dict(result.counts),
            error=result.error,
        )
        try:
            self._on_run(event)
        except Exception:  # noqa: BLE001 - the caller's
            _log.exception("on_run of the engine failed")


@asynccontextmanager
async def _nothing() -> AsyncGenerator[None]:
    yield


@asynccontextmanager
async def _draining_on_signals(worker: "EngineWorker") -> AsyncGenerator[None]:
    """Let SIGTERM and SIGINT drain the worker; a second one cancels its runs."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    times = 0

    def drain() -> None:
        nonlocal times
        times += 1
        worker.stop()
        if times > 1:
            worker.cancel()

    try:
        for number in before:
            loop.add_signal_handler(number, drain)
    except NotImplementedError:  # on Windows, where Ctrl-C cancels
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _backend(
    conninfo: str, definitions: dict[str, JobDefinition], max_wait: Callable[[], float]
) -> "tuple[DurableConnector, procrastinate.App, EngineStore]":
    """Return what talks to the database.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    try:
        import procrastinate  # noqa: PLC0415 - an extra

        from ._connector import DurableConnector  # noqa: PLC0415 - needs the extra
    except ImportError:
        raise ConfigurationError('an engine needs procrastinate: pip install "attio-async[engine]"') from None
    from ._store import EngineStore  # noqa: PLC0415 - needs the extra

    connector = DurableConnector(conninfo, max_size=_CONNECTIONS)
    app = procrastinate.App(connector=connector)
    return connector, app, EngineStore(app, connector, definitions, max_wait=max_wait)
