"""The state of a workspace: objects, lists, members, records, entries, and the indexes that find them. No HTTP here."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

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
from .entities import Things
from .ids import named_uuid
from .standard_objects import AttributeFacts, system_facts


@attrs.define(kw_only=True)
class WorkspaceData:
    """All that has to be kept to build the same workspace again."""

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
    rows: dict[str, dict[str, FakeRecord]]
    """Records and entries by id, under the id of their object, list or activity."""
    things: Things = attrs.field(factory=Things)
    """Notes, tasks and whatever else there is besides records and entries."""
    merge_delay: float = 0.0
    """Seconds that merges take; 0 carries them out at once."""
    merging: dict[str, str] = attrs.field(factory=dict[str, str])
    """Until when merges are being applied, by the ids of the records that they concern."""
    activities: dict[str, ActivityType] = attrs.field(factory=dict[str, ActivityType])
    """By slug."""


_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


class Workspace:
    """Objects, lists, members, records and entries of one workspace.

    Every change of a record's values goes through `set_values` and `add_value`, which keep the indexes right.
    """

    def __init__(self, data: WorkspaceData) -> None:
        self.data = data
        self.changes = ChangeLog()
        self._kinds: dict[str, Kind] = {kind.id: kind for kind in data.objects.values()}
        self._kinds.update(data.lists)
        self._kinds.update({activity.id: activity for activity in data.activities.values()})
        self._owners: dict[str, dict[object, dict[str, None]]] = {}
        self._referrers: dict[str, dict[tuple[str, str, str], None]] = {}
        self._entries: dict[str, dict[tuple[str, str], None]] = {}
        self._places: dict[str, int] = {}
        self._next_place = 0
        self.reindex()

    def is_merging(self, record_id: str, now: str) -> bool:
        """Whether a record is the outcome, or part, of a merge that is still being applied."""
        until = self.data.merging.get(record_id)
        if until is not None and until <= now:
            del self.data.merging[record_id]
        return record_id in self.data.merging

    def new_id(self) -> str:
        """A UUID nobody has had yet, the same in every run."""
        self.data.ids_made += 1
        return named_uuid(_NAMESPACE, f"{self.data.seed}/{self.data.ids_made}")

    # Objects and lists

    def add_object(self, kind: ObjectType, attributes: Iterable[AttributeFacts] = ()) -> None:
        """Add an object with the attributes that every object has, and these."""
        self.data.objects[kind.slug] = kind
        self._add_kind(kind, (*system_facts().every_object, *attributes))

    def add_list(self, kind: ListType) -> None:
        """Add a list with only the attributes that every list has."""
        self.data.lists[kind.id] = kind
        self._add_kind(kind, system_facts().every_list)

    def add_activity(self, kind: ActivityType) -> None:
        """Add an activity with the attributes that every object has, and those of the activity it is a kind of."""
        inherited = [attribute for attribute in self._inherited(kind) if not attribute.is_system]
        self.data.activities[kind.slug] = kind
        self._add_kind(kind, system_facts().every_object)
        for attribute in inherited:
            copy = attrs.evolve(attribute, id=self.new_id(), choices=list(attribute.choices))
            kind.attributes[copy.slug] = copy

    def _inherited(self, kind: ActivityType) -> list[FakeAttribute]:
        parent = self.data.activities.get(kind.extends or "")
        return [] if parent is None else list(parent.attributes.values())

    def activity_type(self, slug_or_id: str) -> ActivityType | None:
        """The activity with that slug or id."""
        found = self.data.activities.get(slug_or_id)
        if found is not None:
            return found
        return next((kind for kind in self.data.activities.values() if kind.id == slug_or_id), None)

    def remove_kind(self, kind: Kind) -> None:
        """Forget an object, list or activity that has no records or entries left."""
        for kinds in (self.data.objects, self.data.lists, self.data.activities):
            for key in [key for key, each in kinds.items() if each is kind]:
                del kinds[key]
        del self._kinds[kind.id], self.data.rows[kind.id]

    def _add_kind(self, kind: Kind, attributes: Iterable[AttributeFacts]) -> None:
        self._kinds[kind.id] = kind
        self.data.rows[kind.id] = {}
        for facts in attributes:
            kind.attributes[facts.slug] = self._system_attribute(facts, kind.created_at)

    def object_type(self, slug_or_id: str) -> ObjectType | None:
        """The object with that slug or id."""
        found = self.data.objects.get(slug_or_id)
        if found is not None:
            return found
        return next((kind for kind in self.data.objects.values() if kind.id == slug_or_id), None)

    def list_type(self, slug_or_id: str) -> ListType | None:
        """The list with that slug or id."""
        found = self.data.lists.get(slug_or_id)
        if found is not None:
            return found
        return next((kind for kind in self.data.lists.values() if kind.slug == slug_or_id), None)

    def kinds(self) -> Iterator[Kind]:
        """Everything that has attributes: objects, lists and activities."""
        return iter(self._kinds.values())

    def kind_of(self, record: FakeRecord) -> Kind:
        """The object of a record, or the list of an entry."""
        return self._kinds[record.kind]

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

    def has_duplicates(self, kind: Kind, attribute: FakeAttribute) -> bool:
        """Whether two records, or entries, hold the same value."""
        keys = [
            same_key(attribute.type, value)
            for record in self.records(kind)
            for value in record.values.get(attribute.slug, ())
        ]
        return len(set(keys)) < len(keys)

    # Members

    def member(self, id_or_email: str) -> FakeMember | None:
        """The member with that id or e-mail address."""
        wanted = id_or_email.lower()
        return next((m for m in self.data.members if wanted in (m.id, m.email_address.lower())), None)

    # Records and entries

    def record(self, kind: Kind, record_id: str) -> FakeRecord | None:
        """The record or entry with that id."""
        return self.data.rows[kind.id].get(record_id)

    def records(self, kind: Kind) -> Iterator[FakeRecord]:
        """All records of an object, or entries of a list, oldest first."""
        return iter(self.data.rows[kind.id].values())

    def holders(self, kind: Kind, attribute: FakeAttribute, key: object) -> list[FakeRecord]:
        """The records that hold a value of a unique attribute, as `same_key` tells values apart."""
        table = self.data.rows[kind.id]
        if attribute.is_id:
            return [table[key]] if isinstance(key, str) and key in table else []
        owners = self._owners.get(attribute.id, {}).get(key, {})
        return [table[record_id] for record_id in owners]

    def in_order(self, kind: Kind, ids: Iterable[str]) -> list[FakeRecord]:
        """The records of an object, or entries of a list, with these ids, oldest first."""
        table = self.data.rows[kind.id]
        return [table[id_] for id_ in sorted(ids, key=self._places.__getitem__)]

    def referrers(self, record_id: str) -> list[tuple[FakeRecord, FakeAttribute]]:
        """Records and entries that refer to a record, each with the attribute that does."""
        return [
            (self.data.rows[kind_id][referrer], self._kinds[kind_id].attributes[slug])
            for kind_id, referrer, slug in self._referrers.get(record_id, {})
        ]

    def entries_about(self, record_id: str) -> list[FakeRecord]:
        """The entries of all lists whose parent is that record, oldest first."""
        return [self.data.rows[kind_id][entry_id] for kind_id, entry_id in self._entries.get(record_id, {})]

    def move_entry(self, entry: FakeRecord, parent: Parent) -> None:
        """Make an entry be about another record."""
        self._unindex_parent(entry)
        entry.parent = parent
        self._index_parent(entry)

    def add_record(self, kind: Kind, now: str, parent: Parent | None = None) -> FakeRecord:
        """A new record, or with a parent a new entry, without values."""
        record = FakeRecord(self.new_id(), kind.id, now, parent)
        self.data.rows[kind.id][record.id] = record
        self._take_place(record)
        self._index_parent(record)
        return record

    def remove_record(self, record: FakeRecord) -> None:
        """Forget a record or entry whose values have all been removed."""
        del self.data.rows[record.kind][record.id], self._places[record.id]
        self._unindex_parent(record)

    def set_values(self, record: FakeRecord, attribute: FakeAttribute, values: list[Value], now: str) -> None:
        """Replace the current values of an attribute; those that are gone are kept as history until `now`."""
        before = record.values.get(attribute.slug, [])
        kept = {id(value) for value in values}
        gone = [value for value in before if id(value) not in kept]
        for value in gone:
            value["active_until"] = now
        if gone:
            record.history.setdefault(attribute.slug, []).extend(gone)
            self._unindex(record, attribute, gone)
        known = {id(value) for value in before}
        self._index(record, attribute, [value for value in values if id(value) not in known])
        if values:
            record.values[attribute.slug] = list(values)  # with no room to grow, as there are very many
        else:
            record.values.pop(attribute.slug, None)

    def add_value(self, record: FakeRecord, attribute: FakeAttribute, value: Value) -> None:
        """Append one value: what `set_values` does, but quick however many there are."""
        record.values.setdefault(attribute.slug, []).append(value)
        self._index(record, attribute, [value])

    def reindex(self) -> None:
        """Build the indexes anew, after attributes were renamed or became unique."""
        for index in (self._owners, self._referrers, self._entries, self._places):
            index.clear()
        for kind_id, table in self.data.rows.items():
            attributes = self._kinds[kind_id].attributes
            for record in table.values():
                self._take_place(record)
                self._index_parent(record)
                for slug, values in record.values.items():
                    self._index(record, attributes[slug], values)

    def _take_place(self, record: FakeRecord) -> None:
        self._places[record.id] = self._next_place
        self._next_place += 1

    def _index_parent(self, record: FakeRecord) -> None:
        if record.parent is not None:
            self._entries.setdefault(record.parent.record_id, {})[record.kind, record.id] = None

    def _unindex_parent(self, record: FakeRecord) -> None:
        if record.parent is not None:
            entries = self._entries[record.parent.record_id]
            del entries[record.kind, record.id]
            if not entries:
                del self._entries[record.parent.record_id]

    def _index(
        self, record: FakeRecord, attribute: FakeAttribute, values: Iterable[Mapping[str, Any]]
    ) -> None:
        for value in values:
            if attribute.is_unique and not attribute.is_id:
                owners = self._owners.setdefault(attribute.id, {})
                owners.setdefault(same_key(attribute.type, value), {})[record.id] = None
            if attribute.type == "record-reference":
                referrers = self._referrers.setdefault(value["target_record_id"], {})
                referrers[record.kind, record.id, attribute.slug] = None

    def _unindex(
        self, record: FakeRecord, attribute: FakeAttribute, values: Iterable[Mapping[str, Any]]
    ) -> None:
        for value in values:
            if attribute.is_unique and not attribute.is_id:
                owners = self._owners[attribute.id]
                key = same_key(attribute.type, value)
                owners[key].pop(record.id, None)
                if not owners[key]:
                    del owners[key]
            if attribute.type == "record-reference":
                referrers = self._referrers[value["target_record_id"]]
                referrers.pop((record.kind, record.id, attribute.slug), None)
                if not referrers:
                    del self._referrers[value["target_record_id"]]
