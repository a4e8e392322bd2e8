"""The rows of any kind of iterable."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import TypeVar

__all__ = ["iterate"]

T = TypeVar("T")


async def iterate(rows: Iterable[T] | AsyncIterable[T]) -> AsyncGenerator[T]:
    """The rows of either kind of iterable."""
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
