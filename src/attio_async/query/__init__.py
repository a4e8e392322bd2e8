"""Filters and sorts: written as Python expressions, compiled to what Attio documents. Pure.

::

    from attio_async import F, asc

    attio.deals.query((F.value > 500) & (F.stage == "In Progress"), sorts=[asc("created_at")])
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from ._compile import compile_filter as compile_filter
    from ._context import Members as Members
    from ._context import SchemaInfo as SchemaInfo
    from ._context import SchemaLookup as SchemaLookup
    from ._explain import explain as explain
    from ._fields import F as F
    from ._fields import Field as Field
    from ._filters import Filter as Filter
    from ._requirements import Needs as Needs
    from ._requirements import needs as needs
    from ._sorts import Sort as Sort
    from ._sorts import Sorts as Sorts
    from ._sorts import asc as asc
    from ._sorts import compile_sorts as compile_sorts
    from ._sorts import desc as desc
