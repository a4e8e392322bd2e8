"""Webhooks: which there are, and having one."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import typer

from ..errors import UnknownName
from ..webhooks import FileSecrets
from .display import print_table
from .jsontext import read_json
from .problems import Refusal
from .running import complain, tell_if_new
from .workspace import open_workspace, refused_if_failing

__all__ = ["ensure_webhook", "kept_secrets", "list_webhooks"]

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
            webhooks = await attio.webhooks.list().collect()
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
