"""`Attio`: the options and the lifecycle of a client. Where everything is found is in `areas`."""

# ruff: noqa: PLC0415 - see above
import functools
import os
import random
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

import attrs

from ._limits.gate import Gate, Priority, priority
from ._limits.limiter import RateLimiter
from ._pipeline.events import Hook, Hooks, Middleware
from ._pipeline.pipeline import Pipeline
from ._pipeline.retry import RetryPolicy
from ._schema import ObjectSchema
from ._transport.messages import HttpClient, HttpTransport, TokenSource
from ._utils.clock import Clock, SystemClock
from ._version import __version__
from ._workspace.schema_cache import SchemaCache
from ._workspace.session import Session
from ._workspace.write_options import WriteOptions
from .errors import ConfigurationError

if TYPE_CHECKING:
    from polars import DataFrame

    from attio_async_api.models.attribute_target import AttributeTarget
    from attio_async_api.models.search_hit import SearchHit

    from ._resources.activities import Activities
    from ._resources.attributes import Attributes
    from ._resources.call_recordings import CallRecordings
    from ._resources.comments import Comments
    from ._resources.emails import Emails
    from ._resources.entries import Entries
    from ._resources.files import Files
    from ._resources.lists import Lists
    from ._resources.meetings import Meetings
    from ._resources.notes import Notes
    from ._resources.objects import Objects
    from ._resources.records import Records
    from ._resources.tasks import Tasks
    from ._resources.threads import Threads
    from ._resources.webhooks import Webhooks
    from ._resources.workspace import Sequences
    from ._resources.workspace_members import WorkspaceMembers
    from ._transport.backends import Backend
    from ._transport.client_pool import HttpPool
    from ._workspace.identity import Identity


