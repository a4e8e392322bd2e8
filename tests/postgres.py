"""A PostgreSQL server of the tests' own, on a socket in a private folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = [
    "PostgresServer",
    "lose_next_commit",
    "postgres_server",
    "programs",
    "running_postgres",
    "standby_server",
]

_USER = "postgres"  # as root PostgreSQL does not start; its packages bring this user along


def programs() -> Path:
    """Return the folder of the programs of PostgreSQL. Skip the test where it is missing."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent  # a link leads to one of them alone
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        pytest.skip("PostgreSQL is not installed")
    return installed[-1].parent


def _run(user: str | None, *command: object) -> None:
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


class PostgresServer:
    """A server with an empty database, which can be stopped and started again.

    Attributes:
        conninfo: The connection string of the database.
        folder: The folder of its socket.
        is_running: True between start and stop.
    """

    def __init__(self, folder: Path, settings: Mapping[str, object]) -> None:
        self._programs = programs()
        self._user = _USER if os.geteuid() == 0 else None
        self.folder = folder
        self.is_running = False
        self._data = folder / "data"
        self._settings = {
            "listen_addresses": "",
            "unix_socket_directories": folder,
            "fsync": "off",
            **settings,
        }
        self.conninfo = f"host={folder} user={_USER} dbname=postgres"

    def create(self) -> None:
        """Make the database."""
        if self._user is not None:
            shutil.chown(self.folder, _USER)
        command = [
            self._programs / "initdb",
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            f"--username={_USER}",
            "--pgdata",
            self._data,
        ]
        _run(self._user, *command)

    def copy(self, primary: "PostgresServer") -> None:
        """Make a copy of another server, which follows that one once it is started."""
        if self._user is not None:
            shutil.chown(self.folder, _USER)
        words = (
            "--write-recovery-conf",
            "--host",
            primary.folder,
            "--username",
            _USER,
            "--pgdata",
            self._data,
        )
        _run(self._user, self._programs / "pg_basebackup", "--checkpoint=fast", *words)

    def promote(self) -> None:
        """Make a copy a server of its own."""
        self._control("promote")

    def start(self) -> None:
        options = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        self._control("--log", self.folder / "log", "--options", options, "start")
        self.is_running = True

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: "immediate" as a crash would, "fast" after disconnecting its clients."""
        if self.is_running:
            self._control(f"--mode={mode}", "stop")
        self.is_running = False

    def _control(self, *words: object) -> None:
        _run(self._user, self._programs / "pg_ctl", "--pgdata", self._data, "--wait", *words)


@contextmanager
def postgres_server(**settings: object) -> Iterator[PostgresServer]:
    """Start a server with these settings. Skip the test where PostgreSQL is missing."""
    folder = Path(tempfile.mkdtemp(prefix="attio-pg-"))
    try:
        server = PostgresServer(folder, settings)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def standby_server(primary: PostgresServer) -> Iterator[PostgresServer]:
    """Start a copy of a server, which confirms each of its commits until it is promoted."""
    folder = Path(tempfile.mkdtemp(prefix="attio-pg-"))
    try:
        standby = PostgresServer(folder, {})
        standby.copy(primary)
        standby.start()
        try:
            yield standby
        finally:
            standby.stop()
    finally:
        shutil.rmtree(folder)


@contextmanager
def running_postgres() -> Iterator[str]:
    """Return the connection string of a new, empty database. Skip the test where PostgreSQL is missing."""
    with postgres_server() as server:
        yield server.conninfo


def lose_next_commit(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Have the connection break right after the next transaction was committed."""
    import psycopg

    transaction = psycopg.Connection.transaction
    lost: list[bool] = []

    @contextmanager
    def lossy(connection: Any) -> Iterator[None]:
        with transaction(connection):
            yield
        if not lost:
            lost.append(True)
            raise psycopg.OperationalError("the connection was lost")

    monkeypatch.setattr(psycopg.Connection, "transaction", lossy)
    return lost
