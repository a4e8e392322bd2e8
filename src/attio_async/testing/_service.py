"""Answer one API request: token, limits, scopes, handler. Synchronous, and without any I/O."""

import itertools
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import partial

import msgspec

from attio_async_api.operations import Operation

from . import _timestamps
from ._auth.tokens import Token, Tokens, require_level, require_scopes, self_view, token_of
from ._errors import ApiProblem, invalid, invalid_body, not_found, not_modelled
from ._handlers import HANDLERS
from ._handlers.call import Later, OperationCall, Reply
from ._handlers.files import download_headers, file_at
from ._http.router import Route, match
from ._limits import Limits, LoweredLimits, Meters
from ._query_cost import SCORED, ScoreWindow, score_of
from ._request import FakeRequest
from ._response import FakeResponse
from ._workspace.ids import Stamp, named_uuid
from ._workspace.state import WorkspaceState
from ._writes.writer import Author

_EXECUTIONS = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_NOT_DATED = frozenset({"create_webhook", "get_self"})
"""Operations whose responses do not say for which moment they are accurate; neither do those that delete."""

_JSON = "application/json; charset=utf-8"


Pending = Callable[[], FakeResponse]
"""Makes a response. It takes a while, and needs no lock."""


def finished(answer: FakeResponse | Pending) -> FakeResponse:
    """Return a response, which may still have to be made."""
    return answer if isinstance(answer, FakeResponse) else answer()


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
        """The rate limits in force; others can be set at any time."""
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
    ) -> FakeResponse | Pending:
        """Answer a request, or return what makes the response. Never raises for anything that a client may send.

        Args:
            route: The operation of the request; None if no operation matches.
            target: Path and query as they were sent.
            method: The HTTP method.
            headers: The headers, with names in lower case.
            body: The body as it was sent.
            lowered: The reductions of the limits in force.
        """
        now = self._state.clock.time()
        try:
            if route is None:
                file = file_at(self._state.workspace, method, target, headers, now)
                if file is not None:
                    return self.completed(FakeResponse(200, download_headers(file), file.content))
                raise not_found(f'endpoint "{method} {target.partition("?")[0]}"')
            request = FakeRequest(route.parameters, target, body, headers)
            try:
                reply = self._reply(route.operation, request, headers, now, lowered)
            except RecursionError:  # JSON can be decoded that is nested too deeply to be walked
                raise invalid_body(invalid([], "The body is nested too deeply")) from None
            if reply.body is None:
                return self.completed(FakeResponse(reply.status, reply.headers, b""))
            if isinstance(reply.body, Later):
                return partial(self._later, reply, reply.body)
            return self._json_response(reply.status, reply.body, reply.headers)
        except ApiProblem as problem:
            return self._refusal(problem)

    def _later(self, reply: Reply, body: Later) -> FakeResponse:
        try:
            return self._json_response(reply.status, body.make(), reply.headers)
        except ApiProblem as problem:
            return self._refusal(problem)

    def _refusal(self, problem: ApiProblem) -> FakeResponse:
        retry_at = problem.retry_at
        extra = {} if retry_at is None else {"Retry-After": _timestamps.http_date(retry_at)}
        return self._json_response(problem.status, problem.body, extra)

    def introspect(self, headers: Mapping[str, str]) -> FakeResponse:
        """Answer like `GET /v2/self`, which says the same as the introspection endpoint of OAuth."""
        return finished(self.answer(match("GET", "/v2/self"), "/v2/self", "GET", headers, b""))

    def completed(self, response: FakeResponse) -> FakeResponse:
        """Return a response with content type, date and execution id, unless it has its own."""
        given = {name.lower() for name in response.headers}
        more = {name: value for name, value in self._usual().items() if name.lower() not in given}
        return FakeResponse(response.status, {**more, **response.headers}, response.body, response.transit)

    def _usual(self) -> dict[str, str]:
        return {
            "Content-Type": _JSON,
            "Date": _timestamps.http_date(self._state.clock.time()),
            "x-attio-execution-id": named_uuid(_EXECUTIONS, str(next(self._executions))),
        }

    def _json_response(self, status: int, body: object, headers: Mapping[str, str]) -> FakeResponse:
        return FakeResponse(status, {**self._usual(), **headers}, msgspec.json.encode(body))

    def _reply(
        self,
        operation: Operation,
        request: FakeRequest,
        headers: Mapping[str, str],
        now: float,
        lowered: Iterable[LoweredLimits],
    ) -> Reply:
        data = self._state.workspace.data
        given = token_of(headers)
        token = self._tokens.find(given)
        if token is None and operation.id != "get_self":
            raise self._tokens.refusal(given)
        score = self._admit(operation, request, now, lowered)
        if token is None or operation.id == "get_self":
            return Reply(200, self_view(data, token))
        require_level(token, operation)
        if token.scopes is not None:
            require_scopes(token.scopes, operation, request, data)
        handler = HANDLERS.get(operation.id)
        if handler is None:
            raise not_modelled(f'the operation "{operation.id}"')
        author = self._author(token, now)
        answer = handler(OperationCall(self._state.workspace, request, author))
        more: dict[str, str] = {}
        if operation.method != "DELETE" and operation.id not in _NOT_DATED:
            more["x-accurate-at"] = author.stamp.now
        if score is not None:
            more["x-attio-record-query-score"] = str(score)
        if not isinstance(answer, Reply):
            return Reply(200, answer, more)
        return Reply(answer.status, answer.body, {**answer.headers, **more})

    def _admit(
        self, operation: Operation, request: FakeRequest, now: float, lowered: Iterable[LoweredLimits]
    ) -> int | None:
        """Count a request against all limits, and return the score of a query. A refused request counts nowhere."""
        limits = self._limits.lowered(lowered)
        score = score_of(_json(request)) if operation.id in SCORED else None
        if score is not None and limits.scores is not None:
            self._scores.check(score, limits.scores, now)
        self._meters.admit(operation, limits, now)
        if score is not None and limits.scores is not None:
            self._scores.count(score, now)
        return score

    def _author(self, token: Token, now: float) -> Author:
        return Author(Stamp(_timestamps.iso_nanoseconds(now), token.actor(self._state.workspace.data)))


def _json(request: FakeRequest) -> object:
    try:
        return request.json()
    except ApiProblem:  # its handler reports it
        return None
