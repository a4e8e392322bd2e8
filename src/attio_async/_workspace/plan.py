"""The protocol of all plans: what would be written, to be looked at first and applied then."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Generic, Self, TypeVar

from attio_async_api.json_data import JsonData

from .._utils.public import public

R_co = TypeVar("R_co", covariant=True)


@public
class Plan(JsonData, ABC, Generic[R_co]):
    """The writes of a job, a merge or another change, before anything is written. All plans have this interface.

    `str()` is a summary in one line or a few, `table()` a text for people, and `to_dict()` data for programs::

        async with await attio.companies.upsert_many(rows, match="domains").plan() as plan:
            print(await plan.table())
            report = await plan.apply()
    """

    __slots__ = ()

    @abstractmethod
    async def table(self, *, limit: int = 50) -> str:
        """Return the plan as text; after `limit` lines of details only their number."""

    @abstractmethod
    async def apply(self) -> R_co:
        """Write what the plan says, and return what became of it."""

    async def aclose(self) -> None:
        """Discard the plan, and what it holds. Closing it twice changes nothing."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


def first_lines(lines: list[str], limit: int) -> str:
    """Return the lines as text; after `limit` of them only their number."""
    more = len(lines) - limit
    return "\n".join([*lines[:limit], f"and {more:,} more"] if more > 0 else lines)
