"""The state of an engine that does not exist."""

from datetime import UTC, datetime, timedelta
from typing import Any

from attio_async.engine import NextRun, Overview, RateUse, Run, TenantStatus, WorkerStatus

AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
NAMES = ("acme", "globex", "initech", "umbrella", "stark", "wayne", "hooli", "soylent", "vandelay", "wonka")


def ago(**span: float) -> datetime:
    return AT - timedelta(**span)


def run(tenant: str = "acme", **fields: Any) -> Run:
    given: dict[str, Any] = {"run": "0c5b", "job": "push", "state": "succeeded", "filed_at": ago(minutes=5)}
    return Run(tenant=tenant, **(given | fields))


def overview(**fields: Any) -> Overview:
    """Return an overview of ten tenants, of which one is paused and one has a dead letter."""
    reason = "token revoked: Attio answered 401"
    tenants = [
        TenantStatus(tenant="globex", added_at=ago(days=3), paused_at=ago(hours=2), paused_reason=reason),
        TenantStatus(tenant="initech", added_at=ago(days=40), dead=1, queued=1, last_success_at=ago(hours=7)),
        *(
            TenantStatus(
                tenant=name,
                added_at=ago(days=9),
                running=number % 3 == 0,
                queued=number % 2,
                waiting=number == 4,
                last_success_at=ago(minutes=3 + 7 * number),
            )
            for number, name in enumerate(NAMES)
            if name not in {"globex", "initech"}
        ),
    ]
    rates = [
        rate
        for number, name in enumerate(NAMES)
        if name != "globex"
        for rate in (
            RateUse(tenant=name, kind="writes", used=24.6 - 2.7 * number, allowed=25),
            RateUse(
                tenant=name, kind="reads", used=3.1 * number, allowed=100, rate_limited=3 * (number == 5)
            ),
        )
    ]
    runs = [
        run("acme", state="running", attempt=1, epoch=1, started_at=ago(seconds=42), worker="host-1:4711",
            counts={"created": 812, "unchanged": 14_200}),
        run("umbrella", state="running", attempt=2, epoch=3, started_at=ago(seconds=8), worker="host-2:88"),
        run("stark", state="waiting", attempt=3, due_at=AT + timedelta(minutes=4), started_at=ago(minutes=9),
            ended_at=ago(minutes=8), worker="host-1:4711", error="ServerError"),
        run("wayne", state="queued"),
        run("hooli", attempt=1, started_at=ago(minutes=30), ended_at=ago(minutes=19), worker="host-2:88",
            counts={"created": 12, "updated": 31, "failed": 2}),
        run("soylent", job="webhooks", attempt=1, started_at=ago(minutes=31), ended_at=ago(minutes=31, seconds=-1.5),
            worker="host-1:4711", counts={"handled": 7}),
        run("globex", state="failed", attempt=1, started_at=ago(hours=2, seconds=2), ended_at=ago(hours=2),
            worker="host-2:88", error="Unauthorized"),
        run("vandelay", state="superseded", attempt=1, started_at=ago(hours=3), worker="host-3:9"),
    ]  # fmt: skip
    dead = [
        run(
            "initech",
            run="8f14e45fceea167a",
            state="dead",
            attempt=8,
            ended_at=ago(hours=6, minutes=12),
            error="UnknownName",
            reason="unknown attribute 'plan' of companies: it was archived or renamed",
        )
    ]
    following = [
        NextRun(job="push", tenant=name, every=900, next_at=AT + timedelta(seconds=11 + 83 * number))
        for number, name in enumerate(NAMES)
        if name != "globex"
    ]
    workers = [WorkerStatus(worker=f"host-{number}:1", seen_at=ago(seconds=number)) for number in (1, 2)]
    counts = {
        "tenants": 10, "paused": 1, "running": 2, "queued": 5, "waiting": 1, "dead": 1, "succeeded": 12_345,
        "failed": 1,
    }  # fmt: skip
    given: dict[str, Any] = {
        "at": AT,
        "counts": counts,
        "tenants": tuple(tenants),
        "runs": tuple(runs),
        "rates": tuple(rates),
        "dead_letters": tuple(dead),
        "next_runs": tuple(following),
        "workers": tuple(workers),
    }
    return Overview(**(given | fields))
