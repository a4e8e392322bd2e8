"""Files that appear whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from attio_async._cli.errors import Refusal
from attio_async._cli.workspace import atomic_file, write_atomically


def test_the_file_appears_at_the_end_and_is_private(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    with atomic_file(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_nothing_is_left_behind_after_a_failure_and_the_old_file_stays(tmp_path: Path) -> None:
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
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no folder"):
        write_atomically(tmp_path / "none" / "out.csv", b"")


@pytest.mark.parametrize("target", [".", os.devnull])
def test_what_is_no_ordinary_file_is_never_replaced(target: str) -> None:
    with pytest.raises(Refusal, match="not an ordinary file"):
        write_atomically(Path(target), b"")
