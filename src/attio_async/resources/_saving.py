"""Files that appear whole or not at all, written as their bytes arrive."""

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.to_thread

from ..errors import ConfigurationError

__all__ = ["saved", "saving_place"]


def saving_place(target: Path) -> Path:
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


async def saved(place: Path, pieces: AsyncIterator[bytes]) -> None:
    """Write the pieces to a new file that takes its place when they are complete, and vanishes if they are not.

    Only the owner may read it (mode 0600).

    Raises:
        OSError: It cannot be written.
    """
    descriptor, name = await anyio.to_thread.run_sync(_temporary, place)
    part = Path(name)
    try:
        async with anyio.wrap_file(os.fdopen(descriptor, "wb")) as file:
            async for piece in pieces:
                await file.write(piece)
            await file.flush()
            await anyio.to_thread.run_sync(os.fsync, descriptor)
        await anyio.to_thread.run_sync(part.replace, place)
    except BaseException:
        _discard(part)
        raise


def _temporary(place: Path) -> tuple[int, str]:
    return tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
