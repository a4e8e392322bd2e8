"""Deliveries of webhooks: queueing changes for the webhooks that are subscribed to them, and delivering them."""

import hashlib
import heapq
import hmac
import itertools
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs
import msgspec

from ..._transport.poster import AsgiPoster, HttpPoster, Poster
from ..._utils.asgi import AsgiApp
from ..._utils.checks import private_url
from ..._utils.public import public
from .. import _timestamps
from .._fault_injector import Faults
from .._workspace.change_log import ChangeLog, LoggedChange
from .._workspace.entities import FakeWebhook
from .._workspace.ids import SYSTEM
from .._workspace.state import WorkspaceState
from .recordings import settle

_TIMEOUT_S = 5.0
"""The time within which a delivery has to be answered."""

_MAX_RETRIES = 10
_FIRST_PAUSE_S = 3 * 24 * 3600 / (2**_MAX_RETRIES - 1)
"""The time before the first retry. Each further one is twice as long: about three days in all."""

_NAMESPACE = uuid.UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")
_SUCCESS = range(200, 300)
_UPDATES = frozenset({"record.updated", "list-entry.updated"})


@public
@attrs.frozen(kw_only=True)
class QueuedDelivery:
    """A delivery that is pending.

    Attributes:
        key: Its Idempotency-Key.
        webhook_id: The id of its webhook.
        body: The body, JSON.
        due_at: The Unix time of the next attempt.
        attempts: The number of failed attempts.
    """

    key: str
    webhook_id: str
    body: bytes = attrs.field(repr=False)
    due_at: float
    attempts: int = 0
    is_planned: bool = attrs.field(default=False, repr=False)


@public
@attrs.frozen(kw_only=True)
class DeliveryAttempt:
    """One POST of a delivery.

    Attributes:
        key: The Idempotency-Key of the delivery.
        webhook_id: The id of its webhook.
        url: The URL that it was sent to.
        body: The body, JSON.
        number: The number of the attempt, counted from 1.
        status: The status of the response; None if there was none in time.
    """

    key: str
    webhook_id: str
    url: str
    body: bytes = attrs.field(repr=False)
    number: int
    status: int | None

    @property
    def is_success(self) -> bool:
        """True if Attio would not retry."""
        return self.status in _SUCCESS


@public
@attrs.frozen(kw_only=True)
class Deliveries:
    """The form in which changes are delivered. Default: each change by itself.

    Attio may put several changes of one record into one delivery, and writes formulas itself a moment later, which is
    an event of its own.

    Args:
        batch: The greatest number of events in one delivery. Only changes of the same record at the same time share one.
        formula: The slug of an attribute that stands for a formula: where an object or list has it, every update of a
            row is followed by an update of that attribute, by the system. Only the event is made, not the value.
        formula_delay: Seconds until then.
    """

    batch: int = attrs.field(default=1, validator=attrs.validators.ge(1))
    formula: str | None = None
    formula_delay: float = attrs.field(default=1.0, validator=attrs.validators.ge(0))


