"""The cost of an import: one module needs nothing but attrs and the standard library."""

import subprocess
import sys
from pathlib import Path

import pytest

import attio_async_api

GENERATED = Path(attio_async_api.__file__).parents[1]


def loaded(module):
    """Return the top-level packages in memory after importing one module in an interpreter of its own."""
    code = (
        f"import sys; sys.path.insert(0, {str(GENERATED)!r}); import {module}; print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "attio_async_api.api.records.query_records",
        "attio_async_api.api.tasks.create_task",
        "attio_async_api.api.meta.get_self",
        "attio_async_api.models.meeting",
    ],
)
def test_a_module_loads_nothing_heavy(module):
    tops = {name.partition(".")[0] for name in loaded(module)}
    assert tops.isdisjoint(
        {"httpx", "anyio", "msgspec", "attio_async", "asyncio", "json", "dateutil", "pydantic"}
    )


def test_a_builder_loads_only_what_it_uses():
    ours = {
        name
        for name in loaded("attio_async_api.api.records.query_records")
        if name.startswith("attio_async_api.")
    }
    assert ours == {
        "attio_async_api.api",
        "attio_async_api.api.records",
        "attio_async_api.api.records.query_records",
        "attio_async_api.models",
        "attio_async_api.models.query",
        "attio_async_api.operations",
        "attio_async_api.types",
    }


def test_the_table_needs_the_standard_library_only():
    tops = {name.partition(".")[0] for name in loaded("attio_async_api.operations")}
    assert tops.isdisjoint({"attr", "attrs", "httpx", "anyio", "msgspec", "attio_async", "urllib"})
