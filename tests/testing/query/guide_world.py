"""A workspace in which every example of the guides matches some records and leaves out others."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from tests.query import guide_examples as guide

from attio_async.testing import FakeAttio, VirtualClock

OLD = "2022-06-01T12:00:00+00:00"
NEW = "2023-11-24T12:00:00+00:00"


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def interaction(kind: str, moment: str, member: str | None) -> dict[str, Any]:
    owner = {"type": "workspace-member", "id": member} if member else {"type": "system", "id": None}
    return {"interaction_type": kind, "interacted_at": moment, "owner_actor": owner}


class GuideWorld:
    """The fake, and the ids of its records by label."""

    def __init__(self) -> None:
        self.clock = VirtualClock(start=_unix(OLD))
        self.fake = FakeAttio(clock=self.clock)
        self.ids: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._members = {
            name: self.fake.seed.add_member(f"{name}@acme.com", name)
            for name in ("alice", "bob", "lauren", "tom")
        }
        self._add_attributes()
        self._add_deal("cheap", "Cheap", "Lost", "alice", 1)
        self._add_companies()
        self._add_people()
        self._add_deals()
        self._add_users()
        self._add_candidates()

    def _add_attributes(self) -> None:
        add = self.fake.seed.add_attribute
        add("people", "manager", "record-reference", allowed_objects=["people"])
        add("companies", "a_custom_checkbox_attribute", "checkbox")
        add("companies", "amount_owed", "currency")
        add("companies", "performance", "rating")

    def _create(self, label: str, kind: str, **values: Any) -> str:
        return self._keep(label, self.fake.seed.add_record(kind, values)["id"]["record_id"])

    def _keep(self, label: str, id: str) -> str:
        self.ids[label], self._labels[id] = id, label
        return id

    def _add_companies(self) -> None:
        self._create(
            "attio",
            "companies",
            name="Attio Ltd",
            domains=["app.attio.com"],
            primary_location="The High Line, New York City, NY, 10001, US",
            foundation_date="2019-12-31",
            description="An exact match",
            categories=["Aerospace & Defense"],
            a_custom_checkbox_attribute=True,
            amount_owed=399,
            performance=4,
            created_at="2023-11-24T15:34:07.111222333Z",
            first_email_interaction=interaction("email", "2023-01-01T00:00:00Z", self._members["tom"]),
            last_email_interaction=interaction("email", "2023-11-01T00:00:00Z", self._members["tom"]),
            last_calendar_interaction=interaction("calendar-event", "2023-11-02", self._members["tom"]),
        )
        self._create(
            "apple",
            "companies",
            name="Apple",
            domains=["apple.com", "myattio.net"],
            primary_location="1 Infinite Loop, Cupertino, CA, 95014, US",
            foundation_date="1976-04-01",
            description="Headquartered in New York City, they say",
            categories=["Biotechnology", "Mobile"],
            a_custom_checkbox_attribute=False,
            amount_owed="500.00",
            performance=3,
            created_at="2023-11-24T08:59:59.999999999Z",
            first_email_interaction=interaction("calendar-event", "2023-01-01T00:00:00Z", None),
            last_email_interaction=interaction("email", "2023-11-01T00:00:00Z", None),
            last_calendar_interaction=interaction("calendar-event", "2023-10-31", self._members["tom"]),
        )
        self.clock.advance(_unix(NEW) - self.clock.time())
        self._create(
            "orchard",
            "companies",
            name="Pineapple Orchards",
            domains=["fruit.example.com"],
            foundation_date="2023-11-24",
            description="Not in new york city",
            categories=["Biotechnology"],
            performance=2,
            amount_owed=-1,
            created_at="2023-11-24T09:00:00Z",
            last_calendar_interaction=interaction("calendar-event", "2023-11-05", self._members["bob"]),
        )
        self._create("bare", "companies", created_at="1999-12-31T23:59:59Z")

    def _add_people(self) -> None:
        self._create(
            "boss",
            "people",
            name="Boss, Big",
            email_addresses=["boss@gmail.com"],
            created_by="lauren@acme.com",
        )
        self._create(
            "middle", "people", name="Madonna", manager="boss@gmail.com", email_addresses=["m@gmail.com"]
        )
        self._create(
            "john",
            "people",
            name="Smith, John",
            email_addresses=["john@smith.com", "j@apple.com"],
            company="app.attio.com",
            manager="m@gmail.com",
            phone_numbers=["+447700900798", "+15558675309"],
            job_title="Engineer of Things",
            twitter_follower_count=1000,
            primary_location="1 Infinite Loop, Cupertino, CA, 95014, US",
        )
        self._create(
            "steve",
            "people",
            name="Jobs, Steve",
            email_addresses=["person@company.com"],
            company="apple.com",
            phone_numbers=["+447700900123", "+33170189798"],
            job_title="Of things and men",
            twitter_follower_count=100,
            primary_location="5 Main Street, Cupertino, CR",
        )
        self._create(
            "joan",
            "people",
            name="Smith, Joan",
            email_addresses=["a.person@attio.com"],
            company="apple.com",
            phone_numbers=["+33170189001"],
            twitter_follower_count=14,
        )
        self._create("johnny", "people", name="Smith, Johnny", twitter_follower_count=200)
        token = {"Authorization": f"Bearer {self.fake.token}"}
        body = b'{"data": {"values": {}}}'
        answer = self.fake.handle("POST", "/v2/objects/people/records", token, body)
        self._keep("machine", msgspec.json.decode(answer.body)["data"]["id"]["record_id"])

    def _add_deals(self) -> None:
        self._add_deal("contract", "Contract with Apple", "In Progress", "lauren", 500)
        self._add_deal("larger", "Contract with Apple Inc.", "In Progress", "alice", 501)
        self._add_deal("lead", "contract with apple", "Lead", "bob", 1000)
        self._add_deal("laurens", "Big", "Lead", "lauren", 5000)

    def _add_deal(self, label: str, name: str, stage: str, owner: str, value: int) -> None:
        owned = f"{owner}@acme.com"
        self._create(label, "deals", name=name, stage=stage, owner=owned, value=value)

    def _add_users(self) -> None:
        for name in ("u1", "u2"):
            email = f"{name}@gmail.com"
            self._create(name, "users", user_id=name, primary_email_address=email)
        self._create("first space", "workspaces", workspace_id="w1", users=["u1", "u2"])
        self._create("second space", "workspaces", workspace_id="w2", users=["u2"])

    def _add_candidates(self) -> None:
        self.fake.seed.add_list("candidates", parent="people")
        self.fake.seed.add_attribute("candidates", "stage", "status", options=["One", "Two", "Three"])
        for person, stage in (("john", "One"), ("steve", "Two"), ("joan", "Three"), ("boss", None)):
            entry = self.fake.seed.add_entry(
                "candidates", self.ids[person], {"stage": stage} if stage else None
            )
            self._keep(f"{person}'s entry", entry["id"]["entry_id"])

    def ask(self, queried: str, **body: Any) -> list[str]:
        """Return the labels of the records found; ids of the guide are replaced by those of this workspace."""
        rows = "entries" if queried == "candidates" else "records"
        target = f"/v2/{'lists' if rows == 'entries' else 'objects'}/{queried}/{rows}/query"
        text = msgspec.json.encode(body).decode()
        for theirs, ours in self._names(queried).items():
            text = text.replace(theirs, ours)
        headers = {"Authorization": f"Bearer {self.fake.token}"}
        answer = self.fake.handle("POST", target, headers, text.encode())
        found = msgspec.json.decode(answer.body)
        assert answer.status == 200, found
        return [
            self._labels[each["id"][rows.replace("ies", "y").rstrip("s") + "_id"]] for each in found["data"]
        ]

    def _names(self, queried: str) -> Mapping[str, str]:
        kinds = self.fake.snapshot().data.objects
        in_progress = kinds["deals"].attributes["stage"].choice("In Progress")
        assert in_progress is not None
        two = ("boss", "joan") if queried == "people" else ("attio", "bare")
        return {
            guide.ALICE: self._members["alice"],
            guide.BOB: self._members["bob"],
            guide.LAUREN: self._members["lauren"],
            guide.TOM: self._members["tom"],
            guide.MEMBER: self._members["lauren"],
            guide.STEVE_JOBS: self.ids["steve"],
            guide.MANAGER: self.ids["boss"],
            guide.COMPANY: self.ids["apple"],
            guide.USERS: kinds["users"].id,
            guide.USER: self.ids["u1"],
            guide.STATUS: in_progress.id,
            guide.COMPANIES[0]: self.ids["attio"],
            guide.COMPANIES[1]: self.ids["orchard"],
            guide.RECORDS[0]: self.ids[two[0]],
            guide.RECORDS[1]: self.ids[two[1]],
        }
