"""`FakeAttio`: one workspace behind the API, for tests and for trying things out."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import attrs
import msgspec

from . import moments, persist, views
from .clock import Clock, SystemClock
from .limits import Limits
from .links import SYSTEM, Stamp
from .problems import not_found
from .routes import match
from .schema import Attribute, Choice, Member, ObjectType
from .service import Credentials, Response, Service
from .state import Workspace
from .writes import Author, Writer

if TYPE_CHECKING:
    import httpx

    from ..client import Attio
    from .server import AsgiApp, RunningServer


@attrs.frozen
class Call:
    """One request the fake has answered.

    `time` is Unix time when it was answered, `path` is without the query; `operation_id` is None where no
    operation matches.
    """

    time: float
    method: str
    path: str
    operation_id: str | None
    status: int


@attrs.frozen
class Snapshot:
    """A state to come back to with `FakeAttio.restore`."""

    _document: bytes = attrs.field(repr=False)

    @property
    def document(self) -> bytes:
        """The state as JSON."""
        return self._document


class FakeAttio:
    """A stateful stand-in for Attio: objects, attributes and records, with the API's rules, errors and limits.

    It needs no network: `client()` and `transport()` reach it in process, on asyncio and on trio;
    `serve()` puts it behind a port of this machine. What it does not model it refuses with status 501.

    ::

        fake = FakeAttio(clock=VirtualClock())
        async with fake.client() as attio:
            await attio.companies.create({"domains": ["acme.com"]})
        assert fake.calls[-1].operation_id == "create_record"

    Args:
        token: The one access token it accepts.
        seed: Ids follow from it and from the order in which things are made.
        clock: Where time comes from. Default: the machine's clock; tests want a `VirtualClock`.
        limits: Rate limits to keep, strictly. Default: none.
        latency: Seconds that every request takes, half before it is answered and half after.
    """

    def __init__(
        self,
        *,
        token: str = "test-token",  # noqa: S107 - a token for tests
        seed: int = 0,
        clock: Clock | None = None,
        limits: Limits | None = None,
        latency: float = 0.0,
    ) -> None:
        if not latency >= 0:
            raise ValueError(f"latency must be at least 0 seconds, not {latency!r}")
        self.clock: Clock = clock or SystemClock()
        self.token = token
        self.latency = latency
        self.calls: list[Call] = []
        self._lock = threading.RLock()
        self._scripted: deque[Response] = deque()
        now = self.clock.time()
        self._credentials = Credentials(token, now)
        self._service = Service(Workspace.standard(seed=seed, now=now), self._credentials, limits, self.clock)

    def __repr__(self) -> str:
        counts = {slug: len(table) for slug, table in self._workspace.data.records.items() if table}
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

    # Answering

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer to one request, at once: no waiting, no I/O.

        Args:
            method: The HTTP method.
            target: Path and query, percent-encoded, such as "/v2/objects/people/records/query".
            headers: Their names may be in any case.
            body: The raw body.
        """
        path = target.partition("?")[0]
        lowered = {name.lower(): value for name, value in headers.items()}
        with self._lock:
            route = match(method, path)
            if self._scripted:
                response = self._service.completed(self._scripted.popleft())
            else:
                response = self._service.answer(route, target, method, lowered, body)
            operation_id = route.operation.id if route else None
            self.calls.append(Call(self.clock.time(), method, path, operation_id, response.status))
        return response

    async def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Like `handle`, taking the latency's time; cancelled in its second half, the request was answered."""
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        response = self.handle(method, target, headers, body)
        if self.latency:
            await self.clock.sleep(self.latency / 2)
        return response

    def respond_next(
        self,
        status: int,
        body: bytes | Mapping[str, Any] = b"",
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next requests with this, whatever they ask for; they change nothing.

        Args:
            status: The HTTP status.
            body: Sent as it is, or as JSON.
            headers: Besides, and over, those that every answer has.
            times: How many requests.
        """
        encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
        with self._lock:
            self._scripted.extend([Response(status, headers or {}, encoded)] * times)

    def revoke_token(self) -> None:
        """From now on the token is dead: 401 everywhere, and `{"active": false}` from `/v2/self`."""
        self._credentials.revoked = True

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

    # Seeding and looking

    def create(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new record, as the API shows it. Takes what a request may write, and read-only attributes too.

        Raises:
            ApiProblem: The object is unknown, or a value cannot be written.
        """
        with self._lock:
            kind = self._object(object)
            author = Author(Stamp(self._now(), SYSTEM), is_system=True)
            record = Writer(self._workspace, kind, author).create(values)
            return _copied(views.record_view(self._workspace, kind, record))

    def records(self, object: str) -> list[dict[str, Any]]:
        """All records of an object as the API shows them, oldest first.

        Raises:
            ApiProblem: The object is unknown.
        """
        with self._lock:
            kind = self._object(object)
            found = self._workspace.records(kind.slug)
            return [_copied(views.record_view(self._workspace, kind, record)) for record in found]

    def add_object(self, slug: str, singular: str | None = None, plural: str | None = None) -> str:
        """Add a custom object with only the attributes every object has; returns its id.

        Raises:
            ValueError: There is one with that slug.
        """
        with self._lock:
            if self._workspace.object_type(slug) is not None:
                raise ValueError(f"there is an object {slug!r} already")
            name = slug.replace("_", " ").capitalize()
            kind = ObjectType(
                self._workspace.new_id(),
                slug,
                singular or name.removesuffix("s"),
                plural or name,
                self._now(),
            )
            self._workspace.add_object(kind)
            return kind.id

    def add_attribute(
        self,
        object: str,
        slug: str,
        type: str,
        *,
        title: str | None = None,
        multiselect: bool = False,
        unique: bool = False,
        required: bool = False,
        options: Sequence[str] = (),
        currency_code: str = "USD",
        allowed_objects: Sequence[str] | None = None,
    ) -> str:
        """Add an attribute to an object; returns its id. Interaction attributes are read-only, as Attio's are.

        Args:
            object: Slug or id of the object.
            slug: Of the new attribute.
            type: One of the 17 attribute types.
            title: Default: made from the slug.
            multiselect: Whether it holds several values.
            unique: Whether no two records may hold the same value.
            required: Whether a record cannot be without.
            options: Titles of the options of a select, or of the statuses of a status attribute.
            currency_code: Of a currency attribute.
            allowed_objects: Slugs of what a record reference may point to. Default: anything.

        Raises:
            ApiProblem: The object is unknown.
            ValueError: The attribute exists, the type is unknown or cannot be multiselect.
        """
        with self._lock:
            kind = self._object(object)
            if kind.attribute(slug) is not None:
                raise ValueError(f"{kind.slug} has an attribute {slug!r} already")
            attribute = Attribute(
                id=self._workspace.new_id(),
                slug=slug,
                title=title or slug.replace("_", " ").capitalize(),
                type=type,
                created_at=self._now(),
                is_multiselect=multiselect,
                is_unique=unique,
                is_required=required,
                is_writable=type != "interaction",
                choices=[Choice(self._workspace.new_id(), option) for option in options],
                currency_code=currency_code if type == "currency" else None,
                allowed_objects=None if allowed_objects is None else list(allowed_objects),
            )
            kind.attributes[slug] = attribute
            return attribute.id

    def add_option(self, object: str, attribute: str, title: str) -> str:
        """Add an option to a select, or a status to a status attribute; returns its id.

        Raises:
            ApiProblem: The object or attribute is unknown.
            ValueError: The attribute has no options, or one with that title.
        """
        with self._lock:
            found = self._object(object).attribute(attribute)
            if found is None:
                raise not_found(f'attribute with slug/ID "{attribute}"')
            if found.type not in ("select", "status") or any(c.title == title for c in found.choices):
                raise ValueError(f"cannot add the option {title!r} to {found.slug}, of type {found.type}")
            found.choices.append(Choice(self._workspace.new_id(), title))
            return found.choices[-1].id

    def add_member(self, email_address: str, first_name: str = "", last_name: str = "") -> str:
        """Add a workspace member; returns their id."""
        with self._lock:
            member = Member(
                self._workspace.new_id(), first_name, last_name, email_address, self._now(), "member"
            )
            self._workspace.data.members.append(member)
            return member.id

    # Keeping

    def snapshot(self) -> Snapshot:
        """The state as it is now, for `restore`."""
        return Snapshot(self.to_json())

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to an earlier state. Calls, limits and the token stay as they are."""
        with self._lock:
            self._service.workspace = persist.from_json(snapshot.document)

    def to_json(self) -> bytes:
        """The state as JSON, for a file; `from_json` reads it. It holds no token."""
        with self._lock:
            return persist.to_json(self._workspace)

    @classmethod
    def from_json(cls, document: bytes, **options: Any) -> Self:
        """A fake with the state that `to_json` wrote; takes the options of `FakeAttio`, `seed` has no effect.

        Raises:
            ValueError: The document is no such state.
        """
        fake = cls(**options)
        fake.restore(Snapshot(document))
        return fake

    def _object(self, slug_or_id: str) -> ObjectType:
        kind = self._workspace.object_type(slug_or_id)
        if kind is None:
            raise not_found(f'object with slug/ID "{slug_or_id}"')
        return kind

    def _now(self) -> str:
        return moments.iso_nanoseconds(self.clock.time())


def _copied(view: dict[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing with the state."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(view))
    return copy
