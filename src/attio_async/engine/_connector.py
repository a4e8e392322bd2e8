"""The connection of an engine to its database, which lives through outages of the server."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import procrastinate
import psycopg
import psycopg_pool
from procrastinate import connector as connectors
from procrastinate.exceptions import AppNotOpen, ConnectorException

from .._utils.shield import count_cancellations, finish, repeat_lost_cancellation
from ..errors import ConfigurationError

T = TypeVar("T")
Connection = psycopg.AsyncConnection[Any]

CALL_PATIENCE_S = 30.0
"""The longest outage that a single call waits through."""
_FIRST_PAUSE_S = 0.1
_MAX_PAUSE_S = 5.0
_CONNECT_TIMEOUT_S = 5
_POOL_TIMEOUT_S = 10.0
_KEEPALIVES = {
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""So that a server that vanished without a word is noticed within a minute."""

_log = logging.getLogger("attio_async")


class DurableConnector(procrastinate.PsycopgConnector):
    """A connector whose statements are repeated through an outage of the database.

    Each statement that procrastinate sends is safe to run twice, with two exceptions: a job that was finished already, which is
    handled here, and a job that was fetched and whose answer was lost, which the rescue of runs finds.

    Args:
        conninfo: The connection string of libpq. Never shown.
        max_size: The most connections.

    Attributes:
        conninfo: The connection string. Never shown.
        patience_s: Seconds of an outage to wait through; infinite while a worker runs.
    """

    def __init__(self, conninfo: str, *, max_size: int) -> None:
        options: dict[str, Any] = {
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "application_name": "attio-async engine",
            **_KEEPALIVES,
        }
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            conninfo=conninfo,
            min_size=1,
            max_size=max_size,
            timeout=_POOL_TIMEOUT_S,
            reconnect_timeout=_POOL_TIMEOUT_S,
            kwargs=options,
        )
        self.conninfo = conninfo
        self._options = options
        self.patience_s = CALL_PATIENCE_S

    async def connect(self, app: procrastinate.App, *, patiently: bool) -> None:
        """Open the connections of the app, unless they are open.

        Args:
            app: The app.
            patiently: Wait for a server that does not reply yet.

        Raises:
            ConfigurationError: The database cannot be reached.
        """
        if self._async_pool is not None:
            return

        async def reach() -> None:
            connection = await psycopg.AsyncConnection.connect(self.conninfo, **self._options)
            await connection.close()

        try:
            await (self.persist(reach, patience_s=math.inf) if patiently else reach())
            await finish(lambda: self._open(app))
        except (psycopg.Error, ConnectorException) as error:
            raise database_error(error) from None

    @staticmethod
    async def _open(app: procrastinate.App) -> None:
        await app.open_async()

    async def transact(self, action: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `action` in a transaction, and return its result once that is durable.

        It is repeated after an outage, and may have been committed before: an action has to be safe to run twice.
        """

        async def run() -> T:
            async with self.pool.connection() as connection:
                return await action(connection)

        return await self.persist(run)

    async def persist(self, action: Callable[[], Awaitable[T]], *, patience_s: float | None = None) -> T:
        """Run `action`, and repeat it through an outage of the database.

        A cancellation that comes when the pool has a connection ready would be lost on Python 3.11. It comes afterwards.

        Args:
            action: The action.
            patience_s: Seconds of an outage to wait through, if they are others than usual.
        """
        began, before = time.monotonic(), count_cancellations()
        pause = _FIRST_PAUSE_S
        while True:
            try:
                result = await action()
            except (ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout) as error:
                cause = error.__cause__ if isinstance(error, ConnectorException) else error
                if not _is_outage(cause) or time.monotonic() - began > (patience_s or self.patience_s):
                    raise
                if isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
                    # The server that these connections lead to is no longer the first one.
                    await self.pool.drain()
            else:
                repeat_lost_cancellation(before)
                return result
            if pause == _MAX_PAUSE_S:
                _log.warning("the database of the engine cannot be reached; trying again")
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads out workers
            pause = min(_MAX_PAUSE_S, pause * 2)

    # As procrastinate calls it

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        execute = super().execute_query_async
        try:
            await self.persist(lambda: execute(query, **arguments))
        except ConnectorException as error:
            # A job that is finished already: by this worker, and the answer was lost, or by one that took it over.
            if not isinstance(error.__cause__, psycopg.errors.RaiseException):
                raise

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        execute = super().execute_query_one_async
        return await self.persist(lambda: execute(query, **arguments))

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        execute = super().execute_query_all_async
        return await self.persist(lambda: execute(query, **arguments))

    async def listen_notify(self, on_notification: connectors.Notify, channels: Iterable[str]) -> None:
        listen = super().listen_notify
        await self.persist(lambda: listen(on_notification, channels))


def _is_outage(error: BaseException | None) -> bool:
    if isinstance(error, psycopg_pool.PoolClosed):
        return False
    return isinstance(error, psycopg.OperationalError | psycopg.errors.ReadOnlySqlTransaction)


def database_error(error: Exception) -> ConfigurationError:
    """Return the error that callers get for one of the drivers."""
    cause = error.__cause__ if isinstance(error, ConnectorException) and error.__cause__ else error
    if isinstance(cause, AppNotOpen):
        return ConfigurationError("this engine is closed. Create another one")
    reason = str(cause).strip().partition("\n")[0] or type(cause).__name__
    return ConfigurationError(f"the PostgreSQL database of the engine cannot be used: {reason}")
