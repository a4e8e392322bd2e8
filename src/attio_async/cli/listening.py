"""Deliveries of webhooks on this machine: printing those that come in, and delivering saved ones again."""

import json
import os
import socket
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import anyio
import msgspec
import typer

from ..webhooks import Delivery, DeliveryFile, MemoryStore, SavingStore, WebhookReceiver, replay
from .problems import Refusal
from .running import complain
from .serving import refusing_what_cannot_listen
from .webhooks import kept_secrets

__all__ = ["listen_until_interrupted", "replay_file"]

_VARIABLE = "ATTIO_WEBHOOK_SECRET"


class _Printer:
    """Prints deliveries, and says when it is enough."""

    def __init__(self, out: TextIO, most: int | None) -> None:
        self.is_over = threading.Event()
        self.failure: OSError | None = None
        self._out = out
        self._left = most

    async def append(self, delivery: Delivery) -> None:
        try:
            print(_shown(delivery), file=self._out, flush=True)
        except OSError as error:  # whoever read it has gone
            self.failure = error
            self.is_over.set()
            raise
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.is_over.set()


def _shown(delivery: Delivery) -> str:
    body: Mapping[str, Any] = msgspec.json.decode(delivery.body)
    return json.dumps({**body, "key": delivery.key, "received_at": delivery.received_at}, ensure_ascii=False)


def listen_until_interrupted(
    port: int, secrets: Path | None, *, save: Path | None, most: int | None, out: TextIO, err: TextIO
) -> int:
    """Print deliveries until Ctrl-C, which is the way to end it and no failure."""
    printer = _Printer(out, most)
    store = SavingStore(MemoryStore(), printer)
    receiver = WebhookReceiver(
        secret=_secrets(secrets),
        store=store if save is None else SavingStore(store, DeliveryFile(save)),
    )
    with refusing_what_cannot_listen(port), _served(receiver, port) as taken, suppress(KeyboardInterrupt):
        print(
            f"Listening on http://127.0.0.1:{taken}/ (process {os.getpid()}). Ctrl-C ends it.",
            file=err,
            flush=True,
        )
        printer.is_over.wait()
    if printer.failure is not None:
        raise printer.failure
    return 0


@contextmanager
def _served(receiver: WebhookReceiver, port: int) -> Generator[int]:
    import uvicorn

    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(
            receiver.asgi(), lifespan="on", ws="none", log_config=None, access_log=False, server_header=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="listener", daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def _secrets(file: Path | None) -> Sequence[str]:
    given = os.environ.get(_VARIABLE, "").split()
    if given:
        return given
    path, store = kept_secrets(file)
    known = list(anyio.run(store.known).values())
    if not known:
        raise Refusal(
            f"no secret is known: set {_VARIABLE} to the webhook's, or have `attio-async webhooks ensure` make a "
            f"webhook and keep its secret in {path}"
        )
    return known


async def replay_file(file: Path, to: str, secrets: Path | None, *, new_keys: bool) -> int:
    """Deliver what was saved again; 1 when something was not taken."""
    deliveries = list(DeliveryFile(file))
    given = os.environ.get(_VARIABLE, "").split()
    secret = given[0] if given else await kept_secrets(secrets)[1].known()
    done = await replay(deliveries, secret=secret, to=to, keys="new" if new_keys else "same")
    for each in done:
        typer.echo(json.dumps({"key": each.key, "status": each.status}))
    refused = sum(each.status is None or each.status not in range(200, 300) for each in done)
    return complain(f"{len(done)} deliveries, {refused} not taken", 1 if refused else 0)
