"""Bytes that wait on the disk instead of in memory."""

import os
import tempfile
import zlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import IO

from .executor import SerialExecutor
from .files import naming_file

_FAST = 1
"""Compressing much better takes much longer."""


class Spool:
    """A temporary file that only this process can open, and that vanishes with it.

    Its pieces can be read in any order. The file is created when it is first used.
    """

    def __init__(self) -> None:
        self._executor = SerialExecutor()
        self._file: IO[bytes] | None = None

    async def put(self, data: bytes) -> Callable[[], Awaitable[bytes]]:
        """Add data, and return the function that reads it back.

        Raises:
            StorageError: The disk is full, or the folder of temporary files cannot be written.
        """
        read = await self._executor.run(partial(self._put, data))
        return lambda: self._executor.run(read)

    async def aclose(self) -> None:
        """Remove the file."""
        file, self._file = self._file, None
        if file is not None:
            await self._executor.finish(file.close)

    def _put(self, data: bytes) -> Callable[[], bytes]:
        packed = zlib.compress(data, _FAST)
        with naming_file(tempfile.gettempdir()):
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `aclose`
            start = self._file.seek(0, os.SEEK_END)
            self._file.write(packed)
        return partial(_read, self._file, start, len(packed))


def _read(file: IO[bytes], start: int, size: int) -> bytes:
    with naming_file(tempfile.gettempdir()):
        file.seek(start)
        return zlib.decompress(file.read(size))
