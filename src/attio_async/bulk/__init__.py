"""Many writes: read with back-pressure, sent at the full allowed rate, reported in order."""

from .report import BulkReport, Outcome, Row

__all__ = ["BulkReport", "Outcome", "Row"]
