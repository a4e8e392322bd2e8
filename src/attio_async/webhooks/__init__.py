"""Webhooks: verify, read and receive what Attio reports.

`verify` and `parse` are pure and serve where something else receives; `WebhookReceiver` does all of it. Names are
loaded when they are first used, so that the pure ones bring neither an event loop nor a database.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from . import events
from .events import *  # noqa: F403 - all event classes, by the list in their module
from .filters import all_of, any_of, equals, not_equals
from .parsing import parse
from .signing import sign, verify

if TYPE_CHECKING:
    from .dispatcher import HandlerRetry as HandlerRetry
    from .receiver import Answer as Answer
    from .receiver import WebhookReceiver as WebhookReceiver
    from .redis import RedisStore as RedisStore
    from .saving import DeliveryFile as DeliveryFile
    from .saving import Replayed as Replayed
    from .saving import SavingStore as SavingStore
    from .saving import replay as replay
    from .secret_store import FileSecrets as FileSecrets
    from .secret_store import SecretStore as SecretStore
    from .sqlite import SQLiteStore as SQLiteStore
    from .store import Delivery as Delivery
    from .store import DeliveryStore as DeliveryStore
    from .store import MemoryStore as MemoryStore
    from .wanted import Which as Which

_HOMES = {
    "Answer": "receiver",
    "Delivery": "store",
    "DeliveryFile": "saving",
    "DeliveryStore": "store",
    "FileSecrets": "secret_store",
    "HandlerRetry": "dispatcher",
    "MemoryStore": "store",
    "RedisStore": "redis",
    "Replayed": "saving",
    "SQLiteStore": "sqlite",
    "SavingStore": "saving",
    "SecretStore": "secret_store",
    "WebhookReceiver": "receiver",
    "Which": "wanted",
    "replay": "saving",
}

__all__ = [
    "Answer",
    "Delivery",
    "DeliveryFile",
    "DeliveryStore",
    "FileSecrets",
    "HandlerRetry",
    "MemoryStore",
    "RedisStore",
    "Replayed",
    "SQLiteStore",
    "SavingStore",
    "SecretStore",
    "WebhookReceiver",
    "Which",
    "all_of",
    "any_of",
    "equals",
    "not_equals",
    "parse",
    "replay",
    "sign",
    "verify",
]
__all__ += events.__all__


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
