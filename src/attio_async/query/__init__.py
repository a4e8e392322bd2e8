"""Filters and sorts: written as Python expressions, compiled to what Attio documents. Pure.

::

    from attio_async import F, asc

    attio.deals.query((F.value > 500) & (F.stage == "In Progress"), sorts=[asc("created_at")])
"""

from .compiling import compile_filter
from .explaining import explain
from .fields import F, Field
from .filters import Filter
from .needing import Needs, needs
from .schemas import Members, SchemaInfo, SchemaLookup
from .sorts import Sort, Sorts, asc, compile_sorts, desc

__all__ = [
    "F",
    "Field",
    "Filter",
    "Members",
    "Needs",
    "SchemaInfo",
    "SchemaLookup",
    "Sort",
    "Sorts",
    "asc",
    "compile_filter",
    "compile_sorts",
    "desc",
    "explain",
    "needs",
]
