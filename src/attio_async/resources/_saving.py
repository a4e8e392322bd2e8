"""Downloads into files, written as their bytes arrive."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio.to_thread

from .._core.files import PartFile

__all__ = ["saved"]


async def saved(place: Path, pieces: AsyncIterator[bytes]) -> None:
    """Write the pieces to a new file that takes its place when they are complete, and vanishes if they are not.

    Only the owner may read it (mode 0600).

    Raises:
        OSError: It cannot be written.
    """
    part = await anyio.to_thread.run_sync(PartFile, place)
    try:
        async for piece in pieces:
            await anyio.to_thread.run_sync(part.file.write, piece)
        await anyio.to_thread.run_sync(part.complete)
    finally:
        part.discard()
