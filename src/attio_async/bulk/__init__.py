"""Many records at once: written with back-pressure at the full allowed rate, and read into files."""

from .export_formats import Csv, Jsonl, Parquet
from .report import BulkReport, Outcome, Row

__all__ = ["BulkReport", "Csv", "Jsonl", "Outcome", "Parquet", "Row"]
