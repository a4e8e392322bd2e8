"""The fake served on a local port, and as an ASGI application."""

import socket
import threading

import httpx
import pytest

from attio_async.testing import FakeAttio


def test_the_fake_is_served_on_loopback_until_the_block_ends() -> None:
    fake = FakeAttio()
    before = set(threading.enumerate())
    with fake.serve() as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        headers = {"Authorization": f"Bearer {fake.token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            body = {"data": {"values": {"name": "Łódź"}}}
            created = client.post("/v2/objects/companies/records", json=body)
            found = client.get(f"/v2/objects/companies/records/{created.json()['data']['id']['record_id']}")
            missing = client.get("/v2/objects/a%2Fb?x=1")
    assert (created.status_code, found.json()) == (200, created.json())
    assert found.headers["content-type"] == "application/json; charset=utf-8"
    assert len(found.headers.get_list("date")) == 1
    assert missing.status_code == 404
    assert fake.calls[-1].path == "/v2/objects/a%2Fb"
    assert set(threading.enumerate()) <= before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.port)) != 0


def test_a_port_in_use_is_an_error_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), FakeAttio().serve(port):
            pytest.fail("the port is taken")


def test_an_error_inside_the_block_stops_the_server() -> None:
    before = set(threading.enumerate())
    with pytest.raises(LookupError), FakeAttio().serve():
        raise LookupError("own")
    assert set(threading.enumerate()) <= before


@pytest.mark.anyio
async def test_the_fake_is_an_asgi_application(fake: FakeAttio) -> None:
    transport = httpx.ASGITransport(fake.asgi())
    headers = {"Authorization": f"Bearer {fake.token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        answer = await client.get("/v2/objects/companies/attributes", params={"limit": 1})
    assert len(answer.json()["data"]) == 1


@pytest.mark.anyio
async def test_an_unfinished_request_is_ignored(fake: FakeAttio) -> None:
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict:
        return next(messages)

    async def send(message: dict) -> None:
        pytest.fail(f"unexpected response {message}")

    scope = {"type": "http", "method": "POST", "path": "/v2/objects", "headers": [], "query_string": b""}
    await fake.asgi()(scope, receive, send)
    assert fake.calls == []


@pytest.mark.anyio
async def test_other_protocols_are_refused(fake: FakeAttio) -> None:
    async def nothing(*_: object) -> dict:
        return {}

    with pytest.raises(RuntimeError, match="websocket"):
        await fake.asgi()({"type": "websocket"}, nothing, nothing)
