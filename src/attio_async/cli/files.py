"""Files of the command line: whole or not at all, and a clear word when they cannot be written."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .problems import Refusal

__all__ = ["atomic_file", "write_atomically"]


@contextmanager
def atomic_file(target: Path) -> Generator[IO[bytes]]:
    """A file that takes the place of `target` when the block ends, and vanishes when it raises.

    Only the owner may read it (mode 0600).

    Raises:
        Refusal: The file cannot be made there.
    """
    from .._core.files import PartFile, real_place
    from ..errors import ConfigurationError

    try:
        part = PartFile(real_place(target))
    except ConfigurationError as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{target} cannot be written: {error.strerror or error}") from error
    try:
        yield part.file
        part.complete()
    finally:
        part.discard()


def write_atomically(target: Path, content: bytes) -> None:
    """Write a whole file at once."""
    with atomic_file(target) as file:
        file.write(content)
