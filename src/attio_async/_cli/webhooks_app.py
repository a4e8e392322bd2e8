"""The commands about webhooks. What takes long to load is imported when a command runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

webhooks_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


Embedded = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Work on an embedded workspace whose state is kept in FILE."),
]


Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines on standard output.")]


Secrets = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where the secrets of webhooks are kept; default: attio-async/webhook-secrets.json"
        " in the configuration folder.",
    ),
]


@webhooks_app.command("list", short_help="Show the webhooks of this token's app.")
def list_(embedded: Embedded = None, json: Json = False) -> None:
    """Show the webhooks of this token's app: where they report what to, and which are degraded."""
    from .commands.webhooks import list_webhooks
    from .runner import run_async

    raise typer.Exit(run_async(lambda: list_webhooks(embedded=embedded, as_json=json)))


@webhooks_app.command(short_help="Make or change the webhook of an address.")
def ensure(  # noqa: PLR0917 - these are the options
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to report to; https.")],
    events: Annotated[
        list[str], typer.Argument(metavar="EVENT...", help="What to report, such as record.created.")
    ],
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="JSON",
            help='Which of these events, such as \'{"field": "actor.type", "operator": "not_equals", "value": "app"}\'.',
        ),
    ] = None,
    secrets: Secrets = None,
    embedded: Embedded = None,
    json: Json = False,
) -> None:
    """Make the webhook of URL, or change it, only where it is not as it should be, and keep its secret.

    Attio shows a secret once, when a webhook is made. It is kept in a private file and never printed.

    Exit codes: 0 it is as it should be; 1 Attio refused; 2 nothing was done; 130 interrupted.
    """
    from .commands.webhooks import ensure_webhook
    from .runner import run_async

    raise typer.Exit(
        run_async(
            lambda: ensure_webhook(url, events, filter_, secrets=secrets, embedded=embedded, as_json=json)
        )
    )


@webhooks_app.command(short_help="Print the deliveries that come in.")
def listen(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8788,
    secrets: Secrets = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also add them to FILE, for `replay`.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many deliveries.")] = None,
) -> None:
    """Print the deliveries that come in at a port of this machine (127.0.0.1), one per line of JSON, until Ctrl-C.

    Only what is signed with a known secret is taken: ATTIO_WEBHOOK_SECRET, one or several with blanks between them,
    or else all that `ensure` has kept. Attio reaches this machine through a tunnel of yours.
    """
    from .commands.webhooks import listen_until_interrupted
    from .runner import run

    raise typer.Exit(
        run(
            lambda: listen_until_interrupted(
                port, secrets, save=save, limit=limit, out=sys.stdout, err=sys.stderr
            )
        )
    )


@webhooks_app.command(short_help="Deliver again what was saved.")
def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `listen --save` has written.")],
    to: Annotated[str, typer.Option(metavar="URL", help="https, or http on this machine.")],
    secrets: Secrets = None,
    new_keys: Annotated[
        bool,
        typer.Option("--new-keys", help="As new messages: a receiver that knows them handles them again."),
    ] = False,
) -> None:
    """Deliver again what was saved, in order, signed, and print what was answered, one line of JSON each.

    It is signed with ATTIO_WEBHOOK_SECRET, or else with what `ensure` has kept for each webhook.

    Exit codes: 0 all were taken; 1 some were not; 2 nothing was sent; 130 interrupted.
    """
    from .commands.webhooks import replay_file
    from .runner import run_async

    raise typer.Exit(run_async(lambda: replay_file(file, to, secrets, new_keys=new_keys)))
