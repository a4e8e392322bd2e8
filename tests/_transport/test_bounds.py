"""Bounds of what a server can make the client hold or do, with every backend."""

import gc
import gzip
import socket
import sys
import time
import tracemalloc
import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Any

import anyio
import attrs
import pytest

from attio_async import Attio, Request, RetryPolicy
from attio_async._transport import connection, gzip as bounds, transport
from attio_async._transport.messages import Content
from attio_async.errors import ConnectionFailed, RequestTimeout
from tests._transport.http_server import Listener, running
from tests.support import async_error_of

pytestmark = pytest.mark.anyio

MODULES = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}
MIB = 1024**2


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        encoding.encode(),
        len(body),
        body,
    )


@cache
def bomb() -> bytes:
    """Return 96 MiB of blanks, in 96 KiB."""
    return packed(gzip.compress(b" " * 96 * MIB))


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
    server = _Once(bomb())
    tracemalloc.start()
    try:
        message = await failure_of(backend, server)
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
    gc.collect()  # while the warning is filtered, not in a later test


HEADS = {
    "a head": b"HTTP/1.1 200 OK\r\n",
    "a body": b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n",
    "an error": b"HTTP/1.1 404 Not Found\r\nContent-Length: 9000\r\n\r\n",
}


class _Dripping(Listener):
    """Sends one of the heads, and then never stops, a little at a time."""

    def __init__(self, head: str) -> None:
        self._head = HEADS[head]
        self._drop = b"A: b\r\n" if head == "a head" else b" "
        super().__init__(self._drip)

    def _drip(self, client: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(65536)
        client.sendall(self._head)
        with suppress(OSError):
            while True:
                client.sendall(self._drop)
                time.sleep(0.02)


async def _pieces() -> AsyncGenerator[bytes]:
    await anyio.sleep(0.3)  # the caller's own time is no part of the bound
    yield b"{}"


async def _discard(pieces: AsyncIterator[bytes]) -> None:
    async for _ in pieces:
        pass


CHANGES: dict[str, dict[str, Any]] = {
    "upload": {"json": None, "content": Content(type="text/plain", open=_pieces, length=2)},
    "large": {"json": {"text": "x" * 300_000}},
    "small": {"json": {}},
    "download": {"json": None, "sink": _discard},
}


# On trio, httpx and httpx2 leave their own generators to the garbage collector.
@pytest.mark.filterwarnings(
    r"ignore:Exception ignored .*<async_generator object:pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.filterwarnings(r"ignore:Async generator 'httpx2?\.:ResourceWarning")
@pytest.mark.parametrize(
    "backend",
    ["httpx", *(pytest.param(name, marks=pytest.mark.full) for name in ("stock httpx", "httpx2", "aiohttp"))],
    indirect=True,
)
async def test_whatever_drips_is_given_up(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (transport, connection):
        monkeypatch.setattr(module, "_MAX_TIMEOUTS", 2)
    ended: dict[tuple[str, str], object] = {}

    async def ask(head: str, kind: str) -> None:
        async def change(request: Request, send: Any) -> Any:
            return await send(attrs.evolve(request, **CHANGES[kind]))

        with running(server := _Dripping(head)):
            async with Attio(
                "t",
                base_url=f"http://127.0.0.1:{server.port}",
                backend=backend,
                timeout=0.12,
                retry=RetryPolicy(attempts=1),
                middleware=(change,),
            ) as attio:
                ended[head, kind] = await async_error_of(attio.request, "GET", "/v2/self")

    cases = [(head, kind) for head in HEADS for kind in CHANGES if (head, kind) != ("a body", "download")]
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            for case in cases:
                group.start_soon(ask, *case)
    gc.collect()  # while the warnings are filtered
    assert [case for case in cases if not isinstance(ended[case], RequestTimeout)] == []


def test_real_responses_may_be_large_and_repeat_themselves() -> None:
    row = b'{"id":{"workspace_id":"%s","record_id":"%s"},"values":{"name":[{"active_until":null}]}},'
    body = b"".join(row % (b"w" * 36, b"%036d" % number) for number in range(40_000))
    assert len(body) > 4 * MIB
    assert b"".join(bounds.Packed([gzip.compress(body)]).steps()) == body
    blanks = b" " * (4 * MIB - 1)
    assert b"".join(bounds.Packed([gzip.compress(blanks)]).steps()) == blanks
