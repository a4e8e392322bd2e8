"""A small HTTP server for tests of connections, and a proxy in front of it: real sockets, on loopback only.

The last part of the path selects the response: see `Server`.
"""

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

BODY = b'{"data": {"text": "' + b"some text, " * 20000 + b'"}}'


def _respond(body: bytes, *headers: str) -> bytes:
    lines = ("HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


RESPONSES: dict[str, bytes] = {
    "ok": _respond(b'{"data": {}}', "X-Twice: a", "x-twice: b"),
    "gzip": _respond(gzip.compress(BODY), "Content-Encoding: gzip"),
    "members": _respond(gzip.compress(BODY[:1000]) + gzip.compress(BODY[1000:]), "Content-Encoding: gzip"),
    "cut-gzip": _respond(gzip.compress(BODY)[:-20], "Content-Encoding: gzip"),
    "odd": _respond(b"whatever", "Content-Encoding: x-odd"),
    "chunked": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{"data\r\n6\r\n": {}}\r\n0\r\n\r\n',
    "empty": b"HTTP/1.1 204 No Content\r\n\r\n",
    # From here on, the connection is closed after the response.
    "gone": b"",
    "cut": _respond(BODY)[:5000],
    "closing": _respond(b'{"data": {}}', "Connection: close"),
    "close": _respond(b'{"data": {}}'),
    "garbage": b"What do you mean?\r\n\r\n",
}
_CLOSES = list(RESPONSES)[list(RESPONSES).index("gone") :]


class Listener:
    """Accepts connections on a port of this machine, each in a thread, until it is closed."""

    def __init__(self, talk: Callable[[socket.socket], None]) -> None:
        self._talk = talk
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._talk(connection)
        self._open.discard(connection)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Server(Listener):
    """Responds by `RESPONSES`, with the body of the request to "echo", never to "slow". Keeps the requests."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.requests: list[str] = []
        self.heads: list[str] = []
        self.connections = 0
        super().__init__(self._talk_http)

    @property
    def url(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    def _talk_http(self, plain: socket.socket) -> None:
        self.connections += 1
        connection = plain if self.tls is None else self.tls.wrap_socket(plain, server_side=True)
        with connection, connection.makefile("rb") as reader:
            while self._respond_to(connection, reader):
                pass

    def _respond_to(self, connection: socket.socket, reader: "socket.SocketIO") -> bool:
        lines: list[bytes] = []
        while (line := reader.readline()) not in {b"", b"\r\n"}:
            lines.append(line)
        if not line:
            return False
        head = b"".join(lines).decode("latin-1")
        method, target, _ = head.split("\r\n")[0].split(" ")
        lengths = [
            line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length")
        ]
        body = reader.read(int(lengths[0])) if lengths else b""
        self.heads.append(head)
        self.requests.append(f"{method} {target}")
        name = target.split("?")[0].rpartition("/")[2]
        if name == "slow":
            reader.read(1)
            return False
        connection.sendall(_respond(body) if name == "echo" else RESPONSES.get(name, RESPONSES["ok"]))
        return name not in _CLOSES


class Proxy(Listener):
    """Carries connections to any host through to this machine, as CONNECT asks. Rejects those without the password, if there is one."""

    def __init__(self, credentials: str | None = None) -> None:
        self.asked: list[str] = []
        self._credentials = credentials
        super().__init__(self._talk_proxy)

    def _talk_proxy(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            received = client.recv(4096)
            if not received:
                return
            head += received
        lines = head.decode("latin-1").split("\r\n")
        self.asked.append(lines[0])
        if self._credentials is not None and not any(line.endswith(self._credentials) for line in lines):
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        port = int(lines[0].split(" ")[1].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_carry, args=(server, client), daemon=True)
            back.start()
            _carry(client, server)
            back.join(5)


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def running(listener: Listener) -> Iterator[None]:
    try:
        yield
    finally:
        listener.close()
