"""PostgreSQL and Redis of the demo's own, without containers: on sockets in a private folder, and gone with it."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_USER = "postgres"  # as root PostgreSQL does not start; its packages bring this user along
_PATIENCE_S = 20.0


class ServerMissing(Exception):
    """A server is not installed."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL, and return the connection string of an empty database.

    Raises:
        ServerMissing: It is not installed.
    """
    programs = _postgres_programs()
    user = _USER if os.geteuid() == 0 else None
    home = folder / "postgres"
    home.mkdir()
    if user is not None:
        shutil.chown(home, user)
    data = home / "data"
    initdb = ["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={_USER}"]
    _run(user, programs / "initdb", *initdb, "--pgdata", data)
    control = [programs / "pg_ctl", "--pgdata", data, "--wait", "--log", home / "log"]
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c max_connections=200"
    _run(user, *control, "--options", options, "start")
    try:
        yield f"host={home} user={_USER} dbname=postgres"
    finally:
        _run(user, *control, "--mode=immediate", "stop")


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run Redis, and return its URL.

    Raises:
        ServerMissing: It is not installed.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise ServerMissing("Redis is not installed: apt-get install redis-server")
    path = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no", "--dir", folder]
    process = subprocess.Popen([program, *map(str, options)], stdout=subprocess.DEVNULL)  # noqa: S603 - found above
    try:
        _wait_for(path, process)
        yield f"unix://{path}"
    finally:
        process.terminate()
        process.wait()


def _postgres_programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        raise ServerMissing("PostgreSQL is not installed: apt-get install postgresql")
    return installed[-1].parent


def _run(user: str | None, *command: object) -> None:
    words = [str(word) for word in command]
    groups: list[str] | None = None if user is None else []
    subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        words, check=True, stdout=subprocess.DEVNULL, cwd="/", user=user, group=user, extra_groups=groups
    )


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(path))
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.02)
            else:
                return
