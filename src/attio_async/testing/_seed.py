"""Changes of a fake workspace in plain Python, without requests."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, Literal

import attrs

from .._utils.public import public
from . import _timestamps
from ._errors import not_found, value_not_found
from ._events.publish import report_attribute, report_comment, report_kind, report_member
from ._events.recordings import add_recording, finish
from ._query.query import FakeQuery
from ._schema import ActivityType, Choice, FakeAttribute, FakeMember, Kind, ListType, ObjectType, Parent
from ._values.contacts import read_email
from ._workspace import views
from ._workspace.entities import FakeEmail, FakeMeeting, FakeView, in_order
from ._workspace.find import find_list, find_member, find_object, find_record, find_row
from ._workspace.ids import SYSTEM, Stamp
from ._workspace.state import WorkspaceState
from ._workspace.workspace import Workspace
from ._writes.defaults import read_default
from ._writes.lookup import WorkspaceLookup
from ._writes.relationships import OtherEnd, relate
from ._writes.writer import Author, RecordWriter

SeedParticipant = str | Mapping[str, Any]

_AUTOMATED_SENDER = re.compile(
    r"(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|notifications?|postmaster)([-+_.].*)?"
)
"""The local part of an address that a machine sends from."""

_SEGMENT_S = 5.0


@public
class Seed:
    """Fills a fake workspace without requests, and does what no request can, as people and mailboxes do."""

    def __init__(self, state: WorkspaceState) -> None:
        self._state = state

    @property
    def _workspace(self) -> Workspace:
        return self._state.workspace

    # Objects, lists and attributes

    def add_object(self, slug: str, singular: str | None = None, plural: str | None = None) -> str:
        """Add a custom object with only the attributes that every object has, and return its id.

        Args:
            slug: The slug of the new object.
            singular: What one record is called. Default: derived from the slug.
            plural: What several records are called. Default: derived from the slug.

        Raises:
            ValueError: The slug is taken.
        """
        with self._state.lock:
            _check_free(self._workspace.object_type(slug), "an object", slug)
            kind = ObjectType(**self._named(slug, singular, plural))
            self._workspace.add_object(kind)
            return kind.id

    def add_list(self, slug: str, name: str | None = None, parent: str = "people") -> str:
        """Add a list with only the attributes that every list has, and return its id.

        Args:
            slug: The slug of the new list.
            name: The name of the new list. Default: derived from the slug.
            parent: Slug or id of the object whose records the list can hold.

        Raises:
            ApiProblem: The object is unknown.
            ValueError: The slug is taken.
        """
        with self._state.lock:
            _check_free(self._workspace.list_type(slug), "a list", slug)
            kind = ListType(
                id=self._workspace.new_id(),
                slug=slug,
                created_at=self._state.now(),
                name=name or _title_of(slug),
                parent_object=find_object(self._workspace, parent).slug,
                workspace_access="full-access",
                member_access=[],
                created_by=dict(SYSTEM),
            )
            self._workspace.add_list(kind)
            return kind.id

    def add_activity(
        self,
        slug: str,
        singular: str | None = None,
        plural: str | None = None,
        extends: Literal["activities", "interactions", "calls", "emails"] = "activities",
    ) -> str:
        """Add an activity with the attributes of the one it extends, and return its id.

        Args:
            slug: The slug of the new activity.
            singular: What one record is called. Default: derived from the slug.
            plural: What several records are called. Default: derived from the slug.
            extends: The activity that it is a kind of.

        Raises:
            ValueError: The slug is taken.
        """
        with self._state.lock:
            _check_free(self._workspace.activity_type(slug), "an activity", slug)
            kind = ActivityType(**self._named(slug, singular, plural), extends=extends)
            self._workspace.add_activity(kind)
            report_kind(self._workspace, kind, "created", self._state.stamp())
            return kind.id

    def add_attribute(
        self,
        target: str,
        slug: str,
        type: str,
        *,
        title: str | None = None,
        multiselect: bool = False,
        unique: bool = False,
        required: bool = False,
        options: Sequence[str] = (),
        currency_code: str = "USD",
        allowed_objects: Sequence[str] | None = None,
        default: Mapping[str, Any] | None = None,
    ) -> str:
        """Add an attribute to an object, list or activity, and return its id.

        Interaction attributes are read-only, as Attio's are.

        Args:
            target: Slug or id of the object, list or activity; objects win over lists, and those over activities.
            slug: The slug of the new attribute.
            type: One of the 17 attribute types.
            title: The title of the new attribute. Default: derived from the slug.
            multiselect: Let it hold several values.
            unique: Let no two records hold the same value.
            required: Refuse records without a value.
            options: Titles of the options of a select, or of the statuses of a status attribute.
            currency_code: The currency of a currency attribute.
            allowed_objects: Slugs of the objects that a record reference may point to. Default: all objects.
            default: What new records get, as the API takes it: `{"type": "static", "template": [...]}` or
                `{"type": "dynamic", "template": "P1M"}`.

        Raises:
            ApiProblem: The target is unknown, or the default does not fit.
            ValueError: The slug is taken, the type is unknown, or the type cannot be multiselect.
        """
        with self._state.lock:
            kind = self._target(target)
            _check_free(kind.attribute(slug), f"an attribute of {kind.slug}", slug)
            attribute = FakeAttribute(
                id=self._workspace.new_id(),
                slug=slug,
                title=title or _title_of(slug),
                type=type,
                created_at=self._state.now(),
                is_multiselect=multiselect,
                is_unique=unique,
                is_required=required,
                is_writable=type != "interaction",
                choices=[Choice(self._workspace.new_id(), option) for option in options],
                currency_code=currency_code if type == "currency" else None,
                currency_display="symbol" if type == "currency" else None,
                allowed_objects=None if allowed_objects is None else list(allowed_objects),
            )
            if default is not None:
                lookup = WorkspaceLookup(self._workspace)
                attribute.default = read_default(attribute, default, self._state.stamp(), lookup)
            kind.attributes[slug] = attribute
            report_attribute(self._workspace, kind, attribute, "created", self._state.stamp())
            return attribute.id

    def add_relationship(
        self,
        object: str,
        slug: str,
        other_object: str,
        other_slug: str,
        *,
        multiselect: bool = False,
        other_multiselect: bool = False,
    ) -> tuple[str, str]:
        """Add two attributes that are each other's inverse, so that writing one changes both; return their ids.

        Args:
            object: Slug or id of one object.
            slug: The slug of its new attribute.
            other_object: Slug or id of the other object, which may be the same.
            other_slug: The slug of the other object's new attribute.
            multiselect: Let the first attribute refer to several records.
            other_multiselect: Let the other attribute refer to several records.

        Raises:
            ApiProblem: An object is unknown.
            ValueError: A slug is taken, or both attributes would be the same.
        """
        with self._state.lock:
            kind, other = find_object(self._workspace, object), find_object(self._workspace, other_object)
            _check_free(other.attribute(other_slug), f"an attribute of {other.slug}", other_slug)
            if kind is other and slug == other_slug:
                raise ValueError(f"both ends of the relationship have the slug {slug!r}")
            first = self.add_attribute(kind.slug, slug, "record-reference", multiselect=multiselect)
            end = OtherEnd(other, _title_of(other_slug), other_slug, other_multiselect)
            inverse = relate(self._workspace, kind, kind.attributes[slug], end)
            other.attributes[other_slug] = inverse
            report_attribute(self._workspace, other, inverse, "created", self._state.stamp())
            return first, inverse.id

    def add_option(self, target: str, attribute: str, title: str) -> str:
        """Add an option to a select, or a status to a status attribute, and return its id.

        Args:
            target: Slug or id of the object, list or activity.
            attribute: Slug or id of its attribute.
            title: The title of the new option or status.

        Raises:
            ApiProblem: The target or its attribute is unknown.
            ValueError: The attribute has no options, or already one with that title.
        """
        with self._state.lock:
            kind = self._target(target)
            found = kind.attribute(attribute)
            if found is None:
                raise not_found(f'attribute with slug/ID "{attribute}"')
            if found.type not in ("select", "status") or any(c.title == title for c in found.choices):
                raise ValueError(f"cannot add the option {title!r} to {found.slug}, of type {found.type}")
            found.choices.append(Choice(self._workspace.new_id(), title))
            report_attribute(self._workspace, kind, found, "updated", self._state.stamp())
            return found.choices[-1].id

    def add_view(
        self,
        target: str,
        title: str,
        *,
        filter: Mapping[str, Any] | None = None,
        archived: bool = False,
    ) -> str:
        """Add a saved view to an object or list, and return its id, which queries take in place of a filter.

        Args:
            target: Slug or id of the object or list; objects win over lists.
            title: The title of the view.
            filter: The records that it shows, in Attio's own form. Default: all of them.
            archived: Hide the view.

        Raises:
            ApiProblem: The object or list is unknown, or the filter is invalid.
        """
        with self._state.lock:
            workspace = self._workspace
            kind = workspace.object_type(target) or workspace.list_type(target)
            if kind is None:
                raise not_found(f'object or list with slug/ID "{target}"')
            FakeQuery(workspace, kind).run(filter, None)
            view = FakeView(
                id=workspace.new_id(),
                created_at=self._state.now(),
                created_by=SYSTEM,
                kind_id=kind.id,
                title=title,
                filter=deepcopy(filter),
                is_archived=archived,
            )
            workspace.data.entities.views[view.id] = view
            return view.id

    # Records, entries and members

    def add_record(self, object: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Add a record, and return it as the API shows it.

        Args:
            object: Slug or id of the object.
            values: What a request may write; read-only attributes can be set as well.

        Raises:
            ApiProblem: The object is unknown, or a value cannot be written.
        """
        with self._state.lock:
            kind = find_object(self._workspace, object)
            record = self._writer(kind).create(values)
            return views.detached(views.row_view(self._workspace, kind, record))

    def add_entry(self, list: str, record_id: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Add a record to a list, and return the new entry as the API shows it.

        Args:
            list: Slug or id of the list.
            record_id: The id of a record of the list's parent object.
            values: Values of the list's attributes.

        Raises:
            ApiProblem: The list or the record is unknown, or a value cannot be written.
        """
        with self._state.lock:
            kind = find_list(self._workspace, list)
            parent = find_object(self._workspace, kind.parent_object)
            find_row(self._workspace, parent, record_id, value_not_found)
            entry = self._writer(kind).create(values or {}, Parent(parent.slug, record_id))
            return views.detached(views.row_view(self._workspace, kind, entry))

    def add_member(self, email_address: str, first_name: str = "", last_name: str = "") -> str:
        """Add a workspace member, and return their id."""
        with self._state.lock:
            member = FakeMember(
                self._workspace.new_id(),
                first_name,
                last_name,
                email_address,
                self._state.now(),
                "member",
            )
            self._workspace.data.members.append(member)
            report_member(self._workspace, member, self._state.stamp())
            return member.id

    # Meetings, recordings and e-mails

    def add_meeting(
        self,
        title: str,
        *,
        start: datetime | date,
        end: datetime | date,
        description: str = "",
        participants: Iterable[SeedParticipant] = (),
        linked_records: Iterable[tuple[str, str]] = (),
        synced: bool = True,
    ) -> str:
        """Add a meeting, as a connected calendar does, and return its id.

        Args:
            title: The title of the meeting.
            start: A datetime with a time zone, or a date for a meeting of whole days.
            end: Of the same type as `start`; for a meeting of whole days, its last day.
            description: The description of the meeting.
            participants: E-mail addresses, or mappings with some of email_address, name, status and is_organizer.
            linked_records: Pairs of an object's slug and a record's id.
            synced: False for a meeting that an app has created. Requests cannot delete one that is synced.

        Raises:
            ApiProblem: A linked record is unknown.
            ValueError: Start and end have different types or no time zone, or the end is before the start.
        """
        times = _time(start), _time(end)
        if not in_order(*times):
            raise ValueError(
                f"a meeting cannot last from {start} to {end}: the end must be like the start, and not before it"
            )
        with self._state.lock:
            links = tuple(find_record(self._workspace, *link) for link in linked_records)
            meeting = FakeMeeting(
                id=self._workspace.new_id(),
                created_at=self._state.now(),
                created_by=SYSTEM,
                title=title,
                description=description,
                start=times[0],
                end=times[1],
                is_all_day="date" in times[0],
                participants=tuple(map(_participant, participants)),
                links=links,
                is_synced=synced,
            )
            self._workspace.data.entities.meetings[meeting.id] = meeting
            return meeting.id

    def add_call_recording(
        self,
        meeting_id: str,
        *,
        transcript: Iterable[tuple[str, str]] = (),
        video_url: str | None = None,
        status: Literal["processing", "completed", "failed"] = "completed",
    ) -> str:
        """Add a recording of a meeting, and return its id.

        Args:
            meeting_id: The id of the meeting.
            transcript: Pairs of a speaker's name and what they say, each lasting five seconds.
            video_url: The URL of the video.
            status: The status; "processing" becomes "completed" after a minute on the fake's clock.

        Raises:
            ApiProblem: The meeting is unknown.
        """
        with self._state.lock:
            if meeting_id not in self._workspace.data.entities.meetings:
                raise not_found(f'meeting with ID "{meeting_id}"')
            segments = tuple(_segment(place, *said) for place, said in enumerate(transcript))
            recording = add_recording(
                self._workspace,
                self._state.stamp(),
                meeting_id,
                segments=segments,
                video_url=video_url,
                status=status,
            )
            return recording.id

    def finish_call_recording(
        self, recording_id: str, status: Literal["completed", "failed"] = "completed"
    ) -> None:
        """End the processing of a recording now.

        Raises:
            ApiProblem: The recording is unknown.
            ValueError: The recording is not being processed.
        """
        with self._state.lock:
            recording = self._workspace.data.entities.recordings.get(recording_id)
            if recording is None:
                raise not_found(f'call recording with ID "{recording_id}"')
            if recording.status != "processing":
                raise ValueError(f"the recording is already {recording.status}")
            finish(self._workspace, recording, status, self._state.now())

    def add_email(
        self,
        subject: str | None,
        *,
        sender: str,
        to: Iterable[str],
        cc: Iterable[str] = (),
        sent_at: datetime | None = None,
        direction: Literal["inbound", "outbound"] | None = None,
        automated: bool | None = None,
    ) -> str:
        """Add an e-mail, as a connected mailbox does, and return its id.

        It is linked to the people with one of its addresses, and to the companies with one of its domains.

        Args:
            subject: The subject.
            sender: The address that it is from.
            to: The addresses that it is to.
            cc: The addresses that get a copy.
            sent_at: When it was sent. Default: now.
            direction: Its direction. Default: outbound if the sender is a workspace member.
            automated: Mark it as sent by a machine. Default: derived from the sender's address.

        Raises:
            InvalidValue: An address is not a valid e-mail address.
            ValueError: `sent_at` has no time zone.
        """
        participants = [
            _emailed(role, address)
            for role, addresses in (("from", [sender]), ("to", to), ("cc", cc))
            for address in addresses
        ]
        if automated is None:
            automated = _AUTOMATED_SENDER.fullmatch(sender.partition("@")[0].lower()) is not None
        with self._state.lock:
            workspace = self._workspace
            sent_by = workspace.member(sender)
            email = FakeEmail(
                id=workspace.new_id(),
                created_at=self._state.now(),
                created_by=SYSTEM,
                mailbox_id=sent_by.id if sent_by else workspace.data.members[0].id,
                sent_at=self._state.now() if sent_at is None else _timestamp(sent_at),
                direction=direction or ("outbound" if sent_by else "inbound"),
                subject=subject,
                participants=tuple(participants),
                is_automated=automated,
            )
            workspace.data.entities.emails[email.id] = email
            return email.id

    # Comments

    def resolve_comment(self, comment_id: str, member: str | None = None) -> None:
        """Resolve a thread, as people do in the app.

        Args:
            comment_id: The id of the first comment of the thread.
            member: Id or e-mail address of the member who resolves it. Default: the first member.

        Raises:
            ApiProblem: The thread or the member is unknown.
        """
        with self._state.lock:
            who = find_member(self._workspace, member or self._workspace.data.members[0].id)
            actor = {"type": "workspace-member", "id": who.id}
            stamp = Stamp(self._state.now(), actor)
            self._settle(comment_id, "resolved", stamp, {"resolved_at": stamp.now, "resolved_by": actor})

    def unresolve_comment(self, comment_id: str) -> None:
        """Open a resolved thread again.

        Args:
            comment_id: The id of the first comment of the thread.

        Raises:
            ApiProblem: The thread is unknown.
        """
        with self._state.lock:
            changes = {"resolved_at": None, "resolved_by": None}
            self._settle(comment_id, "unresolved", self._state.stamp(), changes)

    def _settle(
        self,
        comment_id: str,
        what: Literal["resolved", "unresolved"],
        stamp: Stamp,
        changes: Mapping[str, Any],
    ) -> None:
        comments = self._workspace.data.entities.comments
        comment = comments.get(comment_id)
        if comment is None or not comment.is_head:
            raise not_found(f'thread with ID "{comment_id}"')
        comments[comment.id] = attrs.evolve(comment, **changes)
        report_comment(self._workspace, comments[comment.id], what, stamp)

    def _named(self, slug: str, singular: str | None, plural: str | None) -> dict[str, Any]:
        """Return the fields of a new object or activity."""
        name = _title_of(slug)
        return {
            "id": self._workspace.new_id(),
            "slug": slug,
            "singular": singular or name.removesuffix("s"),
            "plural": plural or name,
            "created_at": self._state.now(),
        }

    def _target(self, name: str) -> Kind:
        workspace = self._workspace
        kind: Kind | None = (
            workspace.object_type(name) or workspace.list_type(name) or workspace.activity_type(name)
        )
        if kind is None:
            raise not_found(f'object, list or activity with slug/ID "{name}"')
        return kind

    def _writer(self, kind: Kind) -> RecordWriter:
        return RecordWriter(self._workspace, kind, Author(self._state.stamp(), is_system=True))


def _check_free(taken: object, what: str, slug: str) -> None:
    if taken is not None:
        raise ValueError(f"{what} with the slug {slug!r} already exists")


def _title_of(slug: str) -> str:
    return slug.replace("_", " ").capitalize()


def _time(when: datetime | date) -> dict[str, str | None]:
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    return {"datetime": _timestamp(when), "timezone": getattr(when.tzinfo, "key", None)}


def _timestamp(when: datetime) -> str:
    if when.tzinfo is None:
        raise ValueError(f"{when} needs a time zone: datetime(..., tzinfo=...)")
    return _timestamps.iso_nanoseconds(when.astimezone(UTC).timestamp())


def _participant(given: SeedParticipant) -> dict[str, Any]:
    default = {"status": "accepted", "is_organizer": False, "email_address": None, "name": None}
    return {**default, **({"email_address": given} if isinstance(given, str) else given)}


def _emailed(role: str, address: str) -> dict[str, Any]:
    parts = read_email(address)
    shown = {name: parts[name] for name in ("email_address", "email_domain")}
    return {"role": role, **shown, "name": None}


def _segment(place: int, speaker: str, speech: str) -> dict[str, Any]:
    start = place * _SEGMENT_S
    return {
        "speech": speech,
        "start_time": start,
        "end_time": start + _SEGMENT_S,
        "speaker": {"name": speaker},
    }
