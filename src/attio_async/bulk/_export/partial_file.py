"""The file of an export until it is whole: a part that vanishes on a failure, or one to resume from."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import attrs

from ..._storage.files import PartFile, naming_file, open_private, resolve_target, sync_folder
from ..._storage.sqlite import SQLiteFormat, open_file, sqlite_errors
from ..._storage.stored import differing_parts, reading_stored
from ...errors import ConfigurationError

Assemble = Callable[[Path, IO[bytes]], None]
"""Writes the final file from the path of the part."""

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
class ExportPosition:
    """The position of an export: the records written, and the token of its scan."""

    records: int = 0
    token: str | None = None


class Part(Protocol):
    """The written part of a file. Its methods block."""

    position: ExportPosition

    def append(self, data: bytes, position: ExportPosition) -> None:
        """Add data, after which the export is at the position."""
        ...

    def complete(self, assemble: Assemble | None) -> None:
        """Turn the part into the file, with `assemble` where it is given."""
        ...

    def abandon(self) -> None:
        """Leave the part as it has to be when the export fails; does nothing once it is complete."""
        ...


class StreamPart:
    """An open file that gets all data at once."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.position = ExportPosition()
        self._stream = stream

    def append(self, data: bytes, position: ExportPosition) -> None:
        """Add data."""
        self._stream.write(data)
        self.position = position

    def complete(self, assemble: Assemble | None) -> None:
        """Do nothing: the stream has everything.

        Raises:
            ConfigurationError: The file has to be assembled, which a stream cannot be.
        """
        if assemble is not None:
            raise ConfigurationError("this format needs a file of its own; give a path")

    def abandon(self) -> None:
        """Do nothing: written data stays written."""


class FreshPart:
    """A part that vanishes when the export fails."""

    def __init__(self, target: Path) -> None:
        self.position = ExportPosition()
        self._target = resolve_target(target)
        self._part = PartFile(self._target)

    def append(self, data: bytes, position: ExportPosition) -> None:
        """Add data."""
        self._part.write(data)
        self.position = position

    def complete(self, assemble: Assemble | None) -> None:
        """Turn the part into the file."""
        if assemble is None:
            self._part.complete()
            return
        with naming_file(self._target):
            self._part.file.flush()
        _assemble(self._target, self._part.path, assemble)

    def abandon(self) -> None:
        """Remove the part."""
        self._part.discard()


class KeptPart:
    """A part that stays when the export fails, with a state file beside it that has the position.

    Everything up to the position in the state file is on the disk; what is beyond it is cut off when the part is opened
    again.

    Args:
        target: The final file.
        export: Identifies the export: a part can only be resumed by the same one.

    Raises:
        ConfigurationError: The part belongs to another export, or is in use.
    """

    def __init__(self, target: Path, export: str) -> None:
        self._target = resolve_target(target)
        self.path = self._target.with_name(f"{self._target.name}.part")
        self.state_path = self._target.with_name(f"{self._target.name}.part-state")
        self._export = export
        self._state = open_file(self.state_path, _FORMAT)
        try:
            with sqlite_errors(self.state_path, _FORMAT):
                row = self._state.execute("SELECT export, position, records, token FROM progress").fetchone()
            with reading_stored(self.state_path), naming_file(self.path):
                self.position = self._open(row)
        except BaseException:
            self._state.close()
            raise

    def _open(self, row: Any) -> ExportPosition:
        if row is not None and row[0] != self._export:
            differing = differing_parts(json.loads(row[0]), json.loads(self._export))
            raise ConfigurationError(
                f"{self.path} belongs to another export: its {differing}. Remove it and "
                f"{self.state_path.name} to start over"
            )
        end, position = (
            (row[1] + 0, ExportPosition(row[2] + 0, row[3])) if row is not None else (0, ExportPosition())
        )
        descriptor = open_private(self.path)
        file = os.fdopen(descriptor, "r+b")
        try:
            position = self._cut_off(file, end, position)
        except BaseException:
            file.close()
            raise
        self._file = file
        return position

    def _cut_off(self, file: IO[bytes], end: int, position: ExportPosition) -> ExportPosition:
        """Cut off what is beyond the end, and return the position there."""
        size = os.fstat(file.fileno()).st_size
        if size < end or not position.records:  # the part was removed, or holds no record yet
            end, position = 0, ExportPosition()
        file.truncate(end)
        file.seek(end)
        return position

    def append(self, data: bytes, position: ExportPosition) -> None:
        """Add data, so that it survives a crash."""
        with naming_file(self.path):
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())
        with sqlite_errors(self.state_path, _FORMAT):
            self._state.execute(
                "INSERT OR REPLACE INTO progress VALUES (1, ?, ?, ?, ?)",
                (self._export, self._file.tell(), position.records, position.token),
            )
        self.position = position

    def complete(self, assemble: Assemble | None) -> None:
        """Turn the part into the file, and remove the state."""
        self._file.close()
        if assemble is None:
            with naming_file(self._target):
                self.path.replace(self._target)
                sync_folder(self._target.parent)
        else:
            _assemble(self._target, self.path, assemble)
            self.path.unlink()
        self._state.close()
        self.state_path.unlink()

    def abandon(self) -> None:
        """Close the part, to resume from it later."""
        with suppress(OSError):  # such as a full disk: what is beyond the position is cut off in any case
            self._file.close()
        self._state.close()


def _assemble(target: Path, part: Path, assemble: Assemble) -> None:
    whole = PartFile(target)
    try:
        with naming_file(target):
            assemble(part, whole.file)
        whole.complete()
    finally:
        whole.discard()
