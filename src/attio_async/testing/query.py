"""Which records, or entries, a query finds, and in which order. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from .filters import Filters
from .normalise import same_key
from .operators import rules_of
from .schema import Attribute, Kind, Record
from .shapes import is_object
from .sorting import Sorts, ordered
from .state import Workspace

_LOWER_CASE = frozenset({"domain", "email-address"})
_KEYED_BY_TEXT = frozenset({"text", "phone-number"}) | _LOWER_CASE


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
        """The holders of a unique value where the filter asks for one, else everything there is."""
        for name, condition in filter.items():
            attribute = self.kind.attribute(name)
            if attribute is None or not attribute.is_unique:
                continue
            asked = _equal_to(attribute, condition)
            if asked is not None:
                return self.workspace.holders(self.kind, attribute, asked)
        return self.workspace.records(self.kind)


def _equal_to(attribute: Attribute, condition: object) -> object:
    """The key of the one value that a condition asks for, if it is so simple."""
    main = rules_of(attribute).default
    if main is None or attribute.type not in _KEYED_BY_TEXT:
        return None
    asked = condition.get(main, condition) if is_object(condition) else condition
    equal = asked.get("$eq") if is_object(asked) else asked
    if not isinstance(equal, str):
        return None
    return same_key(attribute.type, {main: equal.lower() if attribute.type in _LOWER_CASE else equal})
