"""Files that appear whole or not at all, and that nobody else may read."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ..errors import ConfigurationError


def real_place(target: Path) -> Path:
    """Where a file will really be, with links followed.

    Raises:
        ConfigurationError: Nothing can be written there.
    """
    place = Path(os.path.realpath(target))
    if place.exists() and not place.is_file():
        raise ConfigurationError(f"{target} is not an ordinary file")
    if not place.parent.is_dir():
        raise ConfigurationError(f"there is no folder {place.parent}")
    return place


class PartFile:
    """A new file beside a place, for its owner only (mode 0600), which takes that place when it is complete.

    `path` is where it is until then.

    Raises:
        OSError: It cannot be made there.
    """

    def __init__(self, place: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
        self._place = place
        self.path = Path(name)
        self.file: IO[bytes] = os.fdopen(descriptor, "wb")

    def complete(self) -> None:
        """Put the file in its place, so that it is still there after a power cut."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self.path.replace(self._place)
        sync_folder(self._place.parent)

    def discard(self) -> None:
        """Leave nothing behind; harmless when the file is complete."""
        self.file.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def atomic_file(target: Path) -> Generator[IO[bytes]]:
    """Open a file that replaces `target` when the block ends and vanishes when the block raises.

    Only its owner may read it (mode 0600).

    Raises:
        ConfigurationError: The file cannot be created there.
    """
    try:
        part = PartFile(real_place(target))
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be written: {error.strerror or error}") from error
    try:
        yield part.file
        part.complete()
    finally:
        part.discard()


def sync_folder(folder: Path) -> None:
    """Make what was renamed in a folder last, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
