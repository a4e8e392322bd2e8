"""`webhooks`: manage webhooks, print their deliveries and replay them."""

import os
import threading
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..completion.names import config_folder
from ..errors import Refusal, as_refusal, refuse_bad_port
from ..options import ConnectionOptions, DryRun, Output, Port, parse_json_object
from ..output import Printer, Sheet, print_json, print_text, tell
from ..runner import wait_for_interrupt
from ..workspace import read_workspace, write_workspace

if TYPE_CHECKING:
    import socket

    from ...webhooks import Delivery, FileSecrets, WebhookReceiver

_SECRET_VARIABLE = "ATTIO_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
_DEGRADED = "too many deliveries were not answered in time"

Secrets = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="File with the secrets of webhooks.  [default: attio-async/webhook-secrets.json in the configuration"
        " folder]",
    ),
]


async def list_(*, output: Output, connection: ConnectionOptions) -> None:
    """List the webhooks of the token's app.

    Examples:
      attio-async webhooks list --json
    """
    printer = Printer(output)
    async with read_workspace(connection) as attio:
        webhooks = await attio.webhooks.list()
    printer.sheet(
        Sheet(
            keys=["target_url", "status", "events", "webhook_id"],
            cells=[
                [each.target_url, str(each.status), _events(each.subscriptions), str(each.id)]
                for each in webhooks
            ],
            plain=[
                {
                    "webhook_id": each.id,
                    "target_url": each.target_url,
                    "status": each.status,
                    "subscriptions": [
                        {"event_type": one.event_type, "filter": one.filter} for one in each.subscriptions
                    ],
                }
                for each in webhooks
            ],
            ids=[str(each.id) for each in webhooks],
            headings=["URL", "Status", "Events", "Id"],
            unwrapped={0},
        )
    )
    degraded = sum(webhook.status == "degraded" for webhook in webhooks)
    tell(f"{len(webhooks)} webhooks" + (f"; {degraded} degraded: {_DEGRADED}" if degraded else ""))


def _events(subscriptions: Sequence[Any]) -> str:
    names = [
        f"{each.event_type} (filtered)" if each.filter else str(each.event_type) for each in subscriptions
    ]
    return ", ".join(dict.fromkeys(names))


async def ensure(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of the receiver; https.")],
    events: Annotated[
        list[str], typer.Argument(metavar="EVENT...", help="Events to deliver, such as record.created.")
    ],
    *,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="JSON",
            help='Filter of the events, such as \'{"field": "actor.type", "operator": "not_equals", "value": "app"}\'.',
        ),
    ] = None,
    secrets: Secrets = None,
    dry_run: DryRun = False,
    output: Output,
    connection: ConnectionOptions,
) -> None:
    """Create or update the webhook of a URL, and keep its secret.

    Nothing is written when the webhook is already as asked. Attio shows a secret once, when a webhook is created; it is
    kept in a private file and never printed.

    Examples:
      attio-async webhooks ensure https://example.com/hooks/attio record.created task.created
    """
    from ...errors import UnknownName

    printer = Printer(output)
    condition = None if filter_ is None else parse_json_object("--filter", filter_)
    file, store = _kept_secrets(secrets)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    subscriptions = [{"event_type": event, "filter": condition} if condition else event for event in events]
    async with write_workspace(connection) as attio:
        if dry_run:
            with as_refusal():
                known = [each.id async for each in attio.webhooks.list() if each.target_url == url]
            what = f"update the webhook {known[0]}" if known else f"create a webhook for {url}"
            print_text(f"would {what}: {', '.join(events)}")
            return
        try:
            ensured = await attio.webhooks.ensure(url, subscriptions, secrets=store)
        except UnknownName as error:
            raise Refusal(str(error)) from error
    webhook = ensured.webhook
    printer.item({"webhook_id": str(webhook.id), "action": ensured.action, "status": webhook.status})
    degraded = f"; it is degraded: {_DEGRADED}" if ensured.is_degraded else ""
    tell(f"webhook {webhook.id}: {ensured.action}; its secret is in {file}{degraded}")


def _kept_secrets(file: Path | None) -> "tuple[Path, FileSecrets]":
    """Return the file of secrets, by default in the configuration folder, and what reads it."""
    from ...webhooks import FileSecrets

    if file is None:
        file = config_folder() / "webhook-secrets.json"
    return file, FileSecrets(file)


