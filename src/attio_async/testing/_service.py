"""Answers one request: token, limits, route, handler. Synchronous, and without any I/O."""

import itertools
import uuid
from collections.abc import Iterable, Mapping

import attrs
import msgspec

from attio_async_api.operations import Operation

from . import _timestamps
from ._auth import scopes
from ._auth.tokens import (
    Token,
    Tokens,
    bearer_token,
    self_view,
    unauthorized,
)
from ._errors import ApiProblem, not_found, not_modelled
from ._handlers import HANDLERS, downloads
from ._handlers.call import OperationCall, Reply
from ._http.router import Route, match
from ._limits.limits import Limits, LoweredLimits, Meters
from ._limits.query_cost import SCORED, ScoreWindow, score_of
from ._request.request import FakeRequest
from ._response import FakeResponse
from ._workspace.ids import Stamp, named_uuid
from ._workspace.state import WorkspaceState
from ._writes.writer import Author

_EXECUTIONS = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_JSON = "application/json; charset=utf-8"


class Service:
    """The API of one workspace, for requests with one of its access tokens."""

    def __init__(self, state: WorkspaceState, tokens: Tokens, limits: Limits) -> None:
        self._state = state
        self._tokens = tokens
        self._limits = limits
        self._meters = Meters(limits.window)
        self._scores = ScoreWindow()
        self._executions = itertools.count(1)

    @property
    def limits(self) -> Limits:
        """The rates that are kept; others may be set at any time."""
        return self._limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        if limits.window != self._limits.window:
            self._meters = Meters(limits.window)
        self._limits = limits

    def answer(
        self,
        route: Route | None,
        target: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        lowered: Iterable[LoweredLimits] = (),
    ) -> FakeResponse:
        """The answer to a request that `route` was found for; never raises for what a client may send.

        Args:
            route: What `routes.match` says.
            target: The path as it was sent, with the query.
            method: The HTTP method, for the message about an unknown endpoint.
            headers: With names in lower case.
            body: As it was sent.
            lowered: What is below the limits for now.
        """
        now = self._state.clock.time()
        try:
            if route is None:
                file = downloads.fetched(self._state.workspace, method, target, headers, now)
                if file is not None:
                    return self.completed(FakeResponse(200, downloads.headers_of(file), file.content))
                raise not_found(f'endpoint "{method} {target.partition("?")[0]}"')
            request = FakeRequest(route.parameters, target, body, headers)
            reply = self._answered(route.operation, request, headers, now, lowered)
            if reply.body is None:
                return self.completed(FakeResponse(reply.status, reply.headers, b""))
            return self.response(reply.status, reply.body, reply.headers)
        except ApiProblem as problem:
            extra = (
                {"Retry-After": _timestamps.http_date(problem.retry_at)}
                if problem.retry_at is not None
                else {}
            )
            return self.response(problem.status, problem.body, extra)

    def introspect(self, headers: Mapping[str, str]) -> FakeResponse:
        """Answer like `GET /v2/self`, which says the same as the introspection endpoint of OAuth."""
        return self.answer(match("GET", "/v2/self"), "/v2/self", "GET", headers, b"")

    def response(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> FakeResponse:
        """A JSON answer with the headers that every answer has."""
        return self.completed(FakeResponse(status, headers or {}, msgspec.json.encode(body)))

    def completed(self, response: FakeResponse) -> FakeResponse:
        """The answer with the content type, the date and an execution id, where it has none of its own."""
        usual = {
            "Content-Type": _JSON,
            "Date": _timestamps.http_date(self._state.clock.time()),
            "x-attio-execution-id": named_uuid(_EXECUTIONS, str(next(self._executions))),
        }
        given = {name.lower() for name in response.headers}
        more = {name: value for name, value in usual.items() if name.lower() not in given}
        return attrs.evolve(response, headers={**more, **response.headers})

    def _answered(
        self,
        operation: Operation,
        request: FakeRequest,
        headers: Mapping[str, str],
        now: float,
        lowered: Iterable[LoweredLimits],
    ) -> Reply:
        token = self._tokens.find(bearer_token(headers))
        if token is None and operation.id != "get_self":
            raise unauthorized("The access token is not valid.")
        score = self._admit(operation, request, now, lowered)
        if token is None or operation.id == "get_self":
            return Reply(200, self_view(self._state.workspace.data, token))
        if token.scopes is not None:
            scopes.require(token.scopes, operation, request, self._state.workspace.data)
        handler = HANDLERS.get(operation.id)
        if handler is None:
            raise not_modelled(f'the operation "{operation.id}"')
        answered = handler(OperationCall(self._state.workspace, request, self._author(token, now)))
        reply = answered if isinstance(answered, Reply) else Reply(200, answered)
        if score is None:
            return reply
        return attrs.evolve(reply, headers={**reply.headers, "x-attio-record-query-score": str(score)})

    def _admit(
        self, operation: Operation, request: FakeRequest, now: float, lowered: Iterable[LoweredLimits]
    ) -> int | None:
        """Count a request against all limits, and tell the score of a query; one that is refused counts nowhere."""
        limits = self._limits.lowered(lowered)
        score = score_of(_json(request)) if operation.id in SCORED else None
        if score is not None and limits.scores is not None:
            self._scores.check(score, limits.scores, now)
        self._meters.admit(operation, limits, now)
        if score is not None and limits.scores is not None:
            self._scores.count(score, now)
        return score

    def _author(self, token: Token, now: float) -> Author:
        """Whoever holds the token, writing now."""
        return Author(Stamp(_timestamps.iso_nanoseconds(now), token.actor(self._state.workspace.data)))


def _json(request: FakeRequest) -> object:
    try:
        return request.json()
    except ApiProblem:  # which its handler says
        return None
