"""The one funnel: every request of every resource goes through `Pipeline.send`, the only loop that sends.

Each attempt waits for its permits and a connection, passes the middleware and the transport, and is then judged: a
response to return, an error to raise, or a reason to retry.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import NoReturn

import attrs

from attio_async_api.operations import GET_SELF, Operation

from .._limits.gate import Gate, QueuePosition, SendPermit, current_rank
from .._limits.limiter import TokenLimits
from .._transport.messages import Request, Response, Transport
from .._utils.clock import Clock
from .._utils.concurrency import within
from ..errors import (
    APIError,
    AttioError,
    OutcomeUnknown,
    QueryTooComplex,
    RequestTimeout,
    TransportError,
)
from .errors import to_error
from .events import (
    AttemptEnded,
    BucketPaused,
    Hooks,
    Middleware,
    PermitAwaited,
    RetryScheduled,
    log_attempt,
    log_retry,
    log_wait,
    logs_attempts,
    report_limit_changes,
    wrap,
)
from .meter import Recorder, ResponseInfo, Traffic, recorders_of, recording
from .retry import TRANSIENT_STATUSES, RetryPolicy, http_date, rate_limit_delay, retry_after_delay
from .token_probe import PROBE, TokenTrust, token_works

_NOTHING_WRITTEN = frozenset({"concurrent_write_conflict"})
"""Error codes that a retry may get past and that certainly wrote nothing."""

_MAX_SCORE_LIMITED = 3
"""429s for its score, one of them without another query beside it, after which a query is given up."""


@attrs.define
class _Call:
    """One call through the funnel: its request and what happened so far."""

    operation: Operation
    request: Request
    repeatable: bool
    position: QueuePosition
    started: float
    attempt: int = 0
    rate_limited: int = 0
    score_limited: int = 0
    score_limited_alone: bool = False  # although no other query ran
    delay: float = 0.0  # the wait before this attempt, if it is a retry
    probed: bool = False
    ambiguous: bool = False  # an earlier attempt may have been carried out
    in_flight: bool = False


@attrs.frozen
class _Retry:
    delay: float
    reason: str


class Pipeline:
    """Sends requests under one limiter, one retry policy and one transport."""

    def __init__(
        self,
        *,
        transport: Transport,
        limits: TokenLimits,
        policy: RetryPolicy,
        deadline: float | None = None,
        clock: Clock,
        random: Callable[[], float],
        gate: Gate,
        middleware: Sequence[Middleware] = (),
        base_url: str = "",
        hooks: Hooks,
        enter: Callable[[], None] | None = None,
    ) -> None:
        self.clock = clock
        self._enter = enter
        self.limits = limits
        self._policy = policy
        self._deadline = deadline
        self._random = random
        self._gate = gate
        self._send_once = wrap(middleware, transport.send)
        self._has_middleware = bool(middleware)
        self._base_url = base_url
        self._hooks = hooks
        self._trust = TokenTrust()

    def recording(self, recorder: Recorder) -> AbstractContextManager[None]:
        """Tell `recorder` of the requests that are made in a block, by this client and its copies."""
        return recording(self._gate, recorder)

    @property
    def connections(self) -> int:
        """The number of requests that may be out at once."""
        return self._gate.connections

    async def send(
        self, operation: Operation, request: Request, *, repeatable: bool | None = None
    ) -> Response:
        """Send a request, retry it as the policy allows, and return the successful response.

        Args:
            operation: The operation, which tells its bucket and whether it may be retried.
            request: The request.
            repeatable: Whether it may be sent twice, if the caller knows better than the operation.

        Raises:
            APIError: The API rejected the request.
            OutcomeUnknown: It was sent, its response was lost, and a retry could do it twice.
            TransportError: No response arrived, after all the retries that were safe, or before the deadline.
        """
        if self._enter is not None:
            self._enter()
        call = _Call(
            operation,
            request,
            operation.repeatable if repeatable is None else repeatable,
            self._gate.position(current_rank()),
            self.clock.monotonic(),
        )
        if self._deadline is None:
            response = await self._until_answered(call)
        else:
            answered = await within(self._deadline, self.clock, lambda: self._until_answered(call))
            response = self._overdue(call, self._deadline) if answered is None else answered
        for recorder in recorders_of(self._gate):
            recorder.answered(
                ResponseInfo(
                    operation=operation.id,
                    status=response.status,
                    headers=response.headers,
                    attempts=response.attempts,
                    seconds=self.clock.monotonic() - call.started,
                )
            )
        return response

    async def _until_answered(self, call: _Call) -> Response:
        while True:
            verdict = await self._attempt(call)
            if isinstance(verdict, Response):
                return verdict
            self._hooks.emit(
                RetryScheduled(
                    operation=call.operation.id,
                    attempt=call.attempt,
                    delay=verdict.delay,
                    reason=verdict.reason,
                )
            )
            log_retry(call.operation, call.attempt, verdict.delay, verdict.reason)
            call.delay = verdict.delay
            await self.clock.sleep(verdict.delay)

    def _overdue(self, call: _Call, deadline: float) -> NoReturn:
        sent, request = call.in_flight or call.ambiguous, call.request
        error = RequestTimeout(
            f"{request.method} {request.path}: not done within its deadline of {deadline:g} s",
            sent=sent,
            method=request.method,
            path=request.path,
            attempts=call.attempt,
        )
        if sent and not call.repeatable:
            raise OutcomeUnknown(call.operation.id, error, attempts=call.attempt) from error
        raise error

    async def _attempt(self, call: _Call) -> Response | _Retry:
        permit = await self._gate.enter(self.limits.lane_of(call.operation), call.position)
        call.attempt += 1
        sent = self.clock.monotonic()
        traffic = Traffic(recorders_of(self._gate))
        try:
            log_wait(call.operation, permit.waited)
            request = traffic.counting(self._prepared(call, permit))
            if permit.waited and self._hooks:
                self._hooks.emit(
                    PermitAwaited(operation=call.operation.id, bucket=permit.lane.name, seconds=permit.waited)
                )
            call.in_flight = True
            response = await self._send_once(request)
            call.in_flight = False
            arrived = self.clock.monotonic()
            if response.attempts != call.attempt:
                response = attrs.evolve(response, attempts=call.attempt)
            self._observe_date(response, sent, arrived)
            verdict = self._judge(call, permit, response, arrived)
        except TransportError as error:
            call.in_flight = False
            permit.lost()
            self._report(call, permit, self.clock.monotonic() - sent, error, traffic)
            return self._after_failure(call, error)
        finally:
            permit.lost()  # unless it was reported: a permit that is not is gone for good
        traffic.arrived(response)
        self._report(call, permit, arrived - sent, response.status, traffic)
        report_limit_changes(permit.lane, self._hooks)
        if isinstance(verdict, APIError) and await self._is_false_auth_error(call, verdict):
            return _Retry(0.0, str(verdict.status))
        return _resolve(verdict)

    def _judge(
        self, call: _Call, permit: SendPermit, response: Response, arrived: float
    ) -> Response | _Retry | AttioError:
        """Report the response to its permit, and decide what it means."""
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._after_429(call, permit, response, arrived)
        if call.request.is_streamed:
            permit.lost()  # the time that a file takes says nothing about the latency
        else:
            permit.answered()
        if response.is_success:
            return self._succeeded(call, response, arrived)
        if response.status == HTTPStatus.NOT_FOUND and call.ambiguous and call.operation.method == "DELETE":
            # An earlier attempt, whose response was lost, deleted it.
            return attrs.evolve(response, status=HTTPStatus.OK, body=b"{}")
        error = to_error(call.operation, call.request, response)
        if error.code in _NOTHING_WRITTEN and self._has_attempts_left(call, 0.0):
            return _Retry(self._policy.backoff(call.attempt, self._random()), str(error.code))
        if response.status in TRANSIENT_STATUSES:
            return self._after_server_error(call, response, error)
        return error

    def _succeeded(self, call: _Call, response: Response, arrived: float) -> Response:
        self.limits.retry_budget.earn(self._policy.budget)
        self.limits.queries.note(call.request.path, response)
        self._trust.worked(call.operation, arrived)
        return response

    async def _is_false_auth_error(self, call: _Call, error: APIError) -> bool:
        """Return True if the token was rejected although it works; the API is asked once per call."""
        if call.probed or not self._policy.recheck_token:
            return False
        if not self._trust.doubts(call.operation, error, self.clock.monotonic()):
            return False
        call.probed = True
        probe = _Call(GET_SELF, PROBE, True, call.position, self.clock.monotonic(), probed=True)
        try:
            response = await self._attempt(probe)
        except AttioError:
            response = None
        if not isinstance(response, Response) or not token_works(response):
            self._trust.forget()
            return False
        self.limits.false_auth_errors += 1
        return True

    def _after_429(
        self, call: _Call, permit: SendPermit, response: Response, now: float
    ) -> _Retry | AttioError:
        delay = rate_limit_delay(
            response.headers,
            self.limits.server_clock,
            now=now,
            wall=self.clock.time(),
            random=self._random(),
        )
        call.rate_limited += 1
        for_score = self.limits.blames_score(permit.lane, response, now)
        if for_score:
            call.score_limited += 1
            call.score_limited_alone |= self.limits.queries.was_alone(permit.tickets[0])
        if permit.rate_limited(now + min(delay, self._policy.max_retry_after), for_score=for_score):
            self._hooks.emit(BucketPaused(bucket=permit.lane.name, seconds=delay))
        if call.score_limited >= _MAX_SCORE_LIMITED and call.score_limited_alone:
            return to_error(call.operation, call.request, response, cls=QueryTooComplex)
        asked = delay
        if call.rate_limited > 1:  # what was asked for was too short
            delay = max(delay, self._policy.backoff(call.rate_limited - 1, self._random()))
        if asked > self._policy.max_retry_after or not self._may_wait_again(call, delay):
            return to_error(call.operation, call.request, response, retry_after=asked)
        return _Retry(delay, "429")

    def _after_server_error(self, call: _Call, response: Response, error: AttioError) -> _Retry | AttioError:
        if not call.repeatable:
            return OutcomeUnknown(call.operation.id, error, attempts=call.attempt)
        call.ambiguous = True
        asked = retry_after_delay(
            response.headers, self.limits.server_clock, now=self.clock.monotonic(), wall=self.clock.time()
        )
        delay = max(asked or 0.0, self._policy.backoff(call.attempt, self._random()))
        if delay > self._policy.max_retry_after or not self._may_retry(call, delay):
            return error
        return _Retry(delay, str(response.status))

    def _after_failure(self, call: _Call, error: TransportError) -> _Retry:
        error.attempts = call.attempt
        if error.sent and not call.repeatable:
            raise OutcomeUnknown(call.operation.id, error, attempts=call.attempt) from error
        call.ambiguous = call.ambiguous or error.sent
        delay = self._policy.backoff(call.attempt, self._random())
        if not self._may_retry(call, delay):
            raise error
        return _Retry(delay, type(error).__name__)

    def _may_retry(self, call: _Call, delay: float) -> bool:
        """Return True if a failure of the network or the server may be retried; takes a retry from the budget."""
        return self._has_attempts_left(call, delay) and self.limits.retry_budget.spend()

    def _has_attempts_left(self, call: _Call, delay: float) -> bool:
        return call.attempt - call.rate_limited < self._policy.attempts and self._in_time(call, delay)

    def _may_wait_again(self, call: _Call, delay: float) -> bool:
        return call.rate_limited < self._policy.rate_limit_attempts and self._in_time(call, delay)

    def _in_time(self, call: _Call, delay: float) -> bool:
        return self.clock.monotonic() + delay - call.started <= self._policy.deadline

    def _observe_date(self, response: Response, sent: float, arrived: float) -> None:
        date = http_date(response.headers.get("date", ""))
        if date is not None:
            self.limits.server_clock.observe(date, sent=sent, received=arrived)

    def _prepared(self, call: _Call, permit: SendPermit) -> Request:
        """Return the request of an attempt, as middleware gets it."""
        if not self._has_middleware:
            return call.request
        return attrs.evolve(
            call.request,
            operation=call.operation,
            base_url=self._base_url,
            attempt=call.attempt,
            waited=permit.waited + call.delay,
        )

    def _report(
        self, call: _Call, permit: SendPermit, seconds: float, outcome: int | TransportError, traffic: Traffic
    ) -> None:
        if not (self._hooks or traffic.recorders or logs_attempts()):
            return
        status, error = (outcome, None) if isinstance(outcome, int) else (None, outcome)
        event = AttemptEnded(
            operation=call.operation.id,
            method=call.request.method,
            path=call.request.path,
            attempt=call.attempt,
            status=status,
            error=None if error is None else str(error),
            waited=permit.waited,
            seconds=seconds,
        )
        self._hooks.emit(event)
        log_attempt(call.operation, event, str(status) if error is None else type(error).__name__)
        traffic.report(event, call.delay)


def _resolve(verdict: Response | _Retry | AttioError) -> Response | _Retry:
    if isinstance(verdict, OutcomeUnknown):
        raise verdict from verdict.cause
    if isinstance(verdict, AttioError):
        raise verdict
    return verdict
