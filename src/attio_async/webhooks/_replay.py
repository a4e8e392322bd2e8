"""Save deliveries in a file, and replay them."""

import base64
import hashlib
import io
import os
import secrets as randomness
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, Protocol

import attrs
import msgspec

from attio_async_api.json_data import JsonData

from .._storage.executor import SerialExecutor
from .._storage.files import lock, naming_file, open_private, open_to_read, write_all
from .._transport.poster import AsgiPoster, HttpPoster, Poster
from .._utils.asgi import AsgiApp
from .._utils.checks import check_choice, private_url
from .._utils.public import public
from .._utils.secret import guarded
from ..errors import ConfigurationError
from ._events import parse
from ._stores.base import Delivery, DeliveryStore
from ._verify import sign

_RESPONSE_TIMEOUT_S = 5.0
"""Attio's own timeout: https://docs.attio.com/rest-api/how-to/webhooks, "Delivery attempts"."""
_TAIL_BYTES = 64 * 1024
_MAX_SAVED_KEYS = 10_000
"""Keys by which repeated deliveries are recognised; a reader drops those that are saved twice."""
_LINE_START = b'{"key":"'
"""What each line of a file of deliveries begins with, also one that was cut off later."""
_APP_URL = "https://example.com/"


class _DeliveryLine(msgspec.Struct, omit_defaults=True):
    key: str
    received_at: float
    body: str | None = None
    body_base64: str | None = None


