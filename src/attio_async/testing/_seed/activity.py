"""Putting meetings, their recordings and e-mails into a fake workspace, as calendars and mailboxes bring them along."""

import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, Literal

import attrs

from .. import _timestamps
from .._errors import not_found
from .._events.publish import report_activity, report_comment, report_recording
from .._events.recordings import FETCHING, finish
from .._query.query import FakeQuery
from .._schema import ActivityType
from .._values.contacts import read_email
from .._workspace.entities import (
    FakeCallRecording,
    FakeComment,
    FakeEmail,
    FakeMeeting,
    RecordLink,
    View,
)
from .._workspace.ids import SYSTEM, Stamp
from .._workspace.meeting_times import in_order
from .base import Seeded


class ThingSeeding(Seeded):
    """The part of `FakeAttio` that makes in plain Python what no request can."""

    def add_view(
        self,
        target: str,
        title: str,
        *,
        filter: Mapping[str, Any] | None = None,
        archived: bool = False,
    ) -> str:
        """Add a saved view to an object or a list; returns its id, which queries take in place of a filter.

        Args:
            target: Slug or id of the object or list; an object is found first.
            title: Of the view.
            filter: What it shows, in Attio's own form. Default: everything.
            archived: Whether it is hidden.

        Raises:
            ApiProblem: The object or list is unknown, or the filter makes no sense.
        """
        with self._lock:
            workspace = self._workspace
            kind = workspace.object_type(target) or workspace.list_type(target)
            if kind is None:
                raise not_found(f'object or list with slug/ID "{target}"')
            FakeQuery(workspace, kind).run(filter, None)
            view = View(
                id=workspace.new_id(),
                created_at=self._now(),
                created_by=SYSTEM,
                kind_id=kind.id,
                title=title,
                filter=deepcopy(filter),
                is_archived=archived,
            )
            workspace.data.things.views[view.id] = view
            return view.id

    def add_activity(
        self,
        slug: str,
        singular: str | None = None,
        plural: str | None = None,
        extends: Literal["activities", "interactions", "calls", "emails"] = "activities",
    ) -> str:
        """Add an activity with only the attributes every object has; returns its id. `add_attribute` gives it more.

        Raises:
            ValueError: There is one with that slug.
        """
        with self._lock:
            workspace = self._workspace
            if workspace.activity_type(slug) is not None:
                raise ValueError(f"there is an activity {slug!r} already")
            name = slug.replace("_", " ").capitalize()
            kind = ActivityType(
                id=workspace.new_id(),
                slug=slug,
                singular=singular or name.removesuffix("s"),
                plural=plural or name,
                created_at=self._now(),
                extends=extends,
            )
            workspace.add_activity(kind)
            report_activity(workspace, kind, "created", self._stamp())
            return kind.id

    def resolve_comment(self, comment_id: str, member: str | None = None) -> None:
        """Resolve the thread that a comment begins, as people do in the app.

        Args:
            comment_id: The first comment of the thread.
            member: Who does it, by id or e-mail address. Default: the first member of the workspace.

        Raises:
            ApiProblem: There is no such comment, or no such member.
        """
        with self._lock:
            found = self._workspace.member(member or self._workspace.data.members[0].id)
            if found is None:
                raise not_found(f'workspace member "{member}"')
            actor = {"type": "workspace-member", "id": found.id}
            stamp = Stamp(self._now(), actor)
            self._settle(comment_id, "resolved", stamp, {"resolved_at": stamp.now, "resolved_by": actor})

    def unresolve_comment(self, comment_id: str) -> None:
        """Take up a resolved thread again.

        Raises:
            ApiProblem: There is no such comment.
        """
        with self._lock:
            changes = {"resolved_at": None, "resolved_by": None}
            self._settle(comment_id, "unresolved", self._stamp(), changes)

    def _settle(
        self,
        comment_id: str,
        what: Literal["resolved", "unresolved"],
        stamp: Stamp,
        changes: Mapping[str, Any],
    ) -> None:
        comments = self._workspace.data.things.comments
        comment = comments.get(comment_id)
        if comment is None or not comment.is_head:
            raise not_found(f'thread with ID "{comment_id}"')
        settled: FakeComment = attrs.evolve(comment, **changes)
        comments[comment.id] = settled
        report_comment(self._workspace, settled, what, stamp)


Participant = str | Mapping[str, Any]


_AUTOMATED = re.compile(
    r"(no[-_.]?reply|do[-_.]?not[-_.]?reply|mailer-daemon|notifications?|postmaster)([-+_.].*)?"
)


"""What the address of a machine has before the @."""


