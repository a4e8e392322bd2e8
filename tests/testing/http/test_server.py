"""The fake served on a local port, and as an ASGI application."""

import socket
import threading
import time
from contextlib import ExitStack

import httpx
import pytest

from attio_async.testing import FakeAttio, RunningServer
from attio_async.testing._query import sql as runner


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


def test_a_body_does_not_wait_until_the_client_confirms_the_head() -> None:
    fake, times = FakeAttio(), []
    headers = {"Authorization": f"Bearer {fake.token}"}
    with fake.serve() as server, httpx.Client(base_url=server.url, headers=headers) as client:
        for _ in range(10):
            start = time.perf_counter()
            assert client.get("/v2/self").status_code == 200
            times.append(time.perf_counter() - start)
    assert min(times[1:]) < 0.03, times  # 0.04 s in all of them otherwise


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


def test_other_names_than_those_of_this_machine_are_refused() -> None:
    fake = FakeAttio()
    with fake.serve(allow_hosts=["Fake.example.com"]) as server:
        headers = {"Authorization": f"Bearer {fake.token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            for host, status in (
                (f"127.0.0.1:{server.port}", 200),
                ("localhost", 200),
                ("[::1]:80", 200),
                ("fake.example.com:8787", 200),
                ("evil.example.com", 403),
                ("127.0.0.1.evil.example.com", 403),
                ("", 403),
            ):
                answer = client.get("/v2/self", headers={"Host": host})
                assert answer.status_code == status, host
            assert client.get("/healthz", headers={"Host": "evil.example.com"}).json() == {"status": "ok"}
            assert httpx.get(f"{server.url}/healthz").status_code == 200
    assert len(fake.calls) == 4


def test_files_are_downloaded_from_a_name_that_is_allowed() -> None:
    fake = FakeAttio()
    company = fake.seed.add_record("companies", {"name": "Acme"})["id"]["record_id"]
    with fake.serve(allow_hosts=["fake.example.com"]) as server:
        headers = {"Authorization": f"Bearer {fake.token}", "Host": f"fake.example.com:{server.port}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            form = {"object": "companies", "record_id": company}
            made = client.post("/v2/files/upload", data=form, files={"file": ("a.txt", b"hello")})
            answer = client.get(f"/v2/files/{made.json()['data']['id']['file_id']}/download")
    location = httpx.URL(answer.headers["location"])
    assert (location.scheme, location.host, location.port) == ("http", "fake.example.com", server.port)


def test_bodies_that_are_received_at_a_time_are_bounded_together() -> None:
    fake = FakeAttio()
    size = 16 * 1024**2
    head = f"POST /v2/notes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n".encode()
    with fake.serve() as server, ExitStack() as stack:
        address = ("127.0.0.1", server.port)
        waiting = [stack.enter_context(socket.create_connection(address, timeout=10)) for _ in range(8)]
        for client in waiting:
            client.sendall(head + b"x")
        with httpx.Client(base_url=server.url) as other:
            deadline = time.monotonic() + 10
            while other.post("/v2/notes", content=b"{}").status_code != 503:
                assert time.monotonic() < deadline
            assert other.get("/healthz").status_code == 200
            assert other.get("/v2/self").status_code == 401
            waiting[0].close()
            while other.post("/v2/notes", content=b"{}").status_code != 401:
                assert time.monotonic() < deadline


def test_bodies_are_bounded_before_they_are_read() -> None:
    fake = FakeAttio()
    with fake.serve() as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        head = f"POST /v2/notes HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {300 * 1024**2}\r\n\r\n"
        client.sendall(head.encode())
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")
        with httpx.Client(base_url=server.url) as other:
            answer = other.post("/v2/notes", content=iter([b"x" * 1024**2] * 17))
    assert answer.status_code == 413
    assert "16777216" in answer.json()["message"]
    assert len(fake.calls) == 0


def test_the_address_that_it_listens_on_is_allowed() -> None:
    fake = FakeAttio()
    for options, hosts, status in (
        ({"host": "127.8.0.1"}, ["127.8.0.1"], 401),
        ({"host": "0.0.0.0", "allow_hosts": [""]}, ["0.0.0.0", "0.0.0.0:80", ""], 403),
        ({"allow_hosts": ["fake:8787", "fd00::1"]}, ["FAKE", "fake:1", "[fd00::1]", "[fd00::1]:80"], 401),
    ):
        with fake.serve(**options) as server:
            answers = {host: httpx.get(f"{server.url}/v2/self", headers={"Host": host}) for host in hosts}
        assert {host: answer.status_code for host, answer in answers.items()} == dict.fromkeys(hosts, status)


def test_other_requests_do_not_wait_for_a_long_query(monkeypatch: pytest.MonkeyPatch) -> None:
    is_running, is_over = threading.Event(), threading.Event()

    def run(_: bytes) -> bytes:
        is_running.set()
        is_over.wait(timeout=30)
        return b'{"rows": []}'

    monkeypatch.setattr(runner, "_answered", run)
    fake, statuses = FakeAttio(), []
    with fake.serve() as server:
        headers = {"Authorization": f"Bearer {fake.token}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=20) as client:
            query = {"sql": "select 1"}
            url = f"{server.url}/v2/sql"
            thread = threading.Thread(
                target=lambda: statuses.append(
                    httpx.post(url, json=query, headers=headers, timeout=60).status_code
                )
            )
            thread.start()
            assert is_running.wait(timeout=20)
            assert client.get("/healthz").status_code == client.get("/v2/objects").status_code == 200
            assert statuses == []
            is_over.set()
            thread.join()
    assert statuses == [200]
    assert [call.path for call in fake.calls] == ["/v2/objects", "/v2/sql"]


def test_it_can_be_served_on_all_addresses() -> None:
    fake = FakeAttio()
    with fake.serve(host="0.0.0.0") as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert httpx.get(f"{server.url}/healthz").status_code == 200
    assert [
        RunningServer(1, host).is_local
        for host in ("127.0.0.1", "127.8.0.1", "::1", "localhost", "0.0.0.0", "::", "x")
    ] == [
        *[True] * 4,
        *[False] * 3,
    ]
