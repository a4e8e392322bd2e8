"""Files that appear whole or not at all, and that only their owner can read."""

import os
import tempfile
from collections.abc import AsyncIterable, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import anyio

from ..errors import ConfigurationError
from .executor import SerialExecutor


def resolve_target(target: Path) -> Path:
    """Return where a file will be written, with links followed.

    Raises:
        ConfigurationError: The target is a directory or a device, or its folder does not exist.
    """
    resolved = Path(os.path.realpath(target))
    if resolved.exists() and not resolved.is_file():
        raise ConfigurationError(f"{target} is not an ordinary file")
    if not resolved.parent.is_dir():
        raise ConfigurationError(f"the folder {resolved.parent} does not exist; create it first")
    return resolved


class PartFile:
    """A new file beside its target, for its owner only (mode 0600), which replaces the target when it is complete.

    Raises:
        OSError: The file cannot be created there.
    """

    def __init__(self, target: Path) -> None:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        self._target = target
        self.path = Path(name)
        self.file: IO[bytes] = os.fdopen(descriptor, "wb")

    def complete(self) -> None:
        """Replace the target with the file, so that it survives a power cut."""
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self.path.replace(self._target)
        sync_folder(self._target.parent)

    def discard(self) -> None:
        """Close and remove the file; does nothing once it is complete."""
        self.file.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def atomic_file(target: Path) -> Generator[IO[bytes]]:
    """Open a file that replaces `target` when the block ends and vanishes when the block raises.

    Only its owner can read it (mode 0600).

    Raises:
        ConfigurationError: The file cannot be created there.
    """
    part = _create(target)
    try:
        yield part.file
        part.complete()
    finally:
        part.discard()


async def write_atomically(target: Path, chunks: AsyncIterable[bytes]) -> None:
    """Write the chunks to a file that replaces `target` when it is complete, and vanishes on a failure.

    Only its owner can read it (mode 0600).

    Raises:
        ConfigurationError: The file cannot be created there.
        OSError: The file cannot be written.
    """
    executor = SerialExecutor()
    part = await executor.run(partial(_create, target))
    try:
        async for chunk in chunks:
            await executor.run(partial(part.file.write, chunk))
        await executor.run(part.complete)
    finally:
        with anyio.CancelScope(shield=True):
            await executor.run(part.discard)


def _create(target: Path) -> PartFile:
    try:
        return PartFile(resolve_target(target))
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be written: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
