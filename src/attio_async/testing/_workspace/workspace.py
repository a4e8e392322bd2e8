"""The state of a workspace: objects, lists, members, records, entries, and the indexes that find them. No HTTP here."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

from .._schema import (
    ActivityType,
    Choice,
    Default,
    FakeAttribute,
    FakeMember,
    FakeRecord,
    Kind,
    ListType,
    ObjectType,
    Parent,
    Value,
)
from .._values.read import same_key
from .change_log import ChangeLog
from .entities import Entities
from .ids import named_uuid
from .standard_objects import AttributeFacts, system_facts

K = TypeVar("K", bound=Kind)

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


@attrs.define(kw_only=True)
class WorkspaceData:
    """Everything that is saved, and enough to build the same workspace again."""

    seed: int
    ids_made: int
    id: str
    name: str
    slug: str
    token_id: str
    created_at: str
    members: list[FakeMember]
    objects: dict[str, ObjectType]
    """By slug."""
    lists: dict[str, ListType]
    """By id."""
    activities: dict[str, ActivityType] = attrs.field(factory=dict[str, ActivityType])
    """By slug."""
    rows: dict[str, dict[str, FakeRecord]]
    """Records and entries by id, under the id of their object, list or activity."""
    entities: Entities = attrs.field(factory=Entities)
    """Notes, tasks and everything else besides records and entries."""
    merge_delay: float = 0.0
    """Seconds that merges take; 0 carries them out at once."""
    merging: dict[str, str] = attrs.field(factory=dict[str, str])
    """Until when merges are pending, by the ids of the records involved."""


class Workspace:
    """Objects, lists, members, records and entries of one workspace.

    Every change of a record's values goes through `set_values` and `add_value`, which update the indexes.
    """

    def __init__(self, data: WorkspaceData) -> None:
        self.data = data
        self.changes: ChangeLog = ChangeLog()
        self._kinds: dict[str, Kind] = {
            kind.id: kind
            for kind in (*data.objects.values(), *data.lists.values(), *data.activities.values())
        }
        self._owners: dict[str, dict[object, dict[str, None]]] = {}
        self._referrers: dict[str, dict[tuple[str, str, str], None]] = {}
        self._entries: dict[str, dict[tuple[str, str], None]] = {}
        self._positions: dict[str, int] = {}
        self._next_position = 0
        self.reindex()

    def new_id(self) -> str:
        """Return a UUID that was not used before, the same in every run."""
        self.data.ids_made += 1
        return named_uuid(_NAMESPACE, f"{self.data.seed}/{self.data.ids_made}")

    def is_merging(self, record_id: str, now: str) -> bool:
        """Return True for a record that is part, or the result, of a pending merge."""
        until = self.data.merging.get(record_id)
        if until is not None and until <= now:
            del self.data.merging[record_id]
        return record_id in self.data.merging

    def member(self, id_or_email: str) -> FakeMember | None:
        """Return the member with that id or e-mail address."""
        wanted = id_or_email.lower()
        return next((m for m in self.data.members if wanted in (m.id, m.email_address.lower())), None)

    # Objects, lists and activities

    def object_type(self, slug_or_id: str) -> ObjectType | None:
        """Return the object with that slug or id."""
        return _named(self.data.objects, slug_or_id)

    def list_type(self, slug_or_id: str) -> ListType | None:
        """Return the list with that slug or id."""
        return _named(self.data.lists, slug_or_id)

    def activity_type(self, slug_or_id: str) -> ActivityType | None:
        """Return the activity with that slug or id."""
        return _named(self.data.activities, slug_or_id)

    def kinds(self) -> Iterator[Kind]:
        """Return all objects, lists and activities."""
        return iter(self._kinds.values())

    def kind(self, kind_id: str) -> Kind:
        """Return the object, list or activity with that id."""
        return self._kinds[kind_id]

    def kind_of(self, row: FakeRecord) -> Kind:
        """Return the object, list or activity of a record or entry."""
        return self._kinds[row.kind]

    def add_object(self, kind: ObjectType, attributes: Iterable[AttributeFacts] = ()) -> None:
        """Add an object with the attributes that every object has, and these."""
        self.data.objects[kind.slug] = kind
        self._add_kind(kind, (*system_facts().every_object, *attributes))

    def add_list(self, kind: ListType) -> None:
        """Add a list with the attributes that every list has."""
        self.data.lists[kind.id] = kind
        self._add_kind(kind, system_facts().every_list)

    def add_activity(self, kind: ActivityType) -> None:
        """Add an activity with the attributes that every object has, and those of the activity that it extends."""
        parent = self.data.activities.get(kind.extends or "")
        inherited = [] if parent is None else list(parent.attributes.values())
        self.data.activities[kind.slug] = kind
        self._add_kind(kind, system_facts().every_object)
        for attribute in inherited:
            if not attribute.is_system:
                copy = attrs.evolve(attribute, id=self.new_id(), choices=list(attribute.choices))
                kind.attributes[copy.slug] = copy

    def remove_kind(self, kind: Kind) -> None:
        """Remove an object, list or activity that has no records or entries left."""
        for kinds in (self.data.objects, self.data.lists, self.data.activities):
            for key in [key for key, each in kinds.items() if each is kind]:
                del kinds[key]
        del self._kinds[kind.id], self.data.rows[kind.id]

    def has_duplicates(self, kind: Kind, attribute: FakeAttribute) -> bool:
        """Return True if two records or entries hold the same value."""
        keys = [
            same_key(attribute.type, value)
            for row in self.records(kind)
            for value in row.values.get(attribute.slug, ())
        ]
        return len(set(keys)) < len(keys)

    def _add_kind(self, kind: Kind, attributes: Iterable[AttributeFacts]) -> None:
        self._kinds[kind.id] = kind
        self.data.rows[kind.id] = {}
        for facts in attributes:
            kind.attributes[facts.slug] = self._system_attribute(facts, kind.created_at)

    def _system_attribute(self, facts: AttributeFacts, created_at: str) -> FakeAttribute:
        return FakeAttribute(
            id=self.new_id(),
            slug=facts.slug,
            title=facts.title,
            type=facts.type,
            created_at=created_at,
            is_multiselect=facts.multiselect,
            is_unique=facts.unique,
            is_required=facts.required,
            default=None if facts.default is None else Default("dynamic", facts.default, []),
            is_writable=not facts.read_only,
            is_system=True,
            choices=[Choice(self.new_id(), title) for title in facts.options],
            currency_code="USD" if facts.type == "currency" else None,
            currency_display="symbol" if facts.type == "currency" else None,
            allowed_objects=[facts.inverse[0]] if facts.inverse else None,
            inverse=facts.inverse,
        )

    # Records and entries

    def record(self, kind: Kind, row_id: str) -> FakeRecord | None:
        """Return the record or entry with that id."""
        return self.data.rows[kind.id].get(row_id)

    def records(self, kind: Kind) -> Iterator[FakeRecord]:
        """Return all records of an object, or entries of a list, oldest first."""
        return iter(self.data.rows[kind.id].values())

    def in_order(self, kind: Kind, ids: Iterable[str]) -> list[FakeRecord]:
        """Return the records or entries with these ids, oldest first."""
        table = self.data.rows[kind.id]
        return [table[row_id] for row_id in sorted(ids, key=self._positions.__getitem__)]

    def holders(self, kind: Kind, attribute: FakeAttribute, key: object) -> list[FakeRecord]:
        """Return the records that hold a value of a unique attribute, by its `same_key`."""
        table = self.data.rows[kind.id]
        if attribute.is_id:
            return [table[key]] if isinstance(key, str) and key in table else []
        return [table[row_id] for row_id in self._owners.get(attribute.id, {}).get(key, {})]

    def referrers(self, record_id: str) -> list[tuple[FakeRecord, FakeAttribute]]:
        """Return the records and entries that refer to a record, each with the attribute that does."""
        return [
            (self.data.rows[kind_id][row_id], self._kinds[kind_id].attributes[slug])
            for kind_id, row_id, slug in self._referrers.get(record_id, {})
        ]

    def entries_about(self, record_id: str) -> list[FakeRecord]:
        """Return the entries of all lists whose parent is that record, oldest first."""
        return [self.data.rows[kind_id][entry_id] for kind_id, entry_id in self._entries.get(record_id, {})]

    def add_record(self, kind: Kind, now: str, parent: Parent | None = None) -> FakeRecord:
        """Add a record, or with a parent an entry, without values."""
        row = FakeRecord(self.new_id(), kind.id, now, parent)
        self.data.rows[kind.id][row.id] = row
        self._index_position(row)
        self._index_parent(row)
        return row

    def remove_record(self, row: FakeRecord) -> None:
        """Remove a record or entry whose values have all been removed."""
        del self.data.rows[row.kind][row.id], self._positions[row.id]
        self._unindex_parent(row)

    def move_entry(self, entry: FakeRecord, parent: Parent) -> None:
        """Make an entry be about another record."""
        self._unindex_parent(entry)
        entry.parent = parent
        self._index_parent(entry)

    def set_values(self, row: FakeRecord, attribute: FakeAttribute, values: list[Value], now: str) -> None:
        """Replace the current values of an attribute; removed ones become history that ends `now`."""
        before, added = row.values.get(attribute.slug), values
        if before:
            kept = {id(value) for value in values}
            removed = [value for value in before if id(value) not in kept]
            for value in removed:
                value["active_until"] = now
            if removed:
                row.history.setdefault(attribute.slug, []).extend(removed)
                self._unindex(row, attribute, removed)
            known = {id(value) for value in before}
            added = [value for value in values if id(value) not in known]
        self._index(row, attribute, added)
        if values:
            row.values[attribute.slug] = list(values)  # without spare capacity: there are very many
        else:
            row.values.pop(attribute.slug, None)

    def add_value(self, row: FakeRecord, attribute: FakeAttribute, value: Value) -> None:
        """Append one value, in the same time however many there are."""
        row.values.setdefault(attribute.slug, []).append(value)
        self._index(row, attribute, [value])

    # Indexes

    def reindex(self) -> None:
        """Build the indexes again, after attributes were renamed or became unique."""
        for index in (self._owners, self._referrers, self._entries, self._positions):
            index.clear()
        for kind_id, table in self.data.rows.items():
            attributes = self._kinds[kind_id].attributes
            for row in table.values():
                self._index_position(row)
                self._index_parent(row)
                for slug, values in row.values.items():
                    self._index(row, attributes[slug], values)

    def _index_position(self, row: FakeRecord) -> None:
        self._positions[row.id] = self._next_position
        self._next_position += 1

    def _index_parent(self, row: FakeRecord) -> None:
        if row.parent is not None:
            self._entries.setdefault(row.parent.record_id, {})[row.kind, row.id] = None

    def _unindex_parent(self, row: FakeRecord) -> None:
        if row.parent is not None:
            entries = self._entries[row.parent.record_id]
            del entries[row.kind, row.id]
            if not entries:
                del self._entries[row.parent.record_id]

    def _index(self, row: FakeRecord, attribute: FakeAttribute, values: Iterable[Mapping[str, Any]]) -> None:
        for value in values:
            if attribute.is_unique and not attribute.is_id:
                owners = self._owners.setdefault(attribute.id, {})
                owners.setdefault(same_key(attribute.type, value), {})[row.id] = None
            if attribute.type == "record-reference":
                referrers = self._referrers.setdefault(value["target_record_id"], {})
                referrers[row.kind, row.id, attribute.slug] = None

    def _unindex(
        self, row: FakeRecord, attribute: FakeAttribute, values: Iterable[Mapping[str, Any]]
    ) -> None:
        for value in values:
            if attribute.is_unique and not attribute.is_id:
                owners = self._owners[attribute.id]
                key = same_key(attribute.type, value)
                owners[key].pop(row.id, None)
                if not owners[key]:
                    del owners[key]
            if attribute.type == "record-reference":
                referrers = self._referrers[value["target_record_id"]]
                referrers.pop((row.kind, row.id, attribute.slug), None)
                if not referrers:
                    del self._referrers[value["target_record_id"]]


def _named(kinds: Mapping[str, K], slug_or_id: str) -> K | None:
    """Return the kind with that slug or id, which are by the one or the other."""
    found = kinds.get(slug_or_id)
    if found is not None:
        return found
    return next((kind for kind in kinds.values() if slug_or_id in (kind.slug, kind.id)), None)
