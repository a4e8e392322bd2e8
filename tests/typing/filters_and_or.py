"""`and` and `or` between filters, which mypy rejects when it looks for expressions that say nothing. Never run."""

from collections.abc import Callable

from attio_async.query import Filter


def misused_and(one: Filter, other: Filter, query: Callable[[Filter], None]) -> None:
    query(one and other)  # type: ignore[redundant-expr]


def misused_or(one: Filter, other: Filter, query: Callable[[Filter], None]) -> None:
    query(one or other)  # type: ignore[redundant-expr]
