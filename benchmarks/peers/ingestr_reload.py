"""Load all people into SQLite with ingestr's source for Attio, and print the seconds: `ingestr_reload.py PROGRAM ROWS DELAY`.

The program knows no address but that of the API. So it gets a proxy that leads there to a server of people on the loopback,
DELAY seconds away, and nowhere else. It writes SQLite, since it would download a driver for DuckDB.
"""

import asyncio
import os
import sqlite3
import ssl
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))
from tests._transport import certificates

from mirror import People
from page_server import PageConnection

HOST = "api.attio.com"


class DelayedConnection(PageConnection):
    """Answers each request after a while."""

    def __init__(self, server: People, delay: str) -> None:
        super().__init__(server)
        self.delay = delay

    def answer(self, target: str, content: bytes) -> None:
        super().answer(f"/delay={self.delay}{target}", content)


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Connect who asks for the API with the server on a port of the loopback."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(f"CONNECT {HOST}:443 ".encode()):
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        return
    theirs, to_them = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await asyncio.gather(_pump(reader, to_them), _pump(theirs, writer), return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


async def loaded(program: str, rows: int, delay: str, folder: Path) -> float:
    authority, leaf = certificates.make(folder, HOST)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(leaf)
    people, loop = People(rows), asyncio.get_running_loop()
    server = await loop.create_server(lambda: DelayedConnection(people, delay), "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    proxy = await asyncio.start_server(lambda *both: relay(*both, port), "127.0.0.1", 0)
    address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "HTTPS_PROXY": address,
        "HTTP_PROXY": address,
        "SSL_CERT_FILE": str(authority),
        "DISABLE_TELEMETRY": "true",
    }
    options = {
        "source-uri": "attio://?api_key=x",
        "source-table": "records:people",
        "dest-uri": f"sqlite:///{folder}/plain.db",
        "dest-table": "people",
        "progress": "log",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        program, "ingest", *words, "--yes", env=environment, cwd=folder, stdout=sys.stderr
    )
    assert await process.wait() == 0
    seconds = time.perf_counter() - started
    with sqlite3.connect(folder / "plain.db") as database:
        assert database.execute("SELECT count(*) FROM people").fetchone() == (rows,)
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(asyncio.run(loaded(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(folder))))


main()
