"""Bounds of what a server can make the client hold or do, with every backend."""

import gzip
import socket
import sys
import tracemalloc
import zlib
from importlib.util import find_spec
from typing import Any

import pytest

from attio_async import Attio, RetryPolicy
from attio_async._transport import connection, gzip as bounds
from attio_async.errors import ConnectionFailed
from tests._transport.http_server import Listener, running

pytestmark = pytest.mark.anyio

MODULES = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}
MIB = 1024**2


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        encoding.encode(),
        len(body),
        body,
    )


BOMB = packed(gzip.compress(b" " * 96 * MIB))
"""96 MiB of blanks, in 96 KiB."""


class _Once(Listener):
    """Answers every request with the same bytes, or with chunks without an end."""

    def __init__(self, answer: bytes, *, is_endless: bool = False) -> None:
        self._answer = answer
        self._is_endless = is_endless
        super().__init__(self._talk_once)

    def _talk_once(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        client.sendall(self._answer)
        while self._is_endless:
            client.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


@pytest.fixture(params=["httpx", "stock httpx", "httpx2", "aiohttp"])
def backend(request: pytest.FixtureRequest, anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    name: str = request.param
    if name in MODULES and find_spec(MODULES[name]) is None:
        pytest.skip(f"{MODULES[name]} is not installed")
    if name == "aiohttp" and anyio_backend == "trio":
        pytest.skip("aiohttp is for asyncio")
    if name == "stock httpx":
        monkeypatch.setitem(sys.modules, "attio_async._transport.free_list", None)
        return "httpx"
    return name


async def failure_of(backend: Any, server: Listener, path: str = "/v2/self") -> str:
    with running(server):
        url = f"http://127.0.0.1:{server.port}"
        async with Attio(
            "t", base_url=url, backend=backend, timeout=20, retry=RetryPolicy(attempts=1)
        ) as attio:
            with pytest.raises(ConnectionFailed) as caught:
                await attio.request("GET", path)
    return str(caught.value)


async def test_a_decompression_bomb_is_stopped_while_it_is_small(backend: Any) -> None:
    tracemalloc.start()
    try:
        message = await failure_of(backend, _Once(BOMB))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "more than 200 times larger" in message
    assert peak < 32 * MIB


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip"])
async def test_a_body_in_an_encoding_that_was_not_asked_for_is_not_decompressed(
    backend: Any, encoding: str
) -> None:
    message = await failure_of(backend, _Once(packed(zlib.compress(b"{}"), encoding)))
    assert "which was not asked for" in message


# On trio, httpx and httpx2 leave their own generators to the garbage collector.
@pytest.mark.filterwarnings(
    r"ignore:Exception ignored .*<async_generator object \w*Stream.__aiter__:pytest.PytestUnraisableExceptionWarning"
)
async def test_a_response_without_an_end_is_given_up(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bounds, connection):
        monkeypatch.setattr(module, "MAX_BODY_BYTES", 2 * MIB)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert "larger than 2 MiB" in await failure_of(backend, _Once(head, is_endless=True))


def test_real_responses_may_be_large_and_repeat_themselves() -> None:
    row = b'{"id":{"workspace_id":"%s","record_id":"%s"},"values":{"name":[{"active_until":null}]}},'
    body = b"".join(row % (b"w" * 36, b"%036d" % number) for number in range(40_000))
    assert len(body) > 4 * MIB
    assert b"".join(bounds.Packed([gzip.compress(body)]).steps()) == body
    blanks = b" " * (4 * MIB - 1)
    assert b"".join(bounds.Packed([gzip.compress(blanks)]).steps()) == blanks
