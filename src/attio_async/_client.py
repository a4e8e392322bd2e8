"""`Attio`: the options, the lifecycle and the areas of a client."""
# ruff: noqa: PLC0415 - an area and the HTTP library are loaded when they are first used: most programs use a few

import functools
import os
import random
import re
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, TypeVar, Unpack, cast, overload
from urllib.parse import urlsplit

import attrs

from ._limits.gate import Gate, Priority, priority
from ._limits.limiter import RateLimiter, limits_of
from ._pipeline.events import Hook, Hooks, Middleware
from ._pipeline.meter import Answered, MeterRecorder, RequestMeter, ResponseLog
from ._pipeline.pipeline import Pipeline
from ._pipeline.retry import RetryPolicy
from ._schema import ObjectSchema
from ._transport.messages import HiddenToken, HttpClient, HttpTransport, TokenSource
from ._utils.checks import is_number, private_url
from ._utils.clock import Clock, SystemClock
from ._utils.loops import LoopGuard
from ._utils.public import public
from ._utils.secret import Secret, hidden
from ._utils.shield import finish
from ._utils.text import show
from ._version import __version__
from ._workspace.merges import Merges
from ._workspace.schema_cache import Cache, SchemaCache
from ._workspace.session import CallerNames, Session
from ._workspace.write_options import WriteOptions
from .errors import ConfigurationError

if TYPE_CHECKING:
    from polars import DataFrame

    from attio_async_api.models.attribute_target import AttributeTarget
    from attio_async_api.models.search_hit import SearchHit

    from ._records.models import Entry, Record
    from ._resources.activities import Activities
    from ._resources.attributes import Attributes
    from ._resources.comments import Comments, Threads
    from ._resources.emails import Emails
    from ._resources.entries import Entries
    from ._resources.files import Files
    from ._resources.lists import Lists
    from ._resources.meetings import CallRecordings, Meetings
    from ._resources.notes import Notes
    from ._resources.objects import Objects
    from ._resources.records import Records
    from ._resources.tasks import Tasks
    from ._resources.webhooks import Webhooks
    from ._resources.workspace import Sequences, WorkspaceMembers
    from ._transport.backends import Backend
    from ._transport.client_pool import HttpPool
    from ._workspace.identity import Identity
    from .bulk._changes.events import Item
    from .bulk._changes.feed import Also, Feed, Followed
    from .mirror._mirror import Everything, Mirror
    from .models._rows import Bindable
    from .models._workspace import WorkspaceSchema
    from .webhooks._receiver import WebhookReceiver

M = TypeVar("M")
T = TypeVar("T")

_BASE_URL = "https://api.attio.com"


@public
class SharedOptions(TypedDict, total=False):
    """The options of a client that may be the same for many workspaces. See `Attio` for what each means."""

    base_url: str | None
    timeout: float
    deadline: float | None
    max_connections: int
    retry: RetryPolicy | None
    http_client: HttpClient | None
    transport: HttpTransport | None
    backend: "Backend"
    verify: ssl.SSLContext | None
    proxy: str | None
    middleware: Sequence[Middleware]
    hooks: Sequence[Hook]
    schema_ttl: float
    write_options: WriteOptions | None
    merges: Merges | None
    clock: Clock | None


@public
class ClientOptions(SharedOptions, total=False):
    """The options of a client. See `Attio` for what each means."""

    token: TokenSource | None
    limiter: RateLimiter | None


def _token(given: TokenSource | None) -> HiddenToken:
    token: HiddenToken = hidden(os.environ.get("ATTIO_API_KEY", "") if given is None else given)
    del given  # a traceback would show it
    if isinstance(token, Secret):
        token = Secret(token.reveal().strip())
        if token == Secret(""):
            raise ConfigurationError("an access token is required: pass token= or set ATTIO_API_KEY")
        if not re.fullmatch("[!-~]+", token.reveal()):
            raise ConfigurationError(
                "the access token has characters that tokens never have; check that only the token was copied"
            )
    return token


