"""The journal of a job in a file."""

import os

from ..._storage.database import load_statements
from ..._storage.sqlite import SQLiteDatabase, SQLiteFormat
from ..._utils.public import public
from .sql import EpochFence, SQLJournal

STATEMENTS = load_statements(__name__, "journal.sql", "sqlite.sql")
"""The statements of a journal in SQLite, by name."""

_FORMAT = SQLiteFormat(purpose="job journal", application_id=0x41744A6F, tables=STATEMENTS["tables"])


@public
class SQLiteJournal(SQLJournal):
    """The journal of a job in a SQLite file, which survives crashes of the process and of the machine.

    Only its owner can read the file, and it belongs to one process at a time. It holds the values of a row until the row
    is written, and those of failed rows until it is deleted. What several rows write at the same time is synced
    together. Used as a context manager, the journal is closed at the end.

    Args:
        path: The file, created when it is first used. None keeps the job in a temporary file for as long as the
            journal is open.
        job: The name of the job, where one file keeps several.
    """

    def __init__(self, path: str | os.PathLike[str] | None, *, job: str = "job") -> None:
        super().__init__(SQLiteDatabase(path, _FORMAT), STATEMENTS, EpochFence(STATEMENTS, job), lease=None)
        self._shown = f"SQLiteJournal({str(path)!r}, job={job!r})"

    def __repr__(self) -> str:
        return self._shown
