"""Any input leads to a documented result or exception, and nothing can be forged."""

import json
import string
from contextlib import suppress
from typing import Any

import anyio
from hypothesis import given, strategies as st

from attio_async.errors import InvalidDelivery
from attio_async.webhooks import (
    EVENT_CLASSES,
    Event,
    MemoryStore,
    WebhookReceiver,
    parse,
    sign,
    verify,
)

SECRET = "secret"
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
IDS = st.dictionaries(st.sampled_from(["workspace_id", "object_id", "record_id", "list_id", "odd"]), JSON)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "event_type": st.sampled_from(sorted(EVENT_CLASSES)) | JSON,
        "id": IDS | JSON,
        "actor": st.fixed_dictionaries({}, optional={"type": JSON, "id": JSON}) | JSON,
        "parent_record_id": JSON,
        "list_id": JSON,
        "index": JSON,
        "record": JSON,
        "raw": JSON,
    },
)
DELIVERIES = st.fixed_dictionaries(
    {}, optional={"webhook_id": JSON, "event_type": JSON, "events": st.lists(EVENTS, max_size=4) | JSON}
).map(lambda body: json.dumps(body).encode())


SECRETS = st.text(min_size=1, max_size=20).filter(str.strip)


@given(st.binary(max_size=200), SECRETS)
def test_a_signed_body_verifies(body: bytes, secret: str) -> None:
    assert verify(body, sign(body, secret), secret)
    assert verify(body, sign(body, secret).upper(), ["other", secret])


@given(st.binary(max_size=50), st.binary(max_size=50), SECRETS, SECRETS)
def test_another_body_or_secret_does_not_verify(body: bytes, other: bytes, secret: str, wrong: str) -> None:
    assert verify(other, sign(body, secret), secret) == (body == other)
    # HMAC pads a short key with zeros.
    same = secret.strip().rstrip("\0") == wrong.strip().rstrip("\0")
    assert verify(body, sign(body, secret), wrong) == same


@given(
    st.binary(max_size=50),
    st.none()
    | st.text(max_size=80)
    | st.binary(max_size=80)
    | st.text(string.hexdigits, min_size=64, max_size=64),
)
def test_a_random_signature_is_wrong_and_raises_nothing(body: bytes, signature: Any) -> None:
    assert not verify(body, signature, SECRET)


@given(DELIVERIES)
def test_events_are_parsed_whatever_their_fields(body: bytes) -> None:
    delivery = json.loads(body)
    sent = delivery.get("events")
    if sent is None and "event_type" in delivery:
        sent = [delivery]
    try:
        events = parse(body, message_id="m")
    except InvalidDelivery:
        assert not (isinstance(sent, list) and all(isinstance(each, dict) for each in sent))
        return
    assert [event.raw for event in events] == (sent or [])
    for place, event in enumerate(events):
        assert isinstance(event, Event)
        assert event.key == f"m#{place}"
        assert isinstance(event.id, str)
        assert isinstance(hash(event), int)


@given(
    st.binary(max_size=300)
    | DELIVERIES.flatmap(lambda body: st.integers(0, len(body)).map(lambda n: body[:n]))
)
def test_a_truncated_or_random_body_is_refused_or_parsed(body: bytes) -> None:
    with suppress(InvalidDelivery):
        assert isinstance(parse(body), tuple)


@given(
    st.lists(st.binary(max_size=60), max_size=6),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    b"attio-signature",
                    b"content-length",
                    b"content-type",
                    b"idempotency-key",
                    b"Content-Encoding",
                ]
            )
            | st.binary(max_size=8),
            st.binary(max_size=30),
        ),
        max_size=5,
    ),
    st.sampled_from(["POST", "GET", "", "post"]),
    st.booleans(),
    st.booleans(),
)
def test_any_request_gets_a_documented_response(parts, headers, method, is_signed, disconnects) -> None:
    body = b"".join(parts)
    if is_signed:
        headers = [*headers, (b"attio-signature", sign(body, SECRET).encode())]
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    end = {"type": "http.disconnect"} if disconnects else {"type": "http.request"}
    messages.append(end)
    statuses: list[int] = []
    store = MemoryStore()

    async def run() -> None:
        async def receive() -> Any:
            return messages.pop(0)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        receiver = WebhookReceiver(secret=SECRET, store=store, max_body=200)
        scope = {"type": "http", "method": method, "path": "/", "headers": headers}
        await receiver.asgi()(scope, receive, send)
        if 202 in statuses:
            assert is_signed
        else:
            assert not await receiver.dead_letters()

    anyio.run(run)
    assert statuses == [] or statuses[0] in {202, 400, 401, 405, 413, 415}
    assert len(statuses) == 1 or disconnects
