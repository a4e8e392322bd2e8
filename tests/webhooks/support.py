"""Deliveries as Attio makes them, and a sender that speaks ASGI to a receiver."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from attio_async.testing import VirtualClock
from attio_async.webhooks import Event, WebhookReceiver, sign

SECRET = "c0ffee" * 10


def uid(number: int) -> str:
    """Return a UUID made from a number."""
    return str(uuid.UUID(int=number))


WORKSPACE, PEOPLE, NAME, WEBHOOK, MEMBER = uid(1), uid(2), uid(3), uid(4), uid(9)


def raw_event(event_type: str, *, actor: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return an event; `ids` are the parts of its id besides the workspace."""
    ids = {"workspace_id": WORKSPACE, **fields.pop("ids", {})}
    return {
        "event_type": event_type,
        "id": ids,
        **fields,
        "actor": actor or {"type": "workspace-member", "id": MEMBER},
    }


def raw_update(record: int = 7, attribute: str = NAME, **fields: Any) -> dict[str, Any]:
    """Return an event about an attribute of a person."""
    ids = {"object_id": PEOPLE, "record_id": uid(record), "attribute_id": attribute}
    return raw_event("record.updated", ids=ids, **fields)


def body_of(*events: dict[str, Any]) -> bytes:
    return json.dumps({"webhook_id": WEBHOOK, "events": events}).encode()


def headers_of(body: bytes, key: str | None = None, secret: str = SECRET) -> dict[str, str]:
    headers = {"attio-signature": sign(body, secret), "content-type": "application/json"}
    return headers | ({"idempotency-key": key} if key is not None else {})


def receiver_of(**options: Any) -> WebhookReceiver:
    return WebhookReceiver(**{"secret": SECRET, "clock": VirtualClock()} | options)


def recording_receiver(**options: Any) -> tuple[WebhookReceiver, list[str]]:
    """Return a receiver and the keys of the events that it has handled."""
    receiver, handled = receiver_of(**options), []

    @receiver.on()
    async def on_event(event: Event) -> None:
        handled.append(event.key)

    return receiver, handled


async def deliver(receiver: WebhookReceiver, key: str | None, *events: dict[str, Any]) -> int:
    """Deliver without HTTP, and return the status of the response."""
    body = body_of(*events)
    return (await receiver.receive(headers_of(body, key), body)).status


class AppResponse:
    """The response of an ASGI application."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
        else:
            self.body += message["body"]


def http_scope(headers: dict[str, str], method: str = "POST") -> dict[str, Any]:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": "/anything", "headers": encoded}


async def post(
    receiver: WebhookReceiver,
    body: bytes | Iterable[bytes],
    headers: dict[str, str],
    *,
    method: str = "POST",
    disconnects: bool = False,
) -> AppResponse:
    """Send a request to the receiver's ASGI application; a body given in parts is sent in parts."""
    parts = [body] if isinstance(body, bytes) else list(body)
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": place < len(parts) - 1 or disconnects}
        for place, part in enumerate(parts)
    ]
    messages.append({"type": "http.disconnect"})

    async def receive() -> Any:
        return messages.pop(0)

    response = AppResponse()
    await receiver.asgi()(http_scope(headers, method), receive, response.send)
    return response
