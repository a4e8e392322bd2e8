"""Files that appear whole or not at all, and that only their owner can read."""

import io
import os
import stat
import tempfile
from collections.abc import AsyncIterable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from .._utils.text import show
from ..errors import ConfigurationError, StorageError
from .executor import SerialExecutor

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_PRIVATE = 0o600


def resolve_target(target: Path) -> Path:
    """Return where a file will be written, with links followed.

    Raises:
        ConfigurationError: The target is a directory or a device, or its folder does not exist or is read-only.
    """
    try:
        resolved = Path(os.path.realpath(target))
        exists = resolved.exists()
    except (OSError, ValueError) as error:  # too long, or with a null or half a surrogate pair in it
        raise ConfigurationError(f"{shown_path(target)} is not a valid path: {reason_of(error)}") from None
    if exists and not resolved.is_file():
        raise ConfigurationError(f"{target} is not an ordinary file")
    if not resolved.parent.is_dir():
        raise ConfigurationError(f"the folder {resolved.parent} does not exist; create it first")
    # Windows says otherwise who may write to a folder.
    if os.name == "posix" and not os.access(resolved.parent, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{target} cannot be written: the folder {resolved.parent} is read-only")
    return resolved


def reason_of(error: OSError | ValueError) -> str:
    """Return what the operating system, or Python in its place, has against a path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def shown_path(path: str | os.PathLike[str]) -> str:
    """Return a path for a message."""
    text = os.fspath(path)
    return text if text.isprintable() else show(text)


@contextmanager
def naming_file(path: str | os.PathLike[str]) -> Generator[None]:
    """Turn what the operating system says about writing a file into an error that names the file.

    Raises:
        StorageError: The file cannot be written.
    """
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(os.fspath(path), error.errno, error.strerror or str(error)) from error


def open_to_read(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a file of the caller's.

    Raises:
        ConfigurationError: It cannot be read.
    """
    try:
        return Path(path).open("rb")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{shown_path(path)} cannot be read: {reason_of(error)}") from None


def open_private(path: Path, flags: int = os.O_RDWR) -> int:
    """Open a file that only its owner can read, now even if it was there before, and return its descriptor.

    A file that is not there is created, also where a link points to it.

    Raises:
        ConfigurationError: The path is not valid.
    """
    as_bytes = getattr(os, "O_BINARY", 0)  # on Windows, where line ends would be changed otherwise
    try:
        descriptor = os.open(path, flags | as_bytes | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), _PRIVATE)
    except ValueError as error:  # a null or half a surrogate pair in it
        raise ConfigurationError(f"{shown_path(path)} is not a valid path: {error}") from None
    try:
        make_private(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def make_private(path: Path, status: os.stat_result | None = None) -> None:
    """Take away what others may do with a file."""
    mode = stat.S_IMODE((status or path.stat()).st_mode)
    if mode & 0o077:
        path.chmod(mode & 0o700)


@contextmanager
def locked_file(target: Path) -> Generator[None]:
    """Hold the lock of a file that several threads or processes read and replace.

    It is that of the folder, since the target is another file whenever it is replaced. On Windows nothing is locked.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which releases the lock


def lock(descriptor: int) -> None:
    """Wait for the lock of an open file, and hold it until the file is closed."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file until the file is closed, and return False if somebody else has it."""
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt  # noqa: PLC0415 - on Windows alone

            vars(msvcrt)["locking"](descriptor, vars(msvcrt)["LK_NBLCK"], 1)
    except OSError:
        return False
    return True


def write_all(file: io.FileIO, data: bytes) -> None:
    """Write all of the data to an unbuffered file."""
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]


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

    def write(self, data: bytes) -> None:
        """Add data.

        Raises:
            StorageError: It cannot be written.
        """
        with naming_file(self._target):
            self.file.write(data)

    def complete(self) -> None:
        """Replace the target with the file, so that it survives a power cut.

        Raises:
            StorageError: The file cannot be written.
        """
        with naming_file(self._target):
            if not self.file.closed:  # tried again, when the target was in use
                self.file.flush()
                os.fsync(self.file.fileno())
                self.file.close()
            self.path.replace(self._target)
            sync_folder(self._target.parent)

    def discard(self) -> None:
        """Close and remove the file; does nothing once it is complete."""
        with suppress(OSError):  # such as a full disk, for what is not wanted any more
            self.file.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def atomic_file(target: Path) -> Generator[IO[bytes]]:
    """Open a file that replaces `target` when the block ends and vanishes when the block raises.

    Only its owner can read it (mode 0600).

    Raises:
        ConfigurationError: The file cannot be created there.
        StorageError: The file cannot be written.
    """
    part = _create(target)
    try:
        with naming_file(target):
            yield part.file
        part.complete()
    finally:
        part.discard()


async def write_atomically(target: Path, chunks: AsyncIterable[bytes]) -> None:
    """Write the chunks to a file that replaces `target` when it is complete, and vanishes on a failure.

    Only its owner can read it (mode 0600).

    Raises:
        ConfigurationError: The file cannot be created there.
        StorageError: The file cannot be written.
    """
    executor = SerialExecutor()
    part = await executor.run(partial(_create, target))
    try:
        async for chunk in chunks:
            await executor.run(partial(part.write, chunk))
        await executor.run(part.complete)
    finally:
        await executor.finish(part.discard)


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
