"""The commands about webhooks. What takes long to load is imported when a command runs."""

import json
import os
import socket
import sys
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO, cast

import anyio
import msgspec
import typer

from ...errors import UnknownName
from ...webhooks import (
    Delivery,
    DeliveryFile,
    FileSecrets,
    MemoryStore,
    SavingStore,
    WebhookReceiver,
    replay,
)
from ..errors import Refusal
from ..importer.table import read_json
from ..output import print_table
from ..runner import complain, tell_if_new
from ..workspace import open_workspace, refused_if_failing
from .serve import refusing_what_cannot_listen

_SECRETS = Path("attio-async") / "webhook-secrets.json"


def kept_secrets(file: Path | None) -> tuple[Path, FileSecrets]:
    """Where the secrets of webhooks are kept."""
    if file is None:
        folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        file = Path(folder) / _SECRETS
    return file, FileSecrets(file)


async def list_webhooks(*, embedded: Path | None, as_json: bool) -> int:
    """Print the webhooks of the token's app."""
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        with refused_if_failing():
            webhooks = await attio.webhooks.list()
    degraded = sum(webhook.status == "degraded" for webhook in webhooks)
    if as_json:
        for webhook in webhooks:
            _print_json(
                {
                    "webhook_id": webhook.id,
                    "target_url": webhook.target_url,
                    "status": webhook.status,
                    "subscriptions": [
                        {"event_type": each.event_type, "filter": each.filter}
                        for each in webhook.subscriptions
                    ],
                }
            )
    elif webhooks:
        rows = [
            [webhook.target_url, webhook.status, _events(webhook.subscriptions), str(webhook.id)]
            for webhook in webhooks
        ]
        print_table(sys.stdout, ["URL", "Status", "Events", "Id"], rows, upright=1)
    more = f"; {degraded} degraded: too many deliveries were not answered in time" if degraded else ""
    return complain(f"{len(webhooks)} webhooks{more}", 0)


def _events(subscriptions: Sequence[Any]) -> str:
    names = [
        f"{each.event_type} (filtered)" if each.filter else str(each.event_type) for each in subscriptions
    ]
    return ", ".join(dict.fromkeys(names))


async def ensure_webhook(
    url: str,
    events: Sequence[str],
    filter: str | None,
    *,
    secrets: Path | None,
    embedded: Path | None,
    as_json: bool,
) -> int:
    """Have a webhook of this address that reports these events, and keep its secret."""
    condition = _condition(filter)
    file, store = kept_secrets(secrets)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    subscriptions = [{"event_type": event, "filter": condition} if condition else event for event in events]
    tell_if_new(embedded)
    async with open_workspace(embedded) as attio:
        try:
            ensured = await attio.webhooks.ensure(url, subscriptions, secrets=store)
        except UnknownName as error:
            raise Refusal(str(error)) from error
    webhook_id, status = str(ensured.webhook.id), ensured.webhook.status
    if as_json:
        _print_json({"webhook_id": webhook_id, "action": ensured.action, "status": status})
    note = "; it is degraded: too many deliveries were not answered in time" if ensured.is_degraded else ""
    return complain(f"webhook {webhook_id}: {ensured.action}; its secret is in {file}{note}", 0)


def _condition(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    try:
        found = read_json(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(f"--filter is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refusal("--filter is a JSON object")
    return cast("dict[str, Any]", found)


def _print_json(value: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


_VARIABLE = "ATTIO_WEBHOOK_SECRET"


class _Printer:
    """Prints deliveries, and says when it is enough."""

    def __init__(self, out: TextIO, limit: int | None) -> None:
        self.is_over = threading.Event()
        self.failure: OSError | None = None
        self._out = out
        self._left = limit

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
    port: int, secrets: Path | None, *, save: Path | None, limit: int | None, out: TextIO, err: TextIO
) -> int:
    """Print deliveries until Ctrl-C, which is the way to end it and no failure."""
    printer = _Printer(out, limit)
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
