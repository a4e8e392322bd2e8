"""A workspace with as many companies as are asked for, which answers at once and remembers none of them."""

import json
import re

import httpx

from attio_async.testing import FakeAttio, VirtualClock

QUERIES = "/query"
DOMAINS = re.compile(rb'"c(\d+)\.example\.com"')


class Companies:
    """Answers the requests of a job about rows of `row`.

    Args:
        there: How many of the companies are there.
    """

    def __init__(self, there: int) -> None:
        self.there = there
        self.queries = self.writes = 0
        self._fake = FakeAttio(clock=VirtualClock())
        record = self._fake.seed.add_record("companies", {"name": "Company 0", "domains": ["c0.example.com"]})
        self._template = json.dumps(record, separators=(",", ":"))
        self._id = record["id"]["record_id"]

    def record(self, number: int) -> str:
        named = self._template.replace("Company 0", f"Company {number}")
        named = named.replace("c0.example.com", f"c{number}.example.com")
        return named.replace(self._id, f"00000000-0000-4000-8000-{number:012}")

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(QUERIES):
            self.queries += 1
            numbers = sorted({int(found) for found in DOMAINS.findall(request.content)})
            there = ",".join(self.record(number) for number in numbers if number < self.there)
            return httpx.Response(200, content=f'{{"data":[{there}]}}'.encode())
        if request.method == "PUT":
            self.writes += 1
            (number,) = DOMAINS.findall(request.content)
            return httpx.Response(200, content=f'{{"data":{self.record(int(number))}}}'.encode())
        token = {"Authorization": f"Bearer {self._fake.token}"}
        answer = self._fake.handle("GET", request.url.raw_path.decode(), token, b"")
        return httpx.Response(answer.status, content=answer.body)


def row(number: int, *, changed_every: int = 0) -> dict[str, str]:
    is_changed = changed_every and number % changed_every == 0
    name = f"{'Renamed' if is_changed else 'Company'} {number}"
    return {"name": name, "domains": f"c{number}.example.com"}
