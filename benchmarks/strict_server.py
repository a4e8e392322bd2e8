"""A server that counts rates strictly, behind a network that is not kind. Standard library only, loopback only.

    python benchmarks/strict_server.py --window log --network spike --skew 2

It prints its address and serves until its standard input ends. GET is a read, anything else a write, and a path that ends in
/merge has a rate of its own on top. `GET /-/report` tells what it saw; `PUT /-/limits` with {"read": 50} changes limits.
"""

import argparse
import asyncio
import json
import math
import random
import sys
import time
from collections import Counter
from email.utils import formatdate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # for the windows, which the simulator uses too
from tests._limits.windows import NETWORKS, PROCESSING, WINDOWS

LIMITS = {"read": 100, "write": 25, "merge": 5}


class Ledger:
    """The requests that arrived, and their outcomes."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.windows = {name: WINDOWS[options.window](limit) for name, limit in LIMITS.items()}
        self.processed: Counter[str] = Counter()
        self.not_before: dict[str, float] = {}
        self.accepted = {name: list[float]() for name in LIMITS}
        self.refused = {name: list[float]() for name in LIMITS}
        self.early = 0

    def admit(self, kinds: list[str], path: str, now: float) -> bool:
        """Count one arrival; a refusal by one window leaves no trace in the others."""
        self.early += now < self.not_before.pop(path, -math.inf)
        for kind in kinds:
            if not self.windows[kind].admit(now):
                self.refused[kinds[0]].append(now)
                self.not_before[path] = math.floor(now) + 1
                return False
        self.accepted[kinds[0]].append(now)
        return True

    def report(self) -> dict[str, object]:
        return {
            "accepted": self.accepted,
            "refused": self.refused,
            "early": self.early,
            "processed": len(self.processed),
            "twice": sum(times > 1 for times in self.processed.values()),
        }


class StrictServer:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.network = NETWORKS[options.network]
        self.chance = random.Random(options.seed)
        self.ledger = Ledger(options)
        self.frozen_until = 0.0

    def now(self) -> float:
        """Return the server's own idea of the time."""
        return time.time() + self.options.skew

    async def way(self) -> None:
        """Carry bytes one way through the network, which stands still now and then."""
        arrival = time.monotonic() + self.network(self.chance)
        if self.options.freeze and self.chance.random() < 1e-3 * self.options.freeze:
            self.frozen_until = time.monotonic() + 0.3
        await asyncio.sleep(max(arrival, self.frozen_until) - time.monotonic())

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, *_ = head.decode("latin-1").split(" ", 2)
                length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
                answer = await self.answer(method, path, body)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or this process ends
        finally:
            writer.close()

    async def answer(self, method: str, path: str, body: bytes) -> bytes | None:
        if path.startswith("/-/"):
            return self.managed(path, body)
        await self.way()
        kinds = (["merge"] if path.endswith("/merge") else []) + ["read" if method == "GET" else "write"]
        now = self.now()
        if not self.ledger.admit(kinds, path, now):
            await self.way()
            reset = formatdate(math.floor(now) + 1, usegmt=True)
            return self.response(429, {"code": "rate_limit_exceeded"}, f"Retry-After: {reset}\r\n")
        if self.chance.random() < self.options.broken:
            self.ledger.accepted[kinds[0]].pop()
            return None
        await asyncio.sleep(PROCESSING(self.chance))
        self.ledger.processed[f"{method} {path}"] += 1
        await self.way()
        return self.response(200, {"data": {}})

    def managed(self, path: str, body: bytes) -> bytes:
        if path == "/-/limits":
            for kind, limit in json.loads(body).items():
                self.ledger.windows[kind].limit = limit
        return self.response(200, self.ledger.report())

    def response(self, status: int, content: object, more: str = "") -> bytes:
        body = json.dumps(content).encode()
        date = formatdate(math.floor(self.now()), usegmt=True)
        head = f"HTTP/1.1 {status} -\r\nDate: {date}\r\nContent-Type: application/json\r\n{more}"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A server that counts rates strictly.")
    parser.add_argument("--window", choices=WINDOWS, default="fixed")
    parser.add_argument("--network", choices=NETWORKS, default="j30")
    parser.add_argument("--skew", type=float, default=0.0, help="seconds that its clock is ahead")
    parser.add_argument(
        "--freeze", type=float, default=0.0, help="stand-stills of 300 ms per thousand messages"
    )
    parser.add_argument("--broken", type=float, default=0.0, help="the share of requests that are dropped")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


async def serve(options: argparse.Namespace) -> None:
    listening = await asyncio.start_server(StrictServer(options).connection, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    asyncio.run(serve(parsed(sys.argv[1:])))
