"""Deliveries in a file, to look at and to replay."""

import base64
import os
import secrets as randomness
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import anyio
import anyio.to_thread
import attrs
import msgspec

from .._transport.poster import (
    AsgiApp,
    AsgiPoster,
    HttpPoster,
    Poster,
)
from .._utils.urls import private_url
from ..errors import ConfigurationError
from ._parse import parse
from ._stores.base import Delivery, DeliveryStore
from ._verify import sign

_TIMEOUT = 5.0
"""Seconds that Attio waits for an answer, too."""
_NOWHERE = "https://replay.invalid/"


class _DeliveryLine(msgspec.Struct, omit_defaults=True):
    key: str
    received_at: float
    body: str | None = None
    body_base64: str | None = None


class DeliveryFile:
    """Deliveries as lines of JSON in a file that its owner alone may read. Iterating over it reads them.

    It holds what events say, ids and actors, and neither secrets nor signatures.

    Args:
        path: The file. It is made when there is something to keep.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._turn = anyio.Lock()

    def __repr__(self) -> str:
        return f"DeliveryFile({str(self._path)!r})"

    def __iter__(self) -> Iterator[Delivery]:
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError as error:
            raise ConfigurationError(f"{self._path} cannot be read: {error.strerror}") from None
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield self._delivery(number, line)

    async def append(self, delivery: Delivery) -> None:
        """Add a delivery at the end.

        Raises:
            OSError: The file cannot be written.
        """
        async with self._turn:
            await anyio.to_thread.run_sync(self._append, _line(delivery))

    def _delivery(self, number: int, line: bytes) -> Delivery:
        try:
            kept = msgspec.json.decode(line, type=_DeliveryLine)
            body = base64.b64decode(kept.body_base64 or "") if kept.body is None else kept.body.encode()
        except ValueError:  # what msgspec raises is one, too
            raise ConfigurationError(f"line {number} of {self._path} is no delivery") from None
        return Delivery(key=kept.key, body=body, received_at=kept.received_at)

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line)


def _line(delivery: Delivery) -> bytes:
    try:
        kept = _DeliveryLine(delivery.key, delivery.received_at, body=delivery.body.decode())
    except UnicodeDecodeError:
        encoded = base64.b64encode(delivery.body).decode("ascii")
        kept = _DeliveryLine(delivery.key, delivery.received_at, body_base64=encoded)
    return msgspec.json.encode(kept) + b"\n"


class Appendable(Protocol):
    """Where new deliveries are also put, such as a `DeliveryFile`."""

    async def append(self, delivery: Delivery) -> None:
        """Take a delivery; one that cannot be taken is not accepted either, and comes again."""
        ...


class SavingStore:
    """A store that also puts every new delivery somewhere else, before its handlers run.

    ::

        receiver = WebhookReceiver(secret=..., store=SavingStore(SQLiteStore("hooks.db"), DeliveryFile("saved.jsonl")))

    Args:
        store: What keeps them.
        file: Where they are saved.
    """

    def __init__(self, store: DeliveryStore, file: Appendable) -> None:
        self._store = store
        self._file = file

    async def add(self, delivery: Delivery) -> bool:
        """See `DeliveryStore`."""
        is_new = await self._store.add(delivery)
        if is_new:
            await self._file.append(delivery)
        return is_new

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
        """See `DeliveryStore`."""
        await self._store.aclose()


@attrs.frozen
class Replayed:
    """What became of one delivery; `status` is what was answered, None when nothing was in time."""

    key: str
    status: int | None


async def replay(
    deliveries: Iterable[Delivery],
    *,
    secret: str | Mapping[str, str],
    app: AsgiApp | None = None,
    to: str | None = None,
    keys: Literal["same", "new"] = "same",
) -> list[Replayed]:
    """Deliver again, one after the other, signed; what was answered to each.

    ::

        await replay(DeliveryFile("saved.jsonl"), secret=..., app=receiver.asgi(), keys="new")

    Args:
        deliveries: Such as a `DeliveryFile`, or dead letters.
        secret: The secret that the receiver knows; or several, by the ids of their webhooks.
        app: The ASGI application to deliver to.
        to: The address to deliver to, in place of `app`; https, or http on this machine.
        keys: "same" are known to a receiver that has seen them, which then does nothing; "new" are not.

    Raises:
        ConfigurationError: There is not exactly one of `app` and `to`; `to` is neither https nor on this machine; or
            the secret of a webhook is missing, and what comes before it was delivered.
    """
    if (app is None) == (to is None):
        raise ConfigurationError("say where to deliver: app= or to=, and not both")
    if app is not None:
        return await _replayed(AsgiPoster(app, timeout=_TIMEOUT), _NOWHERE, deliveries, secret, keys)
    poster = HttpPoster(timeout=_TIMEOUT)
    try:
        return await _replayed(poster, private_url("to", to or ""), deliveries, secret, keys)
    finally:
        await poster.aclose()


async def _replayed(
    poster: Poster,
    url: str,
    deliveries: Iterable[Delivery],
    secret: str | Mapping[str, str],
    keys: Literal["same", "new"],
) -> list[Replayed]:
    done: list[Replayed] = []
    for delivery in deliveries:
        key = delivery.key if keys == "same" else f"replayed-{randomness.token_hex(16)}"
        signature = sign(delivery.body, secret if isinstance(secret, str) else _secret_of(delivery, secret))
        headers = {
            "Content-Type": "application/json",
            "Attio-Signature": signature,
            "X-Attio-Signature": signature,
            "Idempotency-Key": key,
        }
        done.append(Replayed(key, await poster.post(url, headers, delivery.body)))
    return done


def _secret_of(delivery: Delivery, secrets: Mapping[str, str]) -> str:
    events = parse(delivery.body)
    webhook_id = events[0].webhook_id if events else ""
    if webhook_id not in secrets:
        raise ConfigurationError(
            f"the secret of webhook {webhook_id!r} is not known, so {delivery.key} cannot be signed"
        )
    return secrets[webhook_id]
