"""A redis-server of the tests' own: on a Unix socket in a private folder, keeping nothing."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

redis_server = shutil.which("redis-server")
needs_redis = pytest.mark.skipif(redis_server is None, reason="redis-server is not installed")


class RedisServer:
    """A server that can be stopped and started again, without what it knew."""

    def __init__(self, folder: Path, password: str = "") -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{f':{password}@' if password else ''}{self.socket}"
        self._folder = folder
        self._password = password
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = {
            "--port": "0",
            "--unixsocket": str(self.socket),
            "--unixsocketperm": "700",
            "--save": "",
            "--appendonly": "no",
            "--dir": str(self._folder),
            "--requirepass": self._password,
        }
        command = [redis_server or "redis-server", *(part for option in options.items() for part in option)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not self._answers():
            assert self.process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.01)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.socket))
            except OSError:  # bound, and not yet listening
                return False
        return True

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)


@contextmanager
def running_redis(password: str = "") -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisServer(Path(folder), password)
        server.start()
        try:
            yield server
        finally:
            server.stop()