def listen(
    *,
    port: Port = 8788,
    secrets: Secrets = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also append the deliveries to FILE, for `replay`.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after N deliveries.")] = None,
) -> None:
    """Print the deliveries that arrive at a port of this machine.

    Each delivery is one line of JSON, until Ctrl-C. Only deliveries signed with a known secret are accepted: those of
    ATTIO_WEBHOOK_SECRET (several are separated by blanks), else all that `ensure` has kept. The port is open on 127.0.0.1
    only; Attio needs a tunnel to reach it.

    Examples:
      attio-async webhooks listen --save deliveries.jsonl
      attio-async webhooks listen --port 0 --limit 1
    """
    from ...webhooks import DeliveryFile, MemoryStore, SavingStore, WebhookReceiver

    printed = _Printed(limit)
    store = SavingStore(MemoryStore(), printed)
    receiver = WebhookReceiver(
        secret=known_secrets(secrets), store=store if save is None else SavingStore(store, DeliveryFile(save))
    )
    with refuse_bad_port(port), served(receiver, port) as taken, suppress(KeyboardInterrupt):
        tell(f"Listening on http://127.0.0.1:{taken}/ (process {os.getpid()}). Press Ctrl-C to stop.")
        wait_for_interrupt(printed.is_over.is_set)
    if printed.failure is not None:
        raise printed.failure


class _Printed:
    """Prints deliveries until there are enough."""

    def __init__(self, limit: int | None) -> None:
        self.is_over = threading.Event()
        self.failure: OSError | None = None
        self._left = limit

    async def append(self, delivery: "Delivery") -> None:
        import json

        body: dict[str, Any] = json.loads(delivery.body)
        try:
            print_json({**body, "key": delivery.key, "received_at": delivery.received_at})
        except OSError as error:  # the reader of the output has gone
            self.failure = error
            self.is_over.set()
            raise
        if self._left is not None:
            self._left -= 1
            if self._left <= 0:
                self.is_over.set()


@contextmanager
def served(receiver: "WebhookReceiver", port: int) -> Generator[int]:
    """Serve a receiver from a thread of its own; the block is given its port."""
    import uvicorn

    with _listening_socket(port) as listener:
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


@asynccontextmanager
async def served_here(receiver: "WebhookReceiver", port: int) -> AsyncGenerator[int]:
    """Serve a receiver that runs in this event loop; the block is given its port."""
    import uvicorn

    from ..._utils.concurrency import task_group

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Generator[None]:
            yield  # they are those of the command

    with _listening_socket(port) as listener:
        config = uvicorn.Config(
            receiver.asgi(), lifespan="off", ws="none", log_config=None, access_log=False, server_header=False
        )
        async with task_group() as tasks:
            tasks.start_soon(Server(config).serve, [listener])
            yield listener.getsockname()[1]
            tasks.cancel_scope.cancel()


def _listening_socket(port: int) -> "socket.socket":
    """Return a socket that listens to this machine alone."""
    import socket

    listener = socket.create_server(("127.0.0.1", port))
    # Connections inherit it: a body need not wait 40 ms until the head before it is confirmed.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def known_secrets(file: Path | None) -> Sequence[str]:
    """Return the secrets of the environment variable, else all that are kept.

    Raises:
        Refusal: It is not set.
    """
    import anyio

    if given := os.environ.get(_SECRET_VARIABLE, "").split():
        return given
    path, store = _kept_secrets(file)
    known = list(anyio.run(store.known).values())
    if not known:
        raise Refusal(
            f"no secret is known: set {_SECRET_VARIABLE}, or run `attio-async webhooks ensure`, which keeps the secret"
            f" in {path}"
        )
    return known


async def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File that `listen --save` has written.")],
    *,
    to: Annotated[str, typer.Option(metavar="URL", help="Receiver; https, or http on this machine.")],
    secrets: Secrets = None,
    new_keys: Annotated[
        bool,
        typer.Option("--new-keys", help="Send as new deliveries, so that a receiver handles them again."),
    ] = False,
) -> int:
    """Send saved deliveries again, signed and in order.

    Prints one line of JSON per answer. The secret is the one of ATTIO_WEBHOOK_SECRET, else the one that `ensure` has
    kept for each webhook.

    Examples:
      attio-async webhooks replay deliveries.jsonl --to http://127.0.0.1:8000/hooks

    Exit codes:
      0    all were accepted
      1    some were not
      2    nothing was sent
      130  interrupted
    """
    from ... import webhooks

    deliveries = list(webhooks.DeliveryFile(file))
    given = os.environ.get(_SECRET_VARIABLE, "").split()
    secret = given[0] if given else await _kept_secrets(secrets)[1].known()
    answers = await webhooks.replay(deliveries, secret=secret, to=to, keys="new" if new_keys else "same")
    for each in answers:
        print_json({"key": each.key, "status": each.status})
    refused = sum(each.status is None or each.status not in range(200, 300) for each in answers)
    tell(f"{len(answers)} deliveries, {refused} not accepted")
    return 1 if refused else 0
