"""The session below every resource: sends requests, and parses responses."""

import math
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any, Protocol, TypeVar, cast

import anyio
import attrs
import msgspec

from attio_async_api.models.attribute_target import AttributeTarget
from attio_async_api.operations import GET_SELF, Operation

from .._pipeline.errors import excerpt
from .._pipeline.pipeline import Pipeline
from .._pipeline.token_probe import PROBE
from .._transport.messages import Request, Response
from .._utils.clock import Clock
from ..errors import (
    AttioError,
    AuthenticationFailed,
    CoercionError,
    ConfigurationError,
    DecodeError,
    OutcomeUnknown,
    PermissionDenied,
)

T = TypeVar("T")

PARSE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, RecursionError)
"""The errors of parsing a body that is not what the API documents."""

Parse = Callable[[Mapping[str, Any]], T]
"""Makes a typed resource from a JSON object, and never fails."""


class Endpoint(Protocol):
    """One operation and the function that builds its requests: a module of the generated core."""

    @property
    def operation(self) -> Operation: ...
    @property
    def build_request(self) -> Callable[..., dict[str, Any]]: ...


_SCOPES_RETRY_S = 30.0
"""The time until scopes that could not be read are read again for an error message."""


@attrs.define
class GrantedScopes:
    """The scopes of one client's token; None if they could not be read. Concurrent callers wait for one read."""

    _lock: anyio.Lock | None = None
    _is_read: bool = False
    _failed_at: float = -math.inf
    _scopes: tuple[str, ...] | None = None

    async def get(
        self, read: Callable[[], Awaitable[tuple[str, ...]]], clock: Clock
    ) -> tuple[str, ...] | None:
        self._lock = self._lock or anyio.Lock()
        async with self._lock:
            if not self._is_read and clock.monotonic() - self._failed_at >= _SCOPES_RETRY_S:
                try:
                    self._scopes = await read()
                except (PermissionDenied, AuthenticationFailed):
                    self._scopes = None
                except AttioError:  # the error that the scopes were to explain matters more
                    self._failed_at = clock.monotonic()  # an outage says nothing about the token
                    return None
                self._is_read = True
            return self._scopes


@attrs.define(eq=False)
class CallerNames:
    """The facts behind what callers give: the time zone to assume, and where names are looked up.

    Attributes:
        assume_tz: The time zone of moments without one.
        members: Reads the ids of the members by full name and e-mail address; None where nothing can be read.
        slug: Returns the slug or id of an object or list by its title as well.
        canonical: Returns the slug of an object or list by its id and title as well.
        attribute: Returns the slug or id of an attribute by its title as well.
    """

    assume_tz: tzinfo | None = None
    members: Callable[[], Awaitable[Mapping[str, Sequence[str]]]] | None = None
    slug: Callable[[str, AttributeTarget], Awaitable[str]] | None = None
    canonical: Callable[[str, AttributeTarget], Awaitable[str]] | None = None
    attribute: Callable[[str, AttributeTarget, str], Awaitable[str]] | None = None

    async def slug_of(self, name: str, target: AttributeTarget) -> str:
        """Return the slug or id of an object or list that is named by slug, id or title; an unknown name as it is."""
        return name if self.slug is None else await self.slug(name, target)

    async def canonical_of(self, name: str, target: AttributeTarget) -> str:
        """Return the slug of an object or list that is named by slug, id or title; an unknown name as it is."""
        return name if self.canonical is None else await self.canonical(name, target)

    async def attribute_of(self, owner: str, target: AttributeTarget, name: str) -> str:
        """Return the slug or id of an attribute that is named by slug, id or title; an unknown name as it is."""
        return name if self.attribute is None else await self.attribute(owner, target, name)


@attrs.frozen
class Session:
    """Sends built requests through the pipeline, and parses the responses."""

    pipeline: Pipeline
    names: CallerNames = attrs.field(factory=CallerNames, repr=False, eq=False, kw_only=True)
    granted: GrantedScopes | None = attrs.field(factory=GrantedScopes, repr=False, eq=False)

    async def send(
        self, operation: Operation, request: Request, *, repeatable: bool | None = None
    ) -> Response:
        """Return the successful response. A `PermissionDenied` tells the scopes that the token has."""
        if request.params:
            _check_params(request.params)
        try:
            return await self.pipeline.send(operation, request, repeatable=repeatable)
        except UnicodeEncodeError:
            raise _not_encodable(request) from None
        except PermissionDenied as error:
            if operation.id != GET_SELF.id:
                await self.explain(error)
            raise

    async def explain(self, error: PermissionDenied) -> None:
        """Set the scopes that the token has on an error. Reads them once per client, and never fails."""
        if self.granted is not None:
            error.granted_scopes = await self.granted.get(self._read_scopes, self.pipeline.clock)

    def without_explanations(self) -> "Session":
        """Return a copy whose errors do not tell the scopes, for requests that may be denied."""
        return attrs.evolve(self, granted=None)

    async def _read_scopes(self) -> tuple[str, ...]:
        identity: object = await self.call(GET_SELF, PROBE, msgspec.json.decode)
        scope = cast("dict[str, object]", identity).get("scope") if isinstance(identity, dict) else None
        if not isinstance(scope, str):
            raise DecodeError("the response does not have the scopes of the token")
        return tuple(scope.split())

    async def call(
        self,
        operation: Operation,
        request: Request,
        read: Callable[[bytes], T],
        *,
        repeatable: bool | None = None,
    ) -> T:
        """Send a request, and return what `read` makes of the body.

        Raises:
            DecodeError: The body is not what the API documents.
            OutcomeUnknown: It is not, and the request was carried out and cannot be repeated.
        """
        response = await self.send(operation, request, repeatable=repeatable)
        try:
            return parse_body(request, response, read)
        except DecodeError as error:
            if operation.repeatable if repeatable is None else repeatable:
                raise
            raise OutcomeUnknown(operation.id, error, attempts=response.attempts) from error

    async def one(self, endpoint: Endpoint, parse: Parse[T], *path: object, **fields: Any) -> T:
        """Send a request with these arguments, and return the one resource in the response."""
        return await self.call(endpoint.operation, build(endpoint, *path, **fields), item_reader(parse))

    async def many(self, endpoint: Endpoint, parse: Parse[T], *path: object, **fields: Any) -> list[T]:
        """Send a request with these arguments, and return the list of resources in the response."""
        return await self.call(endpoint.operation, build(endpoint, *path, **fields), list_reader(parse))

    async def execute(self, endpoint: Endpoint, *path: object, **fields: Any) -> None:
        """Send a request with these arguments, whose response has no content."""
        await self.call(endpoint.operation, build(endpoint, *path, **fields), lambda _: None)


