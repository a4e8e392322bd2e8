"""A PostgreSQL server of the tests' own, on a socket in a private folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["lose_next_commit", "running_postgres"]

_USER = "postgres"  # as root PostgreSQL does not start; its packages bring this user along


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
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


@contextmanager
def running_postgres() -> Iterator[str]:
    """Return the connection string of a new, empty database. Skip the test where PostgreSQL is missing."""
    programs = _programs()
    user = _USER if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="attio-pg-"))
    try:
        if user is not None:
            shutil.chown(folder, _USER)
        data = folder / "data"
        encoding = ("--encoding=UTF8", "--locale=C")
        initdb = [
            programs / "initdb",
            "--no-sync",
            "--auth=trust",
            *encoding,
            f"--username={_USER}",
            "--pgdata",
            data,
        ]
        _run(user, *initdb)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = [programs / "pg_ctl", "--pgdata", data, "--wait", "--log", folder / "log"]
        _run(user, *control, "--options", options, "start")
        try:
            yield f"host={folder} user={_USER} dbname=postgres"
        finally:
            _run(user, *control, "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder)


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