class Areas:
    """The areas of a workspace, as they hang on a client. Getting one sends nothing."""

    _session: Session
    _schemas: SchemaCache

    async def identify(self) -> "Identity":
        """Which workspace and app the token belongs to, and its scopes.

        Raises:
            TokenInactive: The token was revoked.
            AuthenticationFailed: The token is malformed or unknown.

        Attio: GET /v2/self, read, retried, no scope
        """
        from ._workspace.identity import identify

        return await identify(self._session)

    def records(self, object: object) -> "Records":
        """The records of any object, by its slug or id."""
        from ._resources.records import Records

        return Records(self._session, self._schemas, object)

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

    @functools.cached_property
    def objects(self) -> "Objects":
        """The objects of the workspace: people, companies, and what else records are kept of."""
        from ._resources.objects import Objects

        return Objects(self._session)

    def attributes(self, of: object, *, target: Literal["objects", "lists"] = "objects") -> "Attributes":
        """The attributes of an object, or of a list with ``target="lists"``, by its slug or id."""
        from ._resources.attributes import Attributes

        return Attributes(self._session, self._schemas, of, target)

    @functools.cached_property
    def lists(self) -> "Lists":
        """The lists of the workspace; `entries` has what is in them."""
        from ._resources.lists import Lists

        return Lists(self._session)

    def entries(self, list: object) -> "Entries":
        """The entries of a list, by its slug or id."""
        from ._resources.entries import Entries

        return Entries(self._session, self._schemas, list)

    @functools.cached_property
    def notes(self) -> "Notes":
        """Notes on records."""
        from ._resources.notes import Notes

        return Notes(self._session)

    @functools.cached_property
    def tasks(self) -> "Tasks":
        """Tasks: what somebody has to do."""
        from ._resources.tasks import Tasks

        return Tasks(self._session)

    @functools.cached_property
    def threads(self) -> "Threads":
        """Threads of comments on records and entries."""
        from ._resources.threads import Threads

        return Threads(self._session)

    @functools.cached_property
    def comments(self) -> "Comments":
        """Comments, one by one; `threads` lists them."""
        from ._resources.comments import Comments

        return Comments(self._session)

    @functools.cached_property
    def meetings(self) -> "Meetings":
        """Meetings, and the records they are about. Beta."""
        from ._resources.meetings import Meetings

        return Meetings(self._session)

    @functools.cached_property
    def call_recordings(self) -> "CallRecordings":
        """Recordings of calls, and what was said in them. Beta."""
        from ._resources.call_recordings import CallRecordings

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
        """Activities of one's own kind, and their records. Alpha."""
        from ._resources.activities import Activities

        return Activities(self._session)

    @functools.cached_property
    def workspace_members(self) -> "WorkspaceMembers":
        """The people who work in the workspace."""
        from ._resources.workspace_members import WorkspaceMembers

        return WorkspaceMembers(self._session)

    @functools.cached_property
    def webhooks(self) -> "Webhooks":
        """Which events Attio reports to which address."""
        from ._resources.webhooks import Webhooks

        return Webhooks(self._session)

    async def search(
        self,
        query: str,
        *,
        objects: Iterable[object],
        limit: int | None = None,
        as_member: object = None,
    ) -> "list[SearchHit]":
        """The records that match a text best: by name, domain, e-mail address, phone number or handle.

        Records that were just written may be missing; `Records.query` has them.

        Args:
            query: 256 characters at most.
            objects: Where to search, such as ``["people", "companies"]``.
            limit: How many to return at most, 1 to 25; by default 25. There is no further page.
            as_member: Find only what this member may see, by e-mail address or id.

        Raises:
            ConfigurationError: The text is too long, or no object was given. Nothing was sent.

        Attio: POST /v2/objects/records/search (beta), read, retried, record_permission:read, object_configuration:read
        """
        from ._resources.workspace import search

        return await search(self._session, query, objects=objects, limit=limit, as_member=as_member)

    async def sql(self, query: str) -> list[dict[str, Any]]:
        """The rows that a read-only SQL query gives, all at once. Needs the Enterprise plan.

        Attio allows two of these per second.

        Raises:
            ConfigurationError: The query is empty. Nothing was sent.
            BadRequest: The query is wrong.

        Attio: POST /v2/sql (beta), read, retried, record_permission:read, object_configuration:read
        """
        from ._resources.workspace import rows

        return await rows(self._session, query)

    async def sql_frame(self, query: str) -> "DataFrame":
        """The same as a Polars table, one column per name in the rows. Needs the extra `dataframe`.

        A column that a row lacks is null there. Moments and dates stay the texts that Attio sends.

        Raises:
            ConfigurationError: The query is empty, or Polars is not installed. Nothing was sent.
            BadRequest: The query is wrong.

        Attio: POST /v2/sql (beta), read, retried, record_permission:read, object_configuration:read
        """
        from ._resources.workspace import frame

        return await frame(self._session, query)


_BASE_URL = "https://api.attio.com"


_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _token(given: TokenSource | None) -> TokenSource:
    token = os.environ.get("ATTIO_API_KEY", "") if given is None else given
    if isinstance(token, str):
        token = token.strip()
        if not token:
            raise ConfigurationError("no access token: pass token= or set ATTIO_API_KEY")
        if not token.isascii() or not token.isprintable() or " " in token:
            raise ConfigurationError(
                "the access token has characters that no token has; was more copied than the token?"
            )
    return token


def _base_url(given: str | None) -> str:
    url = given or os.environ.get("ATTIO_BASE_URL") or _BASE_URL
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError("base_url is a scheme, a host and perhaps a port and path, nothing more")
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return url
    raise ConfigurationError(f"base_url must be https, or http on this machine, not {url!r}")


def _at_least(least: float) -> Callable[[object, "attrs.Attribute[Any]", float], None]:
    def check(_: object, attribute: "attrs.Attribute[Any]", value: float) -> None:
        if not value >= least:
            raise ConfigurationError(f"{attribute.name} must be at least {least}, not {value!r}")

    return check


def _all_middleware(given: Iterable[Middleware]) -> tuple[Middleware, ...]:
    return tuple(given)


