"""The limits that one kind of request counts against, and the protocols that these limits follow."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from .governor import Ticket
from .stats import BucketStats

Bucket = str
"""What a limit counts: "read", "write", "query", or the id of an operation that has a rate of its own."""

QUERIES: Bucket = "query"
"""Queries of records and entries: reads that also have a score."""


class Quota(Protocol):
    """A limit that requests take permits from: a rate, or the score of queries. See `PermitPool` for the methods."""

    def ready_at(self, now: float) -> float: ...
    def take(self, now: float) -> Ticket: ...
    def answered(self, ticket: Ticket, now: float) -> None: ...
    def lost(self, ticket: Ticket, now: float) -> None: ...
    def unsent(self, ticket: Ticket) -> None: ...
    def rate_limited(self, ticket: Ticket, now: float, until: float) -> bool: ...


class Rate(Protocol):
    """The speed of a pool. See `Governor` for the members."""

    @property
    def scale(self) -> float: ...
    @property
    def rate(self) -> float: ...
    @property
    def limited_at(self) -> float: ...
    def load(self, now: float) -> float: ...


class Pool(Quota, Protocol):
    """The permits of a rate."""

    @property
    def limit(self) -> int: ...
    @property
    def governor(self) -> Rate: ...


@attrs.frozen
class Lane:
    """The limits that one kind of request counts against, the scarcest first.

    Attributes:
        name: The kind of request.
        blamed: The bucket whose rate a 429 is blamed on.
        quotas: The limits.
        stats: The figures of the buckets among them; the score of queries is not one.
        pool: The pool of the blamed bucket.
    """

    name: Bucket
    blamed: Bucket
    quotas: tuple[Quota, ...]
    stats: tuple[BucketStats, ...]
    pool: Pool

    def request_permits(self, waiting: int, now: float) -> None:
        """Ask for permits for `waiting` requests. Limits kept in this process have theirs at hand, so this does nothing."""

    def take_pauses(self) -> Sequence[float]:
        """Return the lengths of pauses that only another process has told of, once each; none here."""
        return ()
