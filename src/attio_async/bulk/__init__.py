"""Jobs over many rows, and files and changes of all records.

`BulkJob` writes rows at the full allowed rate, reports each of them, and resumes after a crash from its `Journal`. `Plan` says
beforehand what it would do. `Csv`, `Jsonl` and `Parquet` are the formats of exports, and `Changes` finds what changed since
the last sweep.
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._changes.events import Change as Change
    from ._changes.events import Changed as Changed
    from ._changes.events import Created as Created
    from ._changes.events import Deleted as Deleted
    from ._changes.feed import Changes as Changes
    from ._export.export import ExportResult as ExportResult
    from ._export.export import ExportTarget as ExportTarget
    from ._export.formats import Csv as Csv
    from ._export.formats import Encoder as Encoder
    from ._export.formats import Format as Format
    from ._export.formats import FormatName as FormatName
    from ._export.formats import Jsonl as Jsonl
    from ._export.formats import Parquet as Parquet
    from ._journal.postgres import PostgresJournal as PostgresJournal
    from ._journal.protocol import Claim as Claim
    from ._journal.protocol import Closing as Closing
    from ._journal.protocol import DeadLetter as DeadLetter
    from ._journal.protocol import Failure as Failure
    from ._journal.protocol import HeldRow as HeldRow
    from ._journal.protocol import JobInfo as JobInfo
    from ._journal.protocol import JobState as JobState
    from ._journal.protocol import Journal as Journal
    from ._journal.protocol import JournalRow as JournalRow
    from ._journal.protocol import RowStatus as RowStatus
    from ._journal.sqlite import SQLiteJournal as SQLiteJournal
    from ._write.dead_letters import export_dead_letters as export_dead_letters
    from ._write.dead_letters import read_dead_letters as read_dead_letters
    from ._write.diff import AttributeChange as AttributeChange
    from ._write.job import BulkJob as BulkJob
    from ._write.options import BulkOptions as BulkOptions
    from ._write.options import Duplicates as Duplicates
    from ._write.options import Guards as Guards
    from ._write.options import MatchOn as MatchOn
    from ._write.options import OnAmbiguous as OnAmbiguous
    from ._write.options import Progress as Progress
    from ._write.plan import Plan as Plan
    from ._write.plan import PlannedRow as PlannedRow
    from ._write.reader import InputRow as InputRow
    from ._write.reader import InputRows as InputRows
    from ._write.report import BulkReport as BulkReport
    from ._write.report import Outcome as Outcome
    from ._write.report import Row as Row
