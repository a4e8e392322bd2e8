"""Jobs over many rows, and files and changes of all records.

`BulkJob` writes rows at the full allowed rate, reports each of them, and resumes after a crash from its `Journal`. `JobPlan` says
beforehand what it would do. `Csv`, `Jsonl` and `Parquet` are the formats of exports, and `Feed` tells what changes.
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._changes.events import (
        AnyChange as AnyChange,
        Change as Change,
        Changed as Changed,
        Created as Created,
        Deleted as Deleted,
        Item as Item,
        Merged as Merged,
    )
    from ._changes.feed import (
        Also as Also,
        Feed as Feed,
        Followed as Followed,
    )
    from ._export.export import (
        ExportResult as ExportResult,
        ExportTarget as ExportTarget,
    )
    from ._export.formats import (
        Csv as Csv,
        Encoder as Encoder,
        Format as Format,
        FormatName as FormatName,
        Jsonl as Jsonl,
        Parquet as Parquet,
    )
    from ._export.parquet import to_arrow as to_arrow
    from ._import.columns import ColumnMapping as ColumnMapping
    from ._import.formats import ValueFormats as ValueFormats
    from ._import.job import (
        FileImport as FileImport,
        ImportSource as ImportSource,
        ImportWay as ImportWay,
        PreparedImport as PreparedImport,
    )
    from ._import.plan import (
        ImportPlan as ImportPlan,
        ImportProblem as ImportProblem,
    )
    from ._import.settings import (
        ImportSetting as ImportSetting,
        UnclearCells as UnclearCells,
    )
    from ._import.source import (
        FileFormat as FileFormat,
        ImportLine as ImportLine,
        ImportReader as ImportReader,
        ImportTable as ImportTable,
    )
    from ._journal.postgres import (
        PostgresJournal as PostgresJournal,
        delete_journals as delete_journals,
    )
    from ._journal.protocol import (
        Claim as Claim,
        Closing as Closing,
        DeadLetter as DeadLetter,
        Failure as Failure,
        HeldRow as HeldRow,
        JobInfo as JobInfo,
        JobState as JobState,
        Journal as Journal,
        JournalRow as JournalRow,
        RowStatus as RowStatus,
    )
    from ._journal.sqlite import SQLiteJournal as SQLiteJournal
    from ._sync.job import (
        SyncJob as SyncJob,
        SyncOptions as SyncOptions,
    )
    from ._sync.operation import (
        Drift as Drift,
        Flag as Flag,
        Missing as Missing,
        flag as flag,
    )
    from ._sync.plan import (
        SyncPlan as SyncPlan,
        SyncReport as SyncReport,
    )
    from ._sync.sql import SQLSource as SQLSource
    from ._sync.state import PostgresSyncState as PostgresSyncState
    from ._write.dead_letters import (
        export_dead_letters as export_dead_letters,
        read_dead_letters as read_dead_letters,
    )
    from ._write.diff import AttributeChange as AttributeChange
    from ._write.job import BulkJob as BulkJob
    from ._write.options import (
        BulkOptions as BulkOptions,
        Duplicates as Duplicates,
        Guards as Guards,
        MatchOn as MatchOn,
        OnAmbiguous as OnAmbiguous,
        Progress as Progress,
        ProgressChoice as ProgressChoice,
    )
    from ._write.plan import (
        JobPlan as JobPlan,
        MissingReference as MissingReference,
        PlannedRow as PlannedRow,
    )
    from ._write.reader import (
        InputRow as InputRow,
        InputRows as InputRows,
    )
    from ._write.report import (
        BulkReport as BulkReport,
        Outcome as Outcome,
        Row as Row,
    )
