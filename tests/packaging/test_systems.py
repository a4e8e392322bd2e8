"""The differences of Windows and macOS: signals, locks, file modes and `select`, with the other system faked."""

import signal
import socket
import stat
from contextlib import AbstractContextManager
from pathlib import Path

import anyio
import pytest

from attio_async._cli.runner import run_stoppable
from attio_async._storage import files
from attio_async._transport import unasked_data


@pytest.mark.anyio
async def test_a_job_runs_where_signals_cannot_be_received(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: signal.Signals) -> AbstractContextManager[object]:
        raise NotImplementedError

    monkeypatch.setattr(anyio, "open_signal_receiver", refuse)
    ended: list[bool] = []

    async def job() -> None:
        await anyio.lowlevel.checkpoint()
        ended.append(True)

    await run_stoppable(job, on_stop=pytest.fail)
    assert ended == [True]


def test_files_are_written_where_nothing_can_be_locked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(files, "fcntl", None)
    target = tmp_path / "secrets.json"
    with files.locked_file(target):
        target.write_text("{}", encoding="utf-8")
    assert target.exists()


def test_folders_are_not_synced_where_they_cannot_be_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delattr(files.os, "O_DIRECTORY")
    files.sync_folder(tmp_path)


def test_a_private_file_is_opened_as_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[int] = []
    real = files.os.open
    monkeypatch.setattr(files.os, "O_BINARY", 0x8000_0000, raising=False)
    monkeypatch.setattr(
        files.os,
        "open",
        lambda path, flags, mode: opened.append(flags) or real(path, flags & 0x7FFF_FFFF, mode),
    )
    path = tmp_path / "token"
    files.os.close(files.open_private(path))
    assert opened[0] & 0x8000_0000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_unasked_data_is_seen_where_poll_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unasked_data.sys, "platform", "win32")
    monkeypatch.delattr(unasked_data.select, "poll")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not unasked_data.is_readable(ours.fileno())
        theirs.send(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
        assert unasked_data.is_readable(ours.fileno())


def test_no_module_needs_what_one_system_lacks() -> None:
    """Modules of one system are imported where their absence is handled, and no path of one is written out."""
    source = Path(files.__file__).parents[1]
    found = {
        path.relative_to(source).as_posix(): line.strip()
        for path in source.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
        in {
            "import fcntl",
            "import pwd",
            "import grp",
            "import termios",
            "import resource  # noqa: PLC0415 - not on all systems",
        }
        or "os.fork(" in line
        or "os.getuid(" in line
    }
    assert set(found) <= {"_storage/files.py", "testing/_query/sql_worker.py"}
