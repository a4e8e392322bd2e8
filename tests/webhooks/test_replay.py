"""Deliveries saved in a file, and replayed."""

import stat
from pathlib import Path
from typing import Any

import pytest

from attio_async.errors import ConfigurationError
from attio_async.testing import VirtualClock
from attio_async.webhooks import Delivery, DeliveryFile, Event, MemoryStore, SavingStore, replay

from .support import (
    SECRET,
    WEBHOOK,
    body_of,
    deliver,
    raw_update,
    receiver_of,
    recording_receiver,
)

pytestmark = pytest.mark.anyio


async def test_new_deliveries_are_saved_once_and_can_be_replayed(tmp_path: Path) -> None:
    file = DeliveryFile(tmp_path / "saved.jsonl")
    receiver, handled = recording_receiver(store=SavingStore(MemoryStore(), file))
    for key in ("a", "b", "a"):
        await deliver(receiver, key, raw_update())
    await receiver.drain()
    assert handled == ["a#0", "b#0"]
    saved = list(file)
    assert [(each.key, each.body) for each in saved] == [(key, body_of(raw_update())) for key in "ab"]
    assert saved[0].received_at == VirtualClock().time()
    other, handled = recording_receiver()
    results = await replay(file, secret=SECRET, app=other.asgi())
    assert [(each.key, each.status) for each in results] == [("a", 202), ("b", 202)]
    assert handled == ["a#0", "b#0"]


async def test_a_receiver_handles_replayed_deliveries_again_only_under_new_keys(tmp_path: Path) -> None:
    deliveries = [Delivery(key=key, body=body_of(raw_update()), received_at=0.0) for key in "ab"]
    receiver, handled = recording_receiver()
    statuses = []
    for keys in ("same", "same", "new"):
        results = await replay(deliveries, secret=SECRET, app=receiver.asgi(), keys=keys)
        statuses.append([each.status for each in results])
    assert statuses == [[202, 202], [200, 200], [202, 202]]
    assert len(handled) == len(set(handled)) == 4
    rejected = await replay(deliveries, secret="wrong", app=receiver.asgi())
    assert [each.status for each in rejected] == [401, 401]


async def test_the_secret_is_chosen_by_webhook_and_a_missing_one_is_reported() -> None:
    receiver, handled = recording_receiver()
    deliveries = [Delivery(key="a", body=body_of(raw_update()), received_at=0.0)]
    await replay(deliveries, secret={WEBHOOK: SECRET}, app=receiver.asgi())
    assert handled == ["a#0"]
    with pytest.raises(ConfigurationError, match=f"without the secret of webhook '{WEBHOOK}'"):
        await replay(deliveries, secret={"other": SECRET}, app=receiver.asgi())


async def test_the_file_is_private_grows_and_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "saved.jsonl"
    for key in ("a", "b"):
        receiver, _ = recording_receiver(store=SavingStore(MemoryStore(), DeliveryFile(path)))
        await deliver(receiver, key, raw_update())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.key for each in DeliveryFile(path)] == ["a", "b"]
    assert SECRET not in path.read_text("utf-8")


async def test_any_body_is_read_as_it_was_saved(tmp_path: Path) -> None:
    file = DeliveryFile(tmp_path / "saved.jsonl")
    bodies = [b"", b"\xff\x00", "ümläut \u2028 💡".encode(), b'{"events": []}\n']
    saved = [Delivery(key="k", body=body, received_at=1.5) for body in bodies]
    for delivery in saved:
        await file.append(delivery)
    assert list(file) == saved


def test_an_invalid_line_is_reported_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "saved.jsonl"
    for line in ("{}", "nonsense", "[]", '{"key": 1, "received_at": 2, "body": ""}'):
        path.write_text(f'{{"key": "k", "received_at": 1, "body": "x"}}\n\n{line}\n')
        with pytest.raises(ConfigurationError, match=r"line 3 of .*saved\.jsonl is not a valid delivery"):
            list(DeliveryFile(path))
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        list(DeliveryFile(tmp_path / "none"))


async def test_exactly_one_allowed_target_is_needed() -> None:
    app = receiver_of().asgi()
    for target in ({}, {"app": app, "to": "https://x.example.com"}, {"to": "http://x.example.com"}):
        with pytest.raises(ConfigurationError):
            await replay([], secret=SECRET, **target)
    keys: Any = "Same"
    with pytest.raises(ConfigurationError, match="keys must be 'same' or 'new'"):
        await replay([], secret=SECRET, app=app, keys=keys)


async def test_a_saving_store_retries_buries_and_revives_like_its_store(tmp_path: Path) -> None:
    store = SavingStore(MemoryStore(), DeliveryFile(tmp_path / "saved.jsonl"))
    clock = VirtualClock()
    receiver = receiver_of(store=store, clock=clock)
    is_failing, handled = True, []

    @receiver.on()
    async def on_event(event: Event) -> None:
        if is_failing:
            raise RuntimeError("not yet")
        handled.append(event.key)

    async with receiver:
        await deliver(receiver, "a", raw_update())
        while not await receiver.dead_letters():
            await clock.sleep(60)
        is_failing = False
        assert await receiver.redeliver("a")
    assert handled == ["a#0"]


class _Full:
    """A sink that is full at first."""

    def __init__(self, file: DeliveryFile) -> None:
        self.failures = 1
        self._file = file

    async def append(self, delivery: Delivery) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError(28, "No space left on device")
        await self._file.append(delivery)


async def test_what_could_not_be_saved_is_not_accepted_and_saved_when_it_comes_again(tmp_path: Path) -> None:
    file = DeliveryFile(tmp_path / "saved.jsonl")
    receiver, handled = recording_receiver(store=SavingStore(MemoryStore(), _Full(file)))
    assert await deliver(receiver, "a", raw_update()) == 503
    await receiver.drain()
    assert handled == []
    assert await deliver(receiver, "a", raw_update()) == 202
    await receiver.drain()
    assert (handled, [each.key for each in file]) == (["a#0"], ["a"])


@pytest.mark.parametrize("kept", [1, 20, 60, -1])
async def test_a_line_cut_off_by_a_crash_takes_no_other_with_it(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "saved.jsonl"
    file = DeliveryFile(path)
    for number in range(3):
        await file.append(Delivery(key=f"k{number}", body=b"x" * 100_000, received_at=1.0))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]) + lines[2][:kept])
    whole = ["k0", "k1"] + ["k2"] * (kept == -1)  # only the end of the line is missing
    assert [each.key for each in file] == whole
    for number in range(3, 5):
        await file.append(Delivery(key=f"k{number}", body=b"y", received_at=1.0))
    assert [each.key for each in file] == [*whole, "k3", "k4"]


async def test_a_delivery_that_is_saved_twice_is_read_once(tmp_path: Path) -> None:
    file = DeliveryFile(tmp_path / "saved.jsonl")
    for _ in range(2):  # two processes, of which the first dies before it answers
        store = SavingStore(MemoryStore(), file)
        for _ in range(2):
            await store.add(Delivery(key="k", body=b"x", received_at=1.0))
    assert [each.key for each in file] == ["k"]
    assert len((tmp_path / "saved.jsonl").read_text("utf-8").splitlines()) == 2
