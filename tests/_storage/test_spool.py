"""Bytes on the disk: read back in any order, by this process alone, and gone when the spool is closed."""

import errno
import tempfile
from pathlib import Path
from typing import Any

import pytest

from attio_async._storage.spool import Spool
from attio_async.errors import StorageError

pytestmark = pytest.mark.anyio


async def test_pieces_are_read_back_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = Spool()
    pieces = [bytes([number]) * 100 * number for number in range(20)]
    places = [await spool.put(piece) for piece in pieces[:10]]
    assert await places[7]() == pieces[7]
    places += [await spool.put(piece) for piece in pieces[10:]]
    assert [await read() for read in reversed(places)] == pieces[::-1]
    assert _names(tmp_path) == []  # it has no name that others could open
    await spool.aclose()
    await spool.aclose()


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_a_full_disk_is_an_error_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    with pytest.raises(StorageError, match="No space left"):
        await Spool().put(b"x")
