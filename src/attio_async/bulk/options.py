"""How a job over many rows is done, whatever it does."""

import math
import os
from collections.abc import Callable
from typing import Literal, TypedDict

import attrs

from ..errors import ConfigurationError
from .guards import Guards, Progress
from .journal import Journal
from .report import Outcome

__all__ = ["BulkOptions", "Duplicates", "Matching", "Options"]

Duplicates = Literal["refuse", "first", "last", "merge"]
"""What becomes of rows that share a key.

refuse: the first is written, the others fail. first: the first is written, the others are counted as duplicates. last:
likewise the last. merge: they become one row, in the place of the first; of one value the last is taken, of several all.
"last" and "merge" read the whole input before anything is written.
"""

_DUPLICATES = ("refuse", "first", "last", "merge")
_AMBIGUOUS = ("error", "first", "skip")


class BulkOptions(TypedDict, total=False):
    """What every job over many rows takes.

    Attributes:
        on_error: "stop" writes no further row after the first failure, and finishes those on their way; by default
            ("collect") a row that fails does not keep the others from being written.
        on_outcome: Called with the `Outcome` of each row, in the order of the rows, once it is in the journal.
        progress: Called with the `Progress` after each row; True shows it on stderr where that is a terminal.
        journal: A file, or a `Journal`. The same call with the same rows goes on where it was interrupted. Without one,
            a job that was interrupted begins anew.
        duplicates: What becomes of rows with the same key: "refuse" (by default) writes the first and fails the
            others, "first" and "last" write that one, "merge" makes them one.
        guards: What ends the job before it does harm.
        create_references: Whether a record that a row refers to by its domain, e-mail address or another unique value
            is made when there is none.
        workers: How many rows may be on their way at once, 1 or more; by default as many as the rate needs.
    """

    on_error: Literal["collect", "stop"]
    on_outcome: Callable[[Outcome], None] | None
    progress: bool | Callable[[Progress], None]
    journal: str | os.PathLike[str] | Journal | None
    duplicates: Duplicates
    guards: Guards
    create_references: bool
    workers: int | None


@attrs.frozen(kw_only=True)
class Options:
    """The same, checked."""

    on_error: Literal["collect", "stop"] = "collect"
    on_outcome: Callable[[Outcome], None] | None = None
    progress: bool | Callable[[Progress], None] = False
    journal: str | os.PathLike[str] | Journal | None = None
    duplicates: Duplicates = "refuse"
    guards: Guards = attrs.field(factory=Guards)
    create_references: bool = False
    workers: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.on_error not in {"collect", "stop"}:
            raise ConfigurationError(f"on_error is 'collect' or 'stop', not {self.on_error!r}")
        if self.workers is not None and self.workers < 1:
            raise ConfigurationError(f"workers must be at least 1, not {self.workers}")
        if self.duplicates not in _DUPLICATES:
            raise ConfigurationError(f"duplicates is one of {_DUPLICATES}, not {self.duplicates!r}")

    @property
    def max_failures(self) -> float:
        """How many rows may fail."""
        if self.on_error == "stop":
            return 0
        return math.inf if self.guards.max_failures is None else self.guards.max_failures


@attrs.frozen
class Matching:
    """Matching on an attribute that is not unique, such as a LinkedIn address.

    Attio itself matches on unique attributes only, so here a row is matched by reading and then written by another
    request. The guarantee that is lost: when somebody else creates a record with the same value between the two, there
    are two of them. Rows of one job never do that to each other. Values are replaced as upserting does it.

    Attributes:
        attribute: Slug, title or id.
        on_ambiguous: What to do where several records have the value: fail the row ("error"), update the one that was
            created first ("first"), or leave all of them as they are ("skip"), which counts as unchanged.
    """

    attribute: str
    on_ambiguous: Literal["error", "first", "skip"] = "error"

    def __attrs_post_init__(self) -> None:
        if self.on_ambiguous not in _AMBIGUOUS:
            raise ConfigurationError(f"on_ambiguous is one of {_AMBIGUOUS}, not {self.on_ambiguous!r}")
