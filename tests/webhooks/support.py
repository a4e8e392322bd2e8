"""Deliveries as Attio makes them, and a sender that speaks ASGI to a receiver."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from attio_async.webhooks import WebhookReceiver, sign

SECRET = "c0ffee" * 10


def number(value: int) -> str:
    return str(uuid.UUID(int=value))


WORKSPACE, PEOPLE, NAME = number(1), number(2), number(3)
WEBHOOK = number(4)


def event(event_type: str, *, actor: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An event; `ids` are the parts of its id besides the workspace."""
    ids = {"workspace_id": WORKSPACE, **fields.pop("ids", {})}
    who = actor or {"type": "workspace-member", "id": number(9)}
    return {"event_type": event_type, "id": ids, **fields, "actor": who}


def updated(record: int = 7, attribute: str = NAME, **fields: Any) -> dict[str, Any]:
    ids = {"object_id": PEOPLE, "record_id": number(record), "attribute_id": attribute}
    return event("record.updated", ids=ids, **fields)


def body_of(*events: dict[str, Any]) -> bytes:
    return json.dumps({"webhook_id": WEBHOOK, "events": events}).encode()


def headers_of(body: bytes, key: str | None = None, secret: str = SECRET) -> dict[str, str]:
    headers = {"attio-signature": sign(body, secret), "content-type": "application/json"}
    return headers | ({"idempotency-key": key} if key is not None else {})


async def deliver(receiver: WebhookReceiver, key: str | None, *events: dict[str, Any]) -> int:
    """Deliver without HTTP; the status of the answer."""
    body = body_of(*events)
    return (await receiver.receive(headers_of(body, key), body)).status


class Answered:
    """What an ASGI application answered."""

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


async def post(
    receiver: WebhookReceiver,
    body: bytes | Iterable[bytes],
    headers: dict[str, str],
    *,
    method: str = "POST",
    goes_away: bool = False,
) -> Answered:
    """Send a request to the receiver's ASGI application, in pieces if there are several."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1 or goes_away}
        for place, piece in enumerate(pieces)
    ]
    messages.append({"type": "http.disconnect"})

    async def receive() -> Any:
        return messages.pop(0)

    answered = Answered()
    session = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/anything", "headers": session}
    await receiver.asgi()(scope, receive, answered.send)
    return answered
