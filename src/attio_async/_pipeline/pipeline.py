"""The one funnel: every request of every resource goes through `Pipeline.send`.

Each attempt waits for its permit and a connection, passes the middleware and the transport, and is then
judged: an answer to return, a refusal to raise, or a reason to try again. This is the only loop that sends.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus

import attrs
import msgspec

from attio_async_api.operations import GET_SELF, Operation

from .._limits.gate import Gate, Place, SendPermit, current_priority
from .._limits.limiter import RateLimiter
from .._transport.messages import Request, Response, Transport
from .._utils.clock import Clock
from ..errors import (
    APIError,
    AttioError,
    AuthenticationFailed,
    OutcomeUnknown,
    PermissionDenied,
    QueryTooComplex,
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
    report_changed_limit,
    wrap,
)
from .retry import (
    TRANSIENT_STATUSES,
    RetryPolicy,
    http_date,
    rate_limit_delay,
    retry_after_delay,
)

PROBE = Request(method=GET_SELF.method, path=GET_SELF.path)


"""What asks whether the token works."""


_RECENT = 60.0


"""Seconds for which a success speaks for the token."""


_OPERATIONS = 200


"""Operations whose last success is remembered."""


class TokenTrust:
    """Remembers when the token last worked, at all and for each operation."""

    __slots__ = ("_worked_at", "_worked_for")

    def __init__(self) -> None:
        self._worked_at = float("-inf")
        self._worked_for: dict[str, float] = {}

    def worked(self, operation: Operation, now: float) -> None:
        self._worked_at = now
        if operation.id in self._worked_for or len(self._worked_for) < _OPERATIONS:
            self._worked_for[operation.id] = now

    def doubts(self, operation: Operation, error: APIError, now: float) -> bool:
        """Whether this refusal contradicts what the token could do a moment ago.

        An unknown token contradicts any success. A missing scope is believed, unless the same operation worked.
        """
        if isinstance(error, PermissionDenied) or error.status == HTTPStatus.FORBIDDEN:
            worked = self._worked_for.get(operation.id, float("-inf"))
        elif isinstance(error, AuthenticationFailed):
            worked = self._worked_at
        else:
            return False
        return now - worked <= _RECENT

    def forget(self) -> None:
        """The token is dead: from now on refusals are believed."""
        self._worked_at = float("-inf")
        self._worked_for.clear()


def token_works(response: Response) -> bool:
    """What the answer to the probe says of the token."""
    try:
        answer: object = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return isinstance(answer, dict) and answer.get("active") is not False  # pyright: ignore[reportUnknownMemberType]


_NOTHING_WRITTEN = frozenset({"concurrent_write_conflict"})


"""Error codes of refusals that a repeat may get past, and that certainly wrote nothing."""


_TOO_COMPLEX = 3


"""Refusals for its score, one of them without another query beside it, after which a query is given up."""


@attrs.define
class _Call:
    """One call through the funnel: what is to be sent, and what happened so far."""

    operation: Operation
    request: Request
    repeatable: bool
    place: Place
    started: float
    attempt: int = 0
    refusals: int = 0
    score_refusals: int = 0
    refused_alone: bool = False  # for its score, although no other query ran
    rechecked: bool = False
    ambiguous: bool = False  # an earlier attempt may have been carried out


@attrs.frozen
class _Again:
    delay: float
    reason: str


class Pipeline:
    """Sends requests under one limiter, one retry policy and one transport."""

    def __init__(
        self,
        *,
        transport: Transport,
        limiter: RateLimiter,
        policy: RetryPolicy,
        clock: Clock,
        random: Callable[[], float],
        gate: Gate,
        middleware: Sequence[Middleware] = (),
        hooks: Hooks,
    ) -> None:
        self.clock = clock
        self.limiter = limiter
        self._policy = policy
        self._random = random
        self._gate = gate
        self._send_once = wrap(middleware, transport.send)
        self._hooks = hooks
        self._trust = TokenTrust()

    @property
    def connections(self) -> int:
        """How many requests may be out at once."""
        return self._gate.connections

    async def send(
        self, operation: Operation, request: Request, *, repeatable: bool | None = None
    ) -> Response:
        """The successful answer to a request.

        Args:
            operation: Which bucket it counts in, and whether it may be sent twice.
            request: What to send.
            repeatable: Overrides the operation's word on sending it twice, when the caller knows better.

        Raises:
            APIError: The API refused.
            OutcomeUnknown: It was sent, its answer was lost, and repeating it could do it twice.
            TransportError: No answer arrived, after all the repeats that were safe.
        """
        call = _Call(
            operation,
            request,
            operation.repeatable if repeatable is None else repeatable,
            self._gate.place(current_priority()),
            self.clock.monotonic(),
        )
        while True:
            verdict = await self._attempt(call)
            if isinstance(verdict, Response):
                return verdict
            self._hooks.emit(
                RetryScheduled(
                    operation=operation.id, attempt=call.attempt, delay=verdict.delay, reason=verdict.reason
                )
            )
            await self.clock.sleep(verdict.delay)

    async def _attempt(self, call: _Call) -> Response | _Again:
        grant = await self._gate.enter(self.limiter.lane_of(call.operation), call.place)
        call.attempt += 1
        sent = self.clock.monotonic()
        try:
            if grant.waited:
                self._hooks.emit(
                    PermitAwaited(operation=call.operation.id, bucket=grant.lane.name, seconds=grant.waited)
                )
            response = await self._send_once(call.request)
        except TransportError as error:
            grant.lost()
            self._report(call, grant, sent, None, str(error))
            return self._after_failure(call, error)
        except BaseException:
            grant.lost()
            raise
        if response.attempts != call.attempt:
            response = attrs.evolve(response, attempts=call.attempt)
        self._observe_date(response, sent)
        verdict = self._judge(call, grant, response)
        self._report(call, grant, sent, response.status, None)
        report_changed_limit(grant.lane, self._hooks)
        if isinstance(verdict, APIError) and await self._is_spurious(call, verdict):
            return _Again(0.0, str(verdict.status))
        return _resolve(verdict)

    def _judge(self, call: _Call, grant: SendPermit, response: Response) -> Response | _Again | AttioError:
        """What an answer means; also settles its permit."""
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._after_refusal(call, grant, response)
        if call.request.is_streamed:
            grant.lost()  # how long a file takes says nothing of how far away the server is
        else:
            grant.answered()
        if response.is_success:
            return self._succeeded(call, response)
        if response.status == HTTPStatus.NOT_FOUND and call.ambiguous and call.operation.method == "DELETE":
            # An earlier attempt whose answer was lost has done it.
            return attrs.evolve(response, status=HTTPStatus.OK, body=b"{}")
        error = to_error(call.operation, call.request, response)
        if error.code in _NOTHING_WRITTEN and self._may_repeat(call, 0.0):
            return _Again(self._policy.backoff(call.attempt, self._random()), str(error.code))
        if response.status in TRANSIENT_STATUSES:
            return self._after_server_error(call, response, error)
        return error

    def _succeeded(self, call: _Call, response: Response) -> Response:
        self.limiter.retry_budget.earn(self._policy.budget)
        self.limiter.queries.note(call.request.path, response)
        self._trust.worked(call.operation, self.clock.monotonic())
        return response

    async def _is_spurious(self, call: _Call, error: APIError) -> bool:
        """Whether the token was refused although it works; asked once per call."""
        if call.rechecked or not self._policy.recheck_token:
            return False
        if not self._trust.doubts(call.operation, error, self.clock.monotonic()):
            return False
        call.rechecked = True
        probe = _Call(GET_SELF, PROBE, True, call.place, self.clock.monotonic(), rechecked=True)
        try:
            answer = await self._attempt(probe)
        except AttioError:
            answer = None
        if not isinstance(answer, Response) or not token_works(answer):
            self._trust.forget()
            return False
        self.limiter.false_auth_errors += 1
        return True

    def _after_refusal(self, call: _Call, grant: SendPermit, response: Response) -> _Again | AttioError:
        now = self.clock.monotonic()
        delay = rate_limit_delay(
            response.headers,
            self.limiter.server_clock,
            now=now,
            wall=self.clock.time(),
            random=self._random(),
        )
        call.refusals += 1
        if self._settle_refusal(call, grant, response, now + min(delay, self._policy.max_retry_after)):
            self._hooks.emit(BucketPaused(bucket=grant.lane.name, seconds=delay))
        if call.score_refusals >= _TOO_COMPLEX and call.refused_alone:
            return to_error(call.operation, call.request, response, cls=QueryTooComplex)
        if delay > self._policy.max_retry_after or not self._may_wait_again(call, delay):
            return to_error(call.operation, call.request, response, retry_after=delay)
        return _Again(delay, "429")

    def _settle_refusal(self, call: _Call, grant: SendPermit, response: Response, until: float) -> bool:
        """Tell the limit that refused; whether it pauses."""
        if not self.limiter.blames_score(grant.lane, response, self.clock.monotonic()):
            return grant.refused(until)
        call.score_refusals += 1
        call.refused_alone = call.refused_alone or self.limiter.queries.was_alone(grant.tickets[0])
        return grant.refused_for_score(until)

    def _after_server_error(self, call: _Call, response: Response, error: AttioError) -> _Again | AttioError:
        if not call.repeatable:
            return OutcomeUnknown(call.operation.id, error, attempts=call.attempt)
        call.ambiguous = True
        asked = retry_after_delay(
            response.headers, self.limiter.server_clock, now=self.clock.monotonic(), wall=self.clock.time()
        )
        delay = max(asked or 0.0, self._policy.backoff(call.attempt, self._random()))
        if delay > self._policy.max_retry_after or not self._may_fail_again(call, delay):
            return error
        return _Again(delay, str(response.status))

    def _after_failure(self, call: _Call, error: TransportError) -> _Again:
        error.attempts = call.attempt
        if error.sent and not call.repeatable:
            raise OutcomeUnknown(call.operation.id, error, attempts=call.attempt) from error
        call.ambiguous = call.ambiguous or error.sent
        delay = self._policy.backoff(call.attempt, self._random())
        if not self._may_fail_again(call, delay):
            raise error
        return _Again(delay, type(error).__name__)

    def _may_repeat(self, call: _Call, delay: float) -> bool:
        return call.attempt - call.refusals < self._policy.attempts and self._in_time(call, delay)

    def _may_fail_again(self, call: _Call, delay: float) -> bool:
        """Likewise, after a failure of the network or the server, which may be one of very many."""
        return self._may_repeat(call, delay) and self.limiter.retry_budget.spend()

    def _may_wait_again(self, call: _Call, delay: float) -> bool:
        return call.refusals < self._policy.rate_limit_attempts and self._in_time(call, delay)

    def _in_time(self, call: _Call, delay: float) -> bool:
        return self.clock.monotonic() + delay - call.started <= self._policy.deadline

    def _observe_date(self, response: Response, sent: float) -> None:
        date = http_date(response.headers.get("date", ""))
        if date is not None:
            self.limiter.server_clock.observe(date, sent=sent, received=self.clock.monotonic())

    def _report(
        self, call: _Call, grant: SendPermit, sent: float, status: int | None, error: str | None
    ) -> None:
        self._hooks.emit(
            AttemptEnded(
                operation=call.operation.id,
                method=call.request.method,
                path=call.request.path,
                attempt=call.attempt,
                status=status,
                error=error,
                waited=grant.waited,
                seconds=self.clock.monotonic() - sent,
            )
        )


def _resolve(verdict: Response | _Again | AttioError) -> Response | _Again:
    if isinstance(verdict, OutcomeUnknown):
        raise verdict from verdict.cause
    if isinstance(verdict, AttioError):
        raise verdict
    return verdict
