"""A simple model of a workspace after any writes: lists of texts and sets of pairs."""

from collections.abc import Iterable, Sequence

import attrs

UNIQUE = {"people": "email_addresses", "companies": "domains"}
FREE = "gmail.com"


@attrs.frozen
class End:
    kind: str
    slug: str
    is_many: bool


@attrs.frozen
class Relation:
    left: End
    right: End


RELATIONS = (
    Relation(End("people", "company", False), End("companies", "team", True)),
    Relation(End("people", "manager", False), End("people", "reports", True)),
    Relation(End("people", "mentor", False), End("people", "pupil", False)),
    Relation(End("people", "friends", True), End("people", "befriended", True)),
)
ENDS = [(relation, side) for relation in RELATIONS for side in (0, 1)]


def end(relation: Relation, side: int) -> End:
    return relation.right if side else relation.left


@attrs.define
class Row:
    kind: str
    keys: list[str] = attrs.field(factory=list)
    """The values of its unique attribute."""
    titles: list[tuple[str, str, str | None]] = attrs.field(factory=list)
    """Every job title, current or past, with its start and end."""


@attrs.define
class Model:
    rows: dict[str, Row] = attrs.field(factory=dict)
    pairs: dict[Relation, set[tuple[str, str]]] = attrs.field(
        factory=lambda: {relation: set() for relation in RELATIONS}
    )
    entries: dict[str, str] = attrs.field(factory=dict)
    """The company that each list entry is about."""

    def ids(self, kind: str) -> list[str]:
        return [id for id, row in self.rows.items() if row.kind == kind]

    def holders(self, kind: str, keys: Iterable[str]) -> set[str]:
        wanted = set(keys)
        return {id for id in self.ids(kind) if wanted & set(self.rows[id].keys)}

    def targets(self, relation: Relation, side: int, id: str) -> set[str]:
        return {pair[1 - side] for pair in self.pairs[relation] if pair[side] == id}

    def relate(
        self, relation: Relation, side: int, id: str, targets: Iterable[str], *, adds: bool = False
    ) -> None:
        """Write one end; `adds` leaves what is there where the end holds many."""
        pairs = self.pairs[relation]
        if not (adds and end(relation, side).is_many):
            self._drop(relation, side, id)
        for target in targets:
            if not end(relation, 1 - side).is_many:
                self._drop(relation, 1 - side, target)
            pairs.add((target, id) if side else (id, target))

    def _drop(self, relation: Relation, side: int, id: str) -> None:
        self.pairs[relation] -= {pair for pair in self.pairs[relation] if pair[side] == id}

    def title(self, id: str, title: str | None, now: str) -> None:
        titles = self.rows[id].titles
        if titles and titles[-1][2] is None:
            if titles[-1][0] == title:
                return
            titles[-1] = (*titles[-1][:2], now)
        if title is not None:
            titles.append((title, now, None))

    def company_to_be(self, person: str) -> str | None:
        """Return the domain of the company that a person without one is going to get."""
        if self.targets(RELATIONS[0], 0, person):
            return None
        domains = (key.partition("@")[2] for key in self.rows[person].keys)
        return next((domain for domain in domains if domain != FREE), None)

    def delete(self, id: str) -> None:
        del self.rows[id]
        for pairs in self.pairs.values():
            pairs -= {pair for pair in pairs if id in pair}
        for entry in [entry for entry, parent in self.entries.items() if parent == id]:
            del self.entries[entry]

    def merge(self, new: str, primary: str, secondary: str) -> None:
        ours, theirs = self.rows[primary], self.rows[secondary]
        keys = [*ours.keys, *(key for key in theirs.keys if key not in ours.keys)]
        titled = theirs if _is_set(theirs) and not _is_set(ours) else ours
        wanted = {
            (relation, side): self._merged_targets(relation, side, new, primary, secondary)
            for relation, side in ENDS
        }
        moved = [entry for entry, parent in self.entries.items() if parent in (primary, secondary)]
        self.delete(primary)
        self.delete(secondary)
        self.rows[new] = Row(ours.kind, keys, titled.titles)
        for (relation, side), targets in wanted.items():
            if end(relation, side).kind == ours.kind:
                self.relate(relation, side, new, targets, adds=side == 1 or end(relation, side).is_many)
        self.entries.update(dict.fromkeys(moved, new))

    def _merged_targets(
        self, relation: Relation, side: int, new: str, primary: str, secondary: str
    ) -> Sequence[str]:
        ours = self.targets(relation, side, primary) - {secondary}
        theirs = self.targets(relation, side, secondary) - {primary}
        kept = ours | theirs if end(relation, side).is_many else ours or theirs
        return [new if target in (primary, secondary) else target for target in kept]


def _is_set(row: Row) -> bool:
    return bool(row.titles) and row.titles[-1][2] is None
