"""Many records at once: written with back-pressure at the full allowed rate, and read into files."""

from .changes_found import Change, Changed, Created, Deleted
from .export_formats import Csv, Jsonl, Parquet
from .report import BulkReport, Outcome, Row

__all__ = [
    "BulkReport",
    "Change",
    "Changed",
    "Created",
    "Csv",
    "Deleted",
    "Jsonl",
    "Outcome",
    "Parquet",
    "Row",
]