def _base_url(given: str | None) -> str:
    if not isinstance(given, str | None):  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not be typed
        raise ConfigurationError(f"base_url must be text, not {show(given)}")
    name = "base_url" if given or not os.environ.get("ATTIO_BASE_URL") else "ATTIO_BASE_URL"
    url = private_url(name, (given or os.environ.get("ATTIO_BASE_URL") or _BASE_URL).strip())
    if urlsplit(url).query:
        raise ConfigurationError(f"{name} must be a scheme, a host and optionally a port and path")
    return url


def _at_least(least: float) -> Callable[[object, "attrs.Attribute[Any]", float], None]:
    def check(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
        if not is_number(value) or not value >= least:
            raise ConfigurationError(f"{attribute.name} must be at least {least}, not {value!r}")

    return check


def _retry(given: RetryPolicy | None) -> RetryPolicy:
    return given or RetryPolicy()


def _write_options(given: WriteOptions | None) -> WriteOptions:
    return given or WriteOptions()


def _merges(given: Merges | None) -> Merges:
    return given or Merges()


def _clock(given: Clock | None) -> Clock:
    return given or SystemClock()


def _all_middleware(given: Iterable[Middleware]) -> tuple[Middleware, ...]:
    return _functions(given, "middleware")


def _all_hooks(given: Iterable[Hook]) -> tuple[Hook, ...]:
    return _functions(given, "hooks")


def _functions(given: object, name: str) -> tuple[Any, ...]:
    found = tuple(cast("Iterable[object]", given)) if hasattr(given, "__iter__") else (None,)
    if not all(map(callable, found)):
        raise ConfigurationError(f"{name} must be a list of functions, not {show(given)}")
    return found


def _instance_of(kind: type[object], what: str) -> Callable[[object, "attrs.Attribute[Any]", object], None]:
    def check(_: object, attribute: "attrs.Attribute[Any]", value: object) -> None:
        if not isinstance(value, kind):
            raise ConfigurationError(f"{attribute.name} must be {what}, not {show(value)}")

    return check


@public
@attrs.frozen(kw_only=True)
class ClientSettings:
    """The options of a client that are in force, with defaults filled in. See `Attio` for what each means."""

    token: HiddenToken = attrs.field(default=None, converter=_token, repr=False)
    base_url: str = attrs.field(default=None, converter=_base_url)
    timeout: float = attrs.field(default=30.0, validator=_at_least(0.001))
    deadline: float | None = attrs.field(default=None, validator=attrs.validators.optional(_at_least(0.001)))
    max_connections: int = attrs.field(default=50, validator=_at_least(1))
    retry: RetryPolicy = attrs.field(
        default=None, converter=_retry, validator=_instance_of(RetryPolicy, "a RetryPolicy")
    )
    limiter: RateLimiter | None = attrs.field(
        default=None, validator=attrs.validators.optional(_instance_of(RateLimiter, "a RateLimiter"))
    )
    http_client: HttpClient | None = None
    transport: HttpTransport | None = None
    backend: "Backend" = "httpx"
    verify: ssl.SSLContext | None = None
    proxy: str | None = attrs.field(default=None, repr=False)
    middleware: tuple[Middleware, ...] = attrs.field(default=(), converter=_all_middleware)
    hooks: tuple[Hook, ...] = attrs.field(default=(), converter=_all_hooks)
    schema_ttl: float = attrs.field(default=300.0, validator=_at_least(0))
    write_options: WriteOptions = attrs.field(
        default=None, converter=_write_options, validator=_instance_of(WriteOptions, "WriteOptions")
    )
    merges: Merges = attrs.field(default=None, converter=_merges, repr=False)
    clock: Clock = attrs.field(default=None, converter=_clock)

    def __attrs_post_init__(self) -> None:
        if self.http_client is not None and self.transport is not None:
            raise ConfigurationError("http_client and transport exclude each other: give one of them")
        if self.http_client is not None or self.transport is not None:
            own = "http_client" if self.transport is None else "transport"
            for name, usual in (("backend", "httpx"), ("verify", None), ("proxy", None)):
                if getattr(self, name) != usual:
                    raise ConfigurationError(f"{name} has no effect on {own}: configure it there")


_CONNECTION_OPTIONS = (
    "token",
    "base_url",
    "max_connections",
    "limiter",
    "http_client",
    "transport",
    "backend",
    "verify",
    "proxy",
    "clock",
)
"""Options that a copy cannot change and still share the original's connections, limits and schemas."""


@attrs.define
class _Shared:
    """The parts that a client shares with its copies."""

    pool: "HttpPool"
    limiter: RateLimiter
    gate: Gate
    schemas: dict[Any, Any] = attrs.field(factory=dict[Any, Any])
    loop: LoopGuard = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.loop = LoopGuard(self._forget_loop)

    def _forget_loop(self) -> None:
        from ._workspace.schema_cache import forget_locks

        self.gate.forget()
        self.pool.forget()
        forget_locks(self.schemas)

    @classmethod
    def for_settings(cls, settings: ClientSettings) -> "_Shared":
        from ._transport.client_pool import HttpPool

        limiter = settings.limiter or RateLimiter()
        return cls(
            pool=HttpPool(
                connections=settings.max_connections,
                client=settings.http_client,
                transport=settings.transport,
                backend=settings.backend,
                base_url=settings.base_url,
                verify=settings.verify,
                proxy=settings.proxy,
            ),
            limiter=limiter,
            gate=Gate(limits_of(limiter), settings.max_connections, settings.clock),
        )

    async def aclose(self) -> None:
        self.loop.enter()
        await self.pool.aclose()
        await self.limiter.aclose()  # others that use it open it again


@public
class Attio:
    """A client of one Attio workspace. Safe to share between any number of tasks of one event loop.

    Use it as an async context manager, or call `aclose()` in the end::

        async with Attio() as attio:
            me = await attio.identify()

    Making one sends nothing, and neither does getting an area such as `attio.people`. `with_options` makes a copy
    with some options changed.

    Args:
        token: The access token, or an async function that returns it and is called before every request.
            Default: the environment variable ATTIO_API_KEY.
        base_url: https, or http on this machine. Default: ATTIO_BASE_URL, else Attio's own address.
        timeout: Seconds that one attempt may go without progress before it fails. A response that drips may take ten
            times that.
        deadline: Seconds that one request may take in all, with its waits and retries; by default any number.
        max_connections: Requests that may be in flight at once. 50 are enough for 100 requests per second that
            take up to half a second each (connections = rate x seconds).
        retry: How failed requests are retried.
        limiter: The rate limits. Clients of one token in one process should share one; processes share a
            `RedisRateLimiter`.
        http_client: An `AsyncClient` of httpx or httpx2 to use. You close it.
        transport: An `AsyncBaseTransport` of httpx or httpx2 to send through, such as a fake's.
        backend: The HTTP library: "httpx", "httpx2" (extra `httpx2`), or "aiohttp" (extra `aiohttp`, on asyncio only).
        verify: The certificates to trust. Default: those of the variables SSL_CERT_FILE and SSL_CERT_DIR, else
            those of the usual authorities.
        proxy: The proxy to use, such as "http://host:port". Default: that of the variables HTTPS_PROXY and
            NO_PROXY, or of the system.
        middleware: Async functions around each attempt: ``async def (request, send) -> response``.
        hooks: Functions that are called with each event; they must be quick.
        schema_ttl: Seconds for which a workspace's schema is cached.
        write_options: How values are written: the zone of naive datetimes, and whether missing options are created.
        merges: The store of merges that `attio.merges` follows. Default: one in memory.
        clock: The source of time; for tests.

    Raises:
        ConfigurationError: An option is not valid.
    """

    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
        deadline: float | None = None,
        max_connections: int = 50,
        retry: RetryPolicy | None = None,
        limiter: RateLimiter | None = None,
        http_client: HttpClient | None = None,
        transport: HttpTransport | None = None,
        backend: "Backend" = "httpx",
        verify: ssl.SSLContext | None = None,
        proxy: str | None = None,
        middleware: Sequence[Middleware] = (),
        hooks: Sequence[Hook] = (),
        schema_ttl: float = 300.0,
        write_options: WriteOptions | None = None,
        merges: Merges | None = None,
        clock: Clock | None = None,
    ) -> None:
        secret = hidden(token)
        del token  # a traceback would show it
        settings = ClientSettings(
            token=secret,
            base_url=base_url,
            timeout=timeout,
            deadline=deadline,
            max_connections=max_connections,
            retry=retry,
            limiter=limiter,
            http_client=http_client,
            transport=transport,
            backend=backend,
            verify=verify,
            proxy=proxy,
            middleware=middleware,
            hooks=hooks,
            schema_ttl=schema_ttl,
            write_options=write_options,
            merges=merges,
            clock=clock,
        )
        self._start(settings, _Shared.for_settings(settings), owner=True)

    def _start(self, settings: ClientSettings, shared: _Shared, *, owner: bool) -> None:
        from ._transport.transport import HttpxTransport

        self._settings = settings
        self._shared = shared
        self._owner = owner
        self._pipeline = Pipeline(
            transport=HttpxTransport(
                shared.pool,
                base_url=settings.base_url,
                token=settings.token,
                user_agent=f"attio-async/{__version__}",
                timeout=settings.timeout,
            ),
            limits=limits_of(shared.limiter),
            policy=settings.retry,
            deadline=settings.deadline,
            clock=settings.clock,
            random=random.random,
            gate=shared.gate,
            middleware=settings.middleware,
            base_url=settings.base_url,
            hooks=Hooks(settings.hooks),
            enter=shared.loop.enter,
        )
        names = CallerNames(settings.write_options.assume_tz)
        self._session = Session(self._pipeline, names=names)
        cache = Cache(settings.clock, settings.schema_ttl, shared.schemas, shared.loop.enter)
        self._schemas = SchemaCache(self._session, cache, settings.write_options)
        names.members, names.slug = self._schemas.members, self._schemas.slug
        names.canonical = self._schemas.canonical
        names.attribute = self._schemas.attribute_slug

    # Lifecycle

    @property
    def settings(self) -> ClientSettings:
        """The options in force."""
        return self._settings

    @property
    def limiter(self) -> RateLimiter:
        """The rate limits; `limiter.stats()` shows how they are used."""
        return self._shared.limiter

    @property
    def merges(self) -> Merges:
        """The merges that this client has made or was told of; `await attio.merges.follow(old_id)`."""
        return self._settings.merges

    def priority(self, level: Priority) -> AbstractContextManager[None]:
        """Send the requests of a block as "bulk", behind all "interactive" ones, or as "interactive" again.

        It holds for the tasks started inside, too, and for every client. Bulk jobs are "bulk" by themselves.

        Raises:
            ConfigurationError: The level is unknown.
        """
        return priority(level)

    async def with_response(self, result: Awaitable[T]) -> Answered[T]:
        """Await a result, and return it with the status, headers, attempts and seconds of its response.

            answer = await attio.with_response(attio.people.get(record_id))

        An error has them already, see `APIError`.
        """
        log = ResponseLog()
        with self._pipeline.recording(log):
            found = await result
        return Answered(result=found, responses=tuple(log.responses))

    @asynccontextmanager
    async def meter(self) -> AsyncGenerator[RequestMeter]:
        """Count the requests of a block, their waits and bytes; also those of tasks started inside.

            async with attio.meter() as meter:
                await attio.people.query()
            print(meter.requests, meter.waited, meter.bytes_received)

        Requests of this client and of copies that share its connections count.
        """
        meter = RequestMeter()
        with self._pipeline.recording(MeterRecorder(meter)):
            yield meter

    def with_options(self, **changes: Unpack[ClientOptions]) -> "Attio":
        """Return a copy with some options changed, named as in `Attio`.

        It shares connections, limits and schemas with this client as far as the changes allow: another token or
        address gets its own, and then the copy must be closed, too.

        Raises:
            ConfigurationError: An option is unknown or not valid.
        """
        if "token" in changes:
            changes["token"] = hidden(changes["token"])
        check_options(changes)
        settings = attrs.evolve(self._settings, **changes)
        separate = any(
            getattr(settings, name) != getattr(self._settings, name) for name in _CONNECTION_OPTIONS
        )
        copy = object.__new__(type(self))
        copy._start(settings, _Shared.for_settings(settings) if separate else self._shared, owner=separate)
        return copy

    async def aclose(self) -> None:
        """Close the connections, unless they belong to another client or to your `http_client`."""
        if self._owner:
            await finish(self._shared.aclose)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        settings = getattr(self, "_settings", None)  # missing while an option is rejected
        return f"<Attio {settings.base_url if settings else 'without valid options'}>"

    # The workspace

    async def identify(self) -> "Identity":
        """Return the workspace and app that the token belongs to, and its scopes.

        Raises:
            TokenInactive: The token was revoked.
            AuthenticationFailed: The token is malformed or unknown.

        Attio: GET /v2/self, read, retried, no scope
        """
        from ._workspace.identity import identify

        return await identify(self._session)

    async def schema(
        self, name: str, *, target: "AttributeTarget" = "objects", options: bool = False
    ) -> ObjectSchema:
        """Return the attributes of an object or list. Fetched once and kept for `schema_ttl` seconds.

        Args:
            name: The object or list, by slug, id or title.
            target: "lists" if `name` is a list.
            options: True includes options and statuses: one more read for each attribute that has some.

        Raises:
            NotFound: The object or list is unknown.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, object_configuration:read
        """
        found = await self._schemas.find(name, target=target)
        if not options:
            return found
        return await self._schemas.with_options(found, found.attributes, target=target)

    async def search(
        self,
        query: str,
        *,
        objects: Iterable[object],
        limit: int | None = None,
        as_member: object = None,
    ) -> "list[SearchHit]":
        """Return the records that match a text best: by name, domain, e-mail address, phone number or handle.

        Records that were just written may be missing; `Records.query` has them.

        Args:
            query: At most 256 characters.
            objects: The objects to search, such as ``["people", "companies"]``.
            limit: The most records to return, 1 to 25; 25 by default. There are no further pages.
            as_member: Find only what this member may see, by e-mail address or id.

        Raises:
            ConfigurationError: The text is too long, or no object was given. Nothing was sent.

        Attio: POST /v2/objects/records/search (beta), read, retried, record_permission:read, object_configuration:read
        """
        from ._resources.workspace import search

        return await search(self._session, query, objects=objects, limit=limit, as_member=as_member)

    async def sql(self, query: str) -> list[dict[str, Any]]:
        """Run a read-only SQL query, and return its rows. Needs the Enterprise plan.

        Attio allows two of these per second.

        Raises:
            ConfigurationError: The query is empty. Nothing was sent.
            BadRequest: The query is not valid.

        Attio: POST /v2/sql (beta), read, retried, record_permission:read, object_configuration:read
        """
        from ._resources.workspace import query_sql

        return await query_sql(self._session, query)

    async def sql_frame(self, query: str) -> "DataFrame":
        """Run a read-only SQL query, and return a Polars table with a column per name. Needs the extra `dataframe`.

        A column that a row lacks is null there. Timestamps and dates stay the texts that Attio sends.

        Raises:
            ConfigurationError: The query is empty, or Polars is not installed. Nothing was sent.
            BadRequest: The query is not valid.

        Attio: POST /v2/sql (beta), read, retried, record_permission:read, object_configuration:read
        """
        from ._resources.workspace import query_sql_frame

        return await query_sql_frame(self._session, query)

    async def request(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """Send any request under the same limits, retries and errors, and return the decoded response.

        Args:
            method: The HTTP method.
            path: The path from the root, such as "/v2/self"; its parts must be percent-encoded.
            json: The body.
            params: Query parameters. Attio ignores names it does not know.
        """
        from ._resources.workspace import request

        return await request(self._session, method, path, json=json, params=params)

    # Records

    def records(self, object: object) -> "Records":
        """Return the records of any object, by its slug, id, title or address in the app. Sends nothing."""
        from ._resources.records import Records

        return Records(self._session, self._schemas, object, self._settings.merges)

    @functools.cached_property
    def people(self) -> "Records":
        """The records of the standard object "people"."""
        return self.records("people")

    @functools.cached_property
    def companies(self) -> "Records":
        """The records of the standard object "companies"."""
        return self.records("companies")

    @functools.cached_property
    def deals(self) -> "Records":
        """The records of the standard object "deals"."""
        return self.records("deals")

    @functools.cached_property
    def users(self) -> "Records":
        """The records of the standard object "users"."""
        return self.records("users")

    @functools.cached_property
    def workspaces(self) -> "Records":
        """The records of the standard object "workspaces"."""
        return self.records("workspaces")

    def of(self, model: "Bindable[M]") -> "M":
        """Return the records of a model, or the entries: ``attio.of(Deal).query(Deal.value > 500)``. Sends nothing.

        Args:
            model: A class of `attio_async.models`, or of a module that ``attio-async models pull`` made.

        Raises:
            ConfigurationError: It is not a model.
        """
        from .models._rows import bind

        bound: M = bind(model, self._session, self._schemas)
        return bound

    # Objects, lists and attributes

    @functools.cached_property
    def objects(self) -> "Objects":
        """The objects of the workspace: people, companies and others."""
        from ._resources.objects import Objects

        return Objects(self._session)

    @functools.cached_property
    def workspace_schema(self) -> "WorkspaceSchema":
        """The objects, lists, attributes, options and statuses of the workspace, as one value."""
        from .models._workspace import WorkspaceSchema

        return WorkspaceSchema(self._session, self._schemas)

    def attributes(self, of: object, *, target: Literal["objects", "lists"] = "objects") -> "Attributes":
        """Return the attributes of an object, or of a list with ``target="lists"``, by its slug or id."""
        from ._resources.attributes import Attributes

        return Attributes(self._session, self._schemas, of, target)

    @functools.cached_property
    def lists(self) -> "Lists":
        """The lists of the workspace; `entries` has their entries."""
        from ._resources.lists import Lists

        return Lists(self._session)

    def entries(self, list: object) -> "Entries":
        """Return the entries of a list, by its slug, id, title or address in the app. Sends nothing."""
        from ._resources.entries import Entries

        return Entries(self._session, self._schemas, list)

    @overload
    def feed(
        self,
        state: "str | os.PathLike[str]",
        *,
        objects: "Followed",
        history: Iterable[str] = (),
        receiver: "WebhookReceiver | None" = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> "Feed[Record]": ...
    @overload
    def feed(
        self,
        state: "str | os.PathLike[str]",
        *,
        lists: "Followed",
        history: Iterable[str] = (),
        receiver: "WebhookReceiver | None" = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> "Feed[Entry]": ...
    @overload
    def feed(
        self,
        state: "str | os.PathLike[str]",
        *,
        objects: "Followed" = (),
        lists: "Followed" = (),
        also: "Iterable[Also]" = (),
        history: Iterable[str] = (),
        receiver: "WebhookReceiver | None" = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> "Feed[Item]": ...
    def feed(
        self,
        state: "str | os.PathLike[str]",
        *,
        objects: "Followed" = (),
        lists: "Followed" = (),
        also: "Iterable[Also]" = (),
        history: Iterable[str] = (),
        receiver: "WebhookReceiver | None" = None,
        sweep_every: float | None = None,
        baseline: bool = False,
        parallel: int = 32,
    ) -> "Feed[Any]":
        """Follow what is created, changed, deleted and merged: one stream, from webhooks and from sweeps.

        Loop over it with ``async for``. Each change is a `Created`, `Changed`, `Deleted` or `Merged` of
        `attio_async.bulk`, and is told until ``await change.ack()`` confirms it, also after a crash; after that never
        again. A sweep reads everything, and compares it with the state file: one request per 500 records or entries,
        one per 50 notes or 500 tasks, and one for each record or entry whose comments are followed. Events of the
        receiver make it quick: what they are about is read again at once. What both find is told once.

        Args:
            state: The state file, created if missing, readable by its owner only. Only one process may use it at a
                time.
            objects: The objects whose records are followed, by slug, title or id; or a mapping of each to the
                attributes to watch, such as ``{"deals": ["stage", "value"]}``.
            lists: The lists whose entries are followed, in the same forms.
            also: "notes", "tasks" and "comments" of the workspace. Comments are those on the records and entries of
                the feed.
            history: Attributes such as "deals.stage" of which every change is told, also those between two sightings.
                Costs a request for each record that has changed, has no value, or may have several.
            receiver: A receiver whose webhooks have the feed's `subscriptions`. Running it is up to you.
            sweep_every: Seconds from the begin of one sweep to that of the next. None ends the loop after one.
            baseline: True makes the first sweep only record the state; otherwise it tells everything as created.
            parallel: The most pages of an object or list that a sweep reads at once.

        Raises:
            ConfigurationError: There is nothing to follow, or an option is not valid. Nothing was sent. When it is
                opened or looped over: the file is of another kind, in use, or about another workspace or selection.
            UnknownName: When it is looped over: an attribute is unknown.

        Attio: GET /v2/self, read, retried, no scope
        Attio: GET /v2/{target}/{identifier}/attributes, read, retried,
        object_configuration:read for objects, list_configuration:read for lists
        Attio: POST /v2/objects/{object}/records/query, read, retried, record_permission:read, object_configuration:read
        Attio: POST /v2/lists/{list}/entries/query, read, retried, list_entry:read, list_configuration:read
        Attio: GET /v2/objects/{object}/records/{record_id}, read, retried, record_permission:read, object_configuration:read
        Attio: GET /v2/lists/{list}/entries/{entry_id}, read, retried, list_entry:read, list_configuration:read
        Attio: GET /v2/objects/{object}/records/{record_id}/attributes/{attribute}/values, read, retried, record_permission:read, object_configuration:read
        Attio: GET /v2/lists/{list}/entries/{entry_id}/attributes/{attribute}/values, read, retried, list_entry:read, list_configuration:read
        Attio: GET /v2/notes, read, retried, note:read, object_configuration:read, record_permission:read
        Attio: GET /v2/notes/{note_id}, read, retried, note:read, object_configuration:read, record_permission:read
        Attio: GET /v2/tasks, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        Attio: GET /v2/tasks/{task_id}, read, retried, task:read, object_configuration:read, record_permission:read, user_management:read
        Attio: GET /v2/threads, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        Attio: GET /v2/threads/{thread_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        Attio: GET /v2/comments/{comment_id}, read, retried, comment:read;
        on a record object_configuration:read, record_permission:read;
        on an entry list_configuration:read, list_entry:read
        """
        from .bulk._changes.feed import Feed, FeedOptions

        options = FeedOptions.checked(
            objects=objects,
            lists=lists,
            also=also,
            history=history,
            receiver=receiver,
            sweep_every=sweep_every,
            baseline=baseline,
            parallel=parallel,
        )
        return Feed(self._session, self._schemas, self.merges, state, options)

    def mirror(
        self,
        where: "str | os.PathLike[str]",
        *,
        objects: "Iterable[str] | Everything" = "all",
        lists: "Iterable[str] | Everything" = "all",
        also: "Iterable[str] | Everything" = ("members", "notes", "tasks", "meetings"),
        history: Iterable[str] = (),
        retention: timedelta | None = None,
    ) -> "Mirror":
        """Return a mirror of the workspace: its records, entries and more as tables of your own. Sends nothing.

        Needs the extra `mirror`::

            async with attio.mirror("crm.duckdb", history=["deals.stage"]) as mirror:
                await mirror.refresh()
                rows = await mirror.sql("SELECT name FROM companies")

        Args:
            where: The path of the DuckDB file, created by the first refresh. Only its owner may read it. A path that ends with
                a slash is a folder of Parquet files, and ``postgresql://user@host/database`` a database (extra `postgres`);
                ``#crm_`` behind that address is what the names of its schemas begin with.
            objects: The objects, by slug, id or title.
            lists: The lists, by slug, id or title.
            also: Of "members", "notes", "tasks", "meetings" and "comments". Comments take a request for each record.
            history: Attributes whose earlier values are kept, such as "deals.stage": one request for each record, at
                first and when its value changed.
            retention: How long the log of changes goes back; for ever by default.

        Raises:
            ConfigurationError: An argument is not valid.
            UnknownName: A part of `also` is unknown.
        """
        from .mirror._mirror import Mirror

        return Mirror(
            self._session,
            self._schemas,
            self._settings.merges,
            where,
            objects=objects,
            lists=lists,
            also=also,
            history=history,
            retention=retention,
        )

    # Everything else

    @functools.cached_property
    def notes(self) -> "Notes":
        """Notes on records."""
        from ._resources.notes import Notes

        return Notes(self._session)

    @functools.cached_property
    def tasks(self) -> "Tasks":
        """Tasks of workspace members."""
        from ._resources.tasks import Tasks

        return Tasks(self._session)

    @functools.cached_property
    def threads(self) -> "Threads":
        """Threads of comments on records and entries."""
        from ._resources.comments import Threads

        return Threads(self._session)

    @functools.cached_property
    def comments(self) -> "Comments":
        """Single comments; `threads` lists them."""
        from ._resources.comments import Comments

        return Comments(self._session)

    @functools.cached_property
    def meetings(self) -> "Meetings":
        """Meetings, and the records linked to them. Beta."""
        from ._resources.meetings import Meetings

        return Meetings(self._session)

    @functools.cached_property
    def call_recordings(self) -> "CallRecordings":
        """Call recordings and their transcripts. Beta."""
        from ._resources.meetings import CallRecordings

        return CallRecordings(self._session)

    @functools.cached_property
    def files(self) -> "Files":
        """Files and folders of records. Beta."""
        from ._resources.files import Files

        return Files(self._session)

    @functools.cached_property
    def emails(self) -> "Emails":
        """E-mails with people and companies, without their text. Alpha."""
        from ._resources.emails import Emails

        return Emails(self._session)

    @functools.cached_property
    def sequences(self) -> "Sequences":
        """E-mail sequences. Beta."""
        from ._resources.workspace import Sequences

        return Sequences(self._session)

    @functools.cached_property
    def activities(self) -> "Activities":
        """Custom activities and their records. Beta."""
        from ._resources.activities import Activities

        return Activities(self._session, self._schemas)

    @functools.cached_property
    def workspace_members(self) -> "WorkspaceMembers":
        """The members of the workspace."""
        from ._resources.workspace import WorkspaceMembers

        return WorkspaceMembers(self._session)

    @functools.cached_property
    def webhooks(self) -> "Webhooks":
        """Webhooks: which events Attio delivers to which address."""
        from ._resources.webhooks import Webhooks

        return Webhooks(self._session, self._schemas)


def check_options(options: Mapping[str, object], *, excluded: frozenset[str] = frozenset()) -> None:
    """Check the names of options.

    Raises:
        ConfigurationError: An option is unknown, or excluded here.
    """
    known = {field.name for field in attrs.fields(ClientSettings)} - excluded
    if unknown := sorted(options.keys() - known):
        raise ConfigurationError(
            f"unknown option {', '.join(unknown)}; the options are {', '.join(sorted(known))}"
        )
