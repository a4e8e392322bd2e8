"""The engine of the demo: each tenant's companies are pushed to its workspace, and new ones get a description.

A program of your own has its tokens in a `TokenStore` and its rows in a database; here both are files.
"""

import csv
import json
import os
from pathlib import Path
from typing import Any

from attio_async.engine import Engine, Job
from attio_async.webhooks import RecordCreated

FOLDER = Path(os.environ["DEMO_FOLDER"])
WORKERS = 4


def tenant(name: str) -> dict[str, str]:
    """Return the URL, the token and the webhook's secret of a tenant.

    Raises:
        KeyError: It is unknown.
    """
    tenants: dict[str, dict[str, str]] = json.loads((FOLDER / "tenants.json").read_text(encoding="utf-8"))
    return tenants[name]


async def token_of(name: str) -> str:
    """Return the token of a tenant."""
    return tenant(name)["token"]


async def secret_of(name: str) -> str:
    """Return the secret of a tenant's webhook."""
    return tenant(name)["secret"]


def options_of(name: str) -> Any:
    """Return the options of a tenant's client: its workspace is a fake on this machine."""
    return {"base_url": tenant(name)["url"]}


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the companies of a tenant."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def greeting(name: str) -> str:
    """Return the description of a new company."""
    return f"Welcome, {name}"


engine = Engine(
    os.environ["DEMO_POSTGRES"],
    tokens=token_of,
    redis=os.environ["DEMO_REDIS"],
    workers=WORKERS,
    lease="5s",
    tenant_options=options_of,
)


@engine.job(every="1h", backoff="1s")
async def push(job: Job) -> None:
    """Create or update the companies of a tenant."""
    await job.attio.companies.upsert_many(rows_of(job.tenant), match="domains", **job.durable)


@engine.on(RecordCreated, object="companies", hydrate=True)
async def greet(job: Job, event: RecordCreated) -> None:
    """Describe a new company. Safe to run twice."""
    if event.record is not None:
        name = event.record["name"]
        await job.attio.companies.update(event.record_id, {"description": greeting(name)})