class TalkSeeding(Seeded):
    """The part of `FakeAttio` that makes meetings, recordings and e-mails in plain Python."""

    def add_meeting(
        self,
        title: str,
        *,
        start: datetime | date,
        end: datetime | date,
        description: str = "",
        participants: Iterable[Participant] = (),
        linked_records: Iterable[tuple[str, str]] = (),
        synced: bool = True,
    ) -> str:
        """Add a meeting, as a calendar brings it along; returns its id. No request can delete one that is synced.

        Args:
            title: Of the meeting.
            start: A datetime with a time zone; a date for a meeting that takes whole days.
            end: Like the start; of whole days the last.
            description: Of the meeting.
            participants: E-mail addresses, or mappings with some of email_address, name, status and is_organizer.
            linked_records: Pairs of an object's slug and a record's id.
            synced: False for one that an app has created.

        Raises:
            ApiProblem: There is no such record.
            ValueError: Start and end do not go together, or have no time zone.
        """
        times = _time(start), _time(end)
        if not in_order(*times):
            raise ValueError(f"a meeting from {start} to {end} cannot be")
        with self._lock:
            links = tuple(self._link(object, record_id) for object, record_id in linked_records)
            meeting = FakeMeeting(
                id=self._workspace.new_id(),
                created_at=self._now(),
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
            self._workspace.data.things.meetings[meeting.id] = meeting
            return meeting.id

    def add_call_recording(
        self,
        meeting_id: str,
        *,
        transcript: Iterable[tuple[str, str]] = (),
        video_url: str | None = None,
        status: Literal["processing", "completed", "failed"] = "completed",
    ) -> str:
        """Add the recording of a meeting; returns its id.

        Args:
            meeting_id: Which meeting.
            transcript: Pairs of a speaker's name and what they said, each of five seconds.
            video_url: Where the video is.
            status: One that is processing is complete after a minute of the fake's clock.

        Raises:
            ApiProblem: There is no such meeting.
        """
        with self._lock:
            if meeting_id not in self._workspace.data.things.meetings:
                raise not_found(f'meeting with ID "{meeting_id}"')
            now = self._now()
            ready_at = _timestamps.iso_nanoseconds(_timestamps.unix(now) + FETCHING)
            recording = FakeCallRecording(
                id=self._workspace.new_id(),
                created_at=now,
                created_by=SYSTEM,
                meeting_id=meeting_id,
                video_url=video_url,
                segments=tuple(_segment(place, *said) for place, said in enumerate(transcript)),
                status=status,
                ready_at=ready_at if status == "processing" else None,
            )
            self._workspace.data.things.recordings[recording.id] = recording
            if status == "completed":
                report_recording(self._workspace, recording, self._stamp())
            return recording.id

    def finish_call_recording(
        self, recording_id: str, status: Literal["completed", "failed"] = "completed"
    ) -> None:
        """End the processing of a recording now.

        Raises:
            ApiProblem: There is no such recording.
            ValueError: It is not being processed.
        """
        with self._lock:
            recording = self._workspace.data.things.recordings.get(recording_id)
            if recording is None:
                raise not_found(f'call recording with ID "{recording_id}"')
            if recording.status != "processing":
                raise ValueError(f"the recording is {recording.status} already")
            finish(self._workspace, recording, status, self._now())

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
        """Add an e-mail, as a mailbox brings it along; returns its id.

        It is linked to the people who have one of its addresses, and to the companies that have one of its domains.

        Args:
            subject: Its subject.
            sender: The address it is from.
            to: The addresses it is to.
            cc: Those who get a copy.
            sent_at: Default: now.
            direction: Default: outbound when the sender is a member of the workspace.
            automated: Whether a machine sent it. Default: what the sender's address looks like.

        Raises:
            ValueError: Something is no address, or the time has no time zone.
        """
        participants = [
            _emailed(role, address)
            for role, addresses in (("from", [sender]), ("to", to), ("cc", cc))
            for address in addresses
        ]
        with self._lock:
            workspace = self._workspace
            sent_by = workspace.member(sender)
            local = sender.partition("@")[0].lower()
            email = FakeEmail(
                id=workspace.new_id(),
                created_at=self._now(),
                created_by=SYSTEM,
                mailbox_id=sent_by.id if sent_by else workspace.data.members[0].id,
                sent_at=self._now() if sent_at is None else _moment(sent_at),
                direction=direction or ("outbound" if sent_by else "inbound"),
                subject=subject,
                participants=tuple(participants),
                is_automated=_AUTOMATED.fullmatch(local) is not None if automated is None else automated,
            )
            workspace.data.things.emails[email.id] = email
            return email.id

    @property
    def unsubscribed(self) -> frozenset[str]:
        """The e-mail addresses that no sequence may write to any more."""
        with self._lock:
            return frozenset(self._workspace.data.things.unsubscribed)

    def _link(self, object: str, record_id: str) -> RecordLink:
        kind = self._workspace.object_type(object)
        if kind is None or self._workspace.record(kind, record_id) is None:
            raise not_found(f'record with ID "{record_id}" of object "{object}"')
        return RecordLink(kind.id, record_id)


def _time(when: datetime | date) -> dict[str, str | None]:
    if not isinstance(when, datetime):
        return {"date": when.isoformat()}
    return {"datetime": _moment(when), "timezone": getattr(when.tzinfo, "key", None)}


def _moment(when: datetime) -> str:
    if when.tzinfo is None:
        raise ValueError(f"{when} needs a time zone: datetime(..., tzinfo=...)")
    return _timestamps.iso_nanoseconds(when.astimezone(UTC).timestamp())


def _participant(given: Participant) -> dict[str, Any]:
    fresh = {"status": "accepted", "is_organizer": False, "email_address": None, "name": None}
    return {**fresh, **({"email_address": given} if isinstance(given, str) else given)}


def _emailed(role: str, address: str) -> dict[str, Any]:
    parts = read_email(address)
    return {
        "role": role,
        "email_address": parts["email_address"],
        "email_domain": parts["email_domain"],
        "name": None,
    }


def _segment(place: int, speaker: str, speech: str) -> dict[str, Any]:
    start = place * 5.0
    return {"speech": speech, "start_time": start, "end_time": start + 5, "speaker": {"name": speaker}}