@public
class Outbox:
    """The deliveries of webhooks: what is queued, and delivering it.

    Every change of the workspace is queued for each webhook whose subscriptions, with their filters, include it. A
    delivery is signed with the webhook's secret and carries an Idempotency-Key.

    Attributes:
        form: The form of deliveries; another one takes effect with the next change.
    """

    def __init__(self, state: WorkspaceState, faults: Faults, seed: int, form: Deliveries) -> None:
        self.form: Deliveries = form
        self._state = state
        self._faults = faults
        self._seed = seed
        self._numbers = itertools.count(1)
        self._queue: list[tuple[float, int, QueuedDelivery]] = []
        self._subscribed_to: ChangeLog | None = None

    @property
    def queued(self) -> Sequence[QueuedDelivery]:
        """The queued deliveries, in the order in which they are due."""
        with self._state.lock:
            return [message for *_, message in sorted(self._queue)]

    def clear(self) -> None:
        """Drop the queued deliveries."""
        with self._state.lock:
            self._queue.clear()

    def listen(self) -> None:
        """Subscribe to changes while there are webhooks: without a subscriber changes are not even described."""
        workspace = self._state.workspace
        wanted = workspace.changes if workspace.data.entities.webhooks else None
        if wanted is self._subscribed_to:
            return
        if self._subscribed_to is not None:
            self._subscribed_to.unsubscribe(self._enqueue)
        if wanted is not None:
            wanted.subscribe(self._enqueue)
        self._subscribed_to = wanted

    async def deliver(
        self, app: AsgiApp | None = None, *, to: str | None = None, wait: bool = False
    ) -> list[DeliveryAttempt]:
        """Deliver what is due, in order, and return the attempts.

        A delivery that is not answered with a 2xx status within 5 seconds is queued again, 10 times, with growing
        pauses over about three days; then its webhook is degraded. Deliveries are not rate-limited.

        ::

            await fake.webhooks.deliver(receiver.asgi())

        Args:
            app: An ASGI application that gets all deliveries, in process. Its lifespan is not run: a
                `WebhookReceiver` runs its handlers before this returns, or is used as a context manager.
            to: The URL that gets all deliveries instead of the webhooks' own; https, or http on this machine.
            wait: Wait, on the fake's clock, for delayed deliveries and retries, until none is left.

        Raises:
            ConfigurationError: `to` is neither https nor on this machine. Nothing was delivered.
        """
        if to is not None:
            private_url("to", to)
        with self._state.lock:
            settle(self._state.workspace, self._state.now())
        if app is not None:
            return await self._deliver(AsgiPoster(app, timeout=_TIMEOUT_S), to, wait=wait)
        poster = HttpPoster(timeout=_TIMEOUT_S)
        try:
            return await self._deliver(poster, to, wait=wait)
        finally:
            await poster.aclose()

    async def _deliver(self, poster: Poster, to: str | None, *, wait: bool) -> list[DeliveryAttempt]:
        attempts: list[DeliveryAttempt] = []
        while True:
            due = deque(self._due())
            try:
                while due:
                    attempt = await self._attempt(poster, due[0], to)
                    due.popleft()
                    if attempt is not None:
                        attempts.append(attempt)
            finally:  # what was not answered before a cancellation is still pending
                for message in due:
                    self._put(message)
            waiting = self.queued
            if not wait or not waiting:
                return attempts
            await self._state.clock.sleep(max(waiting[0].due_at - self._state.clock.time(), 0.0))

    def _enqueue(self, change: LoggedChange) -> None:
        now = _timestamps.unix(change.at)  # the same for all changes of a request
        self._enqueue_event(change.event(), now)
        formula = self._formula_of(change)
        if formula is not None:
            ids = {**change.ids, "attribute_id": formula}
            echo = attrs.evolve(change, ids=ids, actor=SYSTEM)
            self._enqueue_event(echo.event(), now + self.form.formula_delay)

    def _formula_of(self, change: LoggedChange) -> str | None:
        """Return the id of the formula that a change makes the system write."""
        kind_id = change.ids.get("object_id") or change.ids.get("list_id")
        if self.form.formula is None or change.event_type not in _UPDATES or kind_id is None:
            return None
        attribute = self._state.workspace.kind(kind_id).attribute(self.form.formula)
        if attribute is None or attribute.id == change.ids["attribute_id"] or change.actor == SYSTEM:
            return None
        return attribute.id

    def _enqueue_event(self, event: Mapping[str, Any], due_at: float) -> None:
        for webhook in self._state.workspace.data.entities.webhooks.values():
            if webhook.status == "inactive" or not _is_subscribed(webhook, event):
                continue
            if self._joins(webhook.id, event, due_at):
                continue
            body = msgspec.json.encode({"webhook_id": webhook.id, "events": [event]})
            key = str(uuid.uuid5(_NAMESPACE, f"{self._seed}/{next(self._numbers)}"))
            self._put(QueuedDelivery(key=key, webhook_id=webhook.id, body=body, due_at=due_at))

    def _joins(self, webhook_id: str, event: Mapping[str, Any], due_at: float) -> bool:
        """Return True if a queued delivery contains the event, now or already."""
        if self.form == Deliveries():
            return False
        with self._state.lock:
            for place, (due, number, message) in enumerate(self._queue):
                if due != due_at or message.webhook_id != webhook_id or message.attempts:
                    continue
                delivered = msgspec.json.decode(message.body)
                events: list[Mapping[str, Any]] = delivered["events"]
                if event["actor"] == SYSTEM and event in events:
                    return True  # one write of a formula follows all updates of one request
                if len(events) < self.form.batch and _row(events[0]) == _row(event):
                    delivered["events"] = [*events, event]
                    joined = attrs.evolve(message, body=msgspec.json.encode(delivered))
                    self._queue[place] = (due, number, joined)
                    return True
        return False

    async def _attempt(
        self, poster: Poster, message: QueuedDelivery, to: str | None
    ) -> DeliveryAttempt | None:
        webhook = self._state.workspace.data.entities.webhooks.get(message.webhook_id)
        if webhook is None:  # deleted in the meantime
            return None
        url = to or webhook.target_url
        signature = hmac.new(webhook.secret.encode(), message.body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "Attio-Signature": signature,
            "X-Attio-Signature": signature,
            "Idempotency-Key": message.key,
        }
        began = self._state.clock.time()
        status = await poster.post(url, headers, message.body)
        if self._state.clock.time() - began > _TIMEOUT_S:
            status = None
        tried = attrs.evolve(message, attempts=message.attempts + 1)
        attempt = DeliveryAttempt(
            key=message.key,
            webhook_id=webhook.id,
            url=url,
            body=message.body,
            number=tried.attempts,
            status=status,
        )
        if not attempt.is_success:
            self._failed(tried)
        return attempt

    def _failed(self, message: QueuedDelivery) -> None:
        """Queue a retry; after the last one the webhook is degraded."""
        if message.attempts <= _MAX_RETRIES:
            pause = _FIRST_PAUSE_S * 2.0 ** (message.attempts - 1)
            self._put(attrs.evolve(message, due_at=self._state.clock.time() + pause))
            return
        with self._state.lock:
            webhooks = self._state.workspace.data.entities.webhooks
            webhook = webhooks.get(message.webhook_id)
            if webhook is not None:
                webhooks[webhook.id] = attrs.evolve(webhook, status="degraded")

    def _put(self, message: QueuedDelivery) -> None:
        with self._state.lock:
            heapq.heappush(self._queue, (message.due_at, next(self._numbers), message))

    def _due(self) -> list[QueuedDelivery]:
        """Take what is due out of the queue, in the order in which it arrives."""
        now = self._state.clock.time()
        due: list[QueuedDelivery] = []
        with self._state.lock:
            self._plan(now)
            while self._queue and self._queue[0][0] <= now:
                due.append(heapq.heappop(self._queue)[2])
        share = self._faults.deliveries.reorder
        place = 0
        while share and place < len(due) - 1:
            if self._faults.chance() < share:
                due[place], due[place + 1] = due[place + 1], due[place]
                place += 1  # one can be overtaken once
            place += 1
        return due

    def _plan(self, now: float) -> None:
        """Decide once for each delivery whether it is late, and whether it is made twice."""
        policy = self._faults.deliveries
        if not (policy.delay or policy.duplicate):
            return
        planned, self._queue = self._queue, []
        for due_at, _, message in sorted(planned):
            if message.is_planned or due_at > now:
                self._put(message)
                continue
            is_doubled = self._faults.chance() < policy.duplicate
            for _copy in range(2 if is_doubled else 1):
                late = self._faults.chance() * policy.delay
                self._put(attrs.evolve(message, due_at=due_at + late, is_planned=True))


def _row(event: Mapping[str, Any]) -> tuple[object, Mapping[str, Any]]:
    """Return what an event is about besides its attribute: changes of the same row are delivered together."""
    ids: Mapping[str, Any] = event["id"]
    return event["event_type"], {name: id for name, id in ids.items() if name != "attribute_id"}


def _is_subscribed(webhook: FakeWebhook, event: Mapping[str, Any]) -> bool:
    return any(
        subscription["event_type"] == event["event_type"] and matches(subscription.get("filter"), event)
        for subscription in webhook.subscriptions
    )


def matches(condition: Mapping[str, Any] | None, event: Mapping[str, Any]) -> bool:
    """Return True for an event that passes the filter of a subscription."""
    if condition is None:
        return True
    if "$and" in condition:
        return all(matches(each, event) for each in condition["$and"])
    if "$or" in condition:
        return any(matches(each, event) for each in condition["$or"])
    found: object = event
    for part in str(condition["field"]).split("."):
        found = cast("Mapping[str, object]", found).get(part) if isinstance(found, Mapping) else None
    return (found == condition["value"]) is (condition["operator"] == "equals")