def _all_hooks(given: Iterable[Hook]) -> tuple[Hook, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class ClientOptions:
    """Everything a client can be told; see `Attio` for what each option means."""

    token: TokenSource = attrs.field(default=None, converter=_token, repr=False)
    base_url: str = attrs.field(default=None, converter=_base_url)
    timeout: float = attrs.field(default=30.0, validator=_at_least(0.001))
    max_connections: int = attrs.field(default=50, validator=_at_least(1))
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    limiter: RateLimiter | None = None
    http_client: HttpClient | None = None
    transport: HttpTransport | None = None
    backend: "Backend" = "httpx"
    verify: ssl.SSLContext | None = None
    proxy: str | None = attrs.field(default=None, repr=False)
    middleware: tuple[Middleware, ...] = attrs.field(default=(), converter=_all_middleware)
    hooks: tuple[Hook, ...] = attrs.field(default=(), converter=_all_hooks)
    schema_ttl: float = attrs.field(default=300.0, validator=_at_least(0))
    write_options: WriteOptions = attrs.field(factory=WriteOptions)
    clock: Clock = attrs.field(factory=SystemClock)

    def __attrs_post_init__(self) -> None:
        if self.http_client is not None and self.transport is not None:
            raise ConfigurationError("give http_client or transport, not both")
        if self.http_client is not None or self.transport is not None:
            own = "http_client" if self.transport is None else "transport"
            for name, usual in (("backend", "httpx"), ("verify", None), ("proxy", None)):
                if getattr(self, name) != usual:
                    raise ConfigurationError(f"{name} has no effect on {own}: set it up in that one")


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


"""Options that a copy cannot change and still share its original's connections, limits and schemas."""


@attrs.define
class _Shared:
    """What a client shares with its copies."""

    pool: "HttpPool"
    limiter: RateLimiter
    gate: Gate
    schemas: dict[Any, Any] = attrs.field(factory=dict[Any, Any])

    @classmethod
    def for_options(cls, options: ClientOptions) -> "_Shared":
        from ._transport.client_pool import HttpPool

        limiter = options.limiter or RateLimiter()
        return cls(
            pool=HttpPool(
                connections=options.max_connections,
                client=options.http_client,
                transport=options.transport,
                backend=options.backend,
                base_url=options.base_url,
                verify=options.verify,
                proxy=options.proxy,
            ),
            limiter=limiter,
            gate=Gate(limiter, options.max_connections, options.clock),
        )


class Attio(Areas):
    """A client of one Attio workspace. Safe to share between any number of tasks of one event loop.

    Use it as an async context manager, or call `aclose()` in the end::

        async with Attio() as attio:
            me = await attio.identify()

    Making one sends nothing. All options can be changed for a copy with `with_options`.

    Args:
        token: The access token, or an async function that returns it and is asked before every request.
            Default: the environment variable ATTIO_API_KEY.
        base_url: https, or http on this machine. Default: ATTIO_BASE_URL, else Attio's address.
        timeout: Seconds that one attempt may be without progress before it counts as failed.
        max_connections: How many requests may be out at once. 50 are enough for 100 requests per second that
            take up to half a second each (connections = rate x seconds).
        retry: How failures are repeated.
        limiter: The rate limits. Clients of one token in one process should share one; processes share a
            `RedisRateLimiter`.
        http_client: An `AsyncClient` of httpx or httpx2, of yours; it stays yours to close.
        transport: An `AsyncBaseTransport` of httpx or httpx2 to send through, such as a fake's.
        backend: The HTTP library: "httpx", "httpx2" (extra `httpx2`), or "aiohttp" (extra `aiohttp`, on asyncio only).
        verify: Which certificates are trusted. Default: those of the variables SSL_CERT_FILE and SSL_CERT_DIR, else
            those of the usual authorities.
        proxy: The proxy to go through, such as "http://host:port". Default: that of the variables HTTPS_PROXY and
            NO_PROXY, or of the system.
        middleware: Async functions around each attempt: ``async def (request, send) -> response``.
        hooks: Functions that are called with what happens; they must be quick.
        schema_ttl: Seconds for which what is known about attributes is used before it is read again.
        write_options: How values are taken: the zone of naive datetimes, and whether missing options are made.
        clock: Where time comes from; for tests.

    Raises:
        ConfigurationError: An option cannot work.
    """

    def __init__(
        self,
        token: TokenSource | None = None,
        *,
        base_url: str | None = None,
        timeout: float = 30.0,
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
        clock: Clock | None = None,
    ) -> None:
        options = ClientOptions(
            token=token,
            base_url=base_url,
            timeout=timeout,
            max_connections=max_connections,
            retry=retry or RetryPolicy(),
            limiter=limiter,
            http_client=http_client,
            transport=transport,
            backend=backend,
            verify=verify,
            proxy=proxy,
            middleware=middleware,
            hooks=hooks,
            schema_ttl=schema_ttl,
            write_options=write_options or WriteOptions(),
            clock=clock or SystemClock(),
        )
        self._start(options, _Shared.for_options(options), owner=True)

    def _start(self, options: ClientOptions, shared: _Shared, *, owner: bool) -> None:
        from ._transport.transport import HttpxTransport

        self._options = options
        self._shared = shared
        self._owner = owner
        self._pipeline = Pipeline(
            transport=HttpxTransport(
                shared.pool,
                base_url=options.base_url,
                token=options.token,
                user_agent=f"attio-async/{__version__}",
                timeout=options.timeout,
            ),
            limiter=shared.limiter,
            policy=options.retry,
            clock=options.clock,
            random=random.random,
            gate=shared.gate,
            middleware=options.middleware,
            hooks=Hooks(options.hooks),
        )
        self._session = Session(self._pipeline)
        self._schemas = SchemaCache(
            self._session, ttl=options.schema_ttl, entries=shared.schemas, write_options=options.write_options
        )

    @property
    def options(self) -> ClientOptions:
        """The options in force."""
        return self._options

    @property
    def limiter(self) -> RateLimiter:
        """The rate limits; `limiter.stats()` tells how they are used."""
        return self._shared.limiter

    def priority(self, level: Priority) -> AbstractContextManager[None]:
        """A context in which requests are "bulk", behind all "interactive" ones, or interactive again.

        It holds for the tasks started inside, too, and for every client. Jobs over many rows are bulk by themselves.

        Raises:
            ConfigurationError: There is no such level.
        """
        return priority(level)

    def with_options(self, **changes: Any) -> "Attio":
        """A copy with some options changed, named as in `Attio`.

        It shares connections, limits and schemas with this client as far as the changes allow: another token or
        address gets its own, and then the copy is closed by itself.

        Raises:
            ConfigurationError: There is no such option, or its value cannot work.
        """
        known = {field.name for field in attrs.fields(ClientOptions)}
        if unknown := sorted(changes.keys() - known):
            raise ConfigurationError(f"no option {', '.join(unknown)}; there is {', '.join(sorted(known))}")
        options = attrs.evolve(self._options, **changes)
        separate = any(getattr(options, name) != getattr(self._options, name) for name in _CONNECTION_OPTIONS)
        copy = object.__new__(type(self))
        copy._start(options, _Shared.for_options(options) if separate else self._shared, owner=separate)
        return copy

    async def aclose(self) -> None:
        """Close the connections, unless they belong to another client or to your `http_client`."""
        if self._owner:
            await self._shared.pool.aclose()
            await self._shared.limiter.aclose()  # others that use it open it again

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Attio {self._options.base_url}>"

    async def request(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded answer to any request, under the same limits, retries and errors as everything else.

        Args:
            method: The HTTP method.
            path: The path from the root, such as "/v2/self"; its parts must be percent-encoded.
            json: What the body says.
            params: Query parameters. Attio ignores names it does not know.
        """
        from ._resources.workspace import request

        return await request(self._session, method, path, json=json, params=params)

    async def schema(
        self, name: str, *, target: "AttributeTarget" = "objects", options: bool = False
    ) -> ObjectSchema:
        """The attributes of an object or list. Fetched once and kept for `schema_ttl` seconds.

        Args:
            name: The object or list, by its slug, its id, or what it is called in the app.
            target: "lists" when `name` is a list.
            options: Whether to know the options and statuses as well: one more read for each attribute that has some.

        Raises:
            NotFound: There is no such object or list.

        Attio: GET /v2/{target}/{identifier}/attributes, read, retried, object_configuration:read
        """
        found = await self._schemas.find(name, target=target)
        if not options:
            return found
        return await self._schemas.with_options(found, found.attributes, target=target)
