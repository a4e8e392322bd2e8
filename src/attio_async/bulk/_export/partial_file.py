"""Where an export is written until it is whole: a part that vanishes with it, or one that it can be continued from."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

import attrs

from ..._storage.files import PartFile, resolve_target, sync_folder
from ..._storage.sqlite import SQLiteFormat, open_file
from ...errors import ConfigurationError

Assemble = Callable[[Path, IO[bytes]], None]

_FORMAT = SQLiteFormat(
    purpose="export state",
    application_id=0x41745278,
    tables="""
CREATE TABLE progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    export TEXT NOT NULL,
    position INTEGER NOT NULL,
    records INTEGER NOT NULL,
    token TEXT
);
""",
)


@attrs.frozen
class Mark:
    """How far an export is: the records written, and where its scan stands."""

    records: int = 0
    token: str | None = None


class Part(Protocol):
    """What is there of a file. Everything here blocks."""

    mark: Mark

    def append(self, data: bytes, mark: Mark) -> None:
        """Add to it."""
        ...

    def complete(self, assemble: Assemble | None) -> None:
        """Make it the file, made by `assemble` where there is one."""
        ...

    def abandon(self) -> None:
        """Leave it as it is to be left when the export ends before its end; harmless when it is complete."""
        ...


class StreamPart:
    """An open file that gets everything as it comes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.mark = Mark()
        self._stream = stream

    def append(self, data: bytes, mark: Mark) -> None:
        """Add to it."""
        self._stream.write(data)
        self.mark = mark

    def complete(self, assemble: Assemble | None) -> None:
        """Nothing is left to do.

        Raises:
            ConfigurationError: The file has to be put together, which a stream cannot be.
        """
        if assemble is not None:
            raise ConfigurationError("this format needs a file of its own: give a path")

    def abandon(self) -> None:
        """What was written stays written."""


class FreshPart:
    """A part that vanishes when the export ends before its end."""

    def __init__(self, target: Path) -> None:
        self.mark = Mark()
        self._place = resolve_target(target)
        self._part = PartFile(self._place)

    def append(self, data: bytes, mark: Mark) -> None:
        """Add to it."""
        self._part.file.write(data)
        self.mark = mark

    def complete(self, assemble: Assemble | None) -> None:
        """Make it the file."""
        if assemble is None:
            self._part.complete()
            return
        self._part.file.flush()
        _assembled(self._place, self._part.path, assemble)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._part.discard()


class KeptPart:
    """A part that stays when the export ends before its end, with a state file beside it that says how far it is.

    What the state file tells of is on the disk; what came after it is cut off when the part is opened again.

    Args:
        target: The file that is to be.
        export: What tells this export from others: a part can only be continued with the same.

    Raises:
        ConfigurationError: The part is of another export, or in use.
    """

    def __init__(self, target: Path, export: str) -> None:
        self._place = resolve_target(target)
        self.path = self._place.with_name(f"{self._place.name}.part")
        self.state_path = self._place.with_name(f"{self._place.name}.part-state")
        self._export = export
        self._state = open_file(self.state_path, _FORMAT)
        try:
            self.mark = self._opened()
        except BaseException:
            self._state.close()
            raise

    def _opened(self) -> Mark:
        row = self._state.execute("SELECT export, position, records, token FROM progress").fetchone()
        if row is not None and row[0] != self._export:
            raise ConfigurationError(
                f"{self.path} is of another export: its filter, attributes or format differ. Remove it and "
                f"{self.state_path.name} to start over"
            )
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        self._file = os.fdopen(descriptor, "r+b")
        self.path.chmod(0o600)  # whoever made it
        there = os.fstat(descriptor).st_size
        mark, position = (Mark(row[2], row[3]), row[1]) if row is not None else (Mark(), 0)
        if (
            there < position or not mark.records
        ):  # the part was removed, or holds no record yet: from the start
            mark, position = Mark(), 0
        self._file.truncate(position)
        self._file.seek(position)
        return mark

    def append(self, data: bytes, mark: Mark) -> None:
        """Add to it, so that it survives a crash."""
        self._file.write(data)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._state.execute(
            "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, ?, ?)",
            (self._export, self._file.tell(), mark.records, mark.token),
        )
        self.mark = mark

    def complete(self, assemble: Assemble | None) -> None:
        """Make it the file, and remove the state."""
        self._file.close()
        if assemble is None:
            self.path.replace(self._place)
            sync_folder(self._place.parent)
        else:
            _assembled(self._place, self.path, assemble)
            self.path.unlink()
        self._state.close()
        self.state_path.unlink()

    def abandon(self) -> None:
        """Keep it, to go on from there."""
        self._file.close()
        self._state.close()


def _assembled(place: Path, spool: Path, assemble: Assemble) -> None:
    whole = PartFile(place)
    try:
        assemble(spool, whole.file)
        whole.complete()
    finally:
        whole.discard()
