"""Jobs of many workspaces on PostgreSQL, with procrastinate underneath. asyncio only. Needs the extra `engine`."""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._definition import (
        Duration as Duration,
        JobFunction as JobFunction,
    )
    from ._engine import (
        Engine as Engine,
        RunEvent as RunEvent,
    )
    from ._job import (
        Durable as Durable,
        Job as Job,
    )
    from ._overview import (
        NextRun as NextRun,
        Overview as Overview,
        RateUse as RateUse,
        Run as Run,
        RunState as RunState,
        TenantStatus as TenantStatus,
        WorkerStatus as WorkerStatus,
    )
    from ._page import StatusAuth as StatusAuth
    from ._tenants import Tenants as Tenants
    from ._webhooks import WebhookSecrets as WebhookSecrets
