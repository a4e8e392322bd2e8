"""Workspaces of several tests: a fake whose queries are caught, and a server with one company."""

import json
from typing import Any

from attio_async import Attio, Request, Response
from attio_async.testing import FakeAttio, VirtualClock
from tests.support import Scripted, data


class CaughtQueries:
    """A client of a fake; queries are kept in `bodies` and find nothing."""

    def __init__(self, *, latency: float = 0.0) -> None:
        self.fake = FakeAttio(clock=VirtualClock(), latency=latency)
        self.bodies: list[dict[str, Any]] = []
        self.attio: Attio = self.fake.client(middleware=[self._catch])

    async def _catch(self, request: Request, send: Any) -> Response:
        if request.path.endswith("/query"):
            self.bodies.append(request.json)
            return Response(status=200, headers={}, body=b'{"data": []}')
        return await send(request)

    async def query(self, filter: Any, sorts: Any = None, *, object: str = "deals") -> dict[str, Any]:
        """Return the body of a query."""
        await self.attio.records(object).query(filter, sorts=sorts)
        return self.bodies[-1]

    def reads(self, ending: str) -> int:
        """Return the number of requests to paths that end so."""
        return sum(call.path.endswith(ending) for call in self.fake.calls)


KEEP, DROP, NEW = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
COMPANY = f"/v2/objects/companies/records/{KEEP}"


def attribute(slug: str, type: str, **more: Any) -> dict[str, Any]:
    return {"api_slug": slug, "title": slug.title(), "type": type, "id": {"attribute_id": slug}, **more}


ATTRIBUTES = [
    attribute("name", "text"),
    attribute("domains", "domain", is_multiselect=True, is_unique=True),
    attribute("categories", "select", is_multiselect=True),
    attribute("team", "record-reference", is_multiselect=True),
    attribute("owners", "actor-reference", is_multiselect=True),
    attribute("logo", "text", is_writable=False),
]
OPTIONS = [{"id": {"option_id": KEEP}, "title": "AI"}, {"id": {"option_id": DROP}, "title": "B2B"}]


def value(type: str, **fields: Any) -> dict[str, Any]:
    return {
        "attribute_type": type,
        "active_from": "2026-01-01T00:00:00.123456789Z",
        "active_until": None,
        **fields,
    }


def option(number: int) -> dict[str, Any]:
    return value("select", option=OPTIONS[number])


def record(id: str, **values: Any) -> dict[str, Any]:
    return {"id": {"workspace_id": "w", "object_id": "o", "record_id": id}, "values": values}


class Companies(Scripted):
    """A client of a workspace with one company, which every write returns."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.router.get("/v2/objects/companies/attributes").mock(return_value=data(ATTRIBUTES))
        self.router.get("/v2/objects/companies/attributes/categories/options").mock(
            return_value=data(OPTIONS)
        )
        self.values = self.router.route(path=f"{COMPANY}/attributes/name/values")
        self.merges = self.router.post("/v2/objects/companies/records/merge")
        self.merges.mock(return_value=data({"new_record_id": NEW}))
        self.merged = self.router.get(f"/v2/objects/companies/records/{NEW}")
        self.merged.mock(return_value=data(record(NEW)))
        self.company: dict[str, Any] = {}
        respond = lambda _: data(record(KEEP, **self.company))  # noqa: E731
        self.reads = self.router.get(COMPANY)
        self.reads.mock(side_effect=respond)
        self.writes = self.router.route(path=COMPANY)
        self.writes.mock(side_effect=respond)
        self.companies = self.attio.companies

    def sent(self) -> tuple[str, Any]:
        request = self.writes.calls.last.request
        return request.method, json.loads(request.content)["data"]["values"]
