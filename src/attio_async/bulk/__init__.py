"""Many writes: planned, read with back-pressure, sent at the full allowed rate, reported in order, and resumable."""

from .changes import Changes
from .changes_found import Change, Changed, Created, Deleted
from .export import ExportResult
from .export_formats import Csv, Jsonl, Parquet
from .guards import Guards, Progress
from .job import BulkJob
from .journal import DeadLetter, Journal
from .letters import export_dead_letters, read_dead_letters
from .options import BulkOptions, Matching
from .plan import Plan, PlannedRow
from .report import BulkReport, Outcome, Row
from .sqlite import SQLiteJournal

__all__ = [
    "BulkJob",
    "BulkOptions",
    "BulkReport",
    "Change",
    "Changed",
    "Changes",
    "Created",
    "Csv",
    "DeadLetter",
    "Deleted",
    "ExportResult",
    "Guards",
    "Journal",
    "Jsonl",
    "Matching",
    "Outcome",
    "Parquet",
    "Plan",
    "PlannedRow",
    "Progress",
    "Row",
    "SQLiteJournal",
    "export_dead_letters",
    "read_dead_letters",
]
