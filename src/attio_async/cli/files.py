"""Files that appear whole or not at all, and that nobody else may read."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .problems import Refusal

__all__ = ["atomic_file", "write_atomically"]


@contextmanager
def atomic_file(target: Path) -> Generator[IO[bytes]]:
    """A new file beside `target` that takes its place when the block ends, and vanishes when it raises.

    Only the owner may read it (mode 0600). A link is followed: what it points to is replaced.

    Raises:
        Refusal: The file cannot be made there.
    """
    place = Path(os.path.realpath(target))
    if place.exists() and not place.is_file():
        raise Refusal(f"{target} is not an ordinary file")
    try:
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    except OSError as error:
        raise Refusal(f"{target} cannot be written: {error.strerror or error}") from error
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(place)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself last, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(target: Path, content: bytes) -> None:
    """Write a whole file at once."""
    with atomic_file(target) as file:
        file.write(content)
