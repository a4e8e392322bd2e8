"""Putting things into a fake workspace, and looking at what is there, without requests."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from .._errors import value_not_found
from .._events.publish import report_member
from .._schema import FakeMember, Kind, Parent
from .._workspace import views
from .._writes.writer import Author, RecordWriter
from .schema import SchemaSeeding


class Seeding(SchemaSeeding):
    """The part of `FakeAttio` that writes and reads its workspace in plain Python."""

    # Records and entries

    def create(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A new record, as the API shows it. Takes what a request may write, and read-only attributes too.

        Raises:
            ApiProblem: The object is unknown, or a value cannot be written.
        """
        with self._lock:
            kind = self._object(object)
            record = self._writer(kind).create(values)
            return _copied(views.record_view(self._workspace, kind, record))

    def load(self, records: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, list[str]]:
        """Create many records, object by object; the ids of those made, in their order.

        ::

            fake.load({"companies": companies(100), "people": people(1000)})

        Args:
            records: Values of records, as `create` takes them, by the slug of their object.

        Raises:
            ApiProblem: As `create`; what came before it is made.
        """
        return {
            object: [self.create(object, values)["id"]["record_id"] for values in each]
            for object, each in records.items()
        }

    def records(self, object: str) -> list[dict[str, Any]]:
        """All records of an object as the API shows them, oldest first.

        Raises:
            ApiProblem: The object is unknown.
        """
        with self._lock:
            kind = self._object(object)
            found = self._workspace.records(kind)
            return [_copied(views.record_view(self._workspace, kind, record)) for record in found]

    def create_entry(
        self, list: str, record_id: str, values: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """A new list entry about a record, as the API shows it.

        Args:
            list: Slug or id of the list.
            record_id: Of a record of the list's parent object.
            values: Of the list's attributes.

        Raises:
            ApiProblem: The list or the record is unknown, or a value cannot be written.
        """
        with self._lock:
            kind = self._list(list)
            parent = self._object(kind.parent_object)
            if self._workspace.record(parent, record_id) is None:
                raise value_not_found(f'Cannot find record with ID "{record_id}" of object "{parent.slug}".')
            entry = self._writer(kind).create(values or {}, Parent(parent.slug, record_id))
            return _copied(views.entry_view(self._workspace, kind, entry))

    def entries(self, list: str) -> list[dict[str, Any]]:
        """All entries of a list as the API shows them, oldest first.

        Raises:
            ApiProblem: The list is unknown.
        """
        with self._lock:
            kind = self._list(list)
            found = self._workspace.records(kind)
            return [_copied(views.entry_view(self._workspace, kind, entry)) for entry in found]

    # Members and merges

    def add_member(self, email_address: str, first_name: str = "", last_name: str = "") -> str:
        """Add a workspace member; returns their id."""
        with self._lock:
            member = FakeMember(
                self._workspace.new_id(), first_name, last_name, email_address, self._now(), "member"
            )
            self._workspace.data.members.append(member)
            report_member(self._workspace, member, self._stamp())
            return member.id

    def set_merge_delay(self, seconds: float) -> None:
        """From now on merges are answered with 202 and done that much later by the clock; 0 does them at once.

        Until then the records they concern cannot be read: 404 `merge_in_progress`.

        Raises:
            ValueError: `seconds` is negative or not finite.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"a merge takes a finite number of seconds from 0 up, not {seconds!r}")
        with self._lock:
            self._workspace.data.merge_seconds = seconds

    def _writer(self, kind: Kind) -> RecordWriter:
        return RecordWriter(self._workspace, kind, Author(self._stamp(), is_system=True))


def _copied(view: dict[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing with the state."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(view))
    return copy
