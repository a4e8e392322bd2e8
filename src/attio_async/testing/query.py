"""Which records, or entries, a query finds, and in which order. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .filters import Filters
from .narrowing import Narrowing
from .schema import Kind, Record
from .sorting import Sorts, ordered
from .state import Workspace


@attrs.frozen
class Query:
    """The records of an object, or entries of a list, that pass a filter, in order."""

    workspace: Workspace
    kind: Kind

    def run(self, filter: Mapping[str, Any] | None, sorts: Sequence[Any] | None) -> Sequence[Record]:
        """What matches; without sorts, oldest first.

        Raises:
            ApiProblem: The filter or a sort makes no sense, or is not modelled.
        """
        orders = Sorts(self.workspace, self.kind).read(sorts or ())
        if filter:
            passes = Filters(self.workspace, self.kind).read(filter)
            found = [record for record in self._candidates(filter) if passes(record)]
        else:
            found = list(self.workspace.records(self.kind))
        return ordered(found, orders)

    def _candidates(self, filter: Mapping[str, Any]) -> Iterable[Record]:
        """What the indexes say that the filter can find, in order; where they say nothing, everything there is."""
        ids = Narrowing(self.workspace, self.kind).ids(filter)
        if ids is None:
            return self.workspace.records(self.kind)
        return self.workspace.in_order(self.kind, ids)
