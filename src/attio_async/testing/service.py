"""Answers one request: token, limits, route, handler. Synchronous, and without any I/O."""

import itertools
import uuid
from collections.abc import Mapping

import attrs
import msgspec

from .._core.clock import Clock
from . import moments
from .limits import Limits
from .operations import HANDLERS, Reply
from .operations import Call as OperationCall
from .problems import ApiProblem, not_found, not_modelled
from .requests import Request
from .routes import Route
from .stamps import Stamp
from .state import Workspace
from .tokens import bearer_token, self_view, unauthorized
from .writes import Author

_EXECUTIONS = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_JSON = "application/json; charset=utf-8"


@attrs.frozen
class Response:
    """An answer, ready to be sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@attrs.define
class Credentials:
    """The one token that is accepted, until it is revoked."""

    token: str = attrs.field(repr=False)
    issued_at: float
    revoked: bool = False

    def accepts(self, token: str) -> bool:
        """Whether requests with this token are let in."""
        return not self.revoked and token == self.token


class Service:
    """The API of one workspace."""

    def __init__(
        self, workspace: Workspace, credentials: Credentials, limits: Limits | None, clock: Clock
    ) -> None:
        self.workspace = workspace
        self._credentials = credentials
        self._meters = (limits or Limits(reads=None, writes=None)).meters()
        self._clock = clock
        self._executions = itertools.count(1)

    def answer(
        self, route: Route | None, target: str, method: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        """The answer to a request that `route` was found for; never raises for what a client may send.

        Args:
            route: What `routes.match` says.
            target: The path as it was sent, with the query.
            method: The HTTP method, for the message about an unknown endpoint.
            headers: With names in lower case.
            body: As it was sent.
        """
        now = self._clock.time()
        try:
            if route is None:
                raise not_found(f'endpoint "{method} {target.partition("?")[0]}"')
            answered = self._answered(route, Request(route.parameters, target, body, headers), headers, now)
            reply = answered if isinstance(answered, Reply) else Reply(200, answered)
            if reply.body is None:
                return self.completed(Response(reply.status, reply.headers, b""))
            return self.response(reply.status, reply.body, reply.headers)
        except ApiProblem as problem:
            extra = (
                {"Retry-After": moments.http_date(problem.retry_at)} if problem.retry_at is not None else {}
            )
            return self.response(problem.status, problem.body, extra)

    def response(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
        """A JSON answer with the headers that every answer has."""
        return self.completed(Response(status, headers or {}, msgspec.json.encode(body)))

    def completed(self, response: Response) -> Response:
        """The answer with the content type, the date and an execution id, where it has none of its own."""
        usual = {
            "Content-Type": _JSON,
            "Date": moments.http_date(self._clock.time()),
            "x-attio-execution-id": str(uuid.uuid5(_EXECUTIONS, str(next(self._executions)))),
        }
        given = {name.lower() for name in response.headers}
        more = {name: value for name, value in usual.items() if name.lower() not in given}
        return Response(response.status, {**more, **response.headers}, response.body)

    def _answered(self, route: Route, request: Request, headers: Mapping[str, str], now: float) -> object:
        token = bearer_token(headers)
        accepted = self._credentials.accepts(token)
        if not accepted and route.operation.id != "get_self":
            raise unauthorized("The access token is not valid.")
        self._admit(route, now)
        if route.operation.id == "get_self":
            issued_at = int(self._credentials.issued_at)
            return self_view(self.workspace, issued_at) if accepted else {"active": False}
        handler = HANDLERS.get(route.operation.id)
        if handler is None:
            raise not_modelled(f'the operation "{route.operation.id}"')
        return handler(OperationCall(self.workspace, request, self.author(now)))

    def _admit(self, route: Route, now: float) -> None:
        retry_at = self._meters[route.operation.access].admit(now)
        if retry_at is not None:
            raise ApiProblem(
                429,
                "rate_limit_exceeded",
                f"Too many {route.operation.access} requests within a second; try again later.",
                type="rate_limit_error",
                retry_at=retry_at,
            )

    def author(self, now: float) -> Author:
        """Whoever holds the token, writing now."""
        actor = {"type": "api-token", "id": self.workspace.data.token_id}
        return Author(Stamp(moments.iso_nanoseconds(now), actor))
