"""Many workspaces in one process: a client for each, opened when it is needed."""

from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self

import anyio
import attrs

from ._client import Attio, ClientOptions
from ._limits.limiter import RateLimiter
from .errors import ConfigurationError

_PER_WORKSPACE = {"token", "limiter"}


@attrs.define(eq=False)
class _Slot:
    """The client of one tenant, and how many use it now."""

    opening: anyio.Lock = attrs.field(factory=anyio.Lock)
    attio: Attio | None = None
    users: int = 0


class AttioPool:
    """Clients of many workspaces, one for each tenant, with its own connections, rate limits and schemas.

    ::

        pool = AttioPool(tokens.get)

        async with pool.client("acme") as attio:
            await attio.people.first()

    A client stays open for the next use. When there are more than `max_clients`, those that have not been used for
    longest are closed, but none that is in use.

    Args:
        token: An async function from a tenant's name to its access token; asked when a client is opened.
        max_clients: How many clients to keep open.
        limiter: Makes the rate limits of a tenant, by its name, when its client is opened. By default each client
            has its own; several processes share them with
            ``lambda tenant: RedisRateLimiter(url, scope=tenant)``.
        options: Options of `Attio` for all clients.

    Raises:
        ConfigurationError: There is no such option, or it cannot be the same for all workspaces.
    """

    def __init__(
        self,
        token: Callable[[str], Awaitable[str]],
        *,
        max_clients: int = 100,
        limiter: Callable[[str], RateLimiter] | None = None,
        **options: Any,
    ) -> None:
        known = {field.name for field in attrs.fields(ClientOptions)} - _PER_WORKSPACE
        if wrong := sorted(options.keys() - known):
            raise ConfigurationError(
                f"no option {', '.join(wrong)} of a pool; there is {', '.join(sorted(known))}"
            )
        if isinstance(limiter, RateLimiter):
            raise ConfigurationError("limiter makes the limits of each tenant; these would be those of all")
        if max_clients < 1:
            raise ConfigurationError(f"max_clients must be at least 1, not {max_clients!r}")
        self._token = token
        self._max_clients = max_clients
        self._limiter = limiter
        self._options = options
        self._slots: OrderedDict[str, _Slot] = OrderedDict()
        self._is_closed = False

    def __repr__(self) -> str:
        return f"<AttioPool of {len(self._slots)} clients>"

    def __len__(self) -> int:
        return len(self._slots)

    @asynccontextmanager
    async def client(self, tenant: str) -> AsyncGenerator[Attio]:
        """The client of a tenant, which is not closed while the block runs. Do not keep it for longer.

        Raises:
            ConfigurationError: The pool is closed, or there is no token. Nothing was sent.
            Exception: Whatever the token function raises; it is asked again the next time.
        """
        if self._is_closed:
            raise ConfigurationError("this pool is closed; make another one")
        slot = self._slots.setdefault(tenant, _Slot())
        self._slots.move_to_end(tenant)
        slot.users += 1
        try:
            yield await self._opened(tenant, slot)
        finally:
            slot.users -= 1
            with anyio.CancelScope(shield=True):
                await self._tidy(tenant, slot)

    async def forget(self, tenant: str) -> None:
        """Use no old token of a tenant any more: close its client, after the blocks that use it now."""
        slot = self._slots.pop(tenant, None)
        if slot is not None:
            await _close(slot)

    async def aclose(self) -> None:
        """Close all clients, each after the blocks that use it now."""
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
                token = await self._token(tenant)
                limiter = None if self._limiter is None else self._limiter(tenant)
                slot.attio = Attio(token, limiter=limiter, **self._options)
            return slot.attio

    async def _tidy(self, tenant: str, slot: _Slot) -> None:
        """Close what has just been left for good, and the oldest of what is too much."""
        leaving = [slot] if self._slots.get(tenant) is not slot else []
        if slot.attio is None and slot.users == 0 and not leaving:
            del self._slots[tenant]
        idle = [name for name, each in self._slots.items() if each.users == 0]
        too_many = max(len(self._slots) - self._max_clients, 0)
        leaving += [self._slots.pop(name) for name in idle[:too_many]]
        for each in leaving:
            await _close(each)


async def _close(slot: _Slot) -> None:
    if slot.users == 0 and slot.attio is not None:
        attio, slot.attio = slot.attio, None
        await attio.aclose()
