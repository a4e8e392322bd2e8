"""Faults on a served fake, where connections really break."""

import httpx
import pytest

from attio_async.testing import (
    ConnectionReset,
    FakeAttio,
    Garbled,
    NoAnswer,
    ProxyFailure,
    SlowBody,
    SlowFirstByte,
    TooManyRequests,
    Truncated,
)

CREATE = "/v2/objects/companies/records"
BODY = {"data": {"values": {"name": "Acme"}}}


@pytest.fixture(scope="module")
def served():
    fake = FakeAttio()
    with fake.serve() as server:
        headers = {"Authorization": f"Bearer {fake.token}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=10) as client:
            yield fake, client


@pytest.mark.parametrize(
    ("fault", "error", "created"),
    [
        (ConnectionReset(when="before"), httpx.ReadError, 0),
        (ConnectionReset(when="after"), httpx.ReadError, 1),
        (Truncated(), httpx.RemoteProtocolError, 1),
        (Truncated(kept=0), httpx.RemoteProtocolError, 1),
    ],
)
def test_connections_really_break(served, fault: object, error: type[Exception], created: int) -> None:
    fake, client = served
    before = len(fake.records("companies"))
    with fake.fault(fault, operation="create_record"), pytest.raises(error):
        client.post(CREATE, json=BODY)
    assert len(fake.records("companies")) == before + created
    assert client.post(CREATE, json=BODY).status_code == 200  # the fault is over


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_answer_lasts_until_the_timeout_of_the_client(served, when: str) -> None:
    fake, client = served
    before = len(fake.records("companies"))
    fake.fault(NoAnswer(when=when))
    with pytest.raises(httpx.ReadTimeout):
        client.post(CREATE, json=BODY, timeout=0.2)
    assert len(fake.records("companies")) == before + (when == "after")


def test_a_slow_response_arrives_whole(served) -> None:
    fake, client = served
    expected = client.get("/v2/objects").json()
    for fault in (SlowFirstByte(0.02), SlowBody(0.04, pieces=4)):
        fake.fault(fault)
        assert client.get("/v2/objects").json() == expected
        fake.fault(type(fault)(5))
        with pytest.raises(httpx.ReadTimeout):
            client.get("/v2/objects", timeout=0.1)


def test_a_bad_response_is_valid_http(served) -> None:
    fake, client = served
    fake.fault(ProxyFailure(520))
    answer = client.get("/v2/objects")
    assert (answer.status_code, answer.headers["content-type"]) == (520, "text/html; charset=UTF-8")
    fake.fault(Garbled())
    with pytest.raises(ValueError, match=r"."):
        client.get("/v2/objects").json()
    fake.fault(TooManyRequests("seconds", seconds=3))
    assert client.get("/v2/objects").headers["retry-after"] == "3"


def test_another_asgi_server_gets_an_error(fake: FakeAttio) -> None:
    fake.fault(ConnectionReset())

    async def receive() -> dict:
        return {"type": "http.request", "body": b""}

    async def send(message: dict) -> None:
        pytest.fail(f"unexpected response {message}")

    scope = {"type": "http", "method": "GET", "path": "/v2/self", "headers": [], "query_string": b""}
    with pytest.raises(ConnectionAbortedError, match="reset"):
        fake.asgi()(scope, receive, send).send(None)
