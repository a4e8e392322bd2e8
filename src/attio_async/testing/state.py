"""The state of a workspace: its objects, members and records, and the indexes that find them. No HTTP here."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import attrs

from . import moments
from .normalise import same_key
from .schema import Attribute, Choice, Member, ObjectType, Record, Value
from .standard import RECORD_ID, AttributeFacts, common_attributes, standard_objects

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
_MEMBERS = (("Ada", "Lovelace", "admin"), ("Grace", "Hopper", "member"))


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
    members: list[Member]
    objects: dict[str, ObjectType]
    records: dict[str, dict[str, Record]]


class Workspace:
    """Objects, members and records of one workspace.

    Every change of a record's values goes through `set_values` and `add_value`, which keep the indexes right.
    """

    def __init__(self, data: WorkspaceData) -> None:
        self.data = data
        self._owners: dict[tuple[str, str], dict[object, dict[str, None]]] = {}
        self._referrers: dict[str, dict[tuple[str, str, str], None]] = {}
        for table in data.records.values():
            for record in table.values():
                for slug, values in record.values.items():
                    self._index(record, data.objects[record.object].attributes[slug], values)

    @classmethod
    def standard(cls, *, seed: int, now: float) -> Self:
        """A new workspace with the five standard objects and two members.

        Ids follow from `seed` and the order in which things are made.
        """
        created_at = moments.iso_nanoseconds(now)
        data = WorkspaceData(
            seed=seed,
            ids_made=0,
            id="",
            name="Fake Workspace",
            slug="fake-workspace",
            token_id="",
            created_at=created_at,
            members=[],
            objects={},
            records={},
        )
        workspace = cls(data)
        data.id, data.token_id = workspace.new_id(), workspace.new_id()
        for first, last, access in _MEMBERS:
            email = f"{first.lower()}@fake-workspace.test"
            data.members.append(Member(workspace.new_id(), first, last, email, created_at, access))
        for facts in standard_objects():
            kind = ObjectType(workspace.new_id(), facts.slug, facts.singular, facts.plural, created_at)
            workspace.add_object(kind, facts.attributes)
        return workspace

    def new_id(self) -> str:
        """A UUID nobody has had yet, the same in every run."""
        self.data.ids_made += 1
        return str(uuid.uuid5(_NAMESPACE, f"{self.data.seed}/{self.data.ids_made}"))

    # Objects

    def add_object(self, kind: ObjectType, attributes: Iterable[AttributeFacts] | None = None) -> None:
        """Add an object; without `attributes` it has only those that every object has."""
        self.data.objects[kind.slug] = kind
        self.data.records[kind.slug] = {}
        for facts in (RECORD_ID, *common_attributes()) if attributes is None else attributes:
            kind.attributes[facts.slug] = self._system_attribute(facts, kind.created_at)

    def object_type(self, slug_or_id: str) -> ObjectType | None:
        """The object with that slug or id."""
        found = self.data.objects.get(slug_or_id)
        if found is not None:
            return found
        return next((kind for kind in self.data.objects.values() if kind.id == slug_or_id), None)

    def _system_attribute(self, facts: AttributeFacts, created_at: str) -> Attribute:
        return Attribute(
            id=self.new_id(),
            slug=facts.slug,
            title=facts.title,
            type=facts.type,
            created_at=created_at,
            is_multiselect="multi" in facts.traits,
            is_unique="unique" in facts.traits,
            is_required="required" in facts.traits,
            is_writable="readonly" not in facts.traits,
            is_system=True,
            choices=[Choice(self.new_id(), title) for title in facts.choices],
            currency_code="USD" if facts.type == "currency" else None,
            allowed_objects=[facts.inverse[0]] if facts.inverse else None,
            inverse=facts.inverse,
        )

    # Members

    def member(self, id_or_email: str) -> Member | None:
        """The member with that id or e-mail address."""
        wanted = id_or_email.lower()
        return next((m for m in self.data.members if wanted in (m.id, m.email_address.lower())), None)

    # Records

    def record(self, object_slug: str, record_id: str) -> Record | None:
        """The record with that id."""
        return self.data.records[object_slug].get(record_id)

    def records(self, object_slug: str) -> Iterator[Record]:
        """All records of an object, oldest first."""
        return iter(self.data.records[object_slug].values())

    def holders(self, object_slug: str, attribute: Attribute, key: object) -> list[Record]:
        """The records that hold a value of a unique attribute, as `same_key` tells values apart."""
        owners = self._owners.get((object_slug, attribute.slug), {}).get(key, {})
        return [self.data.records[object_slug][record_id] for record_id in owners]

    def referrers(self, record_id: str) -> list[tuple[Record, str]]:
        """Records that refer to a record, each with the slug of the attribute that does."""
        found = self._referrers.get(record_id, {})
        return [(self.data.records[kind][referrer], slug) for kind, referrer, slug in found]

    def add_record(self, object_slug: str, now: str) -> Record:
        """A new record without values."""
        record = Record(self.new_id(), object_slug, now)
        self.data.records[object_slug][record.id] = record
        return record

    def remove_record(self, record: Record) -> None:
        """Forget a record whose values have all been removed."""
        del self.data.records[record.object][record.id]

    def set_values(self, record: Record, attribute: Attribute, values: list[Value], now: str) -> None:
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
            record.values[attribute.slug] = values
        else:
            record.values.pop(attribute.slug, None)

    def add_value(self, record: Record, attribute: Attribute, value: Value) -> None:
        """Append one value: what `set_values` does, but quick however many there are."""
        record.values.setdefault(attribute.slug, []).append(value)
        self._index(record, attribute, [value])

    def _index(self, record: Record, attribute: Attribute, values: Iterable[Mapping[str, Any]]) -> None:
        for value in values:
            if attribute.is_unique:
                owners = self._owners.setdefault((record.object, attribute.slug), {})
                owners.setdefault(same_key(attribute.type, value), {})[record.id] = None
            if attribute.type == "record-reference":
                referrers = self._referrers.setdefault(value["target_record_id"], {})
                referrers[record.object, record.id, attribute.slug] = None

    def _unindex(self, record: Record, attribute: Attribute, values: Iterable[Mapping[str, Any]]) -> None:
        for value in values:
            if attribute.is_unique:
                owners = self._owners[record.object, attribute.slug]
                key = same_key(attribute.type, value)
                owners[key].pop(record.id, None)
                if not owners[key]:
                    del owners[key]
            if attribute.type == "record-reference":
                referrers = self._referrers[value["target_record_id"]]
                referrers.pop((record.object, record.id, attribute.slug), None)
                if not referrers:
                    del self._referrers[value["target_record_id"]]
