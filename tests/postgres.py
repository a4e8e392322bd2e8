"""A PostgreSQL server of the tests' own, on a socket in a private folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["running_postgres"]

_USER = "postgres"  # as root PostgreSQL does not start; its packages bring this user along


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not installed:
        pytest.skip("PostgreSQL is not installed")
    return installed[-1].parent


def _run(*command: object) -> None:
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, cwd="/")


@contextmanager
def running_postgres() -> Iterator[str]:
    """Return the connection string of a new, empty database. Skip the test where PostgreSQL is missing."""
    programs = _programs()
    as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="attio-pg-"))
    try:
        if as_user:
            shutil.chown(folder, _USER)
        data = folder / "data"
        initdb = [programs / "initdb", "--no-sync", "--auth=trust", f"--username={_USER}", "--pgdata", data]
        _run(*as_user, *initdb)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = [*as_user, programs / "pg_ctl", "--pgdata", data, "--wait", "--log", folder / "log"]
        _run(*control, "--options", options, "start")
        try:
            yield f"host={folder} user={_USER} dbname=postgres"
        finally:
            _run(*control, "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder)
