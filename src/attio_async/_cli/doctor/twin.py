"""A fake workspace with the objects, lists and attributes of another one, and with some of everything to compare."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ..._schema import Attribute
from ..._utils.clock import SystemClock
from ...testing import ApiProblem, FakeAttio
from .probes import SeenKind
from .shapes import fields_of

TOKEN = "twin"  # noqa: S105 - of a fake
"""The access token that has the scopes of the workspace's own."""

_START, _END = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 5, 10, tzinfo=UTC)
_NOBODY = {"type": "system", "id": None}
_PLACE = {
    "line_1": "1 Main Street",
    "line_2": "Floor 2",
    "line_3": "Room 3",
    "line_4": "Desk 4",
    "locality": "London",
    "region": "London",
    "postcode": "N1 9GU",
    "country_code": "GB",
    "latitude": "51.5",
    "longitude": "-0.12",
}
_FORM = "conformance"


class LeapingClock(SystemClock):
    """A clock that leaps over every sleep, so that no request has to wait for the limits of a client."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = 0.0

    def time(self) -> float:
        """Return Unix time."""
        return super().time() + self._ahead

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return super().monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Leap ahead."""
        self._ahead += max(seconds, 0.0)
        await super().sleep(0)


class Twin:
    """Makes the fake and fills it. What the fake cannot hold is left out."""

    def __init__(self, kinds: Sequence[SeenKind], scopes: Iterable[str]) -> None:
        self.fake = FakeAttio(clock=LeapingClock())
        self._kinds = kinds
        self._numbers = itertools.count(1)
        self._records: dict[str, list[str]] = {}
        self.fake.auth.add_token(TOKEN, self._known(scopes))

    def _known(self, scopes: Iterable[str]) -> list[str]:
        known = list[str]()
        for scope in scopes:
            try:
                self.fake.auth.add_token(TOKEN, [scope])
            except ValueError:
                continue
            known.append(scope)
        return known

    def fill(self) -> FakeAttio:
        """Create everything, and return the fake."""
        self.fake.seed.add_member("edith@example.com", "Edith")
        for kind in self._kinds:
            self._add_kind(kind)
        for kind in self._kinds:
            for attribute in kind.attributes:
                self._add_attribute(kind, attribute)
        objects = [kind for kind in self._kinds if kind.target == "objects"]
        for kind in objects:
            self._add_first_records(kind)
        for kind in objects:
            self._add_full_record(kind)
        for kind in self._kinds:
            if kind.target == "lists":
                self._add_entries(kind)
            self._try(self.fake.seed.add_view, kind.slug, "Everything")
        if objects:
            self._add_others(next((one.slug for one in objects if one.slug == "people"), objects[0].slug))
        return self.fake

    def _try(self, action: Any, *arguments: Any, **options: Any) -> Any:
        try:
            return action(*arguments, **options)
        except (ApiProblem, ValueError):  # a slug that is taken, or a type that the fake does not know
            return None

    def _send(self, method: str, path: str, data: object, *, wrapped: bool = True) -> Mapping[str, Any]:
        """Send a request to the fake; return its data, or nothing if it was refused."""
        body = msgspec.json.encode({"data": data} if wrapped else data)
        headers = {"authorization": f"Bearer {self.fake.token}", "content-type": "application/json"}
        answer = self.fake.handle(method, path, headers, body)
        if answer.status >= 300:  # noqa: PLR2004 - not a success
            return {}
        found: Mapping[str, Any] = msgspec.json.decode(answer.body)["data"]
        return found

    # Schema

    def _add_kind(self, kind: SeenKind) -> None:
        if kind.target == "objects":
            self._try(self.fake.seed.add_object, kind.slug)
        else:
            self._try(self.fake.seed.add_list, kind.slug, None, kind.parent)

    def _add_attribute(self, kind: SeenKind, attribute: Attribute) -> None:
        relationship = fields_of(attribute.raw.get("relationship"))
        other = relationship.get("object_slug")
        if other in {one.slug for one in self._kinds}:
            added = self._try(
                self.fake.seed.add_relationship,
                kind.slug,
                attribute.slug,
                other,
                relationship.get("api_slug"),
                multiselect=attribute.is_multiselect,
                other_multiselect=relationship.get("is_multiselect") is True,
            )
            if added:
                return
        self._try(
            self.fake.seed.add_attribute,
            kind.slug,
            attribute.slug,
            attribute.type,
            title=attribute.title,
            multiselect=attribute.is_multiselect,
            unique=attribute.is_unique,
            required=attribute.is_required,
            options=[option.title for option in attribute.options or ()],
            allowed_objects=attribute.target_objects or None,
        )
        for option in attribute.options or ():
            self._try(self.fake.seed.add_option, kind.slug, attribute.slug, option.title)
        if attribute.is_archived:
            path = f"/v2/{kind.target}/{kind.slug}/attributes/{attribute.slug}"
            self._send("PATCH", path, {"is_archived": True})

    # Records and entries

    def _add_first_records(self, kind: SeenKind) -> None:
        """Add two records without references: one by the system, and one through the API with as little as possible."""
        simple = [one for one in kind.attributes if one.type != "record-reference"]
        for attributes in (simple, [one for one in simple if one.is_required]):
            values = dict(self._values(attributes))
            record = self._try(self.fake.seed.add_record, kind.slug, values) or self._try(
                self.fake.seed.add_record, kind.slug, {}
            )
            if record:
                self._records.setdefault(kind.slug, []).append(record["id"]["record_id"])

    def _add_full_record(self, kind: SeenKind) -> None:
        """Add a record through the API, and give its attributes and those of the first record two values in turn."""
        required = dict(self._values(one for one in kind.attributes if one.needs_value))
        record = self._send("POST", f"/v2/objects/{kind.slug}/records", {"values": required})
        records = self._records.setdefault(kind.slug, [])
        if record:
            records.append(record["id"]["record_id"])
        for record_id in (*records[:1], *records[2:]):
            path = f"/v2/objects/{kind.slug}/records/{record_id}"
            for is_whole in (True, False):
                for slug, values in self._values(kind.attributes, is_whole=is_whole):
                    self._send("PATCH", path, {"values": {slug: values}})

    def _add_entries(self, kind: SeenKind) -> None:
        for place, record_id in enumerate(self._records.get(kind.parent, ())):
            values = dict(self._values(kind.attributes)) if place == 0 else {}
            added = self._try(self.fake.seed.add_entry, kind.slug, record_id, values)
            entry = added or self._try(self.fake.seed.add_entry, kind.slug, record_id)
            for slug, one in self._values(kind.attributes) if entry and place else ():
                path = f"/v2/lists/{kind.slug}/entries/{entry['id']['entry_id']}"
                self._send("PATCH", path, {"entry_values": {slug: one}})

    def _values(
        self, attributes: Iterable[Attribute], *, is_whole: bool = True
    ) -> Iterator[tuple[str, list[Any]]]:
        for attribute in attributes:
            if attribute.is_archived or attribute.slug in {
                "record_id",
                "entry_id",
                "created_at",
                "created_by",
            }:
                continue
            value = self._value(attribute, is_whole=is_whole)
            if value is not None:
                yield attribute.slug, [value]

    def _value(self, attribute: Attribute, *, is_whole: bool) -> Any:
        number = next(self._numbers)
        titles = attribute.option_titles or ()
        targets = [one for one in (*attribute.target_objects, *self._records) if one in self._records]
        match attribute.type:
            case "select" | "status":
                return str(titles[number % len(titles)]) if titles else None
            case "record-reference" if targets:
                return {"target_object": targets[0], "target_record_id": self._records[targets[0]][0]}
            case "location":
                return _PLACE if is_whole else {**dict.fromkeys(_PLACE), "locality": "Paris"}
            case "interaction":
                moment = "2026-01-05T09:00:00.000000000Z"
                actor = _NOBODY if number % 2 else {"type": "workspace-member", "id": self._member()}
                return {"interaction_type": "email", "interacted_at": moment, "owner_actor": actor}
            case _:
                return _simple_value(attribute.type, number)

    def _member(self) -> str:
        answer = self.fake.handle(
            "GET", "/v2/workspace_members", {"authorization": f"Bearer {self.fake.token}"}, b""
        )
        found: str = msgspec.json.decode(answer.body)["data"][0]["id"]["workspace_member_id"]
        return found

    # Notes, tasks and the rest

    def _add_others(self, slug: str) -> None:
        record_id = self._records[slug][0]
        member, seed = self._member(), self.fake.seed
        link, actor = (slug, record_id), {"type": "workspace-member", "id": member}
        meetings = [
            seed.add_meeting("Call", start=_START, end=_END, participants=["ada@example.com"]),
            seed.add_meeting("Fair", start=date(2026, 1, 5), end=date(2026, 1, 6), linked_records=[link]),
            seed.add_meeting(
                "Visit",
                start=_START.astimezone(ZoneInfo("Europe/London")),
                end=_END.astimezone(ZoneInfo("Europe/London")),
                participants=[{"name": "Ada", "is_organizer": True}],
                synced=False,
            ),
        ]
        for meeting in meetings:
            seed.add_call_recording(meeting, transcript=[("Ada", "Hello.")])
            seed.add_call_recording(meeting, status="processing")
        seed.add_email("Hello", sender="ada@example.com", to=["grace@example.com"])
        seed.add_email(None, sender="edith@example.com", to=["ada@example.com"])
        subscriptions: list[dict[str, Any]] = [
            {"event_type": "record.created", "filter": None},
            {"event_type": "note.created", "filter": {"$and": []}},
        ]
        for number in range(1, 4):
            url = f"https://example.com/hook/{number}"
            self._send("POST", "/v2/webhooks", {"target_url": url, "subscriptions": subscriptions})
        for target, records in self._records.items():
            for one in records:
                self._add_about(target, one, meetings[0], actor)

    def _add_about(self, slug: str, record_id: str, meeting_id: str, actor: Mapping[str, str]) -> None:
        """Add notes, tasks, comments and files of a record."""
        parent = {"parent_object": slug, "parent_record_id": record_id, "title": "Note", "content": "Text"}
        for meeting in (None, meeting_id, None):
            self._send("POST", "/v2/notes", {**parent, "format": "plaintext", "meeting_id": meeting})
        task: dict[str, Any] = {
            "content": "Call",
            "format": "plaintext",
            "linked_records": [],
            "assignees": [],
        }
        links = [{"target_object": slug, "target_record_id": record_id}]
        assigned = [{"referenced_actor_type": actor["type"], "referenced_actor_id": actor["id"]}]
        for more in (
            {"deadline_at": None, "is_completed": False},
            {"deadline_at": "2026-02-01T00:00:00Z", "is_completed": True, "linked_records": links},
            {"deadline_at": None, "is_completed": False, "assignees": assigned, "linked_records": links},
        ):
            self._send("POST", "/v2/tasks", {**task, **more})
        comment = {"format": "plaintext", "content": "Text", "author": actor}
        about = {"record": {"object": slug, "record_id": record_id}}
        thread = self._send("POST", "/v2/comments", {**comment, **about})
        if thread:
            self._send("POST", "/v2/comments", {**comment, "thread_id": thread["thread_id"]})
            self.fake.seed.resolve_comment(thread["thread_id"])
        self._send("POST", "/v2/comments", {**comment, **about})
        self._add_files(slug, record_id)

    def _add_files(self, slug: str, record_id: str) -> None:
        owner = {"object": slug, "record_id": record_id}
        connected = {"file_type": "connected-file", "external_provider_file_id": "1"}
        for more in (
            {"file_type": "folder", "name": "Folder"},
            {**connected, "storage_provider": "dropbox"},
            {**connected, "storage_provider": "microsoft-onedrive", "microsoft_drive_id": "2"},
        ):
            self._send("POST", "/v2/files", {**owner, **more}, wrapped=False)
        parts = [f'form-data; name="{name}"\r\n\r\n{value}' for name, value in owner.items()]
        parts.append('form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\ntext')
        body = "".join(f"--{_FORM}\r\nContent-Disposition: {part}\r\n" for part in parts) + f"--{_FORM}--\r\n"
        headers = {
            "authorization": f"Bearer {self.fake.token}",
            "content-type": f"multipart/form-data; boundary={_FORM}",
        }
        self.fake.handle("POST", "/v2/files/upload", headers, body.encode())


def _simple_value(type: str, number: int) -> Any:
    values = {
        "text": f"Text {number}",
        "number": number + 0.5,
        "checkbox": number % 2 == 0,
        "currency": number,
        "date": "2026-01-05",
        "timestamp": "2026-01-05T09:00:00Z",
        "rating": number % 5,
        "actor-reference": "ada@fake-workspace.example.com",
        "domain": f"company{number}.example.com",
        "email-address": f"person{number}@example.com",
        "phone-number": f"+1500555{number % 10_000:04}",
        "personal-name": {"first_name": "Ada", "last_name": f"{number}", "full_name": f"Ada {number}"},
    }
    return values.get(type)