@public
class DeliveryFile:
    """Deliveries as lines of JSON in a file that only its owner may read. Iterate over it to read them.

    It holds the content of events, such as ids and actors, but no secrets and no signatures. A delivery that is in the
    file twice is read once, and one that was cut off by a crash while it was added was never accepted and is dropped.
    Several processes may add to one file.

    Args:
        path: The file. It is created with the first delivery.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._executor = SerialExecutor()

    def __repr__(self) -> str:
        return f"DeliveryFile({str(self._path)!r})"

    def __iter__(self) -> Iterator[Delivery]:
        with open_to_read(self._path) as file:
            lines = file.read().splitlines(keepends=True)
        known: set[bytes] = set()
        for number, line in enumerate(lines, 1):
            if not line.strip() or (
                number == len(lines) and not line.endswith(b"\n") and not _is_delivery(line)
            ):
                continue
            delivery = self._delivery(number, line)
            content = hashlib.sha256(b"%b %b" % (delivery.key.encode(), delivery.body)).digest()
            if content not in known:
                known.add(content)
                yield delivery

    async def append(self, delivery: Delivery) -> None:
        """Add a delivery at the end.

        Raises:
            ConfigurationError: The file ends with something else. It is as it was before.
            StorageError: The file cannot be written. It is as it was before.
        """
        await self._executor.run(partial(self._append, _line(delivery)))

    def _delivery(self, number: int, line: bytes) -> Delivery:
        try:
            saved = msgspec.json.decode(line, type=_DeliveryLine)
            body = base64.b64decode(saved.body_base64 or "") if saved.body is None else saved.body.encode()
        except (ValueError, RecursionError):  # with the errors of msgspec
            raise ConfigurationError(f"line {number} of {self._path} is not a valid delivery") from None
        return Delivery(key=saved.key, body=body, received_at=saved.received_at)

    def _append(self, line: bytes) -> None:
        with naming_file(self._path), os.fdopen(open_private(self._path), "r+b", buffering=0) as file:
            lock(file.fileno())
            end = self._end_of_lines(file)
            try:
                write_all(file, line)
            except BaseException:
                file.truncate(end)
                raise

    def _end_of_lines(self, file: io.FileIO) -> int:
        """Go to the end of the lines of a file, without what a crash has cut off, and return it."""
        end = file.seek(0, os.SEEK_END)
        tail = b""
        while end - len(tail) > 0 and b"\n" not in tail:
            size = min(len(tail) + _TAIL_BYTES, end)
            file.seek(end - size)
            tail = file.read(size)
        tail = tail.rpartition(b"\n")[2]
        if _is_delivery(tail):
            file.seek(end)
            write_all(file, b"\n")
            return end + 1
        if not tail.startswith(_LINE_START[: len(tail)]):
            raise ConfigurationError(f"{self._path} does not end with a delivery, so none is added to it")
        file.truncate(end - len(tail))
        return file.seek(0, os.SEEK_END)


def _is_delivery(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=_DeliveryLine)
    except (ValueError, RecursionError):
        return False
    return True


def _line(delivery: Delivery) -> bytes:
    line = _DeliveryLine(delivery.key, delivery.received_at)
    try:
        line.body = delivery.body.decode()
    except UnicodeDecodeError:
        line.body_base64 = base64.b64encode(delivery.body).decode("ascii")
    return msgspec.json.encode(line) + b"\n"


@public
class DeliverySink(Protocol):
    """A second place for new deliveries, such as a `DeliveryFile`."""

    async def append(self, delivery: Delivery) -> None:
        """Take a delivery. If this fails, the delivery is not accepted, and Attio retries it.

        One that was taken and not accepted, because of a crash, comes again with the same key.
        """
        ...


@public
class SavingStore:
    """A store that also saves each new delivery elsewhere, before its handlers run.

    ::

        receiver = WebhookReceiver(secret=..., store=SavingStore(SQLiteStore("hooks.db"), DeliveryFile("saved.jsonl")))

    Args:
        store: The store that keeps the deliveries.
        sink: The place to save them in.
    """

    def __init__(self, store: DeliveryStore, sink: DeliverySink) -> None:
        self._store = store
        self._sink = sink
        self._saved: OrderedDict[str, None] = OrderedDict()

    async def add(self, delivery: Delivery) -> bool:
        """Save a delivery, then store it; see `DeliveryStore`. Stored first, it might never be saved."""
        if delivery.key not in self._saved:
            await self._sink.append(delivery)
            self._saved[delivery.key] = None
            if len(self._saved) > _MAX_SAVED_KEYS:
                self._saved.popitem(last=False)
        return await self._store.add(delivery)

    async def pending(self) -> Sequence[str]:
        """See `DeliveryStore`."""
        return await self._store.pending()

    async def load(self, keys: Sequence[str]) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return await self._store.load(keys)

    async def save(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        await self._store.save(delivery)

    async def finish(self, keys: Sequence[str]) -> None:
        """See `DeliveryStore`."""
        await self._store.finish(keys)

    async def bury(self, delivery: Delivery) -> None:
        """See `DeliveryStore`."""
        await self._store.bury(delivery)

    async def dead_letters(self) -> Sequence[Delivery]:
        """See `DeliveryStore`."""
        return await self._store.dead_letters()

    async def revive(self, key: str) -> Delivery | None:
        """See `DeliveryStore`."""
        return await self._store.revive(key)

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()


@public
@attrs.frozen
class ReplayResult(JsonData):
    """The response to a replayed delivery; `status` is None if there was none in time."""

    key: str
    status: int | None


@public
@guarded
async def replay(
    deliveries: Iterable[Delivery],
    *,
    secret: str | Mapping[str, str],
    app: AsgiApp | None = None,
    to: str | None = None,
    keys: Literal["same", "new"] = "same",
) -> list[ReplayResult]:
    """Sign and send deliveries one after the other, and return the responses.

    ::

        await replay(DeliveryFile("saved.jsonl"), secret=..., app=receiver.asgi(), keys="new")

    Args:
        deliveries: The deliveries, such as a `DeliveryFile` or dead letters.
        secret: The secret that the receiver knows, or secrets by webhook id.
        app: The ASGI application to send to.
        to: The URL to send to, instead of `app`: https, or http on this machine.
        keys: "same" sends the original keys, so a receiver that knows them does nothing; "new" makes it handle the
            deliveries again.

    Raises:
        ConfigurationError: Not exactly one of `app` and `to` is given, `to` is not an allowed URL, or `keys` is unknown.
            Nothing was sent.
        ConfigurationError: The secret of a webhook is missing. The deliveries before it were sent.
    """
    if (app is None) == (to is None):
        raise ConfigurationError("give either app= or to= to replay deliveries to")
    check_choice("keys", keys, ("same", "new"))
    if app is not None:
        return await _replay(AsgiPoster(app, timeout=_RESPONSE_TIMEOUT_S), _APP_URL, deliveries, secret, keys)
    poster = HttpPoster(timeout=_RESPONSE_TIMEOUT_S)
    try:
        return await _replay(poster, private_url("to", to or ""), deliveries, secret, keys)
    finally:
        await poster.aclose()


async def _replay(
    poster: Poster,
    url: str,
    deliveries: Iterable[Delivery],
    secret: str | Mapping[str, str],
    keys: Literal["same", "new"],
) -> list[ReplayResult]:
    results: list[ReplayResult] = []
    for delivery in deliveries:
        key = delivery.key if keys == "same" else f"replayed-{randomness.token_hex(16)}"
        signature = sign(delivery.body, secret if isinstance(secret, str) else _secret_of(delivery, secret))
        headers = {
            "Content-Type": "application/json",
            "Attio-Signature": signature,
            "X-Attio-Signature": signature,
            "Idempotency-Key": key,
        }
        results.append(ReplayResult(key, await poster.post(url, headers, delivery.body)))
    return results


def _secret_of(delivery: Delivery, secrets: Mapping[str, str]) -> str:
    events = parse(delivery.body)
    webhook_id = events[0].webhook_id if events else ""
    if webhook_id not in secrets:
        raise ConfigurationError(
            f"delivery {delivery.key} cannot be signed without the secret of webhook {webhook_id!r}"
        )
    return secrets[webhook_id]
