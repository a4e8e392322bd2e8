"""Files that appear whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from attio_async._storage.files import atomic_file, resolve_target
from attio_async.errors import ConfigurationError


def write(target: Path, content: bytes) -> None:
    with atomic_file(target) as file:
        file.write(content)


def test_the_file_appears_at_the_end_and_is_private(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with atomic_file(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), atomic_file(target) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        write(tmp_path / "none" / "out.csv", b"")


def test_a_read_only_folder_is_refused_before_there_is_anything_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(ConfigurationError, match=r"out\.csv cannot be written: the folder .* is read-only"):
        resolve_target(tmp_path / "out.csv")


def test_only_ordinary_files_are_replaced() -> None:
    for target in (".", os.devnull):
        with pytest.raises(ConfigurationError, match="not an ordinary file"):
            write(Path(target), b"")
