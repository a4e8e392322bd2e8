"""A server that answers each request correctly or in one of many wrong ways, in plain text or over TLS.

Every request has a number in its query. A correct answer repeats it, so an answer that went to another request shows.
"""

import gzip
import random
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from tests._transport.http_server import Listener

UNASKED = -1
"""The number in answers that nobody asked for."""

_PAUSE_S = 0.003


def answer(number: int, head: bytes = b"", status: bytes = b"200 OK") -> bytes:
    body = b'{"data":{"number":%d}}' % number
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), head, body)


def _chunked(number: int, end: bytes = b"0\r\n\r\n") -> bytes:
    body = b'{"data":{"number":%d}}' % number
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n%s" % (len(body), body, end)


def _zipped(number: int, cut: int | None = None) -> bytes:
    body = gzip.compress(b'{"data":{"number":%d}}' % number)[:cut]
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


HINT = b"HTTP/1.1 103 Early Hints\r\n\r\n"
GOOD = ("honest", "pieces", "hints", "chunked", "gzip", "one point zero", "no content", "blank line after")
WAYS: dict[str, Callable[[int], Sequence[bytes]]] = {
    # Each item is one write, and over TLS one record; all of them leave in one segment.
    "honest": lambda n: [answer(n)],
    "pieces": lambda n: [bytes([byte]) for byte in answer(n)],
    "hints": lambda n: [HINT, HINT, answer(n)],
    "chunked": lambda n: [_chunked(n)],
    "gzip": lambda n: [_zipped(n)],
    "one point zero": lambda n: [answer(n).replace(b"1.1", b"1.0")],
    "no content": lambda _: [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "blank line after": lambda n: [answer(n), b"\r\n"],
    # The rest is hostile.
    "a second answer in the same write": lambda n: [answer(n) + answer(UNASKED)],
    "a second answer": lambda n: [answer(n), answer(UNASKED)],
    "a second answer after chunks": lambda n: [_chunked(n), answer(UNASKED)],
    "half of a second answer": lambda n: [answer(n), answer(UNASKED)[:30]],
    "garbage after": lambda n: [answer(n), b"\x00\xff garbage"],
    "many hints": lambda n: [HINT] * 500 + [answer(n)],
    "hints after": lambda n: [answer(n), HINT],
    "another protocol": lambda n: [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", answer(n)],
    "a length too short": lambda n: [answer(n).replace(b"Length: 2", b"Length: 1")],
    "a length too long": lambda n: [answer(n).replace(b"Length: 2", b"Length: 9")],
    "two lengths": lambda n: [answer(n, b"Content-Length: 5\r\n"), answer(UNASKED)],
    "length and chunks": lambda n: [
        _chunked(n).replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n", 1),
        answer(UNASKED),
    ],
    "no content with content": lambda _: [b"HTTP/1.1 204 No Content\r\n\r\n", answer(UNASKED)],
    "a bad chunk": lambda n: [_chunked(n, b"zz\r\n\r\n")],
    "trailers": lambda n: [_chunked(n, b"0\r\nX-After: 1\r\n\r\n"), answer(UNASKED)],
    "damaged gzip": lambda n: [_zipped(n, -5)],
    "unasked timeout": lambda n: [
        answer(n),
        answer(UNASKED, b"Connection: close\r\n", b"408 Request Timeout"),
    ],
    "garbage": lambda _: [b"What do you mean?\r\n\r\n"],
    "nothing": lambda _: [b""],
    "a huge head": lambda n: [answer(n, b"X-Long: " + b"x" * 200_000 + b"\r\n")],
    "a bad header": lambda n: [answer(n, b"X\x00Y: 1\r\n")],
    "a bad status": lambda n: [answer(n, status=b"2000 OK")],
    "a redirect": lambda n: [answer(n, b"Location: ftp://[bad\r\n", b"302 Found")],
}
ENDINGS = ("open", "close", "half-close", "reset")


class HostileServer(Listener):
    """Chooses a way and an ending for each request, by its seed and the number of the request."""

    def __init__(
        self,
        seed: int,
        tls: ssl.SSLContext | None = None,
        ways: Sequence[str] = tuple(WAYS),
        *,
        is_late: bool = False,
    ) -> None:
        self._seed = seed
        self._is_late = is_late  # sends a second answer a moment after the first
        self._tls = tls
        self._ways = ways
        self._answered = threading.Lock()
        self.answered = self.unasked = 0
        super().__init__(self._converse)

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def _converse(self, connection: socket.socket) -> None:
        side = _Side(connection, self._tls)
        with suppress(EOFError):
            while (number := side.request()) is not None:
                chance = random.Random(self._seed + number)
                way = chance.choice(self._ways)
                ending = "open" if way in GOOD else chance.choices(ENDINGS, (6, 2, 1, 1))[0]
                with self._answered:
                    self.answered += 1
                side.send(WAYS[way](number))
                if way in {"garbage", "nothing", "a length too long"} or ending == "close":
                    return
                if self._is_late:
                    time.sleep(_PAUSE_S)
                    side.send([answer(UNASKED)])
                    self.unasked += 1
                if ending == "half-close":
                    connection.shutdown(socket.SHUT_WR)
                if ending == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return


class _Side:
    """The server's side of a connection, which decides what is one record and what one segment."""

    def __init__(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = None if tls is None else tls.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._rest = b""
        if self._tls is not None:
            self._step(self._tls.do_handshake)

    def request(self) -> int | None:
        """Return the number of the next request, once all of it has arrived."""
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._receive()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        size = int(length[1]) if length else 0
        while len(self._rest) < size:
            self._rest += self._receive()
        self._rest = self._rest[size:]
        number = re.search(rb"\?number=(\d+)", head)
        return int(number[1]) if number else None

    def send(self, writes: Sequence[bytes]) -> None:
        if self._tls is None:
            self._socket.sendall(b"".join(writes))
            return
        for data in filter(None, writes):
            self._tls.write(data)
        self._socket.sendall(self._outgoing.read())

    def _receive(self) -> bytes:
        data = self._socket.recv(65536) if self._tls is None else self._step(lambda: self._tls.read(65536))
        if not data:
            raise EOFError
        return data

    def _step(self, action):
        while True:
            try:
                done = action()
            except ssl.SSLWantReadError:
                self._flush()
                data = self._socket.recv(65536)
                if not data:
                    raise EOFError from None
                self._incoming.write(data)
            else:
                self._flush()
                return done

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._socket.sendall(self._outgoing.read())
