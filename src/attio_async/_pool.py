"""Many workspaces in one process: a client for each, opened when it is needed."""

import inspect
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self, Unpack

import anyio
import attrs

from ._client import Attio, SharedOptions, check_options
from ._limits.limiter import RateLimiter
from ._utils.checks import check_count
from ._utils.public import public
from ._utils.secret import hidden
from ._utils.shield import finish
from .errors import ConfigurationError

_PER_WORKSPACE = frozenset({"token", "limiter"})


@attrs.define(eq=False)
class _Slot:
    """The client of one tenant, and its current number of users."""

    opening: anyio.Lock = attrs.field(factory=anyio.Lock)
    attio: Attio | None = None
    users: int = 0


@public
class AttioPool:
    """Clients of many workspaces, one per tenant, each with its own connections, rate limits and schemas.

    ::

        pool = AttioPool(tokens.get)

        async with pool.client("acme") as attio:
            await attio.people.first()

    A client stays open for the next use. Beyond `max_clients`, the least recently used are closed, but none that is in
    use.

    Args:
        token: An async function from a tenant's name to its access token; called when a client is opened.
        max_clients: The most clients to keep open.
        limiter: Makes the rate limits of a tenant, by its name, when its client is opened. By default each client
            has its own; several processes share them with
            ``lambda tenant: RedisRateLimiter(url, scope=tenant)``.
        tenant_options: Returns options of one tenant's client, by its name, which count before those of all clients.
        options: Options of `Attio` for all clients.

    Raises:
        ConfigurationError: An option is unknown, not valid, or cannot be the same for all workspaces.
    """

    def __init__(
        self,
        token: Callable[[str], Awaitable[str]],
        *,
        max_clients: int = 100,
        limiter: Callable[[str], RateLimiter] | None = None,
        tenant_options: Callable[[str], SharedOptions] | None = None,
        **options: Unpack[SharedOptions],
    ) -> None:
        check_options(options, excluded=_PER_WORKSPACE)
        if isinstance(limiter, RateLimiter):
            raise ConfigurationError("limiter must be a function from a tenant to its rate limits")
        check_count(1, max_clients=max_clients)
        self._token = token
        self._max_clients = max_clients
        self._limiter = limiter
        self._tenant_options = tenant_options
        self._options = options
        self._slots: OrderedDict[str, _Slot] = OrderedDict()
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<AttioPool of {len(self._slots)} clients>"

    def __len__(self) -> int:
        return len(self._slots)

    @asynccontextmanager
    async def client(self, tenant: str) -> AsyncGenerator[Attio]:
        """Open the client of a tenant, or reuse it; it stays open while the block runs. Do not keep it for longer.

        Raises:
            ConfigurationError: The pool is closed, the token is empty, or its function is not async. Nothing was sent.
            Exception: What the token function raises; it is called again the next time.
        """
        if self._is_closed:
            raise ConfigurationError("this pool is closed; create another one")
        slot = self._slots.setdefault(tenant, _Slot())
        self._slots.move_to_end(tenant)
        slot.users += 1
        try:
            yield await self._opened(tenant, slot)
        finally:
            slot.users -= 1
            for leaving in self._leaving(tenant, slot):
                await _close(leaving)

    async def forget(self, tenant: str) -> None:
        """Drop the token of a tenant: close its client once the blocks that use it have ended."""
        slot = self._slots.pop(tenant, None)
        if slot is not None:
            await _close(slot)

    async def aclose(self) -> None:
        """Close all clients, each once the blocks that use it have ended."""
        self._is_closed = True
        for tenant in list(self._slots):
            await self.forget(tenant)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _opened(self, tenant: str, slot: _Slot) -> Attio:
        async with slot.opening:
            if slot.attio is None:
                token = hidden(await self._asked(tenant))
                limiter = None if self._limiter is None else self._limiter(tenant)
                own = SharedOptions() if self._tenant_options is None else self._tenant_options(tenant)
                check_options(own, excluded=_PER_WORKSPACE)
                options: SharedOptions = {**self._options, **own}
                slot.attio = Attio(token, limiter=limiter, **options)
            return slot.attio

    def _asked(self, tenant: str) -> Awaitable[str]:
        """Return what the token function gives to await."""
        function: object = self._token  # callers may not be typed
        given: object = function(tenant) if callable(function) else None
        if not inspect.isawaitable(given):
            raise ConfigurationError(
                "the tokens must come from an async function, such as async def token(tenant: str) -> str: ..."
            )
        return given

    def _leaving(self, tenant: str, slot: _Slot) -> list[_Slot]:
        """Return what to close: the client that was just left for good, and the oldest idle ones above the maximum."""
        leaving = [slot] if self._slots.get(tenant) is not slot else []
        if slot.attio is None and slot.users == 0 and not leaving:
            del self._slots[tenant]
        idle = [name for name, each in self._slots.items() if each.users == 0]
        too_many = max(len(self._slots) - self._max_clients, 0)
        return leaving + [self._slots.pop(name) for name in idle[:too_many]]


async def _close(slot: _Slot) -> None:
    if slot.users == 0 and slot.attio is not None:
        attio, slot.attio = slot.attio, None
        await finish(attio.aclose)
