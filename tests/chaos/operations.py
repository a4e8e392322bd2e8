"""The operations of the jobs that are killed and disturbed."""

from collections.abc import Sequence
from typing import Any

from attio_async import Attio
from attio_async.bulk import BulkJob, BulkReport

KINDS = ("upsert", "create", "keyless", "update", "delete")

Row = dict[str, Any]


def begin(kind: str, attio: Attio, rows: Sequence[Row] | None, **options: Any) -> BulkJob:
    """Return the job over these rows."""
    companies = attio.companies
    if kind == "upsert":
        return companies.upsert_many(rows, match="domains", **options)
    if kind == "update":
        return companies.update_many(rows, **options)
    if kind == "delete":
        return companies.delete_many(rows, **options)
    return companies.create_many(rows, **options)


def counts(report: BulkReport) -> dict[str, int]:
    """Return the number of rows by how they ended."""
    names = ("created", "updated", "deleted", "unchanged", "duplicate", "failed", "pending")
    return {name: getattr(report, name) for name in names}
