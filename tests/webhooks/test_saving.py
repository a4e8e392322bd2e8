"""Deliveries saved as they come, and replayed."""

import stat
from pathlib import Path

import pytest

from attio_async.errors import ConfigurationError
from attio_async.testing import VirtualClock
from attio_async.webhooks import (
    Delivery,
    DeliveryFile,
    Event,
    MemoryStore,
    SavingStore,
    WebhookReceiver,
    replay,
)

from .support import (
    SECRET,
    body_of,
    deliver,
    updated,
)

pytestmark = pytest.mark.anyio


def listening(store: SavingStore | MemoryStore | None = None) -> tuple[WebhookReceiver, list[str]]:
    receiver, told = WebhookReceiver(secret=SECRET, store=store, clock=VirtualClock()), []

    @receiver.on()
    async def handler(event: Event) -> None:
        told.append(event.key)

    return receiver, told


async def test_what_is_new_is_saved_once_and_replayed(tmp_path: Path) -> None:
    file = DeliveryFile(tmp_path / "saved.jsonl")
    receiver, told = listening(SavingStore(MemoryStore(), file))
    for key in ("a", "b", "a"):
        await deliver(receiver, key, updated())
    await receiver.drain()
    assert told == ["a#0", "b#0"]
    saved = list(file)
    assert [(each.key, each.body) for each in saved] == [("a", body_of(updated())), ("b", body_of(updated()))]
    assert saved[0].received_at == VirtualClock().time()
    again, told = listening()
    done = await replay(file, secret=SECRET, app=again.asgi())
    assert [(each.key, each.status) for each in done] == [("a", 202), ("b", 202)]
    assert told == ["a#0", "b#0"]
    assert [each.status for each in await replay(file, secret=SECRET, app=again.asgi())] == [200, 200]
    assert len(told) == 2
    assert [each.status for each in await replay(file, secret=SECRET, app=again.asgi(), keys="new")] == [
        202
    ] * 2
    assert len(told) == len(set(told)) == 4
    assert [each.status for each in await replay(file, secret="wrong", app=again.asgi())] == [401, 401]


async def test_the_file_is_private_grows_and_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "saved.jsonl"
    for key in ("a", "b"):
        receiver, _ = listening(SavingStore(MemoryStore(), DeliveryFile(path)))
        await deliver(receiver, key, updated())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.key for each in DeliveryFile(path)] == ["a", "b"]
    assert SECRET not in path.read_text("utf-8")


@pytest.mark.parametrize("body", [b"", b"\xff\x00", "ümläut \u2028 💡".encode(), b'{"events": []}\n'])
async def test_any_body_comes_back_as_it_was(tmp_path: Path, body: bytes) -> None:
    file = DeliveryFile(tmp_path / "saved.jsonl")
    await file.append(Delivery(key="k", body=body, received_at=1.5))
    (saved,) = file
    assert (saved.key, saved.body, saved.received_at) == ("k", body, 1.5)


@pytest.mark.parametrize("line", ["{}", "nonsense", "[]", '{"key": 1, "received_at": 2, "body": ""}'])
def test_a_line_that_is_no_delivery_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "saved.jsonl"
    path.write_text(f'{{"key": "k", "received_at": 1, "body": "x"}}\n\n{line}\n')
    with pytest.raises(ConfigurationError, match=r"line 3 of .*saved\.jsonl is no delivery"):
        list(DeliveryFile(path))
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        list(DeliveryFile(tmp_path / "none"))


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"app": WebhookReceiver(secret=SECRET).asgi(), "to": "https://x.example"},
        {"to": "http://x.example"},
    ],
)
async def test_where_to_deliver_is_checked(where) -> None:
    with pytest.raises(ConfigurationError):
        await replay([], secret=SECRET, **where)


async def test_a_saving_store_is_a_store_like_any_other(tmp_path: Path) -> None:
    store = SavingStore(MemoryStore(), DeliveryFile(tmp_path / "saved.jsonl"))
    clock = VirtualClock()
    receiver = WebhookReceiver(secret=SECRET, store=store, clock=clock)
    failing, told = True, []

    @receiver.on()
    async def handler(event: Event) -> None:
        if failing:
            raise RuntimeError("not yet")
        told.append(event.key)

    async with receiver:
        await deliver(receiver, "a", updated())
        while not await receiver.dead_letters():
            await clock.sleep(60)
        failing = False
        assert await receiver.redeliver("a")
    assert told == ["a#0"]
