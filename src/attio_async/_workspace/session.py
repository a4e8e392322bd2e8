"""What every resource needs: the way to send, and the way to read an answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

import anyio
import attrs
import msgspec

from attio_async_api.operations import GET_SELF, Operation

from .._pipeline.errors import excerpt
from .._pipeline.pipeline import PROBE, Pipeline
from .._transport.messages import Request, Response
from ..errors import AttioError, DecodeError, PermissionDenied


@attrs.define
class GrantedScopes:
    """The scopes of one client's token, or None when they could not be asked. Whoever asks meanwhile waits."""

    _lock: anyio.Lock | None = None
    _asked: bool = False
    _scopes: tuple[str, ...] | None = None

    async def get(self, ask: Callable[[], Awaitable[tuple[str, ...]]]) -> tuple[str, ...] | None:
        self._lock = self._lock or anyio.Lock()
        async with self._lock:
            if not self._asked:
                try:
                    self._scopes = await ask()
                except AttioError:  # the refusal that was to be explained matters more
                    self._scopes = None
                self._asked = True
            return self._scopes


T = TypeVar("T")


PARSE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, RecursionError)


"""What reading an answer fails with that is not what the API documents."""


Parse = Callable[[Mapping[str, Any]], T]


"""Makes something typed of an object of the API, and never fails."""


@attrs.frozen
class Session:
    """Sends built requests through the pipeline and reads the answers."""

    pipeline: Pipeline
    granted: GrantedScopes | None = attrs.field(factory=GrantedScopes, repr=False, eq=False)

    async def send(
        self, operation: Operation, request: Request, *, repeatable: bool | None = None
    ) -> Response:
        """The successful answer; a refusal for lack of scopes tells those the token has."""
        try:
            return await self.pipeline.send(operation, request, repeatable=repeatable)
        except PermissionDenied as error:
            if operation.id != GET_SELF.id:
                await self.explain(error)
            raise

    async def explain(self, error: PermissionDenied) -> None:
        """Tell a refusal which scopes the token has. Asks once per client, and never fails for that."""
        if self.granted is not None:
            error.granted_scopes = await self.granted.get(self._scopes)

    def quiet(self) -> "Session":
        """The same, for what can do without being allowed: refusals are not explained."""
        return attrs.evolve(self, granted=None)

    async def _scopes(self) -> tuple[str, ...]:
        identity: object = await self.call(GET_SELF, PROBE, msgspec.json.decode)
        scope = cast("dict[str, object]", identity).get("scope") if isinstance(identity, dict) else None
        if not isinstance(scope, str):
            raise DecodeError("the API does not say which scopes the token has")
        return tuple(scope.split())

    async def call(
        self,
        operation: Operation,
        built: Mapping[str, Any] | Request,
        read: Callable[[bytes], T],
        *,
        repeatable: bool | None = None,
    ) -> T:
        """Send, and give the answer's body to `read`.

        Raises:
            DecodeError: The answer is not what the API documents.
        """
        request = built if isinstance(built, Request) else Request.built(built)
        response = await self.send(operation, request, repeatable=repeatable)
        return parse_body(request, response, read)

    async def one(self, operation: Operation, built: Mapping[str, Any] | Request, parse: Parse[T]) -> T:
        """Send, and return the one thing that the answer's envelope holds."""
        return await self.call(operation, built, item_reader(parse))

    async def many(
        self, operation: Operation, built: Mapping[str, Any] | Request, parse: Parse[T]
    ) -> list[T]:
        """Send, and return the list that the answer's envelope holds."""
        return await self.call(operation, built, list_reader(parse))

    async def done(self, operation: Operation, built: Mapping[str, Any] | Request) -> None:
        """Send, where the answer says nothing but that it worked."""
        await self.call(operation, built, lambda _: None)

    async def data(self, operation: Operation, built: Mapping[str, Any]) -> Any:
        """Send, and return what the answer's envelope holds, as plain dicts and lists."""
        return await self.call(operation, built, _data)


def parse_body(request: Request, response: Response, read: Callable[[bytes], T]) -> T:
    """What `read` makes of the body; its failure becomes an error that shows the answer."""
    try:
        return read(response.body)
    except PARSE_ERRORS as error:
        raise DecodeError(
            f"the answer cannot be read ({error})",
            status=response.status,
            method=request.method,
            path=request.path,
            excerpt=excerpt(response.body),
        ) from None


def item_reader(parse: Parse[T]) -> Callable[[bytes], T]:
    """Reads the one object in an envelope."""
    return lambda body: parse(_object(_data(body)))


def list_reader(parse: Parse[T]) -> Callable[[bytes], list[T]]:
    """Reads the list of objects in an envelope."""

    def read(body: bytes) -> list[T]:
        data = _data(body)
        if not isinstance(data, list):
            raise TypeError("its data is not a list")
        return [parse(_object(each)) for each in cast("list[object]", data)]

    return read


def _data(body: bytes) -> Any:
    envelope = _object(msgspec.json.decode(body), "it")
    if "data" not in envelope:
        raise TypeError("it has no data")
    return envelope["data"]


def _object(data: object, what: str = "its data") -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise TypeError(f"{what} is not an object")
    return cast("dict[str, Any]", data)
