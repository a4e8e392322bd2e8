"""The tenants of an engine."""

from collections.abc import Awaitable, Callable

from .._utils.checks import check_count
from .._utils.public import public
from .._utils.text import show
from ..bulk._write.payload import encodable
from ..errors import ConfigurationError, UnknownName
from ._overview import TenantStatus
from ._store import EngineStore

_MAX_NAME_CHARS = 100
_MAX_REASON_CHARS = 500


@public
class Tenants:
    """The tenants of an engine, one for each workspace."""

    def __init__(
        self, opened: Callable[[], Awaitable[EngineStore]], forget: Callable[[str], Awaitable[None]]
    ) -> None:
        """Create it as `Engine.tenants`.

        Args:
            opened: Returns the open tables.
            forget: Drops the client of a tenant.
        """
        self._opened = opened
        self._forget = forget

    async def add(self, tenant: str, *, concurrency: int | None = None) -> None:
        """Add a tenant; its scheduled jobs run now, and from then on in their intervals.

        One that is there is left alone, but for its concurrency if one is given.

        Args:
            tenant: The name that the token function knows the workspace by. Never a token.
            concurrency: The most jobs of the tenant at a time; None for 1, or what it has. Two runs of the same job never
                run at once.

        Raises:
            ConfigurationError: The name is not valid, the concurrency is less than 1, or the database cannot be used.
        """
        if concurrency is not None:
            check_count(1, concurrency=concurrency)
        await (await self._opened()).add_tenant(_checked(tenant), concurrency)

    async def pause(self, tenant: str, reason: str = "paused by hand") -> None:
        """Run no jobs of a tenant until it is resumed. Runs in progress stop at their next row, and go on then.

        Args:
            tenant: The tenant.
            reason: The reason, which the status shows.

        Raises:
            UnknownName: The tenant is unknown.
            ConfigurationError: The database cannot be used.
        """
        shown = encodable(reason).replace("\0", "")[:_MAX_REASON_CHARS]
        check_possible(tenant)
        _known(tenant, is_known=await (await self._opened()).pause(tenant, shown))

    async def resume(self, tenant: str) -> None:
        """Run the jobs of a paused tenant again. What it missed is not made up for: its jobs run once, now.

        Raises:
            UnknownName: The tenant is unknown.
            ConfigurationError: The database cannot be used.
        """
        check_possible(tenant)
        await self._forget(tenant)  # its token is another one now
        _known(tenant, is_known=await (await self._opened()).resume(tenant))

    async def remove(self, tenant: str) -> None:
        """Remove a tenant, with its schedules, runs, journals and dead letters. A run in progress ends.

        Raises:
            UnknownName: The tenant is unknown.
            ConfigurationError: The database cannot be used.
        """
        check_possible(tenant)
        _known(tenant, is_known=await (await self._opened()).remove_tenant(tenant))
        await self._forget(tenant)

    async def list(self) -> list[TenantStatus]:
        """Return the tenants, those with something wrong first.

        Raises:
            ConfigurationError: The database cannot be used.
        """
        return await (await self._opened()).tenants()


def check_possible(tenant: object) -> None:
    """Check that a tenant may have that name.

    Raises:
        UnknownName: None has it.
    """
    if not _is_name(tenant):
        raise UnknownName("tenant", encodable(str(tenant)))


def _is_name(tenant: object) -> bool:
    if not isinstance(tenant, str) or not 0 < len(tenant) <= _MAX_NAME_CHARS:
        return False
    return tenant.isprintable() and not tenant.startswith("*")


def _checked(tenant: str) -> str:
    if not _is_name(tenant):
        raise ConfigurationError(
            f"{show(tenant)} is not a valid tenant: use a name of at most {_MAX_NAME_CHARS} printable characters"
        )
    return tenant


def _known(tenant: str, *, is_known: bool) -> None:
    if not is_known:
        raise UnknownName("tenant", tenant)
