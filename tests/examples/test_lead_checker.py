"""The example of a small backend, from connection to callback, against the fake."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from attio_async.testing import FakeAttio

pytestmark = pytest.mark.anyio

PATH = Path(__file__).parents[2] / "examples" / "lead_checker" / "app.py"
AUTHORIZED = {"Authorization": "Bearer app-secret"}


def example() -> Any:
    spec = importlib.util.spec_from_file_location("lead_checker_example", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Service:
    """The service that checks leads, as it is called."""

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


async def test_a_lead_goes_there_and_comes_back() -> None:
    fake, service = FakeAttio(), Service()
    ada = fake.seed.add_record("people", {"name": "Lovelace, Ada", "phone_numbers": ["+442079460018"]})
    nobody = fake.seed.add_record("people", {"name": "Body, No"})
    ada_id, nobody_id = ada["id"]["record_id"], nobody["id"]["record_id"]
    async with fake.client() as attio:
        app = example().LeadChecker(
            attio,
            service,
            app_secret="app-secret",
            public_url="https://leads.example/",
            attribute="description",
        )
        transport = httpx.ASGITransport(app=app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="https://leads.example") as http:

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


async def test_no_more_than_a_record_id_needs_is_read() -> None:
    module, read = example(), 0

    async def receive() -> Any:
        nonlocal read
        read += 1000
        return {"body": b"x" * 1000, "more_body": True}

    with pytest.raises(module.LeadRefused, match="too long"):
        await module._body(receive)
    assert read == 11_000
