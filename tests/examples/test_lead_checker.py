"""The example of a small backend that has leads checked, against the fake."""

from typing import Any

import httpx
import pytest

from attio_async.testing import FakeAttio

from .support import example

pytestmark = pytest.mark.anyio

AUTHORIZED = {"Authorization": "Bearer app-secret"}

lead_checker = example("lead_checker/app.py")


class Service:
    """The service that checks leads, and the calls that it got."""

    def __init__(self) -> None:
        self.registered: dict[str, str] = {}
        self.checks: list[tuple[str, str, str]] = []

    async def register(self, url: str) -> str:
        self.registered["r1"] = url
        return "r1"

    async def unregister(self, registration: str) -> None:
        del self.registered[registration]

    async def check(self, record_id: str, name: str, phone: str) -> None:
        self.checks.append((record_id, name, phone))


async def test_a_lead_is_checked_and_completed() -> None:
    fake, service = FakeAttio(), Service()
    ada = fake.seed.add_record("people", {"name": "Lovelace, Ada", "phone_numbers": ["+442079460018"]})
    nobody = fake.seed.add_record("people", {"name": "Body, No"})
    ada_id, nobody_id = ada["id"]["record_id"], nobody["id"]["record_id"]
    async with fake.client() as attio:
        app = lead_checker.LeadChecker(
            attio,
            service,
            app_secret="app-secret",
            public_url="https://leads.example.com/",
            attribute="description",
        )
        transport = httpx.ASGITransport(app=app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="https://leads.example.com") as http:

            async def call(method: str, url: str, record_id: object = None, **headers: str) -> int:
                return (
                    await http.request(method, url, json={"record_id": record_id}, headers=headers)
                ).status_code

            async def status() -> Any:
                return (await attio.people.get(ada_id))["description"]

            assert await call("POST", "/leads", ada_id) == 401
            assert await call("POST", "/connection", **AUTHORIZED) == 200
            assert await call("POST", "/connection", **AUTHORIZED) == 200
            (callback,) = service.registered.values()
            assert await call("POST", callback, ada_id) == 200
            assert await status() is None
            assert await call("POST", "/leads", ada_id, **AUTHORIZED) == 200
            assert service.checks == [(ada_id, "Ada Lovelace", "+442079460018")]
            assert await status() == "Pending"
            assert await call("POST", "/callbacks/wrong", ada_id) == 404
            assert await status() == "Pending"
            for _ in range(2):
                assert await call("POST", callback, ada_id) == 200
                assert await status() == "Complete"
            assert await call("POST", "/leads", nobody_id, **AUTHORIZED) == 422
            assert await call("POST", "/leads", "not an id", **AUTHORIZED) == 400
            assert await call("POST", "/leads", ada["id"]["workspace_id"], **AUTHORIZED) == 404
            assert await call("GET", "/leads", **AUTHORIZED) == 404
            assert await call("DELETE", "/connection", **AUTHORIZED) == 200
            assert service.registered == {}
            assert await call("POST", callback, ada_id) == 404


async def test_a_large_body_is_rejected_before_it_is_read() -> None:
    read, statuses = 0, []

    async def receive() -> Any:
        nonlocal read
        read += 1000
        return {"body": b"x" * 1000, "more_body": True}

    async def send(message: Any) -> None:
        statuses.append(message.get("status"))

    async with FakeAttio().client() as attio:
        app = lead_checker.LeadChecker(attio, Service(), app_secret="s", public_url="https://example.com")
        await app.asgi({"type": "http", "method": "POST", "path": "/leads", "headers": []}, receive, send)
    assert (read, statuses[0]) == (11_000, 413)