def build(endpoint: Endpoint, *path: object, is_page: bool = False, **fields: Any) -> Request:
    """Return the request that the generated core builds of these arguments.

    Raises:
        CoercionError: A part of the path cannot be encoded. Nothing was sent.
        ConfigurationError: A part of the path would lead to another address. Nothing was sent.
    """
    try:
        parts = endpoint.build_request(*path, **fields)
    except UnicodeEncodeError:
        part = next(str(each) for each in path if _half_pair(str(each)) is not None)
        raise _holds_half_pair("path", part) from None
    except (TypeError, ValueError) as error:  # a part that is not a text, or is empty or a dot
        raise ConfigurationError(f"the address is not valid: {error}") from None
    return Request(
        method=parts["method"].upper(),
        path=parts["url"],
        params=parts.get("params", {}),
        json=parts.get("json"),
        is_page=is_page,
    )


def _check_params(params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        try:
            str(value)  # as the HTTP libraries do
        except Exception:  # noqa: BLE001 - a value of the caller's own may raise anything
            raise ConfigurationError(f"the parameter {name} cannot be written as text") from None


_HALF_PAIR = re.compile("[\ud800-\udfff]")


def _half_pair(text: str) -> int | None:
    found = _HALF_PAIR.search(text)
    return None if found is None else found.start()


def _holds_half_pair(where: str, text: str) -> CoercionError:
    return CoercionError.single(
        where,
        None,
        text,
        f"holds half a surrogate pair at index {_half_pair(text)}, which cannot be encoded",
        "read the file it comes from with the encoding it was written in",
    )


def _not_encodable(request: Request) -> AttioError:
    """Return the error for a request with text that cannot be encoded, and where that is."""
    params: dict[str, object] = {
        name: cast("object", value) if isinstance(value, list | tuple) else str(value)
        for name, value in (request.params or {}).items()
    }
    for where, text in ("path", request.path), *_each("params", params), *_each("json", request.json):
        if _half_pair(text) is not None:
            return _holds_half_pair(where, text)
    return ConfigurationError(
        "a middleware has set a header that cannot be encoded; give ASCII characters alone"
    )


def _each(where: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield every text in a body, and where it is."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, part in cast("Mapping[object, object]", value).items():
            yield where, str(key)
            yield from _each(f"{where}.{key}", part)
    elif isinstance(value, list | tuple):
        for index, part in enumerate(cast("Sequence[object]", value)):
            yield from _each(f"{where}[{index}]", part)


def parse_body(request: Request, response: Response, read: Callable[[bytes], T]) -> T:
    """Return what `read` makes of the body.

    Raises:
        DecodeError: The body is not what the API documents; it has an excerpt.
    """
    try:
        return read(response.body)
    except PARSE_ERRORS as error:
        reason = str(error)
    # Not in the block above: the error would keep its frames, and they hold the body, which may have a secret.
    raise DecodeError(
        f"the response cannot be read ({reason})",
        status=response.status,
        method=request.method,
        path=request.path,
        excerpt=excerpt(response.body),
    )


def item_reader(parse: Parse[T]) -> Callable[[bytes], T]:
    """Return a function that reads the one object in a body."""
    return lambda body: parse(_object(_data(body)))


def list_reader(
    parse: Parse[T], decode: Callable[[bytes], Any] = msgspec.json.decode
) -> Callable[[bytes], list[T]]:
    """Return a function that reads the list of objects in a body."""

    def read(body: bytes) -> list[T]:
        data = _data(body, decode)
        if not isinstance(data, list):
            raise TypeError("its data is not a list")
        return [parse(_object(each)) for each in cast("list[object]", data)]

    return read


def _data(body: bytes, decode: Callable[[bytes], Any] = msgspec.json.decode) -> Any:
    envelope = _object(decode(body), "it")
    if "data" not in envelope:
        raise TypeError("it has no data")
    return envelope["data"]


def _object(data: object, what: str = "its data") -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise TypeError(f"{what} is not an object")
    return cast("dict[str, Any]", data)
