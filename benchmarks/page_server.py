"""Serves pages of made-up people over TLS, gzipped, as cheaply as can be. Loopback only.

    python benchmarks/page_server.py FOLDER

It writes the certificate of its own authority into the folder, prints its address, and serves until its standard input
ends. The first part of a path may hold settings: `/total=2000,delay=0.2/v2/...`.
"""

import asyncio
import gzip
import json
import ssl
import sys
from email.utils import formatdate
from pathlib import Path

import people

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the certificates, which the tests use too
from tests._transport import certificates

PAGES = 24
"""Pages that are not alike; more than any client remembers of those it has read."""

SIZE = 500


def gzipped_pages() -> list[bytes]:
    first = people.page(size=SIZE)
    mark = people.MARK.encode()
    return [gzip.compress(first.replace(mark, b"-4%03x-8aaa-" % n), 6) for n in range(PAGES)]


class Answers:
    """Everything there is to say, gzipped beforehand."""

    def __init__(self) -> None:
        self.pages = gzipped_pages()
        self.empty = gzip.compress(b'{"data":[]}')
        self.attributes = gzip.compress(people.attributes())
        self.record = gzip.compress(json.dumps({"data": people.person(1)}, separators=(",", ":")).encode())

    def body(self, path: str, content: bytes, total: int) -> bytes:
        if path.endswith("/query"):
            offset = int(json.loads(content).get("offset", 0))  # some write it as 0.0
            return self.pages[offset // SIZE % PAGES] if offset < total else self.empty
        return self.attributes if path.endswith("/attributes") else self.record


class PageConnection(asyncio.Protocol):
    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.received[:end]).decode("latin-1").lower()
            length = (
                int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
                if "content-length:" in head
                else 0
            )
            if len(self.received) < end + 4 + length:
                return
            content = bytes(self.received[end + 4 : end + 4 + length])
            del self.received[: end + 4 + length]
            self.answer(head.split(" ", 2)[1], content)

    def answer(self, target: str, content: bytes) -> None:
        path = target.split("?", 1)[0]
        settings = dict(part.split("=") for part in path.split("/")[1].split(",") if "=" in part)
        body = self.answers.body(path, content, int(settings.get("total", 10**9)))
        head = (
            f"HTTP/1.1 200 OK\r\nDate: {formatdate(usegmt=True)}\r\nContent-Type: application/json; charset=utf-8\r\n"
            f"Content-Encoding: gzip\r\nx-attio-execution-id: 77ab37b7\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        delay = float(settings.get("delay", 0))
        if delay:
            asyncio.get_running_loop().call_later(delay, self.send, head + body)
        else:
            self.send(head + body)

    def send(self, message: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(message)


async def serve(folder: Path) -> None:
    authority, leaf = certificates.make(folder)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(leaf)
    answers, loop = Answers(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: PageConnection(answers), "127.0.0.1", 0, ssl=tls, backlog=1024)
    async with server:
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"url": f"https://127.0.0.1:{port}", "authority": str(authority)}), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
